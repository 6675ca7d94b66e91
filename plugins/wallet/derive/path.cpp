#include "derive/path.hpp"

#include <charconv>

#include "base/error.hpp"

namespace rvm::wallet {

Path read_path(std::string_view text) {
    constexpr std::size_t most_steps = 255; // the depth of an extended key is one byte
    const std::string_view whole = text;
    const auto refuse = [&](std::size_t step, const std::string& why) {
        throw Refusal("the path \"" + std::string(whole.substr(0, 80)) + "\", step " + std::to_string(step) + ": " +
                      why);
    };
    if (text.empty() || (text.front() != 'm' && text.front() != 'M')) refuse(0, "expected m at the beginning");
    text.remove_prefix(1);
    Path path;
    while (!text.empty()) {
        if (text.front() != '/') refuse(path.size(), "expected / behind it");
        text.remove_prefix(1);
        std::uint32_t index = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
        if (error != std::errc{} || index >= hardened) refuse(path.size() + 1, "expected a number below 2147483648");
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (!text.empty() && (text.front() == '\'' || text.front() == 'h' || text.front() == 'H')) {
            index |= hardened;
            text.remove_prefix(1);
        }
        path.push_back(index);
        if (path.size() > most_steps) refuse(path.size(), "expected at most 255 steps");
    }
    return path;
}

std::string path_text(const Path& path) {
    std::string text = "m";
    for (const std::uint32_t index : path) {
        text += "/" + std::to_string(index & ~hardened);
        if ((index & hardened) != 0) text += "'";
    }
    return text;
}

Path bip44_path(std::uint32_t coin_type, std::uint32_t account, std::uint32_t change, std::uint32_t index) {
    return {44 | hardened, coin_type | hardened, account | hardened, change, index};
}

} // namespace rvm::wallet
