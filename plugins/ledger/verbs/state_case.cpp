#include "verbs/state_case.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "fixtures/exceptions.hpp"
#include "rules/blob_fee.hpp"
#include "state/receipt.hpp"

namespace rvm::ledger {
namespace {

constexpr std::size_t most_differences = 8;

std::string mismatch(const char* what, const Hash& found, const Hash& expected) {
    return std::string(what) + " " + to_hex(found.bytes) + ", expected " + to_hex(expected.bytes);
}

} // namespace

std::string describe(const StateCase& expected) {
    return std::string(expected.fork_name) + " data " + std::to_string(expected.indexes.data) + " gas " +
           std::to_string(expected.indexes.gas) + " value " + std::to_string(expected.indexes.value);
}

StateCaseRunner::StateCaseRunner(const Services& services, const std::string& tracer, bool witness)
    : services_(services), tracer_(tracer), witness_(witness) {
    renew();
}

void StateCaseRunner::renew() {
    constexpr std::size_t cases_per_world = 1024;
    constexpr std::uint64_t gas_per_world = 200'000'000; // who pays more gas leaves more behind
    if (workspace_ != nullptr && ++cases_ < cases_per_world && gas_ < gas_per_world) return workspace_->world.discard();
    cases_ = 0;
    gas_ = 0;
    workspace_.reset();
    workspace_ = std::make_unique<Workspace>(services_);
}

void StateCaseRunner::install(const Alloc& alloc) {
    World& world = workspace_->world;
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    world.begin(env);
    ledger::install(alloc, world);
    world.end_unseen(0);
}

std::optional<Address> StateCaseRunner::sender_of(const TransactionTemplate& transaction) const {
    if (transaction.sender()) return transaction.sender();
    if (!transaction.secret_key()) return std::nullopt;
    // The address of a key is who its signature over anything recovers to.
    std::uint8_t input[64]{};
    std::ranges::copy(transaction.secret_key()->bytes, input);
    std::uint8_t signature[65];
    std::uint64_t size = 0;
    const rvm_status status =
        services_.sign.fn(services_.sign.self, {input, sizeof input}, {signature, sizeof signature}, &size);
    if (status != RVM_OK) return std::nullopt;
    return services_.signers->recover(Hash{}, u256::load_be(signature), u256::load_be(signature + 32),
                                      signature[64] == 1);
}

StateCaseRunner::Subject StateCaseRunner::subject(const StateTest& test, const StateCase& expected,
                                                  const BlockContext& block) const {
    const std::optional<Address> sender = sender_of(test.transaction);
    if (!sender) throw FixtureError("the transaction has neither a sender nor a usable secretKey");
    Subject out{test.transaction.at(expected.indexes), *sender, block, expected.root};
    if (out.tx && out.tx->type != TxType::legacy) out.tx->chain_id = block.chain_id;
    return out;
}

Applied StateCaseRunner::apply(const Subject& subject, Transition& transition) {
    transition.begin_block(subject.block);
    if (!subject.tx) {
        Applied refused;
        refused.rejection = Rejection::malformed;
        return refused;
    }
    const BlockContext& block = subject.block;
    return transition.apply(*subject.tx, subject.sender, {block.gas_limit, block.fork->blobs.max * gas_per_blob});
}

void StateCaseRunner::run_case(const std::string& file, const StateTest& test, const StateCase& expected,
                               std::span<const Hash> roots, Tally& tally) {
    if (expected.fork == nullptr) {
        ++tally.skipped;
        tally.skips.push_back(
            {file, std::string(test.name), describe(expected), "unknown fork " + std::string(expected.fork_name), {}});
        return;
    }
    BlockContext block = test.environment.context(*expected.fork);
    if (!tracer_.empty()) block.tracer = tracer_.c_str();
    renew();
    World& world = workspace_->world;
    install(test.pre);
    const Subject subject = this->subject(test, expected, block);
    const Applied applied = apply(subject, workspace_->transition);
    gas_ += applied.gas_used;
    if (!tracer_.empty() && applied.accepted()) tally.trace += world.trace_text();

    PostState post(test.pre, applied.changes.accounts());
    const bool removes_empty = expected.fork->has(Revision::eip158);
    if (applied.accepted()) post.touch(block.coinbase, removes_empty);
    Hash root = post.root(roots, hashed_);
    if (!applied.accepted() && !same(root, expected.root)) {
        // Fillers disagree about a block that has lost its only transaction: those of ethereum/tests still pay the
        // empty reward, which before EIP-161 leaves an account, EEST's leave the state alone.
        post.touch(block.coinbase, removes_empty);
        root = post.root(roots, hashed_);
    }
    const Hash logs = logs_hash(applied.accepted() ? world.logs() : std::span<const rvm_log>{});
    std::string wrong;
    if (!expected.exception.empty() && !applied.accepted()) wrong = wrong_reason(expected.exception, applied.rejection);
    const bool right = same(root, expected.root) && same(logs, expected.logs) &&
                       expected.exception.empty() == applied.accepted() && wrong.empty();
    if (right) {
        std::string reason;
        if (witness_ && applied.accepted()) reason = check_witness(test.pre, subject);
        if (reason.empty())
            ++tally.passed;
        else
            tally.failures.push_back({file, std::string(test.name), describe(expected), std::move(reason), {}});
        return;
    }
    Finding finding{file, std::string(test.name), describe(expected), {}, {}};
    if (!expected.exception.empty() && applied.accepted()) {
        finding.reason = "the transaction was accepted, expected it to be refused: " + std::string(expected.exception);
    } else if (!wrong.empty()) {
        finding.reason = "the transaction was " + std::move(wrong);
    } else if (!applied.accepted()) {
        finding.reason = "transaction refused: " + std::string(text(applied.rejection)) + " (" +
                         std::string(name(applied.rejection)) + ")";
    } else if (!same(root, expected.root)) {
        finding.reason = mismatch("state root", root, expected.root);
    } else {
        finding.reason = mismatch("logs hash", logs, expected.logs);
    }
    if (expected.has_state)
        finding.details = differences(post.accounts(), read_alloc(expected.state, "state"), most_differences);
    tally.failures.push_back(std::move(finding));
}

} // namespace rvm::ledger
