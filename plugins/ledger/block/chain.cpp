#include "block/chain.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "block/body_rules.hpp"
#include "rules/blob_fee.hpp"
#include "state/rejection.hpp"

namespace rvm::ledger {
namespace {

/// Block hashes by number, on one branch: what BLOCKHASH asks for. Walks back as far as it was asked to.
template <class Find>
class BranchHashes {
  public:
    BranchHashes(const Header& header, Find find)
        : next_(header.parent_hash), next_number_(header.number), find_(find) {}

    static std::uint32_t lookup(void* self, std::uint64_t number, rvm_bytes32* out) {
        return static_cast<BranchHashes*>(self)->get(number, *out) ? 1 : 0;
    }

  private:
    bool get(std::uint64_t number, Hash& out) {
        while (next_number_ > number) {
            const Header* header = find_(next_);
            if (header == nullptr) return false;
            hashes_.push_back(next_);
            next_ = header->parent_hash;
            next_number_ = header->number;
        }
        const std::uint64_t newest = next_number_ + hashes_.size() - 1;
        if (hashes_.empty() || number > newest) return false;
        out = hashes_[static_cast<std::size_t>(newest - number)];
        return true;
    }

    std::vector<Hash> hashes_;  ///< of the parent, its parent, ...
    Hash next_;                 ///< of the block before those
    std::uint64_t next_number_; ///< number of the oldest of those; of the block itself while there are none
    Find find_;
};

} // namespace

std::size_t Chain::HashHash::operator()(const Hash& hash) const noexcept {
    std::size_t out = 0; // a keccak digest: any part of it will do
    std::memcpy(&out, hash.bytes, sizeof out);
    return out;
}

Chain::Chain(const ChainTools& tools, ChainSettings settings)
    : tools_(tools), settings_(std::move(settings)), transition_(tools.world, tools.keys, tools.signers) {}

const Chain::Entry* Chain::find(const Hash& hash) const {
    const auto found = blocks_.find(hash);
    return found == blocks_.end() ? nullptr : &found->second;
}

Refusal Chain::start(const Header& genesis, const Allocation& allocation) {
    Entry entry;
    entry.header = genesis;
    entry.hash = hash_of(genesis);
    entry.total_difficulty = genesis.difficulty;
    entry.fork =
        &settings_.schedule.at(genesis.number, genesis.timestamp, settings_.schedule.is_merged(genesis.difficulty));
    genesis_ = head_ = entry.hash;
    blocks_.clear();
    blocks_.emplace(entry.hash, std::move(entry));
    allocate(allocation);
    return check_hash(BlockFault::state_root, "state root of the allocation", state_->trie.root(), genesis.state_root);
}

/// Makes the world that of the genesis block.
void Chain::allocate(const Allocation& allocation) {
    tools_.world.discard();
    state_.emplace();
    state_->trie.set_history(&state_->history);
    const Entry& genesis = blocks_.at(genesis_);
    const BlockContext context = context_of(genesis.header, *genesis.fork, nullptr);
    transition_.begin_block(context);
    rvm_tx_env env = transition_.system_env({});
    env.tracer = nullptr;
    tools_.world.begin(env);
    allocation(tools_.world);
    state_->trie.apply(tools_.world.end(0).accounts());
    state_->at = genesis_;
}

/// Takes blocks back to where the branches part, then executes those of the other branch.
void Chain::move_to(const Entry& target) {
    std::vector<Entry*> path; // from the target back to where the branches part
    Entry* to = &blocks_.at(target.hash);
    for (Entry* at = &blocks_.at(state_->at); at != to;) {
        if (to->header.number > at->header.number) {
            path.push_back(to);
            to = &blocks_.at(to->header.parent_hash);
        } else {
            state_->history.take_back(std::exchange(at->undo, {}), state_->trie, tools_.world);
            at = &blocks_.at(at->header.parent_hash);
            state_->at = at->hash;
        }
    }
    for (; !path.empty(); path.pop_back()) {
        Block block;
        Entry& entry = *path.back();
        const Entry& parent = blocks_.at(entry.header.parent_hash);
        if (decode_block(entry.encoded, block) || execute(block, parent, *entry.fork, entry.undo))
            throw sdk::Failure(RVM_E_INTERNAL, "block " + to_hex(bytes(entry.hash)) + " was valid and is not any more");
    }
}

World& Chain::world() {
    move_to(blocks_.at(head_));
    return tools_.world;
}

std::vector<Ancestor> Chain::ancestors_of(const Block& block) const {
    std::vector<Ancestor> out;
    for (const Entry* entry = find(block.header.parent_hash); entry != nullptr && out.size() < ommer_ancestors;
         entry = find(entry->header.parent_hash)) {
        out.push_back({&entry->header, entry->hash, entry->fork, entry->ommers});
    }
    return out;
}

Refusal Chain::import(Bytes encoded) {
    Block block;
    if (Refusal refusal = decode_block(encoded, block)) return refusal;
    if (knows(block.hash)) return std::nullopt;
    const Header& header = block.header;
    const Entry* parent = find(header.parent_hash);
    if (parent == nullptr)
        return refuse(BlockFault::unknown_parent, "parent " + to_hex(bytes(header.parent_hash)) + " is not known");
    const bool merged = settings_.schedule.is_merged(parent->total_difficulty);
    const Fork& fork = settings_.schedule.at(header.number, header.timestamp, merged);
    if (Refusal refusal = check_header(header, fork, parent->header, *parent->fork)) return refusal;
    if (settings_.schedule.dao_fork()) {
        if (Refusal refusal = check_dao_extra_data(header, *settings_.schedule.dao_fork())) return refusal;
    }
    if (Refusal refusal = check_body(block, fork)) return refusal;
    if (Refusal refusal = check_ommers(block, settings_.schedule, ancestors_of(block))) return refusal;
    move_to(*parent);
    Entry entry;
    if (Refusal refusal = execute(block, *parent, fork, entry.undo)) return refusal;
    entry.header = header;
    entry.hash = block.hash;
    entry.total_difficulty = parent->total_difficulty + header.difficulty;
    entry.fork = &fork;
    entry.encoded.assign(encoded.begin(), encoded.end());
    for (const Header& ommer : block.ommers)
        entry.ommers.push_back(hash_of(ommer));
    if (merged || entry.total_difficulty > blocks_.at(head_).total_difficulty) head_ = entry.hash;
    blocks_.emplace(entry.hash, std::move(entry));
    return std::nullopt;
}

BlockContext Chain::context_of(const Header& header, const Fork& fork, void* hashes) const {
    BlockContext context;
    context.fork = &fork;
    context.chain_id = settings_.chain_id;
    context.number = header.number;
    context.timestamp = header.timestamp;
    context.gas_limit = header.gas_limit;
    context.coinbase = header.beneficiary;
    context.base_fee = header.base_fee.value_or(U256{});
    if (header.excess_blob_gas) context.blob_base_fee = blob_base_fee(fork.blobs, *header.excess_blob_gas);
    context.prevrandao = u256::load_be(header.prev_randao.bytes);
    context.difficulty = header.difficulty;
    context.block_hash_ctx = hashes;
    context.tracer = settings_.tracer;
    return context;
}

Refusal Chain::run_transactions(const Block& block, const Fork& fork, BlockExecution& execution) {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const Transaction& transaction = block.transactions[i];
        const auto refused = [&](Rejection rejection) {
            return refuse(rejection, "transaction " + std::to_string(i) + " refused: " + std::string(text(rejection)));
        };
        const std::optional<Address> sender = tools_.signers.sender(transaction, fork.has(Revision::homestead));
        if (!sender) return refused(Rejection::signature);
        const Applied applied = execution.apply(transaction, *sender);
        if (!applied.accepted()) return refused(applied.rejection);
        if (settings_.trace) settings_.trace(tools_.world.trace_text());
    }
    return std::nullopt;
}

