#include "verbs/contract_suite.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "fixtures/alloc.hpp"
#include "state/receipt.hpp"
#include "state/state_root.hpp"
#include "state/transition.hpp"
#include "u256/text.hpp"

namespace rvm::ledger {
namespace {

/// What a step gave, whichever way it ran.
struct Outcome {
    bool succeeded = false;
    std::uint64_t gas_used = 0;
    Buffer output;
};

/// Collects what differs in one step.
class Differences {
  public:
    template <class Value>
    void check(const std::string& what, const Value& found, const Value& expected, std::string (*text)(const Value&)) {
        if (!(found == expected)) lines_.push_back(what + " " + text(found) + ", expected " + text(expected));
    }
    void word(const std::string& what, const U256& found, const U256& expected) {
        check<U256>(what, found, expected, [](const U256& value) { return u256::to_hex(value); });
    }
    void bytes(const std::string& what, Bytes found, const Buffer& expected) {
        if (!std::ranges::equal(found, expected))
            lines_.push_back(what + " " + to_hex(found) + ", expected " + to_hex(expected));
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

  private:
    std::vector<std::string> lines_;
};

class Suite {
  public:
    Suite(const Services& services, const std::string& file, JsonObject document)
        : file_(file), name_(text_of(member(document, "name"), "name")),
          world_(*services.world, services.host, RVM_WORLD_EPHEMERAL), keys_(*services.keys),
          transition_(world_, *services.keys, *services.signers) {
        const JsonObject environment = object_of(member(document, "environment"), "environment");
        block_.chain_id = number_of(member(environment, "chainId"), "chainId");
        const std::string_view fork = text_of(member(environment, "hardfork"), "hardfork");
        block_.fork = find_fork(fork);
        if (block_.fork == nullptr)
            throw FixtureError("\"hardfork\": expected a fork, found \"" + std::string(fork) + "\"");
        install_accounts(read_alloc(member(document, "accounts"), "accounts"));
    }

    void step(JsonObject step, Tally& tally) {
        Differences found;
        const JsonObject expect = object_of(member(step, "expect"), "expect");
        Json field;
        if (find_member(step, "tx", field))
            transact(object_of(field, "tx"), object_of(member(step, "block"), "block"), step, expect, found);
        else
            call(object_of(member(step, "call"), "call"), expect, found);
        finish(std::string(text_of(member(step, "name"), "name")), found, tally);
    }

    void final_state(JsonObject accounts, Tally& tally) {
        Differences found;
        for (const auto [text, value] : accounts) {
            const Address address = address_of(text, "finalState");
            const JsonObject fields = object_of(value, text);
            compare_account(address, fields, found);
            const std::string what = "account " + to_hex(address.bytes) + ": storage root";
            found.bytes(what, trie_.storage_root(address).bytes,
                        bytes_of(member(fields, "storageRoot"), "storageRoot"));
        }
        finish("final state", found, tally);
    }

  private:
    void install_accounts(const Alloc& alloc) {
        rvm_tx_env env{};
        env.struct_size = sizeof env;
        world_.begin(env);
        install(alloc, world_);
        const Changes changes = world_.end(0);
        trie_.apply(changes.accounts());
    }

    void finish(const std::string& step, Differences& found, Tally& tally) {
        std::vector<std::string> lines = found.take();
        if (lines.empty())
            ++tally.passed;
        else
            tally.failures.push_back({file_, name_, step, "the step differs", std::move(lines)});
    }

    void set_block(JsonObject block) {
        block_.number = small_number_of(member(block, "number"), "number");
        block_.timestamp = small_number_of(member(block, "timestamp"), "timestamp");
        block_.gas_limit = small_number_of(member(block, "gasLimit"), "gasLimit");
        block_.coinbase = address_of(member(block, "coinbase"), "coinbase");
        block_.base_fee = number_of(member(block, "baseFeePerGas"), "baseFeePerGas");
        block_.prevrandao = number_of(member(block, "prevRandao"), "prevRandao");
        block_.blob_base_fee = 1;
    }

    /// Fields that transactions and calls share.
    static Transaction read_message(JsonObject object, Buffer& data) {
        Transaction tx;
        Json field;
        if (find_member(object, "to", field)) tx.to = address_of(field, "to");
        if (find_member(object, "value", field)) tx.value = number_of(field, "value");
        data = bytes_of(member(object, "data"), "data");
        tx.data = data;
        tx.gas_limit = small_number_of(member(object, "gas"), "gas");
        return tx;
    }

    void transact(JsonObject object, JsonObject block, JsonObject step, JsonObject expect, Differences& found) {
        set_block(block);
        transition_.begin_block(block_);
        Buffer data;
        Transaction tx = read_message(object, data);
        tx.nonce = small_number_of(member(object, "nonce"), "nonce");
        tx.max_fee = tx.max_priority_fee = number_of(member(object, "gasPrice"), "gasPrice");
        const Applied applied =
            transition_.apply(tx, address_of(member(object, "from"), "from"), {block_.gas_limit, 0});
        if (!applied.accepted()) throw FixtureError("transaction refused: " + std::string(text(applied.rejection)));
        trie_.apply(applied.changes.accounts());
        compare(expect, {applied.succeeded(), applied.gas_used, {applied.output.begin(), applied.output.end()}}, found);
        Json field;
        if (applied.succeeded() && find_member(expect, "contractAddress", field))
            found.bytes("created", applied.created.bytes, bytes_of(field, "contractAddress"));
        if (find_member(expect, "logs", field)) compare_logs(array_of(field, "logs"), found);
        if (find_member(step, "stateDiff", field)) {
            for (const auto [address, fields] : object_of(member(object_of(field, "stateDiff"), "post"), "post"))
                compare_account(address_of(address, "post"), object_of(fields, address), found);
        }
    }

