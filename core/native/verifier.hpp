// Verification: container -> Program, in one linear pass, before anything runs.
//
// What holds for a Program, so that running it checks none of it again: every instruction is defined and its immediate
// in range; every jump lands on a label of its function; the operand height at a place is one number, whichever way
// leads there, never below the function's frame and never above max_function_height; `ret` leaves exactly the
// function's results (entry functions: anything); functions and imports exist and are of the right kind; entry
// functions (`main`, `init`) take nothing and are never called from within.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/report.hpp>

#include "native/container.hpp"
#include "native/opcodes.hpp"

namespace rvm::native {

inline constexpr std::string_view entry_main = "main"; ///< runs when the program is called; required
inline constexpr std::string_view entry_init = "init"; ///< runs once at creation; optional

/// One decoded instruction.
struct Instruction {
    Op op{};
    std::uint8_t pops = 0;   ///< operands it needs on the stack
    std::uint8_t pushes = 0; ///< words it leaves in their place
    std::uint8_t small = 0;  ///< register, depth, width, topics; label and ret: 1 when not written in the code
    /// label: its height; jump: instruction; jumptable: first of its targets; call: function; else the import, which
    /// create counts from 1
    std::uint32_t index = 0;
    /// push: the word; label: static gas of the block; jumptable: entries without the default; ext: its immediate
    std::uint64_t value = 0;
};
static_assert(sizeof(Instruction) == 16);

struct Function {
    std::uint32_t first = 0;      ///< its first instruction, which is a label
    std::uint32_t max_height = 0; ///< words it may have on the stack, parameters included
    std::uint8_t parameters = 0;
    std::uint8_t results = 0;
};

/// Bytes that memory holds when a frame begins.
struct DataSegment {
    std::uint32_t offset = 0; ///< in memory
    std::uint32_t size = 0;
    std::uint32_t start = 0; ///< in Program::data
};

/// A verified program. Owns everything.
struct Program {
    std::vector<Instruction> code;        ///< all functions; each block begins with a label
    std::vector<std::uint32_t> positions; ///< pc of each instruction
    std::vector<std::uint32_t> targets;   ///< instructions that jump tables name
    std::vector<Function> functions;
    std::vector<Import> imports;
    std::vector<DebugLine> lines;
    std::string source_file; ///< of the debug section; empty: none
    std::vector<DataSegment> segments;
    Bytes data; ///< bytes of all segments, one after the other
    std::uint32_t memory_pages = 0;
    std::uint32_t main = 0;            ///< function index
    std::optional<std::uint32_t> init; ///< function index
};

/// Source line of a pc; 0 when unknown.
[[nodiscard]] std::uint32_t line_at(const std::vector<DebugLine>& lines, std::uint64_t pc) noexcept;

/// Verifies a decoded container. Errors (RVM-N04) name the function and the pc, which `failed_pc` gets too if it is not
/// NULL. The result views into nothing.
[[nodiscard]] std::optional<Program> verify(const Container& container, std::string_view file, Report& report,
                                            std::uint32_t* failed_pc = nullptr);

/// decode_container and verify.
[[nodiscard]] std::optional<Program> load_program(ByteView bytes, std::string_view file, Report& report);

/// Whether `bytes` are a valid program, with all findings in `report`. Imports are not resolved.
bool check(ByteView bytes, std::string_view file, Report& report);

} // namespace rvm::native
