// One frame under the rules wasm/alone: a function of a module that sees nothing of the world, called with what its
// invocation says. Its output is an outcome.
#pragma once

#include <rvm/plugin.h>

#include "format/frame.hpp"

namespace rvm::wasm::alone {

/// rvm_format::execute. RVM_TRAP_ILLEGAL when the input is no invocation of this module, or the frame is a creation.
/// Memories and tables are held by MemoryLimits alone: the run has the execution to itself. Throws std::bad_alloc.
[[nodiscard]] rvm_status run_frame(const hosts::HostTables& host, const rvm_artifact& artifact, rvm_frame& frame,
                                   rvm_result& result);

} // namespace rvm::wasm::alone
