// Prices of what a wasm program asks of the world, in gas; part of the rules `wasm/1`. The proportions are those of
// native bytecode and, through it, of EIP-2929 and EIP-2200: no format makes a node work for less.
#pragma once

#include <cstdint>

namespace rvm::wasm::prices {

inline constexpr std::uint64_t host_call = 10;    ///< marshalling, part of every function below
inline constexpr std::uint64_t copied_bytes = 32; ///< per gas, begun ones count
inline constexpr std::uint64_t warm_slot = 100;
inline constexpr std::uint64_t cold_slot = 2'000;    ///< besides warm_slot, first access in the transaction
inline constexpr std::uint64_t slot_added = 19'900;  ///< zero to non-zero
inline constexpr std::uint64_t slot_changed = 2'800; ///< first change of a slot that stays or vanishes
inline constexpr std::uint64_t log = 375;
inline constexpr std::uint64_t log_topic = 375;
inline constexpr std::uint64_t log_byte = 8;
inline constexpr std::uint64_t primitive = 100;     ///< a cryptographic primitive without a syscall's own schedule ...
inline constexpr std::uint64_t primitive_word = 12; ///< ... per 32 bytes of input
inline constexpr std::uint64_t code_byte = 200;     ///< deployment: checked, translated and kept

} // namespace rvm::wasm::prices
