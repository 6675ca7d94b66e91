// A module made ready to run: what the bytes say and the code made of its functions. Immutable, shared by instances.
#pragma once

#include <memory>
#include <span>

#include "engine/code.hpp"
#include "module/instruction.hpp"
#include "module/module.hpp"

namespace rvm::wasm {

/// A catch clause of a try_table: where control goes on, and what it is handed.
struct CatchTarget {
    CatchKind kind = CatchKind::catch_all;
    std::uint32_t tag = 0;
    std::uint32_t word = 0; ///< of code: the block that takes the payload
    std::uint32_t cell = 0; ///< first cell of the payload in the frame
};

/// One try_table.
struct TryTable {
    static constexpr std::uint32_t none = UINT32_MAX;
    std::uint32_t parent = none;    ///< the one around it in its function
    std::uint32_t first_clause = 0; ///< in Program::clauses
    std::uint32_t clause_count = 0;
};
/// From this word of code to the next boundary the innermost try_table is `inside`.
struct TryBoundary {
    std::uint32_t word = 0;
    std::uint32_t inside = TryTable::none; ///< in Program::tries
};

struct Program {
    Module module;
    std::vector<TryTable> tries;
    std::vector<TryBoundary> try_boundaries; ///< ascending
    std::vector<CatchTarget> clauses;
    engine::Code code; ///< function n of it is function n + imported_functions of the module

    /// Function (among all) and byte of the module at which a context's pc stands.
    [[nodiscard]] std::uint32_t position(const engine::Word* pc) const noexcept { return code.position(pc); }
    /// Heap bytes behind it.
    [[nodiscard]] std::size_t bytes() const noexcept;
};

/// Decodes, validates and translates in one pass. `bytes` outlives the program; programs that are to be linked with
/// each other share a type space. Throws ModuleError.
[[nodiscard]] std::shared_ptr<const Program> compile(std::span<const std::uint8_t> bytes, Features features,
                                                     std::shared_ptr<TypeSpace> type_space);

/// Words that the rules count for a function: its locals, its highest operand stack, a share for the call itself.
[[nodiscard]] constexpr std::uint64_t frame_height(std::uint64_t local_cells, std::uint64_t operand_cells) noexcept {
    return local_cells + operand_cells + 4;
}

} // namespace rvm::wasm