    /// As a node answers eth_call on its last block: intrinsic gas counts, nobody pays, nothing stays.
    void call(JsonObject object, JsonObject expect, Differences& found) {
        Buffer data;
        const Transaction tx = read_message(object, data);
        const Address sender = address_of(member(object, "from"), "from");
        const IntrinsicGas costs = intrinsic_gas(tx, *block_.fork);
        Environment environment(keys_);
        environment.set_block(block_);
        environment.set_transaction(sender, {}, {});
        world_.begin(environment.tx_env(block_));
        world_.warm(sender);
        world_.warm(*tx.to);
        world_.warm(block_.coinbase);
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CALL;
        message.sender = sender;
        message.recipient = *tx.to;
        message.code_address = *tx.to;
        message.gas = static_cast<std::int64_t>(tx.gas_limit - costs.intrinsic);
        message.input = sdk::view(tx.data);
        const rvm_result result = world_.execute(message);
        const Bytes output = sdk::bytes(result.output);
        const std::uint64_t used = tx.gas_limit - static_cast<std::uint64_t>(result.gas_left);
        const auto refund = std::min(used / 5, static_cast<std::uint64_t>(std::max<std::int64_t>(result.refund, 0)));
        compare(expect, {result.status == RVM_OK, std::max(used - refund, costs.floor), {output.begin(), output.end()}},
                found);
        world_.abort();
    }

    static void compare(JsonObject expect, const Outcome& outcome, Differences& found) {
        Json field;
        bool succeeded = false;
        if (member(expect, "success").get_bool().get(succeeded) != simdjson::SUCCESS)
            throw FixtureError("\"success\": expected true or false");
        found.word("success", outcome.succeeded ? 1 : 0, succeeded ? 1 : 0);
        if (find_member(expect, "gasUsed", field))
            found.word("gas used", outcome.gas_used, number_of(field, "gasUsed"));
        if (find_member(expect, "returndata", field))
            found.bytes("return data", outcome.output, bytes_of(field, "returndata"));
    }

    void compare_logs(JsonArray expected, Differences& found) {
        const std::span<const rvm_log> logs = world_.logs();
        found.word("number of logs", logs.size(), expected.size());
        std::size_t index = 0;
        for (const Json value : expected) {
            if (index == logs.size()) return;
            const rvm_log& log = logs[index];
            const JsonObject fields = object_of(value, "logs");
            const std::string what = "log " + std::to_string(index++) + " ";
            found.bytes(what + "address", log.address.bytes, bytes_of(member(fields, "address"), "address"));
            found.bytes(what + "data", sdk::bytes(log.data), bytes_of(member(fields, "data"), "data"));
            const JsonArray topics = array_of(member(fields, "topics"), "topics");
            found.word(what + "topics", log.topic_count, topics.size());
            std::uint32_t at = 0;
            for (const Json topic : topics) {
                if (at < log.topic_count) found.bytes(what + "topic", log.topics[at].bytes, bytes_of(topic, "topics"));
                ++at;
            }
        }
    }

    /// The members that the fixture names.
    void compare_account(const Address& address, JsonObject fields, Differences& found) {
        const std::string what = "account " + to_hex(address.bytes) + ": ";
        rvm_account* account = world_.account(address, RVM_WANT_BALANCE | RVM_WANT_NONCE | RVM_WANT_CODE);
        Json field;
        if (find_member(fields, "balance", field))
            found.word(what + "balance", from_abi(account->balance), number_of(field, "balance"));
        if (find_member(fields, "nonce", field)) found.word(what + "nonce", account->nonce, number_of(field, "nonce"));
        if (find_member(fields, "code", field))
            found.bytes(what + "code", world_.code(account), bytes_of(field, "code"));
        if (find_member(fields, "codeHash", field)) {
            const Hash& hash = account->code_hash == nullptr ? empty_code_hash : *account->code_hash;
            found.bytes(what + "code hash", hash.bytes, bytes_of(field, "codeHash"));
        }
        if (!find_member(fields, "storage", field)) return;
        for (const auto [key, value] : object_of(field, "storage"))
            found.word(what + "slot " + std::string(key), world_.slot(account, number_of(key, "storage")),
                       number_of(value, "storage"));
    }

    std::string file_, name_;
    World world_;
    const EnvKeys& keys_;
    Transition transition_;
    BlockContext block_;
    StateTrie trie_;
};

} // namespace

bool is_contract_suite(JsonObject document) {
    Json schema;
    std::string_view text;
    return find_member(document, "schema", schema) && schema.get_string().get(text) == simdjson::SUCCESS &&
           text == "rvm-contract-suite/1";
}

void run_contract_suite(const Services& services, const SkipList& skips, const std::string& file, JsonObject document,
                        Tally& tally) {
    Suite suite(services, file, document);
    for (const Json value : array_of(member(document, "steps"), "steps")) {
        const JsonObject step = object_of(value, "steps");
        const std::string_view name = text_of(member(step, "name"), "name");
        if (const std::string* reason = skips.test(name); reason != nullptr) {
            ++tally.skipped;
            tally.skips.push_back({file, std::string(name), {}, *reason, {}});
        } else {
            suite.step(step, tally);
        }
    }
    suite.final_state(object_of(member(document, "finalState"), "finalState"), tally);
}

} // namespace rvm::ledger
