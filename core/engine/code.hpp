// Register code: what the builder makes and the handlers run. Immutable once made, shared between threads.
//
// A sequence of 64-bit words. An instruction is the address of its handler, then its operand words, mostly one:
//
//   word 0   handler
//   word 1   a:16 | b:16 | c:16 | d:16      cell indices from fp, least significant half-word first, or
//            a:16 | b:16 | immediate:32
//
// A basic block is preceded by one word, its price: entering a block, by whichever branch, subtracts the word before
// the target. The entry block of a function is preceded by one more word: the stack height that the rules count
// (32 bits), then the bytes of its register frame (32 bits).
// Branch distances are in words from the instruction that holds them. A call says how far the callee's base is above the
// caller's in the same two halves: words of the stack, bytes of cells.
//
// A value that the next instructions consume is passed in an accumulator; its cell is then not written. An
// instruction whose name ends in _a reads or leaves the accumulator in place of a cell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "engine/positions.hpp"
#include "engine/words.hpp"

namespace rvm::engine {

enum class Op : std::uint16_t {
#define RVM_IR_BINARY(name, type, result, immediate) name,
#define RVM_IR_DIVIDE(name, type, overflow, result) name,
#define RVM_IR_COMPARE(name, type, result) name,
#define RVM_IR_UNARY(name, type, result) name,
#define RVM_IR_LOAD(name, memory_type, cell_type) name,
#define RVM_IR_STORE(name, memory_type) name,
#define RVM_IR_FLOAT_BINARY(name, type, result) name,
#define RVM_IR_FLOAT_UNARY(name, type, result) name,
#define RVM_IR_FLOAT_COMPARE(name, type, result) name,
#define RVM_IR_FROM_FLOAT(name, type, result) name,
#define RVM_IR_TO_FLOAT(name, type, result_type, result) name,
#define RVM_IR_TRUNCATE(name, float_type, int_type, low, high) name,
#define RVM_IR_FLOAT_LOAD(name, type) name,
#define RVM_IR_FLOAT_STORE(name, type) name,
#include "engine/ops.def"
    count
};

struct Code {
    Words words;
    std::vector<std::uint32_t> entries; ///< by function: word index of its first instruction
    Positions positions; ///< only of what can trap, call or begin a block

    /// The source of the instruction at a context's pc after a trap.
    [[nodiscard]] std::uint32_t position(const Word* pc) const noexcept;
    /// The source of the block that begins at pc: after out_of_gas and yield.
    [[nodiscard]] std::uint32_t block_position(const Word* pc) const noexcept { return position(pc - 1); }
    [[nodiscard]] const Word* entry(std::uint32_t function) const noexcept {
        return words.data() + entries[function];
    }
    /// Words the rules count for a function, and cells of its register frame.
    [[nodiscard]] std::uint32_t height(std::uint32_t function) const noexcept {
        return static_cast<std::uint32_t>(entry(function)[-2]);
    }
    [[nodiscard]] std::uint32_t cells(std::uint32_t function) const noexcept {
        return static_cast<std::uint32_t>((entry(function)[-2] >> 32) / sizeof(Cell));
    }
    /// Heap bytes behind it.
    [[nodiscard]] std::size_t bytes() const noexcept;
};

/// The code as text, one instruction a line, for people and tests.
[[nodiscard]] std::string listing(const Code& code);

} // namespace rvm::engine
