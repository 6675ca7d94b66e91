// The direct interpreter: runs code as it is written, instruction by instruction.
#pragma once

#include <array>

#include "machine.hpp"
#include "plugin_ops.hpp"

namespace rvm::evm {

struct DirectHandler;

/// Performs the instruction at `pc` and, in optimised code, all that follow (a tail call, see tail_calls.hpp). `bottom`
/// is the stack's first word. Returns the frame's status; in other builds kRunning, with m->at set, while the frame
/// goes on.
using DirectStep = rvm_status (*)(const std::uint8_t* pc, U256* sp, std::int64_t gas, Machine* m,
                                  const DirectHandler* table, U256* bottom) noexcept;
struct DirectHandler {
    DirectStep run;
};

/// The handler of each opcode, by rule set: what a rule set does not define leads to the fault. Built once by
/// make_dispatch_tables(), so that no instruction asks which rules it runs under.
using DispatchTable = std::array<DirectHandler, kOpcodes>;
struct DispatchTables {
    std::array<DispatchTable, kRuleSets> plain;
    std::array<DispatchTable, kRuleSets> watched; ///< reporting instructions, polling, prices from the schedule alone
    PluginOps ops{};                              ///< by number
};
/// What `schedules` define of `out.ops` gets a handler, too.
void make_dispatch_tables(const Schedules& schedules, DispatchTables& out) noexcept;

/// Runs from `from` to the end of the frame: sets frame.gas, result.output, detail and fault_position.
[[nodiscard]] rvm_status interpret(Machine& m, Position from) noexcept;

/// The end of a frame that failed at `pc`: m.host_failure, or m.fault with its status.
[[nodiscard]] rvm_status end_in_failure(Machine& m, const std::uint8_t* pc) noexcept;

} // namespace rvm::evm
