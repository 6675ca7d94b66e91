// Prices of what a wasm program asks of the world, in gas; part of the rules. What touches the state is priced as in
// Ethereum (EIP-2929, EIP-2200, EIP-3529, EIP-150, EIP-3860): no format makes a node work for less.
#pragma once

#include <cstdint>

namespace rvm::wasm::prices {

inline constexpr std::uint64_t host_call = 2;     ///< marshalling, part of every function
inline constexpr std::uint64_t copied_bytes = 32; ///< per gas, begun ones count

inline constexpr std::uint64_t warm_slot = 100;
inline constexpr std::uint64_t cold_slot = 2'000;     ///< besides warm_slot, first access in the transaction
inline constexpr std::uint64_t slot_added = 19'900;   ///< zero to non-zero
inline constexpr std::uint64_t slot_changed = 2'800;  ///< first change of a slot that stays or vanishes
inline constexpr std::uint64_t storage_sentry = 2300; ///< no write with this much gas or less: a stipend pays for none
inline constexpr std::int64_t refund_cleared = 4'800;
inline constexpr std::uint64_t transient_slot = 100;
inline constexpr std::uint64_t cached_slot = 10; ///< a slot in the cache of vm_hooks

inline constexpr std::uint64_t warm_account = 100;
inline constexpr std::uint64_t cold_account = 2'500; ///< besides warm_account
inline constexpr std::uint64_t block_hash = 20;

inline constexpr std::uint64_t value_transfer = 9'000;
inline constexpr std::int64_t stipend = 2'300;       ///< minted for the callee of a call that moves value
inline constexpr std::uint64_t new_account = 25'000; ///< value to an account that does not exist
inline constexpr std::uint64_t create = 32'000;
inline constexpr std::uint64_t init_byte = 16;   ///< init code is checked and translated before it runs
inline constexpr std::int64_t call_reserve = 64; ///< a callee gets at most gas - gas / call_reserve

inline constexpr std::uint64_t log = 375;
inline constexpr std::uint64_t log_topic = 375;
inline constexpr std::uint64_t log_byte = 8;

inline constexpr std::uint64_t primitive = 100;     ///< a cryptographic primitive without a syscall's own schedule ...
inline constexpr std::uint64_t primitive_word = 12; ///< ... per 32 bytes of input
inline constexpr std::uint64_t keccak = 30;
inline constexpr std::uint64_t keccak_word = 6; ///< per 32 bytes of input
inline constexpr std::uint64_t divide = 5;      ///< 256-bit division and remainder
inline constexpr std::uint64_t modular = 8;     ///< addition or multiplication modulo a number
inline constexpr std::uint64_t power = 10;
inline constexpr std::uint64_t power_byte = 50; ///< per significant byte of the exponent

inline constexpr std::uint64_t code_byte = 200; ///< deployment: checked, translated and kept

} // namespace rvm::wasm::prices
