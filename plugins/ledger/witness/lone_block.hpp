// A block that runs over its witness alone.
#pragma once

#include "block/refusal.hpp"
#include "block/requests.hpp"
#include "rules/schedule.hpp"
#include "state/transition.hpp"
#include "witness/witness.hpp"

namespace rvm::ledger {

/// What is not in a block: the chain's rules. Everything outlives the run.
struct LoneBlock {
    const ForkSchedule& schedule;
    U256 chain_id = 1;
    Address deposit_contract = mainnet_deposit_contract; ///< EIP-6110
    Bytes encoded;
    const Witness& witness;
};

/// Checks that the witness's headers are those of the ancestors, that its root is the parent's, and that the block may
/// follow the parent; runs it in `world`, which is empty and was opened with RVM_WORLD_RECORD_READS, and compares what
/// comes out with its header. Total difficulty, who an ommer's parent is and the DAO fork's extra data need more than a
/// witness and are not looked at. Throws WitnessError and trie::NodeError for a witness that is not enough,
/// sdk::Failure for host failures.
[[nodiscard]] Refusal run_lone_block(World& world, const EnvKeys& keys, const SignerRecovery& signers,
                                     const rvm_hash_ref& sha256, const LoneBlock& input);

} // namespace rvm::ledger
