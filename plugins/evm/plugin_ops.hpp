// Instructions of other plugins (rvm/evm_ops.h): what the interpreter and the tracer need of them.
#pragma once

#include <array>

#include <rvm/evm_ops.h>

#include "opcodes.hpp"
#include "schedule.hpp"

namespace rvm::evm {

/// By number; nullptr where no plugin has one. The tables are the plugin's, which lives as long as its host.
using PluginOps = std::array<const rvm_evm_op*, kOpcodes>;

/// Takes the instructions in and gives them their price in the rule sets that have them. Throws sdk::Failure, naming the
/// instruction, for what breaks the contract of rvm/evm_ops.h.
void add_plugin_ops(const rvm_evm_ops& table, PluginOps& ops, Schedules& schedules);

} // namespace rvm::evm
