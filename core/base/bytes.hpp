// Bytes, hex and file reading for cold paths.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rvm {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Lower-case hex without a prefix.
[[nodiscard]] std::string to_hex(ByteView bytes);
/// Hex, optionally prefixed with 0x, even length, either case; nullopt for anything else.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);
/// SHA-256 (FIPS 180-4).
[[nodiscard]] Bytes sha256(ByteView bytes);

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The name among `candidates` nearest to `word` by edit distance, when it is near enough to be a typing error;
/// empty otherwise. For "did you mean" hints.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace rvm
