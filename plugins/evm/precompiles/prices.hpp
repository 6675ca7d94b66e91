// What precompiles cost. Each function takes the input and gives gas; UINT64_MAX: more than anyone can have.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evm::price {

/// A price that the input does not change.
template <std::uint64_t Gas>
std::uint64_t fixed(rvm_view) noexcept {
    return Gas;
}

/// Base + PerUnit * (input size / UnitBytes), rounded up: the hashes and identity (Yellow Paper, appendix E), and
/// pairings, which refuse what is not a whole number of pairs.
template <std::uint64_t Base, std::uint64_t PerUnit, std::uint64_t UnitBytes>
std::uint64_t linear(rvm_view input) noexcept {
    return Base + PerUnit * ((input.size + UnitBytes - 1) / UnitBytes);
}

inline constexpr auto sha256 = linear<60, 12, 32>;
inline constexpr auto ripemd160 = linear<600, 120, 32>;
inline constexpr auto identity = linear<15, 3, 32>;
inline constexpr auto bn254_pairing_eip197 = linear<100000, 80000, 192>;
inline constexpr auto bn254_pairing_eip1108 = linear<45000, 34000, 192>;
inline constexpr auto bls12_pairing_check = linear<37700, 32600, 384>; // EIP-2537

std::uint64_t modexp_eip198(rvm_view input) noexcept;
std::uint64_t modexp_eip2565(rvm_view input) noexcept;
std::uint64_t modexp_eip7883(rvm_view input) noexcept;
/// EIP-152: a gas a round; 0 when the size is wrong.
std::uint64_t blake2f(rvm_view input) noexcept;
/// EIP-2537, with its tables of discounts.
std::uint64_t g1_msm(rvm_view input) noexcept;
std::uint64_t g2_msm(rvm_view input) noexcept;

} // namespace rvm::evm::price
