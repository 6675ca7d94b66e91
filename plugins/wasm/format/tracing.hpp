// Events for tracers: one for each block of code that is entered.
#pragma once

#include "hosts/host.hpp"

namespace rvm::wasm::format {

/// For Machine::on_block, in frames with RVM_FRAME_TRACED.
void trace_block(void* user, engine::Context& context, std::uint64_t price);
/// The instruction that trapped, at `position` of the code.
void trace_fault(const hosts::HostTables& host, rvm_frame& frame, std::int64_t units, std::uint64_t position,
                 rvm_status status);

} // namespace rvm::wasm::format
