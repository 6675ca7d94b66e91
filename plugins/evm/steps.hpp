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

/// Eight bytes of code, big-endian; zeroes behind the code let them always be read.
[[gnu::always_inline]] inline std::uint64_t load_limb(const std::uint8_t* bytes) noexcept {
    std::uint64_t raw_limb;
    std::memcpy(&raw_limb, bytes, sizeof raw_limb);
    return __builtin_bswap64(raw_limb);
}
/// Limb `Index` of `Bytes` big-endian bytes of code.
template <unsigned Bytes, unsigned Index>
[[gnu::always_inline]] inline std::uint64_t immediate_limb(const std::uint8_t* bytes) noexcept {
    if constexpr (Bytes >= 8 * (Index + 1))
        return load_limb(bytes + (Bytes - 8 * (Index + 1)));
    else if constexpr (Bytes > 8 * Index)
        return load_limb(bytes) >> (64 - 8 * (Bytes - 8 * Index));
    else
        return 0;
}

template <Opcode, unsigned Bytes>
[[gnu::always_inline]] inline bool step(Push<Bytes>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    sp->limbs[0] = immediate_limb<Bytes, 0>(pc + 1);
    sp->limbs[1] = immediate_limb<Bytes, 1>(pc + 1);
    sp->limbs[2] = immediate_limb<Bytes, 2>(pc + 1);
    sp->limbs[3] = immediate_limb<Bytes, 3>(pc + 1);
    ++sp;
    pc += Bytes + 1;
    return true;
}
template <Opcode, unsigned Depth>
[[gnu::always_inline]] inline bool step(Dup<Depth>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    copy_limbs(*sp, *(sp - Depth));
    ++sp;
    ++pc;
    return true;
}
template <Opcode, unsigned Depth>
[[gnu::always_inline]] inline bool step(Swap<Depth>, Machine&, Pc pc, Sp sp, Gas) noexcept {
    U256 &top = sp[-1], &deep = *(sp - 1 - Depth);
    for (std::size_t i = 0; i < 4; ++i) // as in copy_limbs()
        std::swap(top.limbs[i], deep.limbs[i]);
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

template <Opcode opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&) noexcept, Machine&, Pc pc, Sp sp, Gas) noexcept {
    instructions::compute<opcode>(function, sp[-1], sp[-1]);
    ++pc;
    return true;
}
template <Opcode opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&, const U256&) noexcept, Machine&, Pc pc, Sp sp,
                                        Gas) noexcept {
    instructions::compute<opcode>(function, sp[-2], sp[-1], sp[-2]);
    --sp;
    ++pc;
    return true;
}
template <Opcode opcode>
[[gnu::always_inline]] inline bool step(U256 (*function)(const U256&, const U256&, const U256&) noexcept, Machine&,
                                        Pc pc, Sp sp, Gas) noexcept {
    instructions::compute<opcode>(function, sp[-3], sp[-1], sp[-2], sp[-3]);
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
