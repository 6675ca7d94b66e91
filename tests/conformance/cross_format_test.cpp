// Formats call each other: values, identity, return data, creations, delegations, depth.
#include <cstring>

#include "keccak/keccak.hpp"
#include "mini_evm/interpreter.hpp"
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), C = address(0xc), D = address(0xd);

class cross_format : public WorldTest {};

TEST_F(cross_format, evm_calls_toy_calls_evm_and_returns) {
    // C (EVM) adds 1 to its input; B (toy) adds 10; A (EVM) adds 100.
    install_evm(C, store(0, 3) + op({PUSH0, CALLDATALOAD}) + push(1) + op({ADD}) + return_top());
    install_toy(B, toy::write(0, 2) + toy::invoke(RVM_CALL_CALL, C, toy::op({toy::input})) + toy::op({toy::result}) +
                       toy::number(10) + toy::op({toy::add, toy::add, toy::give}));
    install_evm(A, store(0, 1) + op({PUSH0, CALLDATALOAD}) + to_memory(0) +
                       evm::call(CALL, B, {.input_size = 32, .output_size = 32}) + push(0) + op({MLOAD}) + push(99) +
                       op({ADD, ADD}) + return_top());
    next();
    const Ran ran = call(A, word(1000));
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 1111u);
    EXPECT_EQ(slot(A, 0), 1u);
    EXPECT_EQ(slot(B, 0), 2u);
    EXPECT_EQ(slot(C, 0), 3u);
}

TEST_F(cross_format, value_moves_and_sender_is_the_calling_contract) {
    install_toy(B, toy::op({toy::caller}) + toy::number(0) + toy::op({toy::store}) + toy::op({toy::value}) +
                       toy::number(1) + toy::op({toy::store}) + toy::invoke(RVM_CALL_CALL, C, toy::number(0), 30));
    install_evm(C, op({CALLER}) + push(0) + op({SSTORE, CALLVALUE}) + push(1) + op({SSTORE, STOP}));
    install_evm(A, evm::call(CALL, B, {.value = 70}) + op({STOP}));
    next();
    EXPECT_EQ(call(A, word(0), 100).status, RVM_OK);
    EXPECT_EQ(balance(sender), kSenderBalance - 100);
    EXPECT_EQ(balance(A), 30u);
    EXPECT_EQ(balance(B), 40u);
    EXPECT_EQ(balance(C), 30u);
    EXPECT_EQ(slot(B, 0), saturate(from_address(A)));
    EXPECT_EQ(slot(B, 1), 70u);
    EXPECT_EQ(slot(C, 0), saturate(from_address(B)));
    EXPECT_EQ(slot(C, 1), 30u);
}

TEST_F(cross_format, delegatecall_runs_foreign_code_on_own_storage) {
    install_toy(B, toy::op({toy::caller}) + toy::number(0) + toy::op({toy::store, toy::value}) + toy::number(1) +
                       toy::op({toy::store, toy::self}) + toy::number(2) + toy::op({toy::store}));
    install_evm(A, evm::call(DELEGATECALL, B) + return_top());
    next();
    const Ran ran = call(A, word(0), 5);
    EXPECT_EQ(ran.number(), 1u);
    EXPECT_EQ(slot(A, 0), saturate(from_address(sender)));
    EXPECT_EQ(slot(A, 1), 5u);
    EXPECT_EQ(slot(A, 2), saturate(from_address(A)));
    EXPECT_EQ(slot(B, 2), 0u);
    EXPECT_EQ(balance(B), 0u);
}

TEST_F(cross_format, callcode_shows_its_value_and_moves_none) {
    install_toy(B, toy::op({toy::caller}) + toy::number(0) + toy::op({toy::store, toy::value}) + toy::number(1) +
                       toy::op({toy::store}));
    install_evm(A, evm::call(CALLCODE, B, {.value = 7}) + return_top());
    next();
    EXPECT_EQ(call(A, word(0), 10).number(), 1u);
    EXPECT_EQ(slot(A, 0), saturate(from_address(A)));
    EXPECT_EQ(slot(A, 1), 7u);
    EXPECT_EQ(balance(A), 10u);
}

