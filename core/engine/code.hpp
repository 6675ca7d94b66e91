// Register code: what the builder makes and the handlers run. Immutable once made, shared between threads.
//
// A sequence of 64-bit words. An instruction is the address of its handler, then its operand words, mostly one:
//
//   word 0   handler
//   word 1   a:16 | b:16 | c:16 | d:16      cell indices from fp, least significant half-word first, or
//            a:16 | b:16 | immediate:32
//
// A basic block is preceded by one word, its price: entering a block, by whichever branch, subtracts the word before
// the target. The entry block of a function is preceded by two more words: the cell of the last argument, or 0, and the
// Room that the function needs. Branch distances are in words from the instruction that holds them. The last word of a
// call is the Room it takes: from the top of the caller to its own in a direct call, to the callee's base in others.
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

/// Three numbers in one word, so that one subtraction and one look at three signs compare all: words of the stack that
/// the rules count, cells of register frames, records of calls.
struct Room {
    static constexpr unsigned cells_at = 24, records_at = 46; ///< bits
    static constexpr std::uint64_t most_words = (1U << 23) - 1, most_cells = (1U << 21) - 1,
                                   most_records = (1U << 17) - 1;

    static constexpr std::uint64_t most_height =
        most_words / 4; ///< of one function: what a call takes is less than all

    [[nodiscard]] static constexpr std::uint64_t of(std::uint64_t words, std::uint64_t cells,
                                                    std::uint64_t records) noexcept {
        return words + (cells << cells_at) + (records << records_at);
    }
    [[nodiscard]] static constexpr std::int64_t words(Word room) noexcept { return part(room, 0, cells_at); }
    [[nodiscard]] static constexpr std::int64_t cells(Word room) noexcept {
        return part(room - static_cast<Word>(words(room)), cells_at, records_at);
    }
    /// Whether none of the numbers is negative, after a subtraction.
    [[nodiscard]] static constexpr bool enough(Word room) noexcept {
        return (room & of(most_words + 1, most_cells + 1, most_records + 1)) == 0;
    }

  private:
    static constexpr std::int64_t part(Word room, unsigned first, unsigned end) noexcept {
        return static_cast<std::int64_t>(room << (64 - end)) >> (64 - end + first);
    }
};

struct Code {
    Words words;
    std::vector<std::uint32_t> entries; ///< by function: word index of its first instruction
    Positions positions;                ///< only of what can trap, call or begin a block

    /// The source of the instruction at a context's pc after a trap.
    [[nodiscard]] std::uint32_t position(const Word* pc) const noexcept;
    /// The source of the block that begins at pc: after out_of_gas and yield.
    [[nodiscard]] std::uint32_t block_position(const Word* pc) const noexcept { return position(pc - 1); }
    [[nodiscard]] const Word* entry(std::uint32_t function) const noexcept { return words.data() + entries[function]; }
    /// Words the rules count for a function, and cells of its register frame.
    [[nodiscard]] std::uint32_t height(std::uint32_t function) const noexcept {
        return static_cast<std::uint32_t>(Room::words(entry(function)[-2]));
    }
    [[nodiscard]] std::uint32_t cells(std::uint32_t function) const noexcept {
        return static_cast<std::uint32_t>(Room::cells(entry(function)[-2]));
    }
    /// Heap bytes behind it.
    [[nodiscard]] std::size_t bytes() const noexcept;
};

/// The code as text, one instruction a line, for people and tests.
[[nodiscard]] std::string listing(const Code& code);

} // namespace rvm::engine
