// The names that manifests, sidecars and plugins use for each other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rvm::manifest {

/// A SHA-256 digest, written as 64 lower-case hex digits.
using Digest = std::array<std::uint8_t, 32>;

/// Longest id of a plugin, an item or a kind, in bytes (plugin.h, rule R7).
inline constexpr std::size_t max_id_bytes = 64;

/// Id of a contributed item, a kind, a rule set or a format: [a-z0-9._/-]{1,64}.
[[nodiscard]] bool is_id(std::string_view text) noexcept;
/// Id of a plugin: as is_id(), without '/', beginning with a letter or digit, because staged files carry it in their
/// name.
[[nodiscard]] bool is_plugin_id(std::string_view text) noexcept;
/// A file name without a directory: not empty, at most 255 bytes, no '/', no control character, neither "." nor "..".
[[nodiscard]] bool is_bare_file_name(std::string_view text) noexcept;
/// 64 lower-case hex digits; nullopt for anything else.
[[nodiscard]] std::optional<Digest> parse_digest(std::string_view text);
/// The 64 lower-case hex digits of `digest`.
[[nodiscard]] std::string digest_text(const Digest& digest);

/// True when `id` is `pattern`, or `pattern` ends in '*' and `id` begins with what stands before it ("org.rvm.*", "*").
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view id) noexcept;
/// True for an id, or an id prefix followed by one '*' at the end.
[[nodiscard]] bool is_pattern(std::string_view text) noexcept;

/// The address of a program in its one spelling: "0x", 32 zeros (16 bytes: other addresses are never looked up among
/// programs) and 8 lower-case hex digits.
[[nodiscard]] bool is_program_address(std::string_view text) noexcept;

/// What a plugin provides or requires: "rvm.opcode/1:org.example.arith/muladd", or an interface "rvm.host.vm/1".
struct Capability {
    std::string kind; ///< with its revision: "rvm.opcode/1"
    std::string id;   ///< empty for an interface named by `kind` alone

    [[nodiscard]] std::string text() const { return id.empty() ? kind : kind + ":" + id; }
    /// "kind/revision" or "kind/revision:id"; nullopt for anything else. Revisions are 1..999 without leading zeros.
    [[nodiscard]] static std::optional<Capability> parse(std::string_view text);
    [[nodiscard]] auto operator<=>(const Capability&) const = default;
};

} // namespace rvm::manifest
