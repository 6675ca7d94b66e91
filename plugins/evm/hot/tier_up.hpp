// When code is translated, and the way from the direct interpreter into the translation.
//
// Translating a byte takes about as long as interpreting 16 gas. So code is translated once frames have spent that much
// on it: the time is never more than twice that of the better choice, whatever the code, and nobody can have code
// translated without paying for it. A frame that runs for long goes on in the translation at its next jump back.
#pragma once

#include "machine.hpp"

namespace rvm::evm::hot {

inline constexpr std::int64_t kGasBeforeTranslation = 16; ///< a byte of code

/// The gas below which a frame that starts with `gas` goes on translated; INT64_MIN: never.
[[nodiscard]] inline std::int64_t hot_below(const Code& code, std::int64_t gas) noexcept {
    if (code.stays_direct.load(std::memory_order_relaxed)) return INT64_MIN;
    const std::int64_t wanted = kGasBeforeTranslation * static_cast<std::int64_t>(code.size);
    const std::int64_t spent = code.spent.load(std::memory_order_relaxed);
    return spent < wanted ? gas - (wanted - spent) : INT64_MAX;
}
/// Counts a frame that ended without a translation.
inline void count_spent(const Code& code, std::int64_t gas) noexcept {
    code.spent.fetch_add(gas, std::memory_order_relaxed);
}

/// Runs the frame to its end from `at`, its start or a JUMPDEST that was jumped back to: translated, or interpreted
/// when there is no memory for that. Results as of interpret().
[[nodiscard]] rvm_status tier_up(Machine& m, Position at) noexcept;

} // namespace rvm::evm::hot
