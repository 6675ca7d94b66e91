// The import module `rvm`: what a wasm program asks of its frame, and the syscalls and primitives a deployment grants.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "run/instance.hpp"
#include "run/machine.hpp"

namespace rvm::wasm::format {

/// Tables of the host. `items` may be null: then nothing is granted.
struct HostTables {
    rvm_host_ctx* ctx = nullptr;
    const rvm_host_vm* vm = nullptr;
    const rvm_host_state* state = nullptr;
    const rvm_host_items* items = nullptr;
};

/// What the functions of the environment work on while a frame runs.
struct FrameContext {
    const HostTables* host = nullptr;
    rvm_frame* frame = nullptr;
    rvm_result* result = nullptr;
    rvm_status status = RVM_OK; ///< why Trap::exit was returned
    bool ended = false;         ///< the program asked to end, with `status`
};

/// A granted syscall or primitive, as a host function reaches it.
struct GrantedItem {
    rvm_syscall_ref syscall{};
    const rvm_crypto* crypto = nullptr;
};

/// The imports of one program, resolved. Immutable; lives as long as the program.
class Environment {
  public:
    /// Throws ModuleError(link) naming the import that does not exist, is not granted or has another type.
    Environment(const Module& module, const HostTables& host);
    [[nodiscard]] std::optional<Extern> resolve(const Import& import) const;

  private:
    std::vector<Callable> functions_; ///< by function index
    std::vector<std::unique_ptr<HostCall>> calls_;
    std::vector<std::unique_ptr<GrantedItem>> items_;
};

} // namespace rvm::wasm::format
