// What each opcode does, one function an opcode and named like it. Stack limits, static gas, the position and jumps are
// the interpreter's; a function's shape says what it may touch:
//
//   U256 F(const U256& a, ...)               words only: `a` was the top of the stack
//   U256 F(const Machine&)                   one word from the surroundings
//   int64 F(Machine&, U256* sp, int64 gas)   everything. sp is one past the top; operands are at sp[-1] and below,
//   results go
//                                            where the lowest operand was. Returns the gas left, negative on failure.
#pragma once

#include "machine.hpp"
#include "u256/divide.hpp"
#include "u256/u256.hpp"

namespace rvm::evm::instructions {

// ---- Arithmetic, comparison, bits (Yellow Paper, appendix H, 0s and 10s) ----

inline U256 ADD(const U256& a, const U256& b) noexcept { return a + b; }
inline U256 MUL(const U256& a, const U256& b) noexcept { return a * b; }
inline U256 SUB(const U256& a, const U256& b) noexcept { return a - b; }
inline U256 DIV(const U256& a, const U256& b) noexcept { return a / b; }
inline U256 SDIV(const U256& a, const U256& b) noexcept { return u256::divide_signed(a, b).quotient; }
inline U256 MOD(const U256& a, const U256& b) noexcept { return a % b; }
inline U256 SMOD(const U256& a, const U256& b) noexcept { return u256::divide_signed(a, b).remainder; }
inline U256 ADDMOD(const U256& a, const U256& b, const U256& m) noexcept { return u256::add_modulo(a, b, m); }
inline U256 MULMOD(const U256& a, const U256& b, const U256& m) noexcept { return u256::multiply_modulo(a, b, m); }
inline U256 SIGNEXTEND(const U256& index, const U256& value) noexcept { return u256::sign_extend(index, value); }

inline U256 truth(bool condition) noexcept { return {condition ? 1u : 0u}; }
inline U256 LT(const U256& a, const U256& b) noexcept { return truth(a < b); }
inline U256 GT(const U256& a, const U256& b) noexcept { return truth(b < a); }
inline U256 SLT(const U256& a, const U256& b) noexcept { return truth(u256::signed_less(a, b)); }
inline U256 SGT(const U256& a, const U256& b) noexcept { return truth(u256::signed_less(b, a)); }
inline U256 EQ(const U256& a, const U256& b) noexcept { return truth(a == b); }
inline U256 ISZERO(const U256& a) noexcept { return truth(!a); }
inline U256 AND(const U256& a, const U256& b) noexcept { return a & b; }
inline U256 OR(const U256& a, const U256& b) noexcept { return a | b; }
inline U256 XOR(const U256& a, const U256& b) noexcept { return a ^ b; }
inline U256 NOT(const U256& a) noexcept { return ~a; }
inline U256 BYTE(const U256& index, const U256& value) noexcept { return u256::byte_at(index, value); }
inline U256 SHL(const U256& count, const U256& value) noexcept { return u256::shift_left(value, count); }
inline U256 SHR(const U256& count, const U256& value) noexcept { return u256::shift_right(value, count); }
inline U256 SAR(const U256& count, const U256& value) noexcept { return u256::shift_right_signed(value, count); }
inline U256 CLZ(const U256& a) noexcept { return {u256::count_leading_zeros(a)}; } // EIP-7939

/// Whether a function of words is too long to inline. Its result would be a local variable then, and a handler that has
/// one cannot end in a tail call (tail_calls.hpp).
constexpr bool is_long(Opcode opcode) {
    return opcode == OP_DIV || opcode == OP_SDIV || opcode == OP_MOD || opcode == OP_SMOD || opcode == OP_ADDMOD ||
           opcode == OP_MULMOD || opcode == OP_SIGNEXTEND || opcode == OP_SAR;
}
template <Opcode, class Function, class... Words>
[[gnu::noinline]] void compute_apart(Function function, U256& out, const Words&... words) noexcept {
    out = function(words...);
}
/// out = function(words...), the opcode's.
template <Opcode opcode, class Function, class... Words>
[[gnu::always_inline]] inline void compute(Function function, U256& out, const Words&... words) noexcept {
    if constexpr (is_long(opcode))
        compute_apart<opcode>(function, out, words...);
    else
        out = function(words...);
}

std::int64_t EXP(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t KECCAK256(Machine& m, U256* sp, std::int64_t gas) noexcept;

// ---- Surroundings (30s and 40s) ----

inline U256 environment(const Machine& m, std::uint32_t key) noexcept { return word_of(m.frame.env[key]); }

inline U256 ADDRESS(const Machine& m) noexcept { return word_of(m.frame.self->address); }
inline U256 ORIGIN(const Machine& m) noexcept { return environment(m, m.host.env.origin); }
inline U256 CALLER(const Machine& m) noexcept { return word_of(m.frame.msg->sender); }
inline U256 CALLVALUE(const Machine& m) noexcept { return word_of(m.frame.msg->value); }
inline U256 CALLDATASIZE(const Machine& m) noexcept { return {m.frame.msg->input.size}; }
inline U256 CODESIZE(const Machine& m) noexcept { return {m.code.size}; }
inline U256 GASPRICE(const Machine& m) noexcept { return environment(m, m.host.env.gas_price); }
inline U256 RETURNDATASIZE(const Machine& m) noexcept { return {m.frame.returned.size}; }
inline U256 COINBASE(const Machine& m) noexcept { return environment(m, m.host.env.coinbase); }
inline U256 TIMESTAMP(const Machine& m) noexcept { return environment(m, m.host.env.timestamp); }
inline U256 NUMBER(const Machine& m) noexcept { return environment(m, m.host.env.number); }
/// EIP-4399: DIFFICULTY before Paris.
inline U256 PREVRANDAO(const Machine& m) noexcept {
    return environment(m, m.schedule.rules >= Rules::paris ? m.host.env.prevrandao : m.host.env.difficulty);
}
inline U256 GASLIMIT(const Machine& m) noexcept { return environment(m, m.host.env.gas_limit); }
inline U256 CHAINID(const Machine& m) noexcept { return environment(m, m.host.env.chain_id); }
inline U256 BASEFEE(const Machine& m) noexcept { return environment(m, m.host.env.base_fee); }
inline U256 BLOBBASEFEE(const Machine& m) noexcept { return environment(m, m.host.env.blob_base_fee); }
inline U256 MSIZE(const Machine& m) noexcept { return {m.memory_size}; }

/// The word of input at `from`, which lies partly behind its end.
[[gnu::noinline]] inline void load_padded(U256& out, rvm_view input, std::uint64_t from) noexcept {
    std::uint8_t bytes[32];
    copy_padded(bytes, sizeof bytes, input, from);
    out = u256::load_be(bytes);
}
inline std::int64_t CALLDATALOAD(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const rvm_view& input = m.frame.msg->input;
    const std::uint64_t from = saturate(sp[-1]);
    if (from < input.size && input.size - from >= 32) [[likely]]
        sp[-1] = u256::load_be(input.data + from);
    else
        load_padded(sp[-1], input, from);
    return gas;
}
inline std::int64_t BLOBHASH(Machine& m, U256* sp, std::int64_t gas) noexcept { // EIP-4844
    const std::uint64_t count = m.frame.env[m.host.env.blob_count].limbs[0], index = saturate(sp[-1]);
    sp[-1] = index < count && index < kMaxBlobHashes ? environment(m, m.host.env.blob_hash[index]) : U256{};
    return gas;
}

std::int64_t CALLDATACOPY(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t CODECOPY(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t RETURNDATACOPY(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t BALANCE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t SELFBALANCE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t EXTCODESIZE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t EXTCODECOPY(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t EXTCODEHASH(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t BLOCKHASH(Machine& m, U256* sp, std::int64_t gas) noexcept;

// ---- Memory and storage (50s) ----

/// MLOAD, MSTORE or MSTORE8 on memory that is there.
template <Opcode opcode>
[[gnu::always_inline]] inline void access(Machine& m, U256* sp) noexcept {
    std::uint8_t* const place = m.memory + sp[-1].limbs[0];
    if constexpr (opcode == OP_MLOAD)
        sp[-1] = u256::load_be(place);
    else if constexpr (opcode == OP_MSTORE)
        u256::store_be(sp[-2], place);
    else
        *place = static_cast<std::uint8_t>(sp[-2].limbs[0]);
}
inline std::int64_t MLOAD(Machine& m, U256* sp, std::int64_t gas) noexcept {
    gas = touch_memory(m, sp[-1], 32, gas);
    if (gas >= 0) [[likely]]
        access<OP_MLOAD>(m, sp);
    return gas;
}
inline std::int64_t MSTORE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    gas = touch_memory(m, sp[-1], 32, gas);
    if (gas >= 0) [[likely]]
        access<OP_MSTORE>(m, sp);
    return gas;
}
inline std::int64_t MSTORE8(Machine& m, U256* sp, std::int64_t gas) noexcept {
    gas = touch_memory(m, sp[-1], 1, gas);
    if (gas >= 0) [[likely]]
        access<OP_MSTORE8>(m, sp);
    return gas;
}
std::int64_t MCOPY(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t SLOAD(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t SSTORE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t TLOAD(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t TSTORE(Machine& m, U256* sp, std::int64_t gas) noexcept;

// ---- Logs, calls, creations, ends ----

std::int64_t LOG0(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t LOG1(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t LOG2(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t LOG3(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t LOG4(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t CREATE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t CREATE2(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t CALL(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t CALLCODE(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t DELEGATECALL(Machine& m, U256* sp, std::int64_t gas) noexcept;
std::int64_t STATICCALL(Machine& m, U256* sp, std::int64_t gas) noexcept;

// The loop ends the frame after these.
std::int64_t RETURN(Machine& m, U256* sp, std::int64_t gas) noexcept; // REVERT too: both set the output
std::int64_t SELFDESTRUCT(Machine& m, U256* sp, std::int64_t gas) noexcept;

} // namespace rvm::evm::instructions
