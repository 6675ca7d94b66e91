#include "plugin/texts.hpp"

#include <cstring>

#include <fmt/format.h>

namespace rvm::plugin {

namespace {

/// Length of the UTF-8 sequence at the start of `text` (RFC 3629); 0 when there is none.
std::size_t sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const unsigned second = byte(1);
    const bool overlong_or_outside = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return overlong_or_outside ? 0 : length;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    while (!text.empty()) {
        if (out.size() >= limit) return out + "...";
        const std::size_t length = sequence_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0 || byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

ReadText read_text(const char* text, std::size_t limit) {
    if (text == nullptr) return {std::nullopt, "missing"};
    const std::size_t size = ::strnlen(text, limit + 1);
    if (size > limit) return {std::nullopt, fmt::format("longer than {} bytes", limit)};
    const std::string_view view{text, size};
    if (!is_utf8(view)) return {std::nullopt, "not UTF-8"};
    return {std::string{view}, {}};
}

std::optional<std::vector<const char*>> read_list(const char* const* list) {
    std::vector<const char*> items;
    if (list == nullptr) return items;
    while (list[items.size()] != nullptr) {
        items.push_back(list[items.size()]);
        if (items.size() > max_list_items) return std::nullopt;
    }
    return items;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t shown = 60; // enough to recognise a value
    return fmt::format("\"{}\"", printable(text, shown));
}

} // namespace rvm::plugin
