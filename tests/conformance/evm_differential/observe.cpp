#include "observe.hpp"

#include <array>
#include <cstring>

#include <fmt/format.h>

namespace rvm::differential {
namespace {

std::string hex(rvm_view bytes) {
    std::string out;
    out.reserve(2 * bytes.size);
    for (std::uint64_t i = 0; i < bytes.size; ++i) {
        constexpr char digits[] = "0123456789abcdef";
        out.push_back(digits[bytes.data[i] >> 4]);
        out.push_back(digits[bytes.data[i] & 15]);
    }
    return out;
}
std::string hex(const rvm_address& address) { return hex({address.bytes, sizeof address.bytes}); }
std::string hex(const rvm_bytes32& bytes) { return hex({bytes.bytes, sizeof bytes.bytes}); }
std::string hex(const rvm_u256& number) {
    return fmt::format("{:x}.{:x}.{:x}.{:x}", number.limbs[3], number.limbs[2], number.limbs[1], number.limbs[0]);
}
rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// A program, run by format evm under either format, that asks what a first access to accounts and slots costs now. Per
/// question 32 bytes of output: the gas between two GASes.
Bytes probe(const std::vector<rvm_address>& accounts, std::uint64_t slots) {
    constexpr std::uint8_t GAS = 0x5a, BALANCE = 0x31, SLOAD = 0x54, POP = 0x50, SWAP1 = 0x90, SUB = 0x03,
                           MSTORE = 0x52, PUSH1 = 0x60, PUSH2 = 0x61, PUSH20 = 0x73, RETURN = 0xf3;
    Bytes code;
    std::uint16_t at = 0;
    const auto ask = [&](const Bytes& operand, std::uint8_t opcode) {
        code.push_back(GAS);
        code.insert(code.end(), operand.begin(), operand.end());
        code.insert(code.end(), {opcode, POP, GAS, SWAP1, SUB, PUSH2, static_cast<std::uint8_t>(at >> 8),
                                 static_cast<std::uint8_t>(at), MSTORE});
        at = static_cast<std::uint16_t>(at + 32);
    };
    for (const rvm_address& account : accounts) {
        Bytes operand{PUSH20};
        operand.insert(operand.end(), std::begin(account.bytes), std::end(account.bytes));
        ask(operand, BALANCE);
    }
    for (std::uint64_t key = 0; key < slots; ++key)
        ask({PUSH1, static_cast<std::uint8_t>(key)}, SLOAD);
    code.insert(code.end(),
                {PUSH2, static_cast<std::uint8_t>(at >> 8), static_cast<std::uint8_t>(at), PUSH1, 0, RETURN});
    return code;
}

class Observer {
  public:
    Observer(Runtime& runtime, const Scenario& scenario, const std::string& format, bool count_frames)
        : table_(runtime.worlds()), world_(runtime, World::ephemeral), scenario_(scenario), format_(format) {
        options_.rules = {"evm/" + scenario.rules};
        if (format != "evm") options_.rules.push_back(format + "/" + scenario.rules);
        options_.env = {{"block.number", {{1000, 0, 0, 0}}},
                        {"block.timestamp", {{0x65000000, 0, 0, 0}}},
                        {"block.coinbase", {{0xc01bbabe, 1, 0, 0}}},
                        {"block.gas_limit", {{30'000'000, 0, 0, 0}}},
                        {"block.base_fee", {{7, 0, 0, 0}}},
                        {"block.blob_base_fee", {{3, 0, 0, 0}}},
                        {"block.prevrandao", {{0xda0, 0xda1, 0xda2, 0xda3}}},
                        {"block.difficulty", {{0xda0, 0xda1, 0xda2, 0xda3}}},
                        {"chain.id", {{1, 0, 0, 0}}},
                        {"tx.origin", {{0xa11ce, std::uint64_t{1} << 32, 0, 0}}},
                        {"tx.gas_price", {{9, 0, 0, 0}}},
                        {"tx.blob_count", {{2, 0, 0, 0}}},
                        {"tx.blob_hash.0", {{0xb10b0, 0, 0, 1}}},
                        {"tx.blob_hash.1", {{0xb10b1, 0, 0, 1}}}};
        if (count_frames) options_.tracer = "frame-counter";
    }

    Run run() {
        set_up();
        Run out;
        for (const Transaction& transaction : scenario_.transactions) {
            begin();
            out.transactions.push_back(observe(transaction, out.frames));
            if (failed_) break; // the world is of no more use
        }
        return out;
    }

  private:
    void begin() { world_.begin(options_); }

    void set_up() {
        TxOptions plain = options_;
        plain.tracer.clear();
        world_.begin(plain);
        for (const Account& account : scenario_.accounts) {
            rvm_account* const entry = world_.account(account.address);
            if (table_.touch(world_.get(), entry) != RVM_OK) throw Failure(Report{}); // exists, empty or not
            world_.set_nonce(entry, account.nonce);
            world_.add_balance(entry, account.balance);
            if (!account.code.empty()) world_.set_code(entry, view(account.code), format_.c_str());
            for (const auto& [key, value] : account.slots)
                world_.set_slot(entry, key, value);
        }
        world_.set_code(world_.account(probe_address_), view(probe(scenario_.watched, watched_slots)), "evm");
        static_cast<void>(world_.end());
    }

