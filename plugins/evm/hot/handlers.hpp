// Which handler performs what: the translator's view of handlers.cpp.
#pragma once

#include <array>

#include "hot/program.hpp"

namespace rvm::evm::hot {

/// Where operands come from: `a` then `b`, slot or the constant.
enum class Form : std::uint8_t { slots, slot_constant, constant_slot };

enum class Compare : std::uint8_t { less, signed_less, equal, zero };

struct Handlers {
    Handler enter;                         ///< a block's header
    Handler fall;                          ///< end of a block that goes on to the next instruction, a header
    Handler move;                          ///< d = a
    Handler load;                          ///< d = constant
    Handler load_number;                   ///< d = number
    Handler call;                          ///< function(m, base + a, gas + rest)
    Handler gas_left;                      ///< d = gas + rest
    Handler shift_left, shift_right;       ///< d = a shifted by 0 < x < 256
    Handler and_low;                       ///< d = a & number
    Handler memory_load, memory_load_at;   ///< d = memory[a]; memory[number]
    Handler memory_store, memory_store_at; ///< memory[a] = b; memory[number] = b
    Handler memory_store_constant;         ///< memory[a] = constant
    Handler input_load_at;                 ///< d = input[number]
    Handler jump;                          ///< by x; a, b and the low half of number are the target's header's
                  ///< a, b and x, the high half is where the direct interpreter starts when they refuse
    Handler join;         ///< by x, into a block that has been paid for
    Handler jump_slot;    ///< to the position in slot a
    Handler jump_if;      ///< to x if slot a is not zero, else the next instruction, a header
    Handler jump_if_slot; ///< to the position in slot a if slot b is not zero
    Handler end;          ///< function(m, base + a, gas) unless NULL, then the end of the frame with status x
    Handler fault;        ///< number is the Fault
};
extern const Handlers kHandlers;

/// What the translator makes of an opcode, unless it treats it by itself.
enum class Shape : std::uint8_t {
    push, ///< up to pop: no instruction, only another place for words
    dup,
    swap,
    pop,
    effect, ///< a call of the direct interpreter's function
    nullary,
    unary,
    binary,
    ternary,
};
extern const std::array<Shape, kOpcodes> kShapes;

/// NULL where an opcode has no handler of that shape.
[[nodiscard]] Handler nullary(std::uint8_t opcode) noexcept;
[[nodiscard]] Handler unary(std::uint8_t opcode) noexcept;
[[nodiscard]] Handler binary(std::uint8_t opcode, Form form) noexcept;
[[nodiscard]] Handler ternary(std::uint8_t opcode) noexcept; ///< d = f(a, b, slot x); x as a byte distance
[[nodiscard]] Handler compare(Compare kind, bool negated, Form form) noexcept;
[[nodiscard]] Handler jump_compare(Compare kind, bool negated,
                                   Form form) noexcept; ///< to x if a ? b, else the next header

/// For folding: NULL where the opcode is not a function of words alone.
using Unary = U256 (*)(const U256&) noexcept;
using Binary = U256 (*)(const U256&, const U256&) noexcept;
using Ternary = U256 (*)(const U256&, const U256&, const U256&) noexcept;
[[nodiscard]] Unary unary_function(std::uint8_t opcode) noexcept;
[[nodiscard]] Binary binary_function(std::uint8_t opcode) noexcept;
[[nodiscard]] Ternary ternary_function(std::uint8_t opcode) noexcept;
/// The direct interpreter's function of an opcode with effects.
[[nodiscard]] Function function_of(std::uint8_t opcode) noexcept;

} // namespace rvm::evm::hot
