// EIP-779: the irregular state change of the DAO fork.
#pragma once

#include "state/world.hpp"

namespace rvm::ledger {

/// Moves the balances of the DAO and its children to the contract that pays back, in the world's open transaction.
void move_dao_balances(World& world);

} // namespace rvm::ledger
