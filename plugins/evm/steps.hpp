// How the direct interpreter performs one instruction, by the shape of its function (instructions.hpp), and the
// instructions that are nothing but a move of position, stack or gas. A step returns false when the instruction failed.
#pragma once

#include <utility>

#include "instructions.hpp"
#include "interpreter.hpp"

namespace rvm::evm::steps {

// ---- Instructions that the loop itself performs ----

template <unsigned Bytes>
struct Push {};
template <unsigned Depth>
struct Dup {};
template <unsigned Depth>
struct Swap {};
struct Pop {};
struct Jump {};
struct JumpIf {};
struct JumpDest {};
struct ProgramCounter {};
struct GasLeft {};
struct Stop {};
struct Invalid {};

inline constexpr Stop STOP{};
inline constexpr Invalid INVALID{};
inline constexpr Pop POP{};
inline constexpr Jump JUMP{};
inline constexpr JumpIf JUMPI{};
inline constexpr JumpDest JUMPDEST{};
inline constexpr ProgramCounter PC{};
inline constexpr GasLeft GAS{};
inline constexpr Push<0> PUSH0{};
#define RVM_EVM_NUMBERED(Shape, NAME, from, one, two, three, four)                                                     \
    inline constexpr Shape<from> NAME##one{};                                                                          \
    inline constexpr Shape<from + 1> NAME##two{};                                                                      \
    inline constexpr Shape<from + 2> NAME##three{};                                                                    \
    inline constexpr Shape<from + 3> NAME##four {}
RVM_EVM_NUMBERED(Push, PUSH, 1, 1, 2, 3, 4);
RVM_EVM_NUMBERED(Push, PUSH, 5, 5, 6, 7, 8);
RVM_EVM_NUMBERED(Push, PUSH, 9, 9, 10, 11, 12);
RVM_EVM_NUMBERED(Push, PUSH, 13, 13, 14, 15, 16);
RVM_EVM_NUMBERED(Push, PUSH, 17, 17, 18, 19, 20);
RVM_EVM_NUMBERED(Push, PUSH, 21, 21, 22, 23, 24);
RVM_EVM_NUMBERED(Push, PUSH, 25, 25, 26, 27, 28);
RVM_EVM_NUMBERED(Push, PUSH, 29, 29, 30, 31, 32);
RVM_EVM_NUMBERED(Dup, DUP, 1, 1, 2, 3, 4);
RVM_EVM_NUMBERED(Dup, DUP, 5, 5, 6, 7, 8);
RVM_EVM_NUMBERED(Dup, DUP, 9, 9, 10, 11, 12);
RVM_EVM_NUMBERED(Dup, DUP, 13, 13, 14, 15, 16);
RVM_EVM_NUMBERED(Swap, SWAP, 1, 1, 2, 3, 4);
RVM_EVM_NUMBERED(Swap, SWAP, 5, 5, 6, 7, 8);
RVM_EVM_NUMBERED(Swap, SWAP, 9, 9, 10, 11, 12);
RVM_EVM_NUMBERED(Swap, SWAP, 13, 13, 14, 15, 16);
#undef RVM_EVM_NUMBERED
inline constexpr auto REVERT = &instructions::RETURN;

using Pc = const std::uint8_t*&;
using Sp = U256*&;
using Gas = std::int64_t&;

/// `Bytes` big-endian bytes of code.
template <unsigned Bytes>
[[gnu::always_inline]] inline U256 load_immediate(const std::uint8_t* bytes) noexcept {
    U256 value;
    constexpr unsigned whole = Bytes / 8, partial = Bytes % 8;
    const std::uint8_t* limb = bytes + Bytes;
    for (unsigned i = 0; i < whole; ++i) {
        limb -= 8;
        std::uint64_t raw_limb;
        std::memcpy(&raw_limb, limb, sizeof raw_limb);
        value.limbs[i] = __builtin_bswap64(raw_limb);
    }
    if constexpr (partial != 0) {
        std::uint64_t raw_limb; // code is padded: eight bytes can always be read
        std::memcpy(&raw_limb, bytes, sizeof raw_limb);
        value.limbs[whole] = __builtin_bswap64(raw_limb) >> (64 - 8 * partial);
    }
    return value;
}

template <Opcode, unsigned Bytes>
[[gnu::always_inline]] inline bool step(Push<Bytes>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    *sp++ = load_immediate<Bytes>(pc + 1);
    pc += Bytes + 1;
    return true;
}
template <Opcode, unsigned Depth>
[[gnu::always_inline]] inline bool step(Dup<Depth>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    *sp = *(sp - Depth);
    ++sp;
    ++pc;
    return true;
}
template <Opcode, unsigned Depth>
[[gnu::always_inline]] inline bool step(Swap<Depth>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    std::swap(sp[-1], *(sp - 1 - Depth));
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(Pop, Machine&, Pc pc, Sp sp, Gas) noexcept {
    --sp;
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(JumpDest, Machine&, Pc pc, Sp, Gas) noexcept {
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(ProgramCounter, Machine& m, Pc pc, Sp sp, Gas) noexcept {
    *sp++ = U256{static_cast<std::uint64_t>(pc - m.code.bytes)};
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(GasLeft, Machine&, Pc pc, Sp sp, Gas gas) noexcept {
    *sp++ = U256{static_cast<std::uint64_t>(gas)};
    ++pc;
    return true;
}
[[gnu::always_inline]] inline bool jump_to(const U256& target, Machine& m, Pc pc) noexcept {
    if (!target.fits_64() || !m.code.is_jumpdest(target.limbs[0])) [[unlikely]] {
        m.fault = Fault::bad_jump_destination;
        return false;
    }
    pc = m.code.bytes + target.limbs[0];
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(Jump, Machine& m, Pc pc, Sp sp, Gas) noexcept {
    return jump_to(*--sp, m, pc);
}
template <Opcode>
[[gnu::always_inline]] inline bool step(JumpIf, Machine& m, Pc pc, Sp sp, Gas) noexcept {
    sp -= 2;
    if (sp[0]) return jump_to(sp[1], m, pc);
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(Stop, Machine&, Pc, Sp, Gas) noexcept {
    return true; // the loop ends the frame
}
template <Opcode>
[[gnu::always_inline]] inline bool step(Invalid, Machine& m, Pc, Sp, Gas) noexcept {
    m.fault = Fault::invalid_instruction;
    return false;
}

// ---- Instructions with a function of their own ----

template <Opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&) noexcept, Machine&, Pc pc, Sp sp, Gas) noexcept {
    sp[-1] = function(sp[-1]);
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&, const U256&) noexcept, Machine&, Pc pc, Sp sp,
                                        Gas) noexcept {
    sp[-2] = function(sp[-1], sp[-2]);
    --sp;
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&, const U256&, const U256&) noexcept, Machine&,
                                        Pc pc, Sp sp, Gas) noexcept {
    sp[-3] = function(sp[-1], sp[-2], sp[-3]);
    sp -= 2;
    ++pc;
    return true;
}
template <Opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const Machine&) noexcept, Machine& m, Pc pc, Sp sp,
                                        Gas) noexcept {
    *sp++ = function(m);
    ++pc;
    return true;
}
template <Opcode opcode>
[[gnu::always_inline]] inline bool step(std::int64_t (*function)(Machine&, U256*, std::int64_t) noexcept, Machine& m,
                                        Pc pc, Sp sp, Gas gas) noexcept {
    gas = function(m, sp, gas);
    if (gas < 0) [[unlikely]]
        return false;
    sp += kOpcodeInfo[opcode].growth();
    ++pc;
    return true;
}

} // namespace rvm::evm::steps