    Observed observe(const Transaction& transaction, std::uint64_t& frames) {
        warm(transaction);
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = transaction.kind;
        message.sender = transaction.sender;
        message.value = transaction.value;
        message.gas = transaction.gas;
        if (transaction.kind == RVM_CALL_CREATE) {
            message.init_code = view(transaction.input);
            message.format = format_.c_str();
        } else {
            message.recipient = message.code_address = transaction.target;
            message.input = view(transaction.input);
        }
        const Outcome outcome = world_.execute(message);

        Observed out;
        const auto add = [&](const char* name, std::string value) { out.fields.emplace_back(name, std::move(value)); };
        // Which trap it was is the format's own affair; that nothing else happened is not.
        add("outcome", outcome.status < 0                  ? "host failure: " + outcome.error
                       : outcome.status == RVM_OK          ? "success"
                       : outcome.status == RVM_TRAP_REVERT ? "revert"
                                                           : "halt");
        add("gas", std::to_string(outcome.gas_used));
        add("refund", std::to_string(outcome.refund));
        add("output", hex({outcome.output.data(), outcome.output.size()}));
        add("created", hex(outcome.created));
        add("logs", logs());
        if (!options_.tracer.empty()) frames += std::stoull("0" + world_.trace_text());
        if (scenario_.has_warmth && outcome.status >= 0) add("warmth", warmth());
        failed_ = outcome.status < 0;
        if (failed_) return out;
        const Changes changes = world_.end(scenario_.removes_empty ? RVM_TX_REMOVE_EMPTY_TOUCHED : 0);
        add("state", state(changes));
        add("touched", addresses(table_.touched));
        add("destroyed", addresses(table_.destroyed));
        return out;
    }

    /// As a ledger does (EIP-2929, EIP-2930).
    void warm(const Transaction& transaction) {
        if (!scenario_.has_warmth) return;
        const auto check = [](rvm_status status) {
            if (status != RVM_OK) throw Failure(Report{});
        };
        check(table_.warm(world_.get(), &transaction.sender, nullptr, 0));
        if (transaction.kind != RVM_CALL_CREATE) check(table_.warm(world_.get(), &transaction.target, nullptr, 0));
        for (const auto& [address, keys] : transaction.access_list)
            check(table_.warm(world_.get(), &address, keys.data(), keys.size()));
    }

    std::string logs() {
        std::string out;
        for (const rvm_log& log : world_.logs()) {
            out += hex(log.address);
            for (std::uint32_t i = 0; i < log.topic_count; ++i)
                out += " " + hex(log.topics[i]);
            out += " " + hex(log.data) + "\n";
        }
        return out;
    }

    /// Before the transaction ends: the probe runs on every watched account's slots, the last change to this world.
    std::string warmth() {
        std::string out;
        for (const rvm_address& account : scenario_.watched) {
            rvm_message message{};
            message.struct_size = sizeof message;
            message.kind = RVM_CALL_CALL;
            message.flags = RVM_MESSAGE_DELEGATED | RVM_MESSAGE_NO_PROGRAM | RVM_MESSAGE_STATIC;
            message.recipient = account;
            message.code_address = probe_address_;
            message.gas = 1'000'000;
            const Outcome asked = world_.execute(message);
            out +=
                fmt::format("{} {} {}\n", hex(account), asked.status, hex({asked.output.data(), asked.output.size()}));
        }
        return out;
    }

    static std::string state(const Changes& changes) {
        std::string out;
        const auto account = [](const rvm_account_state& at) {
            return fmt::format("{} {} {}", hex(at.balance), at.nonce, hex(at.code_hash));
        };
        for (const rvm_account_change* change : changes.accounts()) {
            out += fmt::format("{} flags {:x} before {} after {} code {}\n", hex(change->address), change->flags,
                               account(change->before), account(change->after), hex(change->code));
            for (std::uint64_t i = 0; i < change->slot_count; ++i)
                out += fmt::format("  {}: {} -> {}\n", hex(change->slots[i].key), hex(change->slots[i].before),
                                   hex(change->slots[i].after));
        }
        return out;
    }

    std::string addresses(rvm_status (*list)(rvm_world*, const rvm_address**, std::uint64_t*)) {
        const rvm_address* first = nullptr;
        std::uint64_t count = 0;
        if (list(world_.get(), &first, &count) != RVM_OK) throw Failure(Report{});
        std::string out;
        for (std::uint64_t i = 0; i < count; ++i)
            out += hex(first[i]) + "\n";
        return out;
    }

    const rvm_host_world& table_;
    World world_;
    const Scenario& scenario_;
    std::string format_;
    TxOptions options_;
    bool failed_ = false;
    rvm_address probe_address_{{0xff, 0x9a, 0x0b, 0xe}};
};

} // namespace

Run observe(Runtime& runtime, const Scenario& scenario, const std::string& format, bool count_frames) {
    return Observer(runtime, scenario, format, count_frames).run();
}

std::string difference(const Run& a, const std::string& name_a, const Run& b, const std::string& name_b) {
    std::string out;
    for (std::size_t i = 0; i < a.transactions.size() && i < b.transactions.size(); ++i) {
        const auto &left = a.transactions[i].fields, &right = b.transactions[i].fields;
        for (std::size_t field = 0; field < left.size() && field < right.size(); ++field) {
            if (left[field] == right[field]) continue;
            out += fmt::format("transaction {}: {}\n{}: {}\n{}: {}\n", i, left[field].first, name_a, left[field].second,
                               name_b, right[field].second);
        }
        if (left.size() != right.size()) out += fmt::format("transaction {}: one saw more than the other\n", i);
        if (!out.empty()) return out; // what follows builds on it
    }
    if (a.transactions.size() != b.transactions.size()) out += "one ran more transactions than the other\n";
    return out;
}

} // namespace rvm::differential
