// What the verbs need of the host, resolved once.
#pragma once

#include <rvm/plugin.hpp>

#include "state/block_context.hpp"
#include "transaction/sender.hpp"

namespace rvm::ledger {

struct Services {
    const rvm_host_world* world = nullptr;
    rvm_host_ctx* host = nullptr;
    const EnvKeys* keys = nullptr;
    const SignerRecovery* signers = nullptr;
    rvm_crypto_ref sign{}; ///< secp256k1.sign: fixtures with a secret key and no sender
    rvm_hash_ref sha256{}; ///< hash of a block's requests
};

/// Throws sdk::Failure when `rules` (of the format evm) cannot be had: the deployment lacks the format.
void need_rules(const Services& services, const char* rules);

[[nodiscard]] std::int32_t run_blocktest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                                         const char* const* argv);
[[nodiscard]] std::int32_t run_t8n_verb(const Services& services, const rvm_command_io& io, std::int32_t argc,
                                        const char* const* argv);
[[nodiscard]] std::int32_t run_statetest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                                         const char* const* argv);
[[nodiscard]] std::int32_t run_txtest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                                      const char* const* argv);

} // namespace rvm::ledger
