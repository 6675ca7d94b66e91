#include "t8n/transition_tool.hpp"

#include <algorithm>

#include "fixtures/witness_json.hpp"
#include "fixtures/world_alloc.hpp"
#include "rlp/encode.hpp"
#include "rules/blob_fee.hpp"
#include "state/state_root.hpp"
#include "transaction/codec.hpp"
#include "trie/decode.hpp"
#include "witness/stateless.hpp"

namespace rvm::ledger {
namespace {

std::uint32_t find_block_hash(void* env, std::uint64_t number, rvm_bytes32* out) {
    const auto& hashes = static_cast<const T8nEnvironment*>(env)->block_hashes;
    const auto found = hashes.find(number);
    if (found == hashes.end()) return 0;
    *out = found->second;
    return 1;
}

BlockContext context_of(const T8nOptions& options, const T8nEnvironment& env) {
    BlockContext block;
    block.fork = options.fork;
    block.chain_id = options.chain_id;
    block.number = env.number;
    block.timestamp = env.timestamp;
    block.gas_limit = env.gas_limit;
    block.coinbase = env.coinbase;
    block.base_fee = env.base_fee.value_or(U256{});
    if (env.excess_blob_gas) block.blob_base_fee = blob_base_fee(options.fork->blobs, *env.excess_blob_gas);
    if (env.random) block.prevrandao = u256::load_be(env.random->bytes);
    block.difficulty = env.difficulty.value_or(U256{});
    block.block_hash = &find_block_hash;
    block.block_hash_ctx = const_cast<T8nEnvironment*>(&env); // read only, through a C callback
    if (!options.tracer.empty()) block.tracer = options.tracer.c_str();
    return block;
}

T8nLog keep(const rvm_log& log) {
    T8nLog out;
    out.address = log.address;
    out.topics.assign(log.topics, log.topics + log.topic_count);
    out.data.assign(log.data.data, log.data.data + log.data.size);
    return out;
}

Hash hash_of_logs(const std::vector<T8nReceipt>& receipts) {
    std::vector<rvm_log> logs;
    for (const T8nReceipt& receipt : receipts) {
        for (const T8nLog& log : receipt.logs) {
            rvm_log& view = logs.emplace_back();
            view.address = log.address;
            view.topic_count = static_cast<std::uint32_t>(log.topics.size());
            std::ranges::copy(log.topics, view.topics);
            view.data = sdk::view(log.data);
        }
    }
    return logs_hash(logs);
}

/// One run: a world, its roots, and what has come out so far.
class Tool {
  public:
    Tool(const Services& services, const T8nOptions& options, const T8nState& pre, const T8nEnvironment& env)
        : services_(services), options_(options), env_(env), block_(context_of(options, env)),
          world_(*services.world, services.host, world_flags(options)),
          stateless_(pre.witness == nullptr ? nullptr : std::make_unique<StatelessState>(*pre.witness, world_)),
          state_(stateless_ == nullptr ? whole_ : stateless_->state()),
          transition_(world_, *services.keys, *services.signers), execution_(transition_, state_, block_) {
        if (pre.alloc == nullptr) return;
        world_.begin(transition_.system_env({}));
        install(*pre.alloc, world_);
        state_.apply(world_.end(0).accounts());
        if (options.output_witness.empty()) return;
        preimages_.emplace(*pre.alloc);
        recorder_.emplace(state_, log_, *preimages_);
        world_.set_access_log(&log_);
    }

    T8nOutcome run(std::vector<T8nTransaction>& txs, const T8nTrace& trace) {
        begin();
        for (std::size_t i = 0; i < txs.size(); ++i)
            apply(i, txs[i], trace);
        end();
        return finish();
    }

  private:
    static std::uint32_t world_flags(const T8nOptions& options) noexcept {
        const bool notes_reads = !options.input_witness.empty() || !options.output_witness.empty();
        return RVM_WORLD_EPHEMERAL | (notes_reads ? RVM_WORLD_RECORD_READS : 0);
    }

    void begin() {
        BlockStart start;
        start.parent_beacon_root = env_.parent_beacon_root;
        if (const auto parent = env_.block_hashes.find(env_.number - 1); parent != env_.block_hashes.end()) {
            start.parent_hash = parent->second;
        }
        execution_.begin(start);
    }

