// EIP-7702: what an authorization list does before the transaction runs.
#pragma once

#include "state/world.hpp"
#include "transaction/sender.hpp"

namespace rvm::ledger {

/// Applies the valid entries in order, in the world's open transaction; an entry that is not valid does nothing.
/// Returns the refund for authorities that exist already.
std::int64_t apply_authorizations(std::span<const Authorization> list, const U256& chain_id,
                                  const SignerRecovery& signers, World& world);

} // namespace rvm::ledger
