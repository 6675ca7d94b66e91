// The rule sets, oldest first. A frame's `rules` is an index into this list.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rvm::evm {

enum class Rules : std::uint8_t {
    frontier,
    homestead,
    eip150,
    eip158,
    byzantium,
    constantinople,
    petersburg,
    istanbul,
    berlin,
    london,
    paris,
    shanghai,
    cancun,
    prague,
    osaka,
};
inline constexpr std::size_t kRuleSets = 15;
inline constexpr Rules kNewest = Rules::osaka;

/// Names as rvm_format.rules wants them: ended by NULL, the last is the default.
inline constexpr std::array<const char*, kRuleSets + 1> kRuleNames = {
    "evm/frontier",   "evm/homestead", "evm/eip150", "evm/eip158", "evm/byzantium", "evm/constantinople",
    "evm/petersburg", "evm/istanbul",  "evm/berlin", "evm/london", "evm/paris",     "evm/shanghai",
    "evm/cancun",     "evm/prague",    "evm/osaka",  nullptr};

} // namespace rvm::evm
