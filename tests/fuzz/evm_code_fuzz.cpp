// Any bytes as EVM code: run as written and translated, the outcome is the same in status, gas, refund, output, fault,
// logs, changes and accounts touched, and never a failure of the host.
//
// The input: rule set, gas (2 bytes, in units of 16), size of the call data, the call data, the code. The code stands
// at two addresses, so that it can call itself and another; the second one delegates under rules that know that.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "hot/tier_up.hpp"
#include "rules.hpp"

namespace {

using namespace rvm;
using Bytes = std::vector<std::uint8_t>;

void require(bool held, const char* what) {
    if (held) return;
    std::fprintf(stderr, "the tiers differ, or the host failed: %s\n", what);
    std::abort();
}

constexpr rvm_address account_of(std::uint8_t last) {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, last}};
}
constexpr rvm_address target = account_of(1), second = account_of(2), delegating = account_of(3),
                      sender = account_of(9);

std::unique_ptr<Runtime> open_runtime() {
    Report report;
    RuntimeOptions options;
    options.builtins = {&rvm_plugin_entry_v0};
    // The primitives behind the precompiles come from their plugin.
    auto out = Runtime::open_text(R"({"format_version": 1, "name": "evm", "profile": "development",
                                      "trust": {"require": "none"},
                                      "plugins": [{"path": ")" RVM_PLUGIN_DIR R"(/crypto.so"}]})",
                                  "evm.json", options, report);
    require(out != nullptr, "the runtime does not open");
    return out;
}

/// A runtime keeps all code it has seen: a new one now and then.
Runtime& runtime() {
    constexpr int inputs_a_runtime = 2000;
    static std::unique_ptr<Runtime> opened;
    static int used = 0;
    if (opened == nullptr || ++used >= inputs_a_runtime) {
        opened.reset();
        opened = open_runtime();
        used = 0;
    }
    return *opened;
}

struct Input {
    evm::Rules rules;
    std::int64_t gas;
    Bytes data, code;
};

Input parse(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t head = 4;
    const std::size_t call_data = std::min<std::size_t>(data[3], size - head);
    return {static_cast<evm::Rules>(data[0] % evm::kRuleSets), 16 * (std::int64_t{data[1]} << 8 | data[2]),
            Bytes(data + head, data + head + call_data), Bytes(data + head + call_data, data + size)};
}

struct Observed {
    Outcome outcome;
    rvm_bytes32 changes{};
    Bytes logs;
    Bytes touched;
};

rvm_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

void prepare(World& world, const Input& input) {
    for (const rvm_address& address : {target, second}) {
        rvm_account* account = world.account(address);
        world.set_nonce(account, 1);
        world.set_code(account, view(input.code), "evm");
        world.add_balance(account, {{1000, 0, 0, 0}});
        for (std::uint64_t key = 0; key < 4; ++key)
            world.set_slot(account, {{key, 0, 0, 0}}, {{key, 0, 0, 0}});
    }
    if (input.rules >= evm::Rules::prague) {
        Bytes designator{0xef, 0x01, 0x00};
        designator.insert(designator.end(), std::begin(second.bytes), std::end(second.bytes));
        world.set_code(world.account(delegating), view(designator), "evm");
    }
    world.add_balance(world.account(sender), {{1'000'000, 0, 0, 0}});
}

void append(Bytes& out, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    out.insert(out.end(), bytes, bytes + size);
}

/// One execution; if `hot` behind as many others, all undone, as it takes to have the code translated.
Observed observe(const Input& input, bool hot) {
    World world(runtime(), World::ephemeral);
    TxOptions options;
    options.rules = {evm::kRuleNames[static_cast<std::size_t>(input.rules)]};
    world.begin(options);
    prepare(world, input);
    static_cast<void>(world.end());
    world.begin(options);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.sender = sender;
    message.recipient = message.code_address = target;
    message.gas = input.gas;
    message.input = view(input.data);
    std::uint64_t before = 0;
    require(world.table().mark(world.get(), &before) == RVM_OK, "mark");
    constexpr int most_runs = 50; // what costs next to nothing never becomes hot
    std::int64_t missing = evm::hot::kGasBeforeTranslation * static_cast<std::int64_t>(input.code.size());
    for (int i = 0; hot && i < most_runs && missing > 0; ++i) {
        const std::int64_t used = world.execute(message).gas_used;
        if (i > 0) missing -= used; // the host has the code prepared again for its second execution
        require(world.table().rollback(world.get(), before) == RVM_OK, "rollback");
    }
    Observed out;
    out.outcome = world.execute(message);
    for (const rvm_log& log : world.logs()) {
        append(out.logs, log.address.bytes, sizeof log.address);
        append(out.logs, log.topics, log.topic_count * sizeof log.topics[0]);
        append(out.logs, log.data.data, log.data.size);
        out.logs.push_back(static_cast<std::uint8_t>(log.topic_count));
    }
    const Changes changes = world.end(input.rules >= evm::Rules::eip158 ? RVM_TX_REMOVE_EMPTY_TOUCHED : 0);
    out.changes = changes.digest();
    std::uint64_t count = 0;
    const rvm_address* touched = nullptr;
    require(world.table().touched(world.get(), &touched, &count) == RVM_OK, "touched");
    append(out.touched, touched, count * sizeof *touched);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 5) return 0;
    const Input input = parse(data, size);
    if (input.code.empty()) return 0;
    const Observed direct = observe(input, false);
    const Observed hot = observe(input, true);
    const Outcome &a = direct.outcome, &b = hot.outcome;
    require(a.status >= 0, "the host failed");
    require(a.status == b.status, "status");
    require(a.gas_used == b.gas_used, "gas");
    require(a.gas_used <= input.gas, "more gas used than given");
    require(a.refund == b.refund, "refund");
    require(a.output == b.output, "output");
    require(a.detail == b.detail && a.fault_position == b.fault_position, "fault");
    require(direct.logs == hot.logs, "logs");
    require(std::memcmp(direct.changes.bytes, hot.changes.bytes, sizeof hot.changes) == 0, "changes");
    require(direct.touched == hot.touched, "touched accounts");
    return 0;
}
