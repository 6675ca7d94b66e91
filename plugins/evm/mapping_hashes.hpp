// Keccak-256 of 64 bytes, remembered. Solidity and Vyper name the slot of a mapping's entry by the hash of key and
// slot, so contracts compute few such hashes over and over.
#pragma once

#include <cstdint>

#include "u256/u256.hpp"

namespace rvm::evm {

/// Bytes of an input that is remembered: two words.
inline constexpr std::uint64_t kMappingInput = 64;

/// Keccak-256 of the 64 bytes at `input`, as a number. Each thread has a table of its own, direct-mapped, so that a
/// program whose inputs meet in one place pays for a look in vain and no more. Re-entrant.
[[nodiscard]] u256::U256 mapping_hash(const std::uint8_t* input) noexcept;

} // namespace rvm::evm
