// Linking: the names a program imports become pointers, once, before it runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

#include "engine/code.hpp"
#include "native/verifier.hpp"

namespace rvm::native {

/// What the native format uses of the host. Pointers live as long as the plugin instance.
struct HostTables {
    const rvm_host* host = nullptr;
    const rvm_host_vm* vm = nullptr;
    const rvm_host_state* state = nullptr;
    const rvm_host_items* items = nullptr; ///< may be NULL: programs with imported items are refused
    const rvm_host_trace* trace = nullptr; ///< may be NULL: no instruction events
    std::uint32_t env_number = 0;          ///< handles of environment words
    std::uint32_t env_timestamp = 0;
    std::uint32_t env_chain_id = 0;
};

/// A resolved import; which member is set follows from its kind.
struct LinkedImport {
    const rvm_opcode* opcode = nullptr;
    const rvm_syscall* syscall = nullptr;
    engine::Item item{};          ///< the opcode for the engine to call; without `run` it needs the frame
    rvm_frame* guard = nullptr;   ///< stands in for the frame of PURE items
    std::uint32_t env = 0;        ///< handle of the environment word
    const char* format = nullptr; ///< format id; points into the program's import
};

/// What the host caches for a code hash. Independent of state, immutable, shared between threads.
struct Artifact {
    Program program;
    std::vector<LinkedImport> imports; ///< parallel to program.imports
    std::optional<engine::Code> code;  ///< of the whole program, for the engine; without it the interpreter runs it
};

/// Resolves every import. Errors: RVM-N05 with the name that nobody provides, RVM-N06 with both shapes. Formats are
/// named only; whether one exists is found when a creation asks for it.
[[nodiscard]] bool link(Artifact& artifact, const HostTables& host, std::string_view file, Report& report);

} // namespace rvm::native
