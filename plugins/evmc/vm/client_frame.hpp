// A frame of plugin.h whose host is an EVMC client: what the format evm gets when it runs behind EVMC.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <rvm/plugin.h>

#include "evmc_abi.h"

namespace rvm::evmc {

/// One activation. The tables below find it behind the rvm_frame they are given. Reused by later frames at its depth.
struct ClientFrame : rvm_frame {
    ClientFrame() : rvm_frame{} {}
    ~ClientFrame() { forget_nested(); }
    ClientFrame(const ClientFrame&) = delete;
    ClientFrame& operator=(const ClientFrame&) = delete;

    const HostInterface* host = nullptr;
    HostContext* client = nullptr;
    const rvm_format* format = nullptr;
    Revision revision = Revision::frontier;
    rvm_message message{};

    /// The frame's own account and that of its code.
    rvm_account own{}, code_owner{};
    /// EVMC has no handles: accounts asked for lately, in turns. The format holds two at once, a call's target and its
    /// delegate.
    struct Handle {
        rvm_account account;
        rvm_bytes32 code_hash;
        rvm_address delegate;
    };
    std::array<Handle, 8> handles{};
    std::size_t next_handle = 0;

    std::vector<std::uint8_t> code_bytes; ///< what `code` gave last
    Result nested{};                      ///< of the last call; its output is frame.returned

    /// Balance and nonce of `own`, which every call may change.
    void refresh() noexcept;
    void forget_nested() noexcept {
        if (nested.release != nullptr) nested.release(&nested);
        nested = {};
        returned = {};
    }
};

/// rvm.host.vm/1 and rvm.host.state/1 over a ClientFrame.
[[nodiscard]] const rvm_host_vm& client_vm_table() noexcept;
[[nodiscard]] const rvm_host_state& client_state_table() noexcept;

} // namespace rvm::evmc
