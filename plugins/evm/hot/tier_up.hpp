// From the direct interpreter into translated code in the middle of a frame.
#pragma once

#include "machine.hpp"

namespace rvm::evm::hot {

/// Gas a byte of code after which a frame's code has run long enough for its translation to pay: translating a byte
/// takes as long as interpreting some 16 gas.
inline constexpr std::int64_t kGasBeforeTierUp = 16;

/// Runs the frame to its end from `at`, a JUMPDEST that was jumped back to: translated for this frame, or interpreted
/// when there is no memory for that. Results as of interpret().
[[nodiscard]] rvm_status tier_up(Machine& m, Position at) noexcept;

} // namespace rvm::evm::hot
