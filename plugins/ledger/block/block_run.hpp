// Running a block and holding its header against what came out.
#pragma once

#include <functional>

#include "block/execution.hpp"

namespace rvm::ledger {

/// What runs it. Everything outlives the run.
struct BlockTools {
    Transition& transition; ///< over a world with the state of the parent
    StateTrie& state;       ///< of the same state
    const SignerRecovery& signers;
    rvm_hash_ref sha256; ///< the primitive of that name
};

/// A block in its place on a chain.
struct BlockInput {
    const Block& block;
    const Fork& fork;
    U256 chain_id = 1;
    Address deposit_contract = mainnet_deposit_contract; ///< EIP-6110
    bool is_dao_fork = false;                            ///< EIP-779: this is the block of the fork
    /// As in rvm_tx_env.
    std::uint32_t (*block_hash)(void* ctx, std::uint64_t number, rvm_bytes32* out) = nullptr;
    void* block_hash_ctx = nullptr;
    const char* tracer = nullptr;                  ///< of the transactions
    std::function<void(std::string_view)> trace{}; ///< gets what the tracer collected, one transaction at a time
};

/// The block's words for programs. `header` and `fork` outlive it.
[[nodiscard]] BlockContext context_of(const Header& header, const Fork& fork, const U256& chain_id);

/// Runs it and compares gas, blob gas, receipts, bloom, requests and state root with the header. After a refusal world
/// and state are somewhere between. Throws sdk::Failure for host failures.
[[nodiscard]] Refusal run_block(const BlockTools& tools, const BlockInput& input);

} // namespace rvm::ledger
