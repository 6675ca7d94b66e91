// The lengths at the beginning of MODEXP's input (EIP-198).
#pragma once

#include <algorithm>
#include <cstdint>

#include <rvm/plugin.h>

#include "u256/u256.hpp"

namespace rvm::evm {

/// Bytes of each number as the input says; UINT64_MAX stands for all that is larger.
struct ModexpHead {
    static constexpr std::uint64_t word = 32;
    static constexpr std::uint64_t bytes = 3 * word;

    std::uint64_t base = 0;
    std::uint64_t exponent = 0;
    std::uint64_t modulus = 0;

    explicit ModexpHead(rvm_view input) noexcept
        : base(length(input, 0)), exponent(length(input, word)), modulus(length(input, 2 * word)) {}

  private:
    /// Input bytes beyond the end are zero.
    static std::uint64_t length(rvm_view input, std::uint64_t at) noexcept {
        const std::uint64_t have = input.size - std::min(at, input.size);
        const u256::U256 value = have >= word ? u256::load_be(input.data + at)
                                 : have != 0  ? u256::load_be(input.data + at, have) << (8 * (word - have))
                                              : u256::U256{};
        return value.fits_64() ? value.limbs[0] : UINT64_MAX;
    }
};

} // namespace rvm::evm
