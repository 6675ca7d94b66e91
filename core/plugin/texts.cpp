#include "plugin/texts.hpp"

#include <cstring>

#include <fmt/format.h>

#include "manifest/json.hpp"

namespace rvm::plugin {

bool is_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
        const unsigned lead = byte(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || text.size() - i < length) return false;
        for (std::size_t j = 1; j < length; ++j)
            if ((byte(i + j) & 0xc0) != 0x80) return false;
        const unsigned second = byte(i + 1);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
            (lead == 0xf4 && second > 0x8f))
            return false;
        i += length;
    }
    return true;
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

std::string quoted(std::string_view text) { return manifest::shown(text); }

} // namespace rvm::plugin
