// What the watched loop does besides running: reports to the tracer, asks whether to stop.
#pragma once

#include "interpreter.hpp"

namespace rvm::evm {

/// The instruction at `at` is about to run. Only in frames with RVM_FRAME_TRACED.
void report_instruction(Machine& m, Position at) noexcept;
/// The instruction last reported failed.
void report_fault(Machine& m, Position at) noexcept;
/// True, with m.host_failure set, when the embedder asked the execution to stop.
[[nodiscard]] bool cancelled(Machine& m) noexcept;

/// What the instruction at `at` is going to cost, dynamic parts and the gas given to a callee included, without
/// effects; above at.gas when it cannot be paid.
[[nodiscard]] std::int64_t price(Machine& m, Position at) noexcept;

} // namespace rvm::evm
