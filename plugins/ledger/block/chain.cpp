#include "block/chain.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "block/block_run.hpp"
#include "block/body_rules.hpp"
#include "witness/recorder.hpp"

namespace rvm::ledger {

std::size_t Chain::HashHash::operator()(const Hash& hash) const noexcept {
    std::size_t out = 0; // a keccak digest: any part of it will do
    std::memcpy(&out, hash.bytes, sizeof out);
    return out;
}

Chain::Chain(const ChainTools& tools, ChainSettings settings)
    : tools_(tools), settings_(std::move(settings)), transition_(tools.world, tools.keys, tools.signers) {}

const Header* Chain::FindHeader::operator()(const Hash& hash) const {
    const Entry* entry = chain->find(hash);
    return entry == nullptr ? nullptr : &entry->header;
}

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
    const BlockContext context = context_of(genesis.header, *genesis.fork, settings_.chain_id);
    transition_.begin_block(context);
    tools_.world.begin(transition_.system_env({}));
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
        if (decode_block(entry.encoded, block) || execute(block, entry.encoded, *entry.fork, entry.undo))
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
    if (Refusal refusal = execute(block, encoded, fork, entry.undo)) return refusal;
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

/// Moves the state from the parent of `block` to it, or leaves it where it is when the block is refused.
Refusal Chain::execute(const Block& block, Bytes encoded, const Fork& fork, Undo& undo) {
    state_->history.start();
    BranchHashes<FindHeader> hashes(block.header, {this});
    Refusal refusal = settings_.witness ? run_recorded(block, encoded, fork, hashes) : run(block, fork, hashes);
    undo = state_->history.finish();
    if (refusal)
        state_->history.take_back(undo, state_->trie, tools_.world);
    else
        state_->at = block.hash;
    return refusal;
}

Refusal Chain::run(const Block& block, const Fork& fork, BranchHashes<FindHeader>& hashes) {
    BlockInput input{block, fork, settings_.chain_id, settings_.deposit_contract};
    input.is_dao_fork = settings_.schedule.dao_fork() == block.header.number;
    input.block_hash = &BranchHashes<FindHeader>::lookup;
    input.block_hash_ctx = &hashes;
    input.tracer = settings_.tracer;
    input.trace = settings_.trace;
    return run_block({transition_, state_->trie, tools_.signers, tools_.sha256}, input);
}

/// The same, with a witness of what it needed of the parent's state.
Refusal Chain::run_recorded(const Block& block, Bytes encoded, const Fork& fork, BranchHashes<FindHeader>& hashes) {
    AccessLog log;
    const HistoryPreimages preimages(state_->history, state_->trie);
    WitnessRecorder recorder(state_->trie, log, preimages);
    const NotedAccesses noted(tools_.world, log);
    if (Refusal refusal = run(block, fork, hashes)) return refusal;
    Witness witness = recorder.finish();
    const auto add = [&](const Hash& hash) { encode_header(header(hash), witness.headers.emplace_back()); };
    if (hashes.walked().empty()) add(block.header.parent_hash); // whose state root the proof begins at
    for (const Hash& hash : hashes.walked())
        add(hash);
    settings_.witness(block, encoded, std::move(witness));
    return std::nullopt;
}

} // namespace rvm::ledger