    void reject(std::size_t index, std::string error) { out_.result.rejected.push_back({index, std::move(error)}); }

    void apply(std::size_t index, T8nTransaction& input, const T8nTrace& trace) {
        Transaction& tx = input.tx;
        if (!input.malformed.empty()) return reject(index, input.malformed);
        if (input.secret_key && !sign(tx, *input.secret_key, services_.sign)) {
            return reject(index, "secretKey is not a key of secp256k1");
        }
        const auto sender = services_.signers->sender(tx, options_.fork->has(Revision::homestead));
        if (!sender) return reject(index, std::string(text(Rejection::signature)));
        const Applied applied = execution_.apply(tx, *sender);
        if (!applied.accepted()) {
            return reject(index, std::string(name(applied.rejection)) + ": " + std::string(text(applied.rejection)));
        }
        encoded_.push_back(encode_transaction(tx));
        const Hash hash = keccak256(encoded_.back());
        add_receipt(tx, hash, applied);
        if (!options_.tracer.empty()) trace(index, hash, world_.trace_text());
    }

    void add_receipt(const Transaction& tx, const Hash& hash, const Applied& applied) {
        T8nReceipt& receipt = out_.result.receipts.emplace_back();
        receipt.type = tx.type;
        receipt.hash = hash;
        receipt.succeeded = applied.succeeded();
        receipt.gas_used = applied.gas_used;
        receipt.cumulative_gas_used = execution_.gas_used();
        receipt.effective_gas_price = std::min(tx.max_fee, block_.base_fee + tx.max_priority_fee);
        if (tx.type == TxType::blob) {
            receipt.blob_gas_used = applied.blob_gas_used;
            receipt.blob_gas_price = block_.blob_base_fee;
        }
        if (receipt.succeeded) receipt.created = applied.created;
        if (!options_.fork->has(Revision::byzantium)) receipt.post_root = state_.root();
        if (!receipt.succeeded) return;
        for (const rvm_log& log : world_.logs()) {
            receipt.bloom.add(log);
            receipt.logs.push_back(keep(log));
        }
    }

    void end() {
        BlockEnd end;
        if (env_.withdrawals) end.withdrawals = *env_.withdrawals;
        end.reward = options_.reward;
        end.ommers = env_.ommers;
        if (Refusal refusal = execution_.end(end)) throw FixtureError(refusal->text);
    }

    T8nOutcome finish() {
        T8nResult& result = out_.result;
        const std::vector<Bytes> views(encoded_.begin(), encoded_.end());
        result.transactions_root = transactions_root(views);
        result.receipts_root = execution_.receipts_root();
        result.logs_bloom = execution_.logs_bloom();
        result.logs_hash = hash_of_logs(result.receipts);
        result.state_root = stateless_ == nullptr ? state_.root() : stateless_->root();
        if (recorder_) out_.witness = recorder_->finish();
        result.gas_used = execution_.gas_used();
        if (options_.fork->has(Revision::cancun)) result.blob_gas_used = execution_.blob_gas_used();
        if (options_.fork->has(Revision::prague)) {
            result.requests_hash = execution_.requests().hash(services_.sha256);
            result.requests = execution_.requests().list();
        }
        out_.body = encode_transactions(views);
        out_.alloc = read_world(world_);
        return std::move(out_);
    }

    const Services& services_;
    const T8nOptions& options_;
    const T8nEnvironment& env_;
    const BlockContext block_;
    World world_;
    std::unique_ptr<StatelessState> stateless_; ///< over a witness
    StateTrie whole_;
    StateTrie& state_; ///< one of those two
    AccessLog log_;
    std::optional<AllocPreimages> preimages_;
    std::optional<WitnessRecorder> recorder_;
    Transition transition_;
    BlockExecution execution_;
    std::vector<Buffer> encoded_; ///< transactions of the block
    T8nOutcome out_;
};

} // namespace

T8nOutcome run_t8n(const Services& services, const T8nOptions& options, const T8nState& pre, const T8nEnvironment& env,
                   std::vector<T8nTransaction>& txs, const T8nTrace& trace) {
    try {
        return Tool(services, options, pre, env).run(txs, trace);
    } catch (const trie::NodeError& error) {
        throw FixtureError("the witness: " + std::string(error.what()));
    }
}

} // namespace rvm::ledger