TEST_F(cross_format, create2_from_evm_into_toy) {
    const Code runtime_code = toy::program(toy::number(42) + toy::op({toy::give}));
    const Code init = toy::deploys(runtime_code);
    install_evm(A, evm::create2(init, 7, 3) + return_top());
    next();
    const Ran ran = call(A, word(0), 3);
    ASSERT_EQ(ran.status, RVM_OK);
    const rvm_address made = to_address(ran.word());

    // EIP-1014: the creator's format decides the address.
    keccak::Hasher hasher;
    const std::uint8_t prefix = 0xff;
    const rvm_bytes32 salt = to_bytes32(word(7));
    hasher.update({&prefix, 1});
    hasher.update(A.bytes);
    hasher.update(salt.bytes);
    hasher.update(keccak::keccak256(std::span<const std::uint8_t>(init)));
    const keccak::Digest digest = hasher.finish();
    EXPECT_EQ(std::memcmp(made.bytes, digest.data() + 12, sizeof made.bytes), 0);

    EXPECT_EQ(account(made)->nonce, 1u);
    EXPECT_EQ(account(made)->code_size, runtime_code.size());
    EXPECT_EQ(account(A)->nonce, 2u);
    EXPECT_EQ(balance(made), 3u);
    rvm_view code{};
    const char* format = nullptr;
    ASSERT_EQ(table().code(world(), account(made), &code, &format), RVM_OK);
    EXPECT_STREQ(format, toy::kFormat);
    EXPECT_EQ(Code(code.data, code.data + code.size), runtime_code);
    EXPECT_EQ(call(made).number(), 42u);
}

TEST_F(cross_format, create_from_toy_into_evm) {
    const Code runtime_code = push(43) + return_top();
    install_toy(A, toy::make(evm::deploys(runtime_code), 7) + toy::op({toy::give}));
    next();
    const Ran ran = call(A);
    ASSERT_EQ(ran.status, RVM_OK);
    const rvm_address made = to_address(ran.word());
    ASSERT_EQ(account(made)->code_size, runtime_code.size());
    rvm_view code{};
    const char* format = nullptr;
    ASSERT_EQ(table().code(world(), account(made), &code, &format), RVM_OK);
    EXPECT_STREQ(format, kMiniEvm);
    EXPECT_EQ(call(made).number(), 43u);
}

TEST_F(cross_format, evm_init_code_may_deploy_toy_code) {
    // The init code is EVM code; the rule set maps the prefix of what it returns.
    const Code runtime_code = toy::program(toy::number(44) + toy::op({toy::give}));
    const Ran ran = create(evm::deploys(runtime_code), kMiniEvm);
    ASSERT_EQ(ran.status, RVM_OK);
    rvm_view code{};
    const char* format = nullptr;
    ASSERT_EQ(table().code(world(), account(ran.created), &code, &format), RVM_OK);
    EXPECT_STREQ(format, toy::kFormat);
    EXPECT_EQ(call(ran.created).number(), 44u);
}

TEST_F(cross_format, top_level_creation_raises_the_nonce_and_uses_the_one_before) {
    ASSERT_EQ(table().set_nonce(world(), account(sender), 5), RVM_OK);
    const Ran ran = create(evm::deploys(op({STOP})), kMiniEvm, 9);
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(account(sender)->nonce, 6u);
    EXPECT_EQ(balance(ran.created), 9u);
    const std::uint8_t nonce = 5; // RLP: a single byte below 0x80 stands for itself
    Code rlp{0xd6, 0x94};
    rlp.insert(rlp.end(), std::begin(sender.bytes), std::end(sender.bytes));
    rlp.push_back(nonce);
    const keccak::Digest digest = keccak::keccak256(std::span<const std::uint8_t>(rlp));
    EXPECT_EQ(std::memcmp(ran.created.bytes, digest.data() + 12, sizeof ran.created.bytes), 0);
}

TEST_F(cross_format, second_creation_at_an_address_collides_and_burns_its_gas) {
    const Code init = toy::deploys(toy::program(toy::op({toy::trap})));
    install_evm(A, evm::create2(init, 7) + op({POP}) + evm::create2(init, 7) + return_top());
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 0u);
    EXPECT_EQ(account(A)->nonce, 3u) << "a collision raises the nonce (EIP-684)";
    EXPECT_LT(ran.gas_left, kGas / 60) << "all but one 64th is burnt";
}

TEST_F(cross_format, failed_creation_keeps_the_nonce_and_the_warm_address) {
    const Code init = toy::program(toy::write(0, 1) + toy::op({toy::trap}));
    // The address of the creation by A with nonce 1, asked for with EXTCODESIZE afterwards: warm, no code.
    rvm_address expected{};
    mini_evm::create_address(nullptr, &A, 1, nullptr, {}, &expected);
    install_evm(A, evm::create(init) + op({POP, GAS}) + push(expected) + op({EXTCODESIZE, ADD, GAS}) +
                       op({SWAP1, SUB}) + return_top());
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    // Between the two GAS: PUSH20 3, EXTCODESIZE 100 (warm), ADD 3, GAS 2.
    EXPECT_EQ(ran.number(), 3u + 100u + 3u + 2u);
    EXPECT_EQ(account(A)->nonce, 2u);
    EXPECT_EQ(account(expected)->code_hash, nullptr);
    EXPECT_EQ(account(expected)->nonce, 0u);
}

