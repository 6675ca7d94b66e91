// Keccak-f[1600] for processors with AVX-512VL: a lane in each vector register, 25 of 32, so that no lane goes through
// memory. VPTERNLOG does the three-operand steps of theta and chi at once; rotations by a constant exist. Only the low
// half of the 128-bit registers is used: wider ones would need the lanes of pi moved between their elements.
#pragma once

#include "keccak/rounds.hpp"

namespace rvm::keccak::avx512 {

/// Whether this processor can run permute().
[[nodiscard]] bool available() noexcept;
void permute(State& state) noexcept;

} // namespace rvm::keccak::avx512
