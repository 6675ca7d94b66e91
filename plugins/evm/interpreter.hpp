// The direct interpreter: runs code as it is written, instruction by instruction.
#pragma once

#include <array>

#include "machine.hpp"

namespace rvm::evm {

/// Where each opcode's code is, by rule set: what a rule set does not define leads to the fault. Built once by
/// make_dispatch_tables(), so that no instruction asks which rules it runs under.
using DispatchTable = std::array<const void*, kOpcodes>;
struct DispatchTables {
    std::array<DispatchTable, kRuleSets> plain;
    std::array<DispatchTable, kRuleSets> watched; ///< of the loop that reports instructions and polls for cancellation
};
void make_dispatch_tables(DispatchTables& out) noexcept;

/// A point between two instructions.
struct Position {
    const std::uint8_t* pc; ///< into Code.bytes
    U256* sp;               ///< one past the top of the stack
    std::int64_t gas;
};

/// Runs from `from` to the end of the frame: sets frame.gas, result.output, detail and fault_position.
[[nodiscard]] rvm_status interpret(Machine& m, const DispatchTables& tables, Position from) noexcept;

/// The end of a frame that failed at `pc`: m.host_failure, or m.fault with its status.
[[nodiscard]] rvm_status end_in_failure(Machine& m, const std::uint8_t* pc) noexcept;

} // namespace rvm::evm
