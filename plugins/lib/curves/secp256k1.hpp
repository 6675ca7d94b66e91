// Recovery of ECDSA's public key on secp256k1 (SEC 1, section 4.1.6): what Ethereum's ECRECOVER and the senders of its
// transactions need. Every input is public and the time depends on it: secrets belong elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "curves/path.hpp"

namespace rvm::curves::secp256k1 {

inline constexpr std::size_t scalar_size = 32;
inline constexpr std::size_t key_size = 64;

/// The key that signed `digest`, as x and y, big-endian. False, with `key` unchanged, when there is none: r or s is zero
/// or not below the order of the group, the point that `recovery_id` names does not exist, or the key is infinity.
///
/// recovery_id is 0 to 3: bit 0 is the parity of the point's y, bit 1 says that its x is r plus the order. s may be
/// high. Any thread; the first call makes a table of 64 KiB.
[[nodiscard]] bool recover(std::span<const std::uint8_t, scalar_size> digest, std::span<const std::uint8_t, scalar_size> r,
                           std::span<const std::uint8_t, scalar_size> s, unsigned recovery_id,
                           std::span<std::uint8_t, key_size> key, Path path = best_path());

} // namespace rvm::curves::secp256k1
