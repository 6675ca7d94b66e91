// The reference interpreter: complete, checks everything, the oracle for faster engines.
#pragma once

#include <rvm/plugin.h>

#include "native/link.hpp"

namespace rvm::native {

/// Bytes of scratch area one frame needs (rvm_format.scratch_bytes).
[[nodiscard]] std::uint64_t scratch_bytes() noexcept;

/// Runs one frame: sets frame.gas, result.output, detail and fault_position; returns RVM_OK, a trap or a host failure.
/// What the verifier promised is asserted at each instruction: a program that is not what it verified ends with
/// RVM_E_INTERNAL, never with undefined behaviour. Allocates only when the frame outgrows its scratch area. [frame]
rvm_status interpret(const Artifact& artifact, const HostTables& host, rvm_frame& frame, rvm_result& result) noexcept;

} // namespace rvm::native
