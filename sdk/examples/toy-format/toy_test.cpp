// The toy format in the SDK's test host. A test of an author's own needs no test framework: it returns the failures.
#include <cstdio>

#include <rvm/test_host.hpp>

namespace {

using namespace rvm::sdk::test;

int failures = 0;
void check(bool holds, const char* what) {
    if (holds) return;
    ++failures;
    std::fprintf(stderr, "FAILED: %s\n", what);
}

enum : std::uint8_t { stop, push, add, input, load, store, call, return_, revert, code };

Bytes program(std::initializer_list<Bytes> parts) {
    Bytes bytes = {'T', 'O', 'Y', '1'};
    for (const Bytes& part : parts) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    }
    return bytes;
}
Bytes call_to(const Address& target) {
    Bytes bytes = {call};
    bytes.insert(bytes.end(), target.begin(), target.end());
    return bytes;
}
std::uint64_t last_byte(const Bytes& bytes) { return bytes.empty() ? 0 : bytes.back(); }

constexpr Word slot_1 = {1, 0, 0, 0};

void arithmetic_and_slots() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    // slot 1 = slot 1 + 5, twice
    const Bytes bump = program({{push, 1, push, 1, load, push, 5, add, store, push, 1, load, return_}});
    FrameRun run = host.run_frame("toy", bump);
    check(run.status == RVM_OK && last_byte(run.output) == 5 && run.output.size() == 32, "the first run returns 5");
    check(run.gas_used == 5 * 1 + 100 + 5000 + 100, "gas is the sum of the table's prices");
    run = host.run_frame("toy", bump);
    check(last_byte(run.output) == 10, "the slot kept its value");
    check(host.state()[address(1)].slots[slot_1].current == Word{10, 0, 0, 0}, "and the world shows it");
    run = host.run_frame("toy", bump, {.gas = 200});
    check(run.status == RVM_TRAP_OUT_OF_GAS && run.gas_used == 200, "too little gas traps and is gone");
    run = host.run_frame("toy", bump, {.kind = RVM_CALL_STATIC});
    check(run.status == RVM_TRAP_STATIC, "a static frame cannot store");
    check(host.violations().empty(), "no violation");
}

void calls_and_rollback() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Address callee = address(2);
    // The callee writes its input to slot 1, then reverts with input + 1.
    host.state()[callee].code = program({{push, 1, input, store, input, push, 1, add, revert}});
    host.state()[callee].format = "toy";
    const Bytes caller = program({{push, 7}, call_to(callee), {add, return_}}); // answer + success
    FrameRun run = host.run_frame("toy", caller);
    check(run.status == RVM_OK && last_byte(run.output) == 8, "a revert carries its output and counts as failure");
    check(host.state()[callee].slots[slot_1].current == Word{}, "and its write is undone");
    check(host.calls().size() == 1 && host.calls()[0].recipient == callee, "the call was recorded");

    host.state()[callee].code = program({{push, 1, input, store, input, return_}});
    run = host.run_frame("toy", caller);
    check(last_byte(run.output) == 8, "answer 7 and success 1");
    check(host.state()[callee].slots[slot_1].current == Word{7, 0, 0, 0}, "a success keeps its write");

    host.script({.status = RVM_E_IO});
    check(host.run_frame("toy", caller).status == RVM_E_IO, "a host failure unwinds the frame");

    // A program that calls itself ends at the depth limit or when 63/64 of 63/64 ... is too little.
    const Bytes loop = program({{push, 0}, call_to(address(1)), {add, return_}});
    run = host.run_frame("toy", loop, {.gas = 100'000});
    check(run.status == RVM_OK && host.calls().size() > 50, "endless recursion ends");
    check(host.violations().empty(), "no violation");
}

void creation() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Bytes deployed = program({{push, 9, return_}});
    Bytes init = program({{code}});
    init.insert(init.end(), deployed.begin(), deployed.end());
    FrameRun run = host.run_frame("toy", init, {.kind = RVM_CALL_CREATE, .recipient = address(3)});
    check(run.status == RVM_OK && host.state()[address(3)].code == deployed, "init code deploys what follows");
    check(run.gas_used == static_cast<std::int64_t>(deployed.size()) * 200, "200 gas a byte");
    init.back() = 0xff;
    run = host.run_frame("toy", init, {.kind = RVM_CALL_CREATE, .recipient = address(4)});
    check(run.status == RVM_TRAP_INVALID_CODE && host.state()[address(4)].code.empty(), "invalid code is not deployed");
}

void invalid_code() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const Bytes bad[] = {{},
                         {'T', 'O', 'Y'},
                         program({}),
                         program({{add, stop}}),
                         program({{push}}),
                         program({{0x20}}),
                         program({{push, 1}}),
                         program({{call, 1, 2, stop}}),
                         program({Bytes(200, push), {stop}})};
    for (const Bytes& bytes : bad) {
        const FrameRun run = host.run_frame("toy", bytes);
        check(run.status == RVM_TRAP_INVALID_CODE, "code without magic, end, immediate or operands is refused");
    }
}

} // namespace

int main() {
    arithmetic_and_slots();
    calls_and_rollback();
    creation();
    invalid_code();
    return failures == 0 ? 0 : 1;
}
