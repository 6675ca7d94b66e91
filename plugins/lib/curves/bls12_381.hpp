// BLS12-381 on encoded points: what the precompiles of EIP-2537 compute, and compressed points.
//
// Encoding (EIP-2537): coordinates are 64 bytes, big-endian, the top 16 zero, below p; an element of Fp2 is real,
// imaginary; a point is x, y (128 bytes in G1, 256 in G2); all zero is infinity. Scalars are any 32 bytes, big-endian.
//
// Any thread. Outputs are written only with Status::ok. Gas bounds the number of elements, not this library; memory is
// proportional to it, std::bad_alloc is thrown when there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "curves/path.hpp"
#include "curves/status.hpp"

namespace rvm::curves::bls12_381 {

inline constexpr std::size_t fp_size = 64;
inline constexpr std::size_t fp2_size = 2 * fp_size;
inline constexpr std::size_t g1_size = 2 * fp_size;
inline constexpr std::size_t g2_size = 2 * fp2_size;
inline constexpr std::size_t scalar_size = 32;
inline constexpr std::size_t pair_size = g1_size + g2_size;
/// A compressed point of G1: x with three flag bits (draft-irtf-cfrg-pairing-friendly-curves, appendix C).
inline constexpr std::size_t compressed_g1_size = 48;

using Bytes = std::span<const std::uint8_t>;
using G1Bytes = std::span<std::uint8_t, g1_size>;
using G2Bytes = std::span<std::uint8_t, g2_size>;

/// Two points of the curve; they need not be in the subgroup.
[[nodiscard]] Status add_g1(Bytes input, G1Bytes sum, Path path = best_path());
[[nodiscard]] Status add_g2(Bytes input, G2Bytes sum, Path path = best_path());

/// One or more of a point in the subgroup and a scalar (160 and 288 bytes): the sum of the multiples.
[[nodiscard]] Status multiply_sum_g1(Bytes input, G1Bytes sum, Path path = best_path());
[[nodiscard]] Status multiply_sum_g2(Bytes input, G2Bytes sum, Path path = best_path());

/// One or more of a point of G1 and one of G2, both in their subgroups: is the product of their pairings 1?
[[nodiscard]] Status pairing_check(Bytes input, bool& is_one, Path path = best_path());

/// One element of Fp or Fp2 to a point in the subgroup.
[[nodiscard]] Status map_fp_to_g1(Bytes input, G1Bytes point, Path path = best_path());
[[nodiscard]] Status map_fp2_to_g2(Bytes input, G2Bytes point, Path path = best_path());

/// EIP-4844, verify_kzg_proof of the consensus specification: is `proof` a proof that the polynomial of `commitment`
/// has the value `y` at `z`? All sizes are fixed: commitment and proof are compressed points in G1, z and y are below
/// the group order. `valid` is set with Status::ok. The caller compares the versioned hash.
[[nodiscard]] Status verify_kzg_proof(std::span<const std::uint8_t, compressed_g1_size> commitment,
                                      std::span<const std::uint8_t, scalar_size> z,
                                      std::span<const std::uint8_t, scalar_size> y,
                                      std::span<const std::uint8_t, compressed_g1_size> proof, bool& valid,
                                      Path path = best_path());

} // namespace rvm::curves::bls12_381
