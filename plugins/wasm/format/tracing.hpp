// Events for tracers: one for each block of code that is entered.
#pragma once

#include <span>

#include "hosts/host.hpp"

namespace rvm::wasm::format {

/// For Machine::on_block, in frames with RVM_FRAME_TRACED. Ends the run if it is to end (cancelling.hpp).
void trace_block(void* user, engine::Context& context, std::uint64_t price);
/// The call of an imported function, before it happens. `name` lives as long as the plugin.
void trace_import(engine::Context& context, const char* name, std::span<const Cell> arguments);
/// The instruction that trapped, at `position` of the code.
void trace_fault(const hosts::HostTables& host, rvm_frame& frame, std::int64_t units, std::uint64_t position,
                 rvm_status status);

} // namespace rvm::wasm::format
