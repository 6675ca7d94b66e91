#include "block/block_run.hpp"

#include <algorithm>

#include "block/body_rules.hpp"
#include "rules/blob_fee.hpp"

namespace rvm::ledger {
namespace {

Refusal run_transactions(const BlockTools& tools, const BlockInput& input, BlockExecution& execution) {
    for (std::size_t i = 0; i < input.block.transactions.size(); ++i) {
        const Transaction& transaction = input.block.transactions[i];
        const auto refused = [&](Rejection rejection) {
            return refuse(rejection, "transaction " + std::to_string(i) + " refused: " + std::string(text(rejection)));
        };
        const std::optional<Address> sender = tools.signers.sender(transaction, input.fork.has(Revision::homestead));
        if (!sender) return refused(Rejection::signature);
        const Applied applied = execution.apply(transaction, *sender);
        if (!applied.accepted()) return refused(applied.rejection);
        if (input.trace) input.trace(tools.transition.world().trace_text());
    }
    return std::nullopt;
}

/// Whether the header says what came out.
Refusal check_outcome(const Header& header, const BlockExecution& execution, const BlockTools& tools) {
    if (execution.gas_used() != header.gas_used) {
        return refuse(BlockFault::gas_used, "gas used is " + std::to_string(header.gas_used) + ", expected " +
                                                std::to_string(execution.gas_used()));
    }
    if (header.blob_gas_used.value_or(0) != execution.blob_gas_used()) {
        return refuse(BlockFault::blob_gas_used, "blob gas used is " +
                                                     std::to_string(header.blob_gas_used.value_or(0)) + ", expected " +
                                                     std::to_string(execution.blob_gas_used()));
    }
    if (Refusal refusal =
            check_hash(BlockFault::receipts_root, "receipts root", header.receipts_root, execution.receipts_root()))
        return refusal;
    if (!std::ranges::equal(header.logs_bloom, execution.logs_bloom().bytes()))
        return refuse(BlockFault::logs_bloom, "logs bloom is not that of the receipts");
    if (header.requests_hash) {
        const Hash expected = execution.requests().hash(tools.sha256);
        if (Refusal refusal = check_hash(BlockFault::requests_hash, "requests hash", *header.requests_hash, expected))
            return refusal;
    }
    return check_hash(BlockFault::state_root, "state root", header.state_root, tools.state.root());
}

} // namespace

BlockContext context_of(const Header& header, const Fork& fork, const U256& chain_id) {
    BlockContext context;
    context.fork = &fork;
    context.chain_id = chain_id;
    context.number = header.number;
    context.timestamp = header.timestamp;
    context.gas_limit = header.gas_limit;
    context.coinbase = header.beneficiary;
    context.base_fee = header.base_fee.value_or(U256{});
    if (header.excess_blob_gas) context.blob_base_fee = blob_base_fee(fork.blobs, *header.excess_blob_gas);
    context.prevrandao = u256::load_be(header.prev_randao.bytes);
    context.difficulty = header.difficulty;
    return context;
}

Refusal run_block(const BlockTools& tools, const BlockInput& input) {
    const Block& block = input.block;
    const Header& header = block.header;
    BlockContext context = context_of(header, input.fork, input.chain_id);
    context.block_hash = input.block_hash;
    context.block_hash_ctx = input.block_hash_ctx;
    context.tracer = input.tracer;
    BlockExecution execution(tools.transition, tools.state, context);
    execution.set_deposit_contract(input.deposit_contract);
    BlockStart start;
    start.parent_hash = header.parent_hash;
    start.parent_beacon_root = header.parent_beacon_root;
    start.dao_fork = input.is_dao_fork;
    execution.begin(start);
    if (Refusal refusal = run_transactions(tools, input, execution)) return refusal;

    std::vector<OmmerReward> ommers;
    for (const Header& ommer : block.ommers)
        ommers.push_back({ommer.beneficiary, header.number - ommer.number});
    BlockEnd end;
    if (block.withdrawals) end.withdrawals = *block.withdrawals;
    end.reward = block_reward(input.fork);
    end.ommers = ommers;
    if (Refusal refusal = execution.end(end)) return refusal;

    return check_outcome(header, execution, tools);
}

} // namespace rvm::ledger
