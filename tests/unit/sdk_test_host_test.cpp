// The SDK's test host itself: it must notice plugins that break the contract, and keep state as plugin.h says.
#include <rvm/test_host.hpp>

#include <gtest/gtest.h>

namespace rvm::sdk::test {
namespace {

using ::testing::Test;

// ---- A plugin whose items each break one rule ----

const rvm_host* the_host = nullptr;

rvm_status below_window(const void*, rvm_frame*, rvm_word* args, std::uint64_t) {
    volatile rvm_word* outside = args - 1;
    *outside = 1;
    return RVM_OK;
}
rvm_status above_window(const void*, rvm_frame*, rvm_word* args, std::uint64_t) {
    volatile rvm_word* outside = args + 2;
    *outside = 1;
    return RVM_OK;
}
rvm_status past_memory(const void*, rvm_frame* frame, rvm_word*, std::uint64_t) {
    volatile std::uint8_t* end = frame->memory.data + frame->memory.size;
    *end = 1;
    return RVM_OK;
}
rvm_status mints_gas(const void*, rvm_frame* frame, rvm_word*, std::uint64_t) {
    frame->gas += 1;
    return RVM_OK;
}
rvm_status unknown_status(const void*, rvm_frame*, rvm_word*, std::uint64_t) { return 9999; }
rvm_status impure(const void*, rvm_frame* frame, rvm_word*, std::uint64_t) {
    const auto* state = static_cast<const rvm_host_state*>(the_host->get_interface(the_host->ctx, RVM_HOST_STATE));
    rvm_u256 key = {};
    std::uint32_t access = 0;
    return state->sload(frame, &key, 0, &key, &access);
}
rvm_status charges(const void*, rvm_frame* frame, rvm_word*, std::uint64_t) { return rvm_charge(frame, 3); }
rvm_status says_too_much(const void*, rvm_frame*, rvm_view, rvm_span, std::uint64_t* size) {
    *size = 100;
    return RVM_OK;
}
rvm_status writes_too_much(const void*, rvm_frame*, rvm_view, rvm_span output, std::uint64_t* size) {
    volatile std::uint8_t* end = output.data + output.size;
    *end = 1;
    *size = 0;
    return RVM_OK;
}
rvm_status reports_gas(const void*, rvm_frame* frame, rvm_word* args, std::uint64_t) {
    args[0] = static_cast<rvm_word>(frame->gas);
    return RVM_OK;
}

constexpr rvm_opcode make_opcode(const char* id, rvm_opcode_fn run, std::uint32_t flags) {
    return {sizeof(rvm_opcode), flags, id, id, "", 2, 2, 1, 0, 0, 0, run, nullptr};
}
constexpr rvm_opcode opcodes[] = {
    make_opcode("bad.below", below_window, RVM_F_PURE),
    make_opcode("bad.above", above_window, RVM_F_PURE),
    make_opcode("bad.memory", past_memory, RVM_F_MEMORY),
    make_opcode("bad.mints", mints_gas, RVM_F_CHARGES | RVM_F_MEMORY),
    make_opcode("bad.status", unknown_status, RVM_F_PURE),
    make_opcode("bad.impure", impure, RVM_F_PURE),
    make_opcode("bad.charges", charges, RVM_F_MEMORY),
    make_opcode("good.gas", reports_gas, RVM_F_MEMORY),
    make_opcode("good.writes", reports_gas, RVM_F_WRITES_STATE),
};
constexpr rvm_gas_schedule schedule = {sizeof(rvm_gas_schedule), 32, 10, 3, nullptr};
constexpr rvm_syscall syscalls[] = {
    {sizeof(rvm_syscall), RVM_F_PURE, "bad.says", "", &schedule, 8, says_too_much, nullptr},
    {sizeof(rvm_syscall), RVM_F_PURE, "bad.writes", "", &schedule, 8, writes_too_much, nullptr},
};
constexpr std::uint8_t byte_1[] = {1};
void zero_hash(const void*, rvm_view, std::uint8_t* digest) { *digest = 0; }
constexpr rvm_kat wrong_answer = {{byte_1, 1}, {byte_1, 1}, RVM_OK, 0};
constexpr rvm_crypto wrong_hash = {
    sizeof(rvm_crypto), RVM_F_PURE, "bad.hash", "", RVM_CRYPTO_HASH, 1, zero_hash, nullptr, nullptr, &wrong_answer, 1};

std::vector<rvm_contribution> items() {
    std::vector<rvm_contribution> list;
    for (const rvm_opcode& opcode : opcodes) {
        list.push_back({RVM_KIND_OPCODE, &opcode});
    }
    for (const rvm_syscall& syscall : syscalls) {
        list.push_back({RVM_KIND_SYSCALL, &syscall});
    }
    list.push_back({RVM_KIND_CRYPTO, &wrong_hash});
    list.push_back({nullptr, nullptr});
    return list;
}

const rvm_contribution* contributions(void*) {
    static const std::vector<rvm_contribution> list = items();
    return list.data();
}
int destroyed = 0;
rvm_plugin plugin = {sizeof(rvm_plugin),        0, nullptr, nullptr, contributions, nullptr, nullptr, nullptr,
                     [](void*) { ++destroyed; }};
rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    the_host = host;
    *out = &plugin;
    return RVM_OK;
}
constexpr const char* provides[] = {nullptr};
constexpr rvm_descriptor descriptor = {
    sizeof(rvm_descriptor), 0, "test.bad", "0.1.0", "", "", "MIT", "", nullptr, provides, nullptr};
constexpr rvm_entry entry = RVM_ENTRY_INIT(&descriptor, create);

class sdk_test_host : public Test {
  protected:
    sdk_test_host() { host.load(entry); }
    void expect_violation(std::string_view part) {
        ASSERT_EQ(host.violations().size(), 1u) << part;
        EXPECT_NE(host.violations()[0].find(part), std::string::npos) << host.violations()[0];
    }
    TestHost host;
};

TEST_F(sdk_test_host, notices_writes_below_the_operand_window) {
    host.run_opcode("bad.below", {1, 2});
    expect_violation("outside its operand window");
}
TEST_F(sdk_test_host, notices_writes_above_the_operand_window) {
    host.run_opcode("bad.above", {1, 2});
    expect_violation("outside its operand window");
}
TEST_F(sdk_test_host, notices_writes_past_memory) {
    host.run_opcode("bad.memory", {1, 2}, {.memory = Bytes(32)});
    expect_violation("outside the memory");
}
TEST_F(sdk_test_host, notices_gas_that_rises) {
    host.run_opcode("bad.mints", {1, 2});
    expect_violation("raised the gas");
}
TEST_F(sdk_test_host, notices_gas_charged_without_the_flag) {
    host.run_opcode("bad.charges", {1, 2});
    expect_violation("without RVM_F_CHARGES");
}
TEST_F(sdk_test_host, notices_an_unknown_status) {
    host.run_opcode("bad.status", {1, 2});
    expect_violation("unknown status 9999");
}
TEST_F(sdk_test_host, notices_a_pure_item_that_calls_the_host) {
    host.state()[address(1)].slots[{}].current = {7, 0, 0, 0};
    host.run_opcode("bad.impure", {1, 2});
    expect_violation("PURE item called the host");
}
TEST_F(sdk_test_host, notices_syscalls_that_overstate_or_overrun_their_output) {
    host.run_syscall("bad.says", {});
    expect_violation("more than there was room for");
    host.run_syscall("bad.writes", {});
    ASSERT_EQ(host.violations().size(), 2u);
    EXPECT_NE(host.violations()[1].find("outside its output"), std::string::npos);
}
TEST_F(sdk_test_host, notices_a_wrong_known_answer) {
    EXPECT_EQ(host.failing_known_answers("bad.hash"), 1u);
    expect_violation("known answer 0 differs");
}

TEST_F(sdk_test_host, charges_prices_before_it_runs) {
    const OpcodeRun run = host.run_opcode("good.gas", {1, 2}, {.gas = 50});
    EXPECT_EQ(run.words.at(0), 48u);
    EXPECT_EQ(run.gas_used, 2);
    EXPECT_EQ(host.run_opcode("good.gas", {1, 2}, {.gas = 1}).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(host.run_syscall("bad.says", Bytes(33), 8, 15).status, RVM_TRAP_OUT_OF_GAS) << "10 + 3 * 2";
    EXPECT_EQ(host.run_opcode("good.writes", {1, 2}, {.flags = RVM_FRAME_STATIC}).status, RVM_TRAP_STATIC);
}

TEST_F(sdk_test_host, destroys_what_it_loaded) {
    const int before = destroyed;
    {
        TestHost other;
        other.load(entry);
    }
    EXPECT_EQ(destroyed, before + 1);
}

TEST_F(sdk_test_host, refuses_entries_before_it_runs_them) {
    const auto refused = [](auto change) {
        rvm_entry copy = entry;
        change(copy);
        TestHost other;
        EXPECT_THROW(other.load(copy), std::runtime_error);
    };
    refused([](rvm_entry& e) { e.magic = 0; });
    refused([](rvm_entry& e) { e.struct_size = 8; });
    refused([](rvm_entry& e) { e.abi_major = 1; });
    refused([](rvm_entry& e) { e.abi_minor_needed = RVM_ABI_MINOR + 1; });
    refused([](rvm_entry& e) { e.word_size = 4; });
    refused([](rvm_entry& e) { e.create = nullptr; });
}

// ---- State ----

TEST(sdk_test_state, names_the_nine_outcomes_of_a_storage_write) {
    // plugin.h: original -> current -> new, X, Y, Z distinct and not zero
    const Word zero{};
    const Word x = {1, 0, 0, 0};
    const Word y = {2, 0, 0, 0};
    const Word z = {3, 0, 0, 0};
    const auto change = State::change_of;
    EXPECT_EQ(change(x, y, y), RVM_SLOT_ASSIGNED);
    EXPECT_EQ(change(zero, y, z), RVM_SLOT_ASSIGNED);
    EXPECT_EQ(change(x, y, z), RVM_SLOT_ASSIGNED);
    EXPECT_EQ(change(zero, zero, z), RVM_SLOT_ADDED);
    EXPECT_EQ(change(x, x, zero), RVM_SLOT_DELETED);
    EXPECT_EQ(change(x, x, z), RVM_SLOT_MODIFIED);
    EXPECT_EQ(change(x, zero, z), RVM_SLOT_DELETED_ADDED);
    EXPECT_EQ(change(x, y, zero), RVM_SLOT_MODIFIED_DELETED);
    EXPECT_EQ(change(x, zero, x), RVM_SLOT_DELETED_RESTORED);
    EXPECT_EQ(change(zero, y, zero), RVM_SLOT_ADDED_DELETED);
    EXPECT_EQ(change(x, y, x), RVM_SLOT_MODIFIED_RESTORED);
}

TEST(sdk_test_state, restores_accounts_logs_and_handles) {
    State state;
    state[address(1)].balance = {5, 0, 0, 0};
    rvm_account* handle = state.handle(address(1));
    const State::Snapshot snapshot = state.snapshot();
    state[address(1)].balance = {9, 0, 0, 0};
    state[address(2)].nonce = 4;
    state.logs().push_back({});
    state.refresh();
    EXPECT_EQ(handle->balance.limbs[0], 9u);
    state.restore(snapshot);
    EXPECT_EQ(handle->balance.limbs[0], 5u) << "the handle stays valid and current";
    EXPECT_EQ(state.handle(address(2))->flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_TRUE(state.logs().empty());
}

TEST(sdk_test_state, carries_and_borrows_across_limbs) {
    const Word most = {~0ull, ~0ull, ~0ull, 0};
    EXPECT_EQ(plus(most, {1, 0, 0, 0}), (Word{0, 0, 0, 1}));
    EXPECT_EQ(minus({0, 0, 0, 1}, {1, 0, 0, 0}), most);
    EXPECT_TRUE(covers({0, 0, 0, 1}, most));
    EXPECT_FALSE(covers(most, {0, 0, 0, 1}));
}

} // namespace
} // namespace rvm::sdk::test
