// One frame of the format: an instance, a machine, a way in and what comes out.
#pragma once

#include <rvm/plugin.h>

#include "format/configuration.hpp"
#include "hosts/imports.hpp"

/// What the host caches for a code: opaque to it.
struct rvm_artifact {
    enum class Entry { execute, user_entrypoint, start };

    std::shared_ptr<const rvm::wasm::Program> program;
    rvm::wasm::hosts::Imports imports;
    Entry entry = Entry::execute;
    std::uint32_t function = 0;         ///< of the entry
    std::uint32_t deploy = UINT32_MAX;  ///< UINT32_MAX: none
    rvm::wasm::Instantiation made = {}; ///< what an instance takes
};

namespace rvm::wasm::format {

/// Bytes of the host's scratch area (rvm_format::scratch_bytes).
[[nodiscard]] std::uint64_t scratch_bytes() noexcept;
void release_scratch(void* scratch) noexcept;
/// C stack that a frame needs (rvm_format::native_stack_per_frame).
[[nodiscard]] std::uint64_t stack_per_frame() noexcept;

/// Bytes that a frame's output may lie in: they stay until a later frame runs at its depth. Empty.
[[nodiscard]] std::vector<std::uint8_t>& output_of(rvm_frame& frame);
[[nodiscard]] rvm_status status_of(engine::Trap trap) noexcept;

/// rvm_format::execute. Throws std::bad_alloc.
[[nodiscard]] rvm_status run_frame(const Configuration& configuration, const hosts::HostTables& host,
                                   const rvm_artifact& artifact, rvm_frame& frame, rvm_result& result);

} // namespace rvm::wasm::format
