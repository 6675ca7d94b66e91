// alt_bn128 on encoded points: what the precompiles of EIP-196 and EIP-197 compute.
//
// Encoding: coordinates are 32 bytes, big-endian, below p; a point of G1 is x, y (64 bytes), a point of G2 is
// x.imaginary, x.real, y.imaginary, y.real (128 bytes); all zero is infinity. Precompiles extend or cut their input
// before they call.
//
// Any thread. Outputs are written only with Status::ok. Gas bounds the number of pairs, not this library; memory for k
// pairs is proportional to k, std::bad_alloc is thrown when there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "curves/path.hpp"
#include "curves/status.hpp"

namespace rvm::curves::bn254 {

inline constexpr std::size_t coordinate_size = 32;
inline constexpr std::size_t scalar_size = 32;
inline constexpr std::size_t g1_size = 2 * coordinate_size;
inline constexpr std::size_t g2_size = 4 * coordinate_size;
inline constexpr std::size_t pair_size = g1_size + g2_size;

using Bytes = std::span<const std::uint8_t>;

/// EIP-196 ECADD: input is two points of G1.
[[nodiscard]] Status add(std::span<const std::uint8_t, 2 * g1_size> input, std::span<std::uint8_t, g1_size> sum,
                         Path path = best_path());

/// EIP-196 ECMUL: input is a point of G1 and any 256-bit number.
[[nodiscard]] Status multiply(std::span<const std::uint8_t, g1_size + scalar_size> input,
                              std::span<std::uint8_t, g1_size> product, Path path = best_path());

/// EIP-197: pairs of a point of G1 and one of G2 (pair_size bytes each); `is_one` tells whether the product of their
/// pairings is 1, as it is for no pair at all. Points of G2 must be in the subgroup.
[[nodiscard]] Status pairing_check(Bytes input, bool& is_one, Path path = best_path());

} // namespace rvm::curves::bn254
