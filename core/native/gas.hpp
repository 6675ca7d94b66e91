// Prices of native rvm bytecode: the whole price model. Consensus: changing one changes results.
//
// One gas stands for about one elementary step of the reference interpreter. What touches the world is priced by what
// it costs a node: reading a warm item is a table probe, a cold one is a read from the storage engine, a new slot is
// kept for ever. The proportions follow the Ethereum schedule (EIP-2929, EIP-2200), so that a program cannot make a
// node work harder by choosing this format.
//
// The static prices of a basic block are charged together when it is entered; a block whose price is not left traps
// OUT_OF_GAS before its first effect. Dynamic parts are charged by the operation, before its effect.
#pragma once

#include <cstdint>

namespace rvm::native::gas {

using Price = std::uint16_t;

inline constexpr Price free = 0;       ///< the block ends here: nothing can be repeated for nothing
inline constexpr Price push = 1;       ///< constants and shuffling
inline constexpr Price arithmetic = 2; ///< one machine instruction
inline constexpr Price multiply = 3;
inline constexpr Price divide = 5;
inline constexpr Price jump = 2; ///< every loop pays at least this
inline constexpr Price branch = 3;
inline constexpr Price jump_table = 4;
inline constexpr Price call = 8;   ///< saves the registers of the caller
inline constexpr Price ret = 0;    ///< paid with the call
inline constexpr Price memory = 3; ///< a bounds check and an access
inline constexpr Price copy = 3;   ///< plus `word` per 32 bytes
inline constexpr Price context = 2;
inline constexpr Price state = 100;   ///< a warm slot
inline constexpr Price account = 100; ///< a warm account
inline constexpr Price log = 375;
inline constexpr Price create = 1000; ///< address derivation; the code by `init_byte` and `deployment`
inline constexpr Price syscall = 10;  ///< marshalling; the rest is the syscall's own schedule

inline constexpr std::int64_t word = 3;            ///< per 32 bytes copied, filled or hashed (begun ones count)
inline constexpr std::int64_t word_bytes = 32;     ///< the unit of `word`
inline constexpr std::int64_t page = 32;           ///< per KiB of memory: at the start of a frame and by `mgrow`
inline constexpr std::int64_t cold_slot = 2000;    ///< first access in the transaction
inline constexpr std::int64_t cold_account = 2500; ///< first access in the transaction
inline constexpr std::int64_t slot_added = 19900;  ///< zero to non-zero: the state grows
inline constexpr std::int64_t slot_changed = 2800; ///< first change of a slot that stays or vanishes
inline constexpr std::int64_t init_byte = 16;      ///< per byte of init code of `create`: verified before it runs
inline constexpr std::int64_t log_topic = 375;
inline constexpr std::int64_t log_byte = 8;
inline constexpr std::int64_t value_transfer = 6700; ///< a nested call that moves value writes two accounts
inline constexpr std::int64_t new_account = 25000;   ///< value sent to an account that does not exist

/// Deployment: flat up to `deployment_flat_bytes` of code, `deployment_byte` for each byte beyond.
inline constexpr std::int64_t deployment = 21000;
inline constexpr std::int64_t deployment_flat_bytes = 1024;
inline constexpr std::int64_t deployment_byte = 200;

/// A nested call gets at most gas - gas / call_reserve, so that the caller can always finish (EIP-150).
inline constexpr std::int64_t call_reserve = 64;

} // namespace rvm::native::gas

namespace rvm::native {

/// Price of handling `size` bytes, which is at most the size of a frame's memory.
[[nodiscard]] constexpr std::int64_t word_price(std::uint64_t size) noexcept {
    return (static_cast<std::int64_t>(size) + gas::word_bytes - 1) / gas::word_bytes * gas::word;
}

} // namespace rvm::native
