// EVM -> wasm -> native -> EVM in one transaction, and a revert at each level.
#include "world.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), W = address(0xb), N = address(0xc), B = address(0xd);

/// Slot 0 and transient slot 0 become 7, a log, then a call of the address in slot 1 with 1 wei and the same input;
/// reverts when the input is the number in slot 2.
constexpr const char* native_relay = R"(
space input 32
space key 32
data one = u256 1
data two = u256 2
data seven = u256 7
space target 32
space level 32
space given 32

push input  push 0  push 32  incopy
push one  push target  sload
push two  push level  sload
push key  push seven  sstore
push key  push seven  tstore
push seven  push 32  push level  log 1
push 5000000  push target + 12  push one  push input  push 32  push given  push 32  invoke  drop
push given + 24  load64  bswap  push 1  add  bswap  set r0
push given + 24  get r0  store64
push input + 24  load64  push level + 24  load64  eq  jumpz fine
push given  push 32  revert
fine:
push given  push 32  return
)";

/// EVM code of a level: writes slot 0, logs, then `body` that leaves a word on the stack; reverts with it when the
/// input says so, else returns it.
Code evm_level(std::uint64_t level, const Code& body) {
    const Code start = store(0, 7) + push(level) + push(0) + push(0) + op({LOG1}) + body;
    // input == level: jump over the return.
    const Code returns = return_top();
    const Code test = op({PUSH0, CALLDATALOAD}) + push(level) + op({EQ});
    const std::size_t target = start.size() + test.size() + 4 + returns.size();
    return start + test + Code{PUSH1 + 1, static_cast<std::uint8_t>(target >> 8), static_cast<std::uint8_t>(target)} +
           op({JUMPI}) + returns + op({JUMPDEST}) + revert_top();
}

class wasm_chain : public WasmWorldTest {
  protected:
    void SetUp() override {
        WasmWorldTest::SetUp();
        // A sends 3 wei on, W 2, N 1.
        install(A,
                evm_level(1, op({PUSH0, CALLDATALOAD}) + to_memory(0) +
                                 evm::call(CALL, W, {.value = 3, .input_size = 32, .output_size = 32}) + push(64) +
                                 op({SHL, PUSH0, MLOAD, OR})),
                "evm");
        install(W, read_module("relay.wasm"), "wasm");
        set_slot(W, 1, from_address(N));
        set_slot(W, 2, word(2));
        set_slot(W, 3, word(2));
        install_native(N, native_relay);
        set_slot(N, 1, from_address(B));
        set_slot(N, 2, word(3));
        install(B, evm_level(4, push(40)), "evm");
        next();
    }
};

TEST_F(wasm_chain, goes_down_and_comes_back) {
    const Outcome ran = call(A, word_bytes(0), 10);
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
    const Word result = rvm_u256_from_bytes(ran.output.data(), 32);
    EXPECT_EQ(result.limbs[0], 42u) << "B gives 40, N and W add one each";
    EXPECT_EQ(result.limbs[1], 1u);
    for (const rvm_address& each : {A, W, N, B})
        EXPECT_EQ(slot(each, 0), 7u);
    EXPECT_EQ(world().logs().size(), 4u);
    EXPECT_EQ(balance(A), 7u);
    EXPECT_EQ(balance(W), 1u);
    EXPECT_EQ(balance(N), 1u);
    EXPECT_EQ(balance(B), 1u);
}

class wasm_chain_reverts : public wasm_chain, public testing::WithParamInterface<std::uint64_t> {};

TEST_P(wasm_chain_reverts, exactly_what_lies_below) {
    const std::uint64_t level = GetParam(); // 1 is A, 4 is B
    const Outcome ran = call(A, word_bytes(level), 10);
    ASSERT_EQ(ran.status, level == 1 ? RVM_TRAP_REVERT : RVM_OK) << ran.fault;
    const rvm_address frames[] = {A, W, N, B};
    const std::uint64_t received[] = {10, 3, 2, 1};
    for (std::uint64_t i = 0; i < 4; ++i) {
        const bool stands = i + 1 < level;
        EXPECT_EQ(slot(frames[i], 0), stands ? 7u : 0u) << "level " << i + 1;
        const bool callee_stands = i + 2 < level;
        const std::uint64_t sent = callee_stands ? received[i + 1] : 0;
        EXPECT_EQ(balance(frames[i]), stands ? received[i] - sent : 0u) << "level " << i + 1;
    }
    EXPECT_EQ(world().logs().size(), level - 1);

    // The change set is that of the writes that stand, made one by one.
    const rvm_bytes32 digest = world().end().digest();
    use(shared_runtime());
    SetUp();
    if (level > 1) {
        const Word ten = word(10);
        world().table().sub_balance(world().get(), world().account(sender), &ten);
        for (std::uint64_t i = 0; i + 1 < level; ++i) {
            const bool callee_stands = i + 2 < level;
            set_slot(frames[i], 0, word(7));
            world().add_balance(world().account(frames[i]), word(received[i] - (callee_stands ? received[i + 1] : 0)));
        }
    }
    const rvm_bytes32 expected = world().end().digest();
    EXPECT_EQ(std::memcmp(digest.bytes, expected.bytes, sizeof digest.bytes), 0);
}
INSTANTIATE_TEST_SUITE_P(levels, wasm_chain_reverts, testing::Values(1, 2, 3, 4));

TEST_F(wasm_chain, the_wasm_frame_sees_why_its_callee_failed) {
    const Outcome reverted = call(W, word_bytes(3), 5);
    ASSERT_EQ(reverted.status, RVM_OK);
    EXPECT_EQ(reverted.output[31], 101) << "1: reverted";
    set_slot(W, 1, from_address(address(0xe)));
    install(address(0xe), op({INVALID}), "evm");
    next();
    const Outcome failed = call(W, word_bytes(0), 5);
    ASSERT_EQ(failed.status, RVM_OK);
    EXPECT_EQ(failed.output[31], 102) << "2: failed";
}

TEST_F(wasm_chain, a_static_frame_changes_nothing) {
    const Outcome ran = call(W, word_bytes(0), 0, gas, RVM_MESSAGE_STATIC);
    EXPECT_EQ(ran.status, RVM_TRAP_STATIC);
    EXPECT_TRUE(world().end().accounts().empty());
}

TEST_F(wasm_chain, delegatecall_runs_wasm_on_evm_storage) {
    install(address(0xe),
            store(2, 9) + op({PUSH0}) + to_memory(0) +
                evm::call(DELEGATECALL, W, {.input_size = 32, .output_size = 32}) + return_top(),
            "evm");
    next();
    const Outcome ran = call(address(0xe), {});
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(slot(address(0xe), 0), 7u);
    EXPECT_EQ(slot(W, 0), 0u);
}

} // namespace
} // namespace rvm::conformance
