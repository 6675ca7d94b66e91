#include "block/difficulty.hpp"

#include <algorithm>

#include "u256/divide.hpp"

namespace rvm::ledger {
namespace {

constexpr std::uint64_t minimum = 131072;     // 2^17
constexpr std::uint64_t bound_divisor = 2048; // one step is 1/2048 of the parent's difficulty
constexpr std::int64_t most_steps_down = 99;
constexpr std::uint64_t bomb_period = 100'000; // blocks in which the bomb doubles

/// Steps up (or down) from the parent's difficulty.
std::int64_t steps(const Fork& fork, const DifficultyParent& parent, std::uint64_t timestamp) noexcept {
    const std::uint64_t seconds = timestamp - parent.timestamp;
    if (!fork.has(Revision::homestead)) return seconds < 13 ? 1 : -1;
    const bool counts_ommers = fork.has(Revision::byzantium); // EIP-100
    const std::uint64_t slot = counts_ommers ? 9 : 10;
    const std::int64_t fastest = counts_ommers && parent.has_ommers ? 2 : 1;
    const auto slots = static_cast<std::int64_t>(std::min<std::uint64_t>(seconds / slot, 2 * most_steps_down));
    return std::max(fastest - slots, -most_steps_down);
}

/// The ice age: doubles every 100,000 blocks, counted from where the fork has moved it.
U256 bomb(const Fork& fork, std::uint64_t number) noexcept {
    const std::uint64_t counted = number > fork.bomb_delay ? number - fork.bomb_delay : 0;
    const std::uint64_t periods = counted / bomb_period;
    return periods < 2 ? U256{} : U256{1} << (periods - 2);
}

} // namespace

U256 expected_difficulty(const Fork& fork, const DifficultyParent& parent, std::uint64_t number,
                         std::uint64_t timestamp) noexcept {
    const U256 step = parent.difficulty / U256{bound_divisor};
    const std::int64_t count = steps(fork, parent, timestamp);
    const U256 moved = count >= 0 ? parent.difficulty + step * U256{static_cast<std::uint64_t>(count)}
                                  : parent.difficulty - step * U256{static_cast<std::uint64_t>(-count)};
    return std::max(moved, U256{minimum}) + bomb(fork, number);
}

} // namespace rvm::ledger