TEST_F(cross_format, return_data_of_creations_follows_eip_211) {
    const Code good = toy::deploys(toy::program({}));
    const Code reverting = toy::program(toy::number(0xbeef) + toy::op({toy::revert}));
    install_evm(A, evm::create2(good, 1) + op({POP, RETURNDATASIZE}) + push(0) + op({SSTORE}) +
                       evm::create2(reverting, 1) + op({POP, RETURNDATASIZE}) + push(1) + op({SSTORE}) + push(32) +
                       op({PUSH0, PUSH0, RETURNDATACOPY, PUSH0, MLOAD}) + return_top());
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(slot(A, 0), 0u) << "a creation that succeeds leaves no return data";
    EXPECT_EQ(slot(A, 1), 32u) << "one that reverts leaves its own";
    EXPECT_EQ(ran.number(), 0xbeefu);
}

TEST_F(cross_format, trap_has_no_return_data_and_revert_has) {
    install_toy(B, toy::op({toy::input}) + Code{toy::skip_if_zero, 1, toy::trap} + toy::number(0xdead) +
                       toy::op({toy::revert}));
    install_evm(A, evm::call(CALL, B, {.input_size = 32}) + op({POP, RETURNDATASIZE}) + push(0) + op({SSTORE}) +
                       push(1) + to_memory(0) + evm::call(CALL, B, {.gas = 5000, .input_size = 32}) +
                       op({POP, RETURNDATASIZE}) + push(1) + op({SSTORE, STOP}));
    next();
    EXPECT_EQ(call(A).status, RVM_OK);
    EXPECT_EQ(slot(A, 0), 32u);
    EXPECT_EQ(slot(A, 1), 0u);
}

// ---- EIP-7702 ------------------------------------------------------------------------------------------------------

TEST_F(cross_format, delegated_account_runs_its_target_on_its_own_storage) {
    install_evm(B, store(0, 11) + op({ADDRESS}) + return_top());
    install_toy(C, toy::write(0, 12) + toy::op({toy::self, toy::give}));
    delegate(D, B);
    const rvm_address E = address(0xe);
    delegate(E, C);
    // A (EVM) calls both; toy F calls both.
    install_evm(A, evm::call(CALL, D, {.output_size = 32}) + op({POP, PUSH0, MLOAD}) + push(0) + op({SSTORE}) +
                       evm::call(CALL, E, {.output_size = 32}) + op({POP, PUSH0, MLOAD}) + push(1) + op({SSTORE}) +
                       push(D) + op({EXTCODESIZE}) + push(2) + op({SSTORE, STOP}));
    const rvm_address F = address(0xf);
    install_toy(F, toy::invoke(RVM_CALL_CALL, D, toy::number(0)) + toy::op({toy::result}) + toy::number(0) +
                       toy::op({toy::store}) + toy::invoke(RVM_CALL_CALL, E, toy::number(0)) + toy::op({toy::result}) +
                       toy::number(1) + toy::op({toy::store}));
    next();
    EXPECT_EQ(call(A).status, RVM_OK);
    EXPECT_EQ(slot(A, 0), saturate(from_address(D)));
    EXPECT_EQ(slot(A, 1), saturate(from_address(E)));
    EXPECT_EQ(slot(A, 2), 23u) << "EXTCODESIZE sees the designator (EIP-7702)";
    EXPECT_EQ(slot(D, 0), 11u);
    EXPECT_EQ(slot(E, 0), 12u);
    EXPECT_EQ(slot(B, 0), 0u);
    EXPECT_EQ(slot(C, 0), 0u);
    EXPECT_EQ(call(F).status, RVM_OK) << "the host follows the delegation for a format that does not";
    EXPECT_EQ(slot(F, 0), saturate(from_address(D)));
    EXPECT_EQ(slot(F, 1), saturate(from_address(E)));
    EXPECT_EQ(call(D).word().limbs[0], saturate(from_address(D))) << "and at the top level";
}

TEST_F(cross_format, delegation_is_followed_once) {
    install_evm(B, push(1) + return_top());
    delegate(C, B);
    delegate(D, C); // D -> C -> B: D runs C's designator as code, which begins with an undefined instruction
    install_evm(A, evm::call(CALL, D, {.gas = 5000}) + return_top());
    install_toy(address(0xe), toy::invoke(RVM_CALL_CALL, D, toy::number(0), 0, 5000) + toy::op({toy::give}));
    next();
    EXPECT_EQ(call(A).number(), 0u);
    EXPECT_EQ(call(address(0xe)).number(), static_cast<std::uint64_t>(RVM_TRAP_ILLEGAL));
    EXPECT_EQ(call(D).status, RVM_TRAP_ILLEGAL);
}

