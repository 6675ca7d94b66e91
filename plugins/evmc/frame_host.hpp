// The host an EVMC virtual machine sees while it runs one frame: EVMC's host interface over the tables of plugin.h.
#pragma once

#include <rvm/plugin.h>

#include "environment.hpp"
#include "evmc_abi.h"

namespace rvm::evmc {

/// What every frame of the format shares.
struct HostTables {
    const rvm_host_vm* vm = nullptr;
    const rvm_host_state* state = nullptr;
    const Environment* environment = nullptr;
};

/// One frame. EVMC has no way to report a host failure in the middle of a frame: the first one is kept here, everything
/// asked afterwards gets an empty answer, and execute() returns the failure instead of what the virtual machine made of
/// it.
class FrameHost {
  public:
    FrameHost(const HostTables& tables, rvm_frame& frame, Revision revision)
        : tables_(tables), frame_(frame), revision_(revision) {}

    [[nodiscard]] HostContext* context() noexcept { return reinterpret_cast<HostContext*>(this); }
    /// RVM_OK, or the host failure that ended this frame.
    [[nodiscard]] rvm_status failure() const noexcept { return failure_; }

    /// The functions; each takes a context() first.
    [[nodiscard]] static const HostInterface& functions() noexcept;

  private:
    struct Calls; // the functions behind HostInterface
    friend struct Calls;

    /// True when `status` is RVM_OK and nothing has failed before; else keeps the failure. A trap cannot come from what
    /// is asked here unless the virtual machine broke its contract: it counts as one.
    bool succeeded(rvm_status status) noexcept;
    /// The handle of an account, or NULL after a failure.
    rvm_account* account(const Address& address, std::uint32_t want, std::uint32_t* access = nullptr) noexcept;
    [[nodiscard]] bool owns(const Address& address) noexcept;
    [[nodiscard]] bool keep_touch(const Address& address) noexcept;
    [[nodiscard]] Result call(const Message& message) noexcept;

    const HostTables& tables_;
    rvm_frame& frame_;
    Revision revision_;
    rvm_status failure_ = RVM_OK;
    std::vector<Bytes32> blobs_;
};

} // namespace rvm::evmc
