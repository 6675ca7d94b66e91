// rvm txtest: transactions as bytes, and under each fork whether they are valid, and if so their sender, hash and
// intrinsic gas.
#include <algorithm>

#include "base/hex.hpp"
#include "fixtures/exceptions.hpp"
#include "fixtures/json.hpp"
#include "state/validation.hpp"
#include "transaction/codec.hpp"
#include "verbs/services.hpp"
#include "verbs/suite.hpp"

namespace rvm::ledger {
namespace {

/// What is found out about a transaction under one fork.
struct Judgement {
    Rejection rejection = Rejection::none; ///< none: valid
    std::string refusal;                   ///< for people
    Address sender{};
    std::uint64_t intrinsic_gas = 0;
};

/// The same bytes under every fork: decoded once.
struct Decoded {
    Buffer bytes;
    Transaction tx;
    DecodeFailure failure;
};

std::string refusal_text(Rejection rejection) {
    return std::string(name(rejection)) + ": " + std::string(text(rejection));
}

Judgement judge(const Decoded& decoded, const Fork& fork, const SignerRecovery& signers) {
    const U256 chain_id = 1; // what these fixtures are signed for
    const auto refused = [](Rejection rejection) { return Judgement{rejection, refusal_text(rejection), {}, 0}; };
    if (decoded.failure.failed()) return {Rejection::malformed, "malformed: " + decoded.failure.text(), {}, 0};
    const Transaction& tx = decoded.tx;
    const IntrinsicGas gas = intrinsic_gas(tx, fork);
    const Rejection form = check_form(tx, fork, gas);
    // Where a transaction is wrong in several ways, the fixtures name the signature before the gas.
    if (form == Rejection::type_not_supported) return refused(form);
    if (tx.chain_id && !fork.has(Revision::eip158)) return refused(Rejection::replay_protection);
    if (tx.chain_id && *tx.chain_id != chain_id) return refused(Rejection::wrong_chain);
    const auto sender = signers.sender(tx, fork.has(Revision::homestead));
    if (!sender) return refused(Rejection::signature);
    if (form != Rejection::none) return refused(form);
    return {Rejection::none, {}, *sender, gas.intrinsic};
}

/// The first thing that differs from what the fixture expects; empty when nothing does.
std::string compare(const Decoded& decoded, const Judgement& found, JsonObject expected) {
    Json field;
    if (find_member(expected, "exception", field)) {
        const std::string exception(text_of(field, "exception"));
        if (found.rejection == Rejection::none)
            return "the transaction is valid, expected it to be refused: " + exception;
        const std::string wrong = wrong_reason(exception, found.rejection);
        return wrong.empty() ? wrong : "the transaction was " + wrong;
    }
    if (found.rejection != Rejection::none) return "transaction refused: " + found.refusal;
    const Hash hash = keccak256(decoded.bytes);
    if (const Hash should = hash_of(member(expected, "hash"), "hash"); !same(hash, should))
        return "hash " + to_hex(hash.bytes) + ", expected " + to_hex(should.bytes);
    if (const Address should = address_of(member(expected, "sender"), "sender"); !same(found.sender, should))
        return "sender " + to_hex(found.sender.bytes) + ", expected " + to_hex(should.bytes);
    if (find_member(expected, "intrinsicGas", field)) {
        if (const std::uint64_t should = small_number_of(field, "intrinsicGas"); found.intrinsic_gas != should)
            return "intrinsic gas " + std::to_string(found.intrinsic_gas) + ", expected " + std::to_string(should);
    }
    if (encode_transaction(decoded.tx) != decoded.bytes) return "encoding the decoded transaction gives other bytes";
    return {};
}

class TransactionWorker final : public SuiteWorker {
  public:
    TransactionWorker(const Services& services, const SuiteOptions& options) : services_(services), options_(options) {}

    void run_test(const std::string& file, std::string_view name, Json test, Tally& tally) override {
        const JsonObject object = object_of(test, name);
        Decoded decoded;
        const bool is_hex = append_hex(text_of(member(object, "txbytes"), "txbytes"), decoded.bytes);
        if (is_hex)
            decoded.failure = decode_transaction(decoded.bytes, decoded.tx);
        else
            decoded.failure.reason = "not hex";
        for (const auto [fork_name, expected] : object_of(member(object, "result"), "result"))
            run_fork(file, name, decoded, fork_name, object_of(expected, fork_name), tally);
    }

  private:
    void run_fork(const std::string& file, std::string_view name, const Decoded& decoded, std::string_view fork_name,
                  JsonObject expected, Tally& tally) {
        const Fork* fork = find_fork(fork_name);
        if (!options_.wants_fork(fork_name, fork)) return;
        const auto finding = [&](std::string reason) {
            return Finding{file, std::string(name), std::string(fork_name), std::move(reason), {}};
        };
        if (fork == nullptr) {
            ++tally.skipped;
            tally.skips.push_back(finding("unknown fork " + std::string(fork_name)));
            return;
        }
        std::string reason = compare(decoded, judge(decoded, *fork, *services_.signers), expected);
        if (reason.empty())
            ++tally.passed;
        else
            tally.failures.push_back(finding(std::move(reason)));
    }

    const Services& services_;
    const SuiteOptions& options_;
};

} // namespace

std::int32_t run_txtest(const Services& services, const rvm_command_io& io, std::int32_t argc,
                        const char* const* argv) {
    return run_suite(
        io, argc, argv, "transactions", [](const SuiteOptions&) {},
        [&](const SuiteOptions& options) { return std::make_unique<TransactionWorker>(services, options); });
}

} // namespace rvm::ledger