TEST_F(cross_format, delegation_to_an_account_without_code_runs_nothing) {
    delegate(D, address(0x77));
    install_evm(A, evm::call(CALL, D) + return_top());
    next();
    EXPECT_EQ(call(A).number(), 1u);
    const Ran top = call(D);
    EXPECT_EQ(top.status, RVM_OK);
    EXPECT_EQ(used(top), 0);
}

TEST_F(cross_format, cleared_delegation_leaves_an_account_without_code) {
    install_evm(B, push(1) + return_top());
    delegate(D, B);
    ASSERT_NE(account(D)->delegate, nullptr);
    std::uint64_t mark = 0;
    ASSERT_EQ(table().mark(world(), &mark), RVM_OK);
    rvm_error error{};
    error.struct_size = sizeof error;
    ASSERT_EQ(table().set_code(world(), account(D), {nullptr, 0}, nullptr, nullptr, &error), RVM_OK) << error.message;
    EXPECT_EQ(account(D)->delegate, nullptr);
    EXPECT_EQ(account(D)->code_hash, nullptr);
    EXPECT_EQ(account(D)->code_size, 0u);
    ASSERT_EQ(table().rollback(world(), mark), RVM_OK);
    ASSERT_NE(account(D)->delegate, nullptr);
    EXPECT_EQ(account(D)->code_size, 23u);
}

// ---- Depth and re-entry --------------------------------------------------------------------------------------------

TEST_F(cross_format, formats_alternate_down_to_depth_1024) {
    // Each frame returns how many frames lie below it; the deepest one's call fails lightly.
    install_evm(A, evm::call(CALL, B, {.output_size = 32}) + op({PUSH0, MLOAD, ADD}) + return_top());
    install_toy(B, toy::invoke(RVM_CALL_CALL, A, toy::number(0)) +
                       // status 0: 1 + result; else 0. skip_if_zero jumps over "push 0, give".
                       Code{toy::skip_if_zero, 3, toy::push, 0, toy::give} + toy::op({toy::result}) + toy::number(1) +
                       toy::op({toy::add, toy::give}));
    next();
    constexpr std::int64_t kDeep = 1'000'000'000'000; // 63/64 of it 512 times over leaves enough
    for (int round = 0; round < 3; ++round) {
        const Ran from_evm = call(A, word(0), 0, kDeep);
        EXPECT_EQ(from_evm.status, RVM_OK);
        EXPECT_EQ(from_evm.number(), 1024u);
        const Ran from_toy = call(B, word(0), 0, kDeep);
        EXPECT_EQ(from_toy.status, RVM_OK);
        EXPECT_EQ(from_toy.number(), 1024u);
    }
}

TEST_F(cross_format, frame_knows_that_its_storage_owner_is_active) {
    // B: input 0 gives its flags, else it calls A; A calls B with input 0 and returns what it gives.
    const Code ask = toy::invoke(RVM_CALL_CALL, A, toy::number(0)) + toy::op({toy::result, toy::give});
    install_toy(B, toy::op({toy::input}) + Code{toy::skip_if_zero, static_cast<std::uint8_t>(ask.size())} + ask +
                       toy::op({toy::flags, toy::give}));
    install_evm(A, evm::call(CALL, B, {.input_size = 32, .output_size = 32}) + op({POP}) + return_memory(0, 32));
    install_evm(C, evm::call(CALL, B, {.output_size = 32}) + op({POP}) +
                       evm::call(CALL, B, {.input_size = 32, .output_size = 32}) + op({POP}) + return_memory(0, 32));
    // D delegates to B's code with input 1: A's frame then is not re-entrant, B's own storage is not active.
    install_evm(D, push(1) + to_memory(0) + evm::call(DELEGATECALL, B, {.input_size = 32, .output_size = 32}) +
                       op({POP}) + return_memory(0, 32));
    // E runs B's code on its own storage, which was entered once, whoever's code runs. With input 1 it calls itself.
    const rvm_address E = address(0xe);
    const Code again = evm::call(CALL, E, {.output_size = 32}) + op({POP}) + return_memory(0, 32);
    install_evm(E, evm::unless_input_is_zero(0, again) + evm::call(DELEGATECALL, B, {.output_size = 32}) + op({POP}) +
                       return_memory(0, 32));
    next();
    EXPECT_EQ(call(B).number(), 0u);
    EXPECT_EQ(call(B, word(1)).number(), RVM_FRAME_REENTRANT) << "B is below B";
    EXPECT_EQ(call(C).number(), 0u) << "one after the other is not re-entry";
    EXPECT_EQ(call(D).number(), 0u) << "B's code ran above, on D's storage";
    EXPECT_EQ(call(E).number(), 0u) << "a delegation enters nothing";
    EXPECT_EQ(call(E, word(1)).number(), RVM_FRAME_REENTRANT) << "as E, which called itself";
}

} // namespace
} // namespace rvm::conformance
