// Keccak-f[1600] and Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with rate 136 and the original padding byte
// 0x01 (SHA3-256 pads with 0x06).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rvm::keccak {

/// A Keccak-256 digest.
using Digest = std::array<std::uint8_t, 32>;

/// Lanes of the state: lane x + 5y, each a 64-bit little-endian word (FIPS 202, section 3.1.2).
using State = std::array<std::uint64_t, 25>;

/// Bytes absorbed per permutation by Keccak-256: (1600 - 2 * 256) / 8.
inline constexpr std::size_t rate_bytes = 136;

/// Keccak-f[1600]: 24 rounds over `state` (FIPS 202, section 3.3). Re-entrant.
void permute(State& state) noexcept;

/// Keccak-256 of `input`, written to the 32 bytes at `digest`. `digest` may lie inside `input`. Re-entrant.
void keccak256(std::span<const std::uint8_t> input, std::uint8_t* digest) noexcept;
[[nodiscard]] Digest keccak256(std::span<const std::uint8_t> input) noexcept;

/// Keccak-256 over pieces. One thread per object.
class Hasher {
  public:
    /// Absorbs `bytes`; pieces of any size give the digest of their concatenation.
    void update(std::span<const std::uint8_t> bytes) noexcept;
    /// The digest of everything since construction or the last finish(), which it forgets.
    [[nodiscard]] Digest finish() noexcept;

  private:
    State state_{};
    std::size_t position_ = 0; ///< bytes absorbed into the current block; below rate_bytes
};

} // namespace rvm::keccak
