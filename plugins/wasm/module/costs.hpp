// Prices of WebAssembly instructions, in units; part of the consensus rules `wasm/1`.
//
// Gas is bought in units: one gas is `units_per_gas` units, and what is left over of the last gas is rounded down when
// a frame ends. A run of instructions is paid as a whole when it is entered: a run begins at a function's entry and
// after every loop, if, else, try_table, end, br_if, br_on_null, br_on_non_null; it ends with the next of these or with
// an instruction that leaves (br, br_table, return, unreachable, tail calls, throw). The end of a loop is no boundary:
// nothing jumps there. A trap inside a run has paid all of it. The prices follow measured times of a register
// interpreter: a simple operation is 1 to 2 units.
#pragma once

#include <cstdint>

namespace rvm::wasm::costs {

inline constexpr std::uint64_t units_per_gas = 100;

inline constexpr std::uint32_t free = 0;
inline constexpr std::uint32_t move = 1;   ///< constants, locals
inline constexpr std::uint32_t simple = 2; ///< integer arithmetic, comparison, bits
inline constexpr std::uint32_t multiply = 3;
inline constexpr std::uint32_t divide = 12;
inline constexpr std::uint32_t floating = 4;
inline constexpr std::uint32_t root = 16; ///< floating division and square root
inline constexpr std::uint32_t load = 4;
inline constexpr std::uint32_t store = 4;
inline constexpr std::uint32_t global = 3;
inline constexpr std::uint32_t vector = 5;
inline constexpr std::uint32_t jump = 3;
inline constexpr std::uint32_t branch = 4;
inline constexpr std::uint32_t table_jump = 8;
inline constexpr std::uint32_t call = 25;
inline constexpr std::uint32_t call_indirect = 40;
inline constexpr std::uint32_t bulk = 40;  ///< fixed part of bulk operations
inline constexpr std::uint32_t grow = 200; ///< fixed part of memory.grow and table.grow

/// An exception on its way: each try_table it meets, each clause that is looked at, each function it leaves.
inline constexpr std::uint32_t unwind = 1;
inline constexpr std::uint32_t exception = 2'000; ///< one that catch_ref keeps: it lives as long as the execution

/// Operands that a branch hands to its label, an end or else to what follows the block, a return or a tail call to the
/// outside, a throw or throw_ref to the exception, a catch clause to its label: so many are in the price of the
/// instruction, each further one costs `move`. A branch pays whether it is taken or not; the end of a loop moves
/// nothing.
inline constexpr std::uint64_t handed_on_for_nothing = 4;
[[nodiscard]] constexpr std::uint64_t handed_on(std::uint64_t operands) noexcept {
    return operands > handed_on_for_nothing ? (operands - handed_on_for_nothing) * move : 0;
}

/// Declared locals are set to zero by every call: paid in its first run, rounded down.
inline constexpr std::uint64_t locals_per_unit = 8; ///< cells: two of a vector

/// Parts by size, paid when the operation runs, before its effects.
inline constexpr std::uint64_t bulk_bytes_per_unit = 8; ///< memory.copy, fill, init
inline constexpr std::uint64_t per_table_element = 2;   ///< table.copy, fill, grow
inline constexpr std::uint64_t per_item = 200;          ///< table.init: of the segment, those before the first one too
inline constexpr std::uint64_t per_page = 10'000;       ///< memory.grow and initial pages of an instance

/// An instance, paid before it is made, as if each were made from nothing: 100 units are about 4 ns then. First pages
/// besides.
inline constexpr std::uint64_t instance_function = 100; ///< a function of the module, imported or not
inline constexpr std::uint64_t instance_global = 400;
inline constexpr std::uint64_t instance_memory = 2'000; ///< of any size, none too
inline constexpr std::uint64_t instance_table = 2'000;
inline constexpr std::uint64_t instance_table_element = 25; ///< that a table begins with
inline constexpr std::uint64_t instance_segment = 400;      ///< of elements or data, of whatever mode
inline constexpr std::uint64_t instance_data_byte = 6;      ///< of active segments
/// Of constant expressions, and of the items of active segments of elements.
inline constexpr std::uint64_t instance_constant_byte = 200;

} // namespace rvm::wasm::costs
