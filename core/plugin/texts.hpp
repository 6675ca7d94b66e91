// Reading texts and lists that a plugin points to, without trusting their length or encoding.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::plugin {

/// Longest text of a descriptor or item (a description, a schema); longer ones are refused after reading this much.
inline constexpr std::size_t max_text_bytes = 65536;
/// Longest list of texts ("provides", rule sets).
inline constexpr std::size_t max_list_items = 4096;

/// A pointer's text or why it is not one.
struct ReadText {
    std::optional<std::string> text;
    std::string problem; ///< "missing", "longer than N bytes", "not UTF-8"; empty when `text` is set
};

/// Copies a NUL-terminated text of at most `limit` bytes. The memory must be readable up to the NUL or `limit` + 1
/// bytes, which no host can check.
[[nodiscard]] ReadText read_text(const char* text, std::size_t limit);

/// Copies a NULL-terminated list; nullopt when it has more than max_list_items items.
[[nodiscard]] std::optional<std::vector<const char*>> read_list(const char* const* list);

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Bytes from outside as a message may show them: control characters and bytes that are not UTF-8 become \xNN, so that
/// no name can forge terminal output or break a JSON report; cut after `limit` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 240);
/// printable() in double quotes, cut after 60 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

} // namespace rvm::plugin
