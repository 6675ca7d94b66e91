#include "manifest/names.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace rvm::manifest {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_id_char(char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '/' || c == '-'; }
bool is_plugin_id_char(char c) { return is_id_char(c) && c != '/'; }
bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

} // namespace

bool is_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= max_id_bytes && std::ranges::all_of(text, is_id_char);
}

bool is_plugin_id(std::string_view text) noexcept {
    return is_id(text) && std::ranges::all_of(text, is_plugin_id_char) && is_lower_or_digit(text.front());
}

bool is_bare_file_name(std::string_view text) noexcept {
    constexpr std::size_t name_max = 255; // NAME_MAX of every Linux file system
    const auto forbidden = [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    return !text.empty() && text.size() <= name_max && text != "." && text != ".." &&
           std::ranges::none_of(text, forbidden);
}

std::optional<Digest> parse_digest(std::string_view text) {
    Digest digest{};
    if (text.size() != 2 * digest.size() || !std::ranges::all_of(text, is_lower_hex)) return std::nullopt;
    const std::optional<Bytes> bytes = from_hex(text);
    if (!bytes || bytes->size() != digest.size()) return std::nullopt;
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

std::string digest_text(const Digest& digest) { return to_hex(digest); }

bool is_program_address(std::string_view text) noexcept {
    constexpr std::string_view range = "0x00000000000000000000000000000000";
    constexpr std::size_t digits = 8;
    return text.size() == range.size() + digits && text.starts_with(range) &&
           std::ranges::all_of(text.substr(range.size()), is_lower_hex);
}

bool matches_pattern(std::string_view pattern, std::string_view id) noexcept {
    if (!pattern.ends_with('*')) return pattern == id;
    return id.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool is_pattern(std::string_view text) noexcept {
    if (!text.ends_with('*')) return is_id(text);
    const std::string_view prefix = text.substr(0, text.size() - 1);
    return prefix.empty() || is_id(prefix);
}

std::optional<Capability> Capability::parse(std::string_view text) {
    constexpr std::size_t most_revision_digits = 3;
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view id = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (!is_id(kind) || (colon != std::string_view::npos && !is_id(id))) return std::nullopt;
    const std::size_t slash = kind.rfind('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    const std::string_view revision = kind.substr(slash + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (revision.empty() || revision.size() > most_revision_digits || revision.front() == '0' ||
        !std::ranges::all_of(revision, is_digit))
        return std::nullopt;
    return Capability{.kind = std::string{kind}, .id = std::string{id}};
}

} // namespace rvm::manifest
