// What all implementations of Keccak-f[1600] share.
#pragma once

#include "keccak/keccak.hpp"

namespace rvm::keccak {

using Lane = std::uint64_t;

inline constexpr int round_count = 24;

/// Iota's constants (FIPS 202, section 3.2.5): bit 2^j - 1 of word r is rc(j + 7r), a linear feedback shift register.
inline constexpr std::array<Lane, round_count> round_constants = [] {
    std::array<Lane, round_count> constants{};
    unsigned lfsr = 1;
    for (Lane& constant : constants) {
        for (unsigned j = 0; j <= 6; ++j) {
            if ((lfsr & 1u) != 0) constant |= Lane{1} << ((1u << j) - 1u);
            lfsr = (lfsr << 1u) ^ ((lfsr >> 7u) * 0x171u); // x^8 + x^6 + x^5 + x^4 + 1
        }
    }
    return constants;
}();

/// Keccak-f[1600] as processors without AVX-512 run it.
void permute_scalar(State& state) noexcept;

} // namespace rvm::keccak
