// The plugin org.rvm.evm, linked in and brought up without an rvm host.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "evmc_abi.h"

namespace rvm::evmc {

/// One instance of the plugin with the host it needs. One thread at a time.
class EvmPlugin {
  public:
    /// Throws std::runtime_error when the plugin refuses to come up or has no format.
    EvmPlugin();
    ~EvmPlugin();
    EvmPlugin(const EvmPlugin&) = delete;
    EvmPlugin& operator=(const EvmPlugin&) = delete;

    [[nodiscard]] const rvm_format& format() const noexcept { return *format_; }
    /// Index of the rule set of a revision, UINT32_MAX for one that the format does not know.
    [[nodiscard]] std::uint32_t rules_of(Revision revision) const noexcept;
    /// The environment words of a transaction, as rvm_frame.env wants them; valid until the next call.
    /// RVM_E_INVALID_ARGUMENT for more blob hashes than the format knows words for.
    [[nodiscard]] rvm_status set_environment(const TxContext& context);
    [[nodiscard]] const rvm_u256* environment() const noexcept { return words_.data(); }

  private:
    void set(const char* name, const rvm_u256& value);
    [[nodiscard]] std::uint32_t key(const std::string& name);

    rvm_host host_{};
    rvm_plugin* plugin_ = nullptr;
    const rvm_format* format_ = nullptr;
    std::map<std::string, std::uint32_t> keys_; ///< the names the plugin has asked for
    std::vector<rvm_u256> words_;
    std::vector<std::uint32_t> rules_; ///< by revision
};

} // namespace rvm::evmc