/// Moves the state from `parent` to `block`, or leaves it where it is when the block is refused.
Refusal Chain::execute(const Block& block, const Entry& parent, const Fork& fork, Undo& undo) {
    state_->history.start();
    Refusal refusal = run(block, parent, fork);
    undo = state_->history.finish();
    if (refusal)
        state_->history.take_back(undo, state_->trie, tools_.world);
    else
        state_->at = block.hash;
    return refusal;
}

Refusal Chain::run(const Block& block, const Entry& parent, const Fork& fork) {
    const Header& header = block.header;
    BranchHashes hashes(header, [this](const Hash& hash) {
        const Entry* entry = find(hash);
        return entry == nullptr ? nullptr : &entry->header;
    });
    BlockContext context = context_of(header, fork, &hashes);
    context.block_hash = &decltype(hashes)::lookup;
    BlockExecution execution(transition_, state_->trie, context);
    execution.set_deposit_contract(settings_.deposit_contract);
    BlockStart start;
    start.parent_hash = parent.hash;
    start.parent_beacon_root = header.parent_beacon_root;
    start.dao_fork = settings_.schedule.dao_fork() == header.number;
    execution.begin(start);
    if (Refusal refusal = run_transactions(block, fork, execution)) return refusal;

    std::vector<OmmerReward> ommers;
    for (const Header& ommer : block.ommers)
        ommers.push_back({ommer.beneficiary, header.number - ommer.number});
    BlockEnd end;
    if (block.withdrawals) end.withdrawals = *block.withdrawals;
    end.reward = block_reward(fork);
    end.ommers = ommers;
    if (Refusal refusal = execution.end(end)) return refusal;

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
        const Hash expected = execution.requests().hash(tools_.sha256);
        if (Refusal refusal = check_hash(BlockFault::requests_hash, "requests hash", *header.requests_hash, expected))
            return refusal;
    }
    if (Refusal refusal = check_hash(BlockFault::state_root, "state root", header.state_root, state_->trie.root()))
        return refusal;
    return std::nullopt;
}

} // namespace rvm::ledger
