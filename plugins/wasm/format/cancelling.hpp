// Frames that can be told to end (RVM_FRAME_CANCELLABLE): they ask now and then.
#pragma once

#include <span>

#include "hosts/host.hpp"

namespace rvm::wasm::format {

/// Machine::call for a frame. When the host asks it to end: Trap::exit, and the context has ended with RVM_E_CANCELLED.
[[nodiscard]] engine::Trap call_cancellable(Machine& machine, Instance& instance, std::uint32_t function,
                                            std::span<Cell> cells, std::int64_t& units,
                                            hosts::FrameContext& context) noexcept;
/// For Machine::on_block, with which a machine has no quanta: ends the run if it is to end.
void poll_cancelled(hosts::FrameContext& frame, engine::Context& context) noexcept;

} // namespace rvm::wasm::format
