#include "corpus.hpp"

#include <array>
#include <cstdio>
#include <span>
#include <stdexcept>

#include "build.hpp"
#include "keccak/keccak.hpp"
#include "mini_evm/mini_evm.hpp"
#include "programs.hpp"
#include "toy_format/toy_format.hpp"
#include "tracers.hpp"

namespace rvm::determinism {
namespace {

using conformance::address;
using conformance::word;

constexpr std::uint64_t kSeed = 0x52564d31; // another seed is another corpus and another expected.txt
constexpr std::size_t kAccounts = 24, kTransactions = 300;
constexpr std::size_t kCommitEvery = 16; ///< transactions: reads then come from the store
constexpr std::uint64_t kBalance = 1'000'000;
constexpr std::array kFormats{"native", conformance::kMiniEvm, conformance::toy::kFormat};

constexpr char kManifest[] = R"({
    "format_version": 1, "name": "determinism", "profile": "development",
    "chain": {"id": 1, "rules": {"mini-evm": "evm/cancun", "toy": "toy/1"}}
})";

Code program(Random& random, std::size_t format, const Targets& targets) {
    switch (format) {
    case 0:
        return native_program(random, targets);
    case 1:
        return evm_program(random, targets);
    default:
        return toy_program(random, targets);
    }
}

Corpus make() {
    Random random(kSeed);
    Corpus out;
    out.sender = address(0xfff0);
    Targets targets;
    for (std::size_t i = 0; i < kAccounts + 2; ++i) // the last two have no account
        targets.push_back(address(static_cast<std::uint16_t>(0x100 + i)));
    for (std::size_t i = 0; i < kAccounts; ++i) {
        const std::size_t format = i % kFormats.size();
        out.accounts.push_back({targets[i], kFormats[format], program(random, format, targets), random.below(50)});
    }
    for (std::size_t i = 0; i < kTransactions; ++i) {
        Transaction tx;
        const std::uint64_t kind = random.below(10);
        // Mostly enough gas; sometimes so little that it ends somewhere inside.
        tx.gas = static_cast<std::int64_t>(random.chance(5) ? 500 + random.below(60'000) : 3'000'000);
        if (kind == 0) {
            tx.kind = RVM_CALL_CREATE;
            const std::size_t format = random.below(kFormats.size());
            tx.format = kFormats[format];
            tx.data = format == 0   ? native_program(random, targets)
                      : format == 1 ? evm_init_code(random, targets)
                                    : toy_init_code(random, targets);
        } else {
            tx.kind = kind == 1 ? RVM_CALL_STATIC : RVM_CALL_CALL;
            tx.target = targets[random.below(targets.size())];
            tx.data.resize(random.below(70));
            for (std::uint8_t& byte : tx.data)
                byte = static_cast<std::uint8_t>(random.next());
        }
        if (tx.kind != RVM_CALL_STATIC && random.chance(3)) tx.value = random.below(20);
        out.transactions.push_back(std::move(tx));
    }
    return out;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string out;
    char digits[3];
    for (const std::uint8_t byte : bytes) {
        std::snprintf(digits, sizeof digits, "%02x", byte);
        out += digits;
    }
    return out;
}

/// Enough of a hash to tell two texts apart in a line.
std::string fingerprint(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t kShown = 8;
    const keccak::Digest digest = keccak::keccak256(bytes);
    return hex(std::span(digest).first(kShown));
}

std::string log_fingerprint(const std::vector<rvm_log>& logs) {
    std::vector<std::uint8_t> all;
    const auto add = [&](const std::uint8_t* data, std::size_t size) { all.insert(all.end(), data, data + size); };
    for (const rvm_log& log : logs) {
        add(log.address.bytes, sizeof log.address.bytes);
        all.push_back(static_cast<std::uint8_t>(log.topic_count));
        for (std::uint32_t i = 0; i < log.topic_count; ++i)
            add(log.topics[i].bytes, sizeof log.topics[i].bytes);
        for (unsigned shift = 0; shift < 64; shift += 8)
            all.push_back(static_cast<std::uint8_t>(log.data.size >> shift));
        add(log.data.data, log.data.size);
    }
    return fingerprint(all);
}

} // namespace

const Corpus& corpus() {
    static const Corpus made = make();
    return made;
}

std::unique_ptr<Runtime> open_runtime(const std::function<void(RuntimeOptions&)>& prepare) {
    Report report;
    RuntimeOptions options;
    options.builtins = {&conformance::mini_evm_entry, &conformance::toy_format_entry, &tracers_entry};
    if (prepare) prepare(options);
    auto out = Runtime::open_text(kManifest, "determinism.json", options, report);
    if (out == nullptr) throw Failure(std::move(report));
    return out;
}

std::vector<std::string> run(Runtime& runtime, const Setting& setting) {
    World world(runtime, World::ephemeral, setting.world_flags);
    TxOptions environment;
    environment.env = {{"block.number", word(1000)}, {"block.timestamp", word(1'700'000'000)}, {"chain.id", word(7)}};
    world.begin(environment);
    world.add_balance(world.account(corpus().sender), word(kBalance));
    for (const Account& account : corpus().accounts) {
        rvm_account* handle = world.account(account.address, RVM_WANT_CODE);
        world.set_nonce(handle, 1);
        world.add_balance(handle, word(account.balance));
        world.set_code(handle, conformance::view(account.code), account.format);
    }
    static_cast<void>(world.end());
    world.commit();

    std::vector<std::string> lines;
    environment.tracer = setting.tracer;
    for (std::size_t i = 0; i < corpus().transactions.size(); ++i) {
        const Transaction& tx = corpus().transactions[i];
        environment.env[0].second = word(1000 + i);
        world.begin(environment);
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = tx.kind;
        message.sender = corpus().sender;
        message.recipient = message.code_address = tx.target;
        message.format = tx.format;
        message.gas = tx.gas;
        message.value = word(tx.value);
        (tx.kind == RVM_CALL_CREATE ? message.init_code : message.input) = conformance::view(tx.data);
        const Outcome outcome = world.execute(message);
        if (outcome.status < 0) throw std::runtime_error("transaction " + std::to_string(i) + ": " + outcome.error);
        const std::vector<rvm_log> logs = world.logs();
        const std::string log_text = log_fingerprint(logs); // their bytes live until the next transaction
        const Changes changes = world.end(RVM_TX_REMOVE_EMPTY_TOUCHED);
        constexpr std::array kKinds{"call", "callcode", "delegate", "static", "create"};
        lines.push_back(std::to_string(i) + ' ' + kKinds[tx.kind] + ' ' +
                        (outcome.format.empty() ? "-" : outcome.format) + " status " + std::to_string(outcome.status) +
                        " gas " + std::to_string(outcome.gas_used) + " refund " + std::to_string(outcome.refund) +
                        " fault " + std::to_string(outcome.detail) + '@' + std::to_string(outcome.fault_position) +
                        " output " + fingerprint(outcome.output) + " logs " + std::to_string(logs.size()) + ' ' +
                        log_text + " changes " + std::to_string(changes.accounts().size()) + ' ' +
                        hex(changes.digest().bytes));
        if (setting.after) setting.after(world, changes, i);
        if (i % kCommitEvery == kCommitEvery - 1) world.commit();
    }
    return lines;
}

} // namespace rvm::determinism
