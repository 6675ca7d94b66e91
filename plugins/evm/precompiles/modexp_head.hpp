// The lengths at the beginning of MODEXP's input (EIP-198).
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

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
        std::uint64_t value = 0;
        for (std::uint64_t i = at; i < at + word; ++i) {
            if (value >> 56u != 0) return UINT64_MAX;
            value = value << 8u | (i < input.size ? input.data[i] : 0u);
        }
        return value;
    }
};

} // namespace rvm::evm
