// What a failed frame did is gone, whatever format it was in and however it failed; what others did stays.
#include <tuple>
#include <vector>

#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), C = address(0xc), D = address(0xd);
const rvm_address kPayee = address(0x99), kWatched = address(0x98);

using Digest = std::vector<std::uint8_t>;

/// How a frame ends.
enum class End { success, revert, trap, out_of_gas, host_refusal };

Code evm_end(End how) {
    switch (how) {
    case End::revert:
        return push(1) + revert_top();
    case End::trap:
        return op({INVALID});
    case End::out_of_gas: // an endless loop
        return op({JUMPDEST, PC}) + push(1) + op({SWAP1, SUB, JUMP});
    case End::host_refusal: // undefined instruction
        return Code{0x0c};
    default:
        return op({STOP});
    }
}
Code toy_end(End how) {
    switch (how) {
    case End::revert:
        return toy::number(1) + toy::op({toy::revert});
    case End::trap:
        return toy::op({toy::trap});
    case End::out_of_gas: // more pushes than a stack has words, or gas allows
        return Code(2 * toy::kMaxStack, toy::self);
    case End::host_refusal: // more than the balance, then give up
        return toy::invoke(RVM_CALL_CALL, kPayee, toy::number(0), UINT64_MAX) + toy::op({toy::trap});
    default:
        return {};
    }
}

/// Everything a frame can change, in each format. The account needs a balance of at least 3.
Code evm_changes() {
    return store(0, 1) + push(1) + push(0) + op({TSTORE}) + push(7) + op({PUSH0, PUSH0, LOG1}) +
           evm::call(CALL, kPayee, {.value = 1, .gas = 0}) + op({POP}) + push(kWatched) + op({BALANCE, POP}) +
           evm::create2(evm::deploys(op({STOP})), 1, 1) + op({POP}) + evm::create(toy::deploys(toy::program({})), 1) +
           op({POP});
}
Code toy_changes() {
    return toy::write(0, 1) + toy::number(1) + toy::number(0) + toy::op({toy::store_transient}) + toy::number(5) +
           toy::number(7) + toy::op({toy::log}) + toy::invoke(RVM_CALL_CALL, kPayee, toy::number(0), 1) +
           toy::make(evm::deploys(op({STOP})), 1, 1) + toy::make(toy::deploys(toy::program({})), 2, 1);
}

class rollback : public WorldTest {
  protected:
    /// An empty transaction's digest.
    Digest nothing() {
        next();
        const Changes changes = end();
        begin();
        EXPECT_EQ(size(changes), 0u);
        return digest(changes);
    }
};

class nested_failure : public rollback, public testing::WithParamInterface<std::tuple<bool, End>> {};

TEST_P(nested_failure, leaves_nothing_behind) {
    const auto [fails_in_toy, how] = GetParam();
    // A (EVM) calls B, which changes everything, calls C in the other format, which does the same and succeeds, and
    // fails.
    if (fails_in_toy) {
        install_toy(B, toy_changes() + toy::invoke(RVM_CALL_CALL, C, toy::number(0), 0) + toy_end(how));
        install_evm(C, evm_changes() + op({STOP}));
    } else {
        install_evm(B, evm_changes() + evm::call(CALL, C) + op({POP}) + evm_end(how));
        install_toy(C, toy_changes());
    }
    install_evm(A, evm::call(CALL, B, {.gas = 3'000'000}) + push(0) + op({TLOAD, ADD}) + return_top());
    for (const rvm_address& who : {B, C})
        fund(who, 100);
    const Digest before = nothing();

    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    const bool succeeded = how == End::success;
    EXPECT_EQ(ran.number(), succeeded ? 1u : 0u);
    EXPECT_EQ(logs().size(), succeeded ? 2u : 0u);
    const Changes changes = end();
    if (succeeded) {
        EXPECT_GE(size(changes), 7u) << "B, C, the payee and four creations";
        EXPECT_NE(digest(changes), before);
    } else {
        EXPECT_EQ(size(changes), 0u);
        EXPECT_EQ(digest(changes), before);
        EXPECT_EQ(ran.refund, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(every_way, nested_failure,
                         testing::Combine(testing::Bool(), testing::Values(End::success, End::revert, End::trap,
                                                                           End::out_of_gas, End::host_refusal)));

class level : public rollback, public testing::WithParamInterface<int> {};

TEST_P(level, that_reverts_takes_all_below_it_along_and_nothing_above) {
    // Levels 0 to 3 alternate formats; each stores, logs, calls the next, stores again. One of them (or none, 4)
    // reverts.
    const int failing = GetParam();
    const rvm_address chain[] = {A, B, C, D};
    for (int i = 0; i < 4; ++i) {
        const auto mark = static_cast<std::uint64_t>(i) + 1;
        if (i % 2 == 0) {
            install_evm(chain[i], store(0, mark) + push(mark) + op({PUSH0, PUSH0, LOG1}) +
                                      (i < 3 ? evm::call(CALL, chain[i + 1], {.value = 1}) : Code{}) + store(1, mark) +
                                      evm_end(i == failing ? End::revert : End::success));
        } else {
            install_toy(chain[i], toy::write(0, mark) + toy::number(0) + toy::number(mark) + toy::op({toy::log}) +
                                      (i < 3 ? toy::invoke(RVM_CALL_CALL, chain[i + 1], toy::number(0), 1) : Code{}) +
                                      toy::write(1, mark) + toy_end(i == failing ? End::revert : End::success));
        }
        fund(chain[i], 10);
    }
    next();
    const Ran ran = call(A, word(0), 1);
    EXPECT_EQ(ran.status, failing == 0 ? RVM_TRAP_REVERT : RVM_OK);
    EXPECT_EQ(logs().size(), static_cast<std::size_t>(failing));
    for (int i = 0; i < 4; ++i) {
        const auto expected = i < failing ? static_cast<std::uint64_t>(i) + 1 : 0;
        EXPECT_EQ(slot(chain[i], 0), expected) << "level " << i;
        EXPECT_EQ(slot(chain[i], 1), expected) << "level " << i;
        // One wei travels down to the last level that lives.
        EXPECT_EQ(balance(chain[i]), i == failing - 1 ? 11u : 10u) << "level " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(zero_to_none, level, testing::Range(0, 5));

TEST_F(rollback, warmth_reverts_with_the_frame) {
    // B (EVM) warms an account, then fails unless its input is 0; toy D stands between A and B.
    const Code warm = push(kWatched) + op({BALANCE, POP});
    install_evm(B, warm + unless_input_is_zero(warm.size(), op({INVALID})) + op({STOP}));
    install_toy(D, toy::invoke(RVM_CALL_CALL, B, toy::op({toy::input}), 0, 100'000));
    const Code measure = op({GAS}) + push(kWatched) + op({BALANCE, POP, GAS, SWAP1, SUB});
    const auto measured = [&](std::uint64_t input) {
        install_evm(A, push(input) + to_memory(0) + evm::call(CALL, D, {.input_size = 32}) + op({POP}) + measure +
                           return_top());
        next();
        return call(A).number();
    };
    constexpr std::uint64_t kAround = 3 + 2 + 2; // PUSH, POP, the second GAS
    EXPECT_EQ(measured(1), kAround + 2600) << "B failed: cold again";
    EXPECT_EQ(measured(0), kAround + 100) << "B succeeded: stays warm";
}

TEST_F(rollback, slot_warmth_reverts_with_the_frame) {
    // B reads its slot, then fails when the input is not 0. Called twice by a toy; the second call's gas tells.
    const Code read = op({GAS, PUSH0, SLOAD, POP, GAS, SWAP1, SUB});
    install_evm(B, read + unless_input_is_zero(read.size(), op({INVALID})) + return_top());
    constexpr std::uint64_t kAround = 2 + 2 + 2; // PUSH0, POP, the second GAS
    for (const std::uint64_t first : {0u, 1u}) {
        install_toy(A, toy::invoke(RVM_CALL_CALL, B, toy::number(first), 0, 100'000) +
                           toy::invoke(RVM_CALL_CALL, B, toy::number(0), 0, 100'000) +
                           toy::op({toy::result, toy::give}));
        next();
        EXPECT_EQ(call(A).number(), kAround + (first == 0 ? 100u : 2100u)) << "first call's input " << first;
    }
}

TEST_F(rollback, transient_slots_revert_to_the_callers_value) {
    // B (toy code) runs on A's storage, overwrites the transient slot and fails.
    install_toy(B, toy::number(2) + toy::number(0) + toy::op({toy::store_transient, toy::trap}));
    install_evm(A, push(1) + push(0) + op({TSTORE}) + evm::call(DELEGATECALL, B, {.gas = 10'000}) +
                       op({POP, PUSH0, TLOAD}) + return_top());
    next();
    EXPECT_EQ(call(A).number(), 1u);
    next();
    install_evm(A, op({PUSH0, TLOAD}) + return_top());
    EXPECT_EQ(call(A).number(), 0u) << "transient slots end with the transaction";
}

TEST_F(rollback, refunds_of_a_failed_frame_are_lost) {
    const Code clear = store(0, 0);
    install_evm(B, clear + unless_input_is_zero(clear.size(), op({INVALID})) + op({STOP}));
    install_toy(A, toy::invoke(RVM_CALL_CALL, B, toy::op({toy::input}), 0, 100'000));
    const Word key = word(0), one = word(1);
    ASSERT_EQ(table().set_slot(world(), account(B), &key, &one), RVM_OK);
    next();
    EXPECT_EQ(call(A, word(1)).refund, 0);
    EXPECT_EQ(call(A, word(0)).refund, 4800); // EIP-3529
}

TEST_F(rollback, inner_frame_takes_back_the_refund_of_an_outer_one) {
    // A clears its slot (+4800) and calls toy B, which calls A again: that frame sets it to another value (-4800).
    install_evm(A, unless_input_is_zero(0, store(0, 2) + op({STOP})) + store(0, 0) + evm::call(CALL, B) + op({STOP}));
    install_toy(B, toy::invoke(RVM_CALL_CALL, A, toy::number(1)));
    const Word key = word(0), one = word(1);
    ASSERT_EQ(table().set_slot(world(), account(A), &key, &one), RVM_OK);
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(slot(A, 0), 2u);
    EXPECT_EQ(ran.refund, 0) << "4800 - 4800: a frame's refund may be negative";
}

TEST_F(rollback, failed_creation_can_be_repeated_at_its_address) {
    // Toy B creates with a salt and fails as its input says; the second time it succeeds.
    install_toy(B, toy::make(toy::deploys(toy::program({})), 9) + toy::op({toy::input}) +
                       Code{toy::skip_if_zero, 1, toy::trap} + toy::op({toy::give}));
    install_evm(A, push(1) + to_memory(0) + evm::call(CALL, B, {.gas = 100'000, .input_size = 32}) + op({POP}) +
                       push(0) + to_memory(0) + evm::call(CALL, B, {.input_size = 32, .output_size = 32}) +
                       op({POP, PUSH0, MLOAD}) + return_top());
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    const rvm_address made = to_address(ran.word());
    EXPECT_NE(ran.number(), 0u);
    EXPECT_EQ(account(made)->nonce, 1u);
    EXPECT_EQ(account(B)->nonce, 2u) << "the first frame's nonce was reverted";
}

// ---- SELFDESTRUCT --------------------------------------------------------------------------------------------------

TEST_F(rollback, destruction_reverts_and_else_happens_at_the_end) {
    install_toy(B, toy::number(kPayee) + toy::op({toy::destroy}));
    install_evm(C, evm::call(CALL, B) + evm_end(End::revert));
    install_evm(A, evm::call(CALL, C) + op({POP}) + push(B) + op({BALANCE}) + push(0) + op({SSTORE}) +
                       evm::call(CALL, B) + op({POP}) + push(B) + op({BALANCE}) + push(1) + op({SSTORE}) + push(B) +
                       op({EXTCODESIZE}) + push(2) + op({SSTORE, STOP}));
    fund(B, 50);
    next();
    EXPECT_EQ(call(A).status, RVM_OK);
    EXPECT_EQ(slot(A, 0), 50u) << "reverted";
    EXPECT_EQ(slot(A, 1), 0u) << "the balance moves at once";
    EXPECT_GT(slot(A, 2), 0u) << "the code stays until the end";
    EXPECT_EQ(balance(kPayee), 50u);
    next();
    EXPECT_EQ(account(B)->code_hash, nullptr);
    EXPECT_EQ(account(B)->nonce, 0u);
    EXPECT_EQ(account(B)->flags & RVM_ACCOUNT_EXISTS, 0u);
}

TEST_F(rollback, selfdestruct_follows_eip_6780) {
    // An old account only loses its balance; to itself it loses nothing.
    install_evm(B, push(kPayee) + op({SELFDESTRUCT}));
    install_evm(C, op({ADDRESS, SELFDESTRUCT}));
    fund(B, 5);
    fund(C, 6);
    next();
    EXPECT_EQ(call(B).status, RVM_OK);
    EXPECT_EQ(call(C).status, RVM_OK);
    next();
    EXPECT_NE(account(B)->code_hash, nullptr);
    EXPECT_EQ(balance(B), 0u);
    EXPECT_EQ(balance(kPayee), 5u);
    EXPECT_NE(account(C)->code_hash, nullptr);
    EXPECT_EQ(balance(C), 6u);

    // One created in the same transaction goes, and burns what it leaves to itself or gets later.
    install_toy(A, toy::make(evm::deploys(op({ADDRESS, SELFDESTRUCT})), 1, 4) + toy::op({toy::give}));
    fund(A, 10);
    next();
    const rvm_address made = to_address(call(A).word());
    EXPECT_EQ(balance(made), 4u);
    EXPECT_EQ(call(made).status, RVM_OK);
    EXPECT_EQ(balance(made), 0u) << "burnt";
    EXPECT_EQ(call(made, word(0), 7).status, RVM_OK) << "the code still runs";
    EXPECT_EQ(balance(made), 0u) << "burnt again";
    next();
    EXPECT_EQ(account(made)->flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_EQ(balance(A), 6u);
}

// ---- The world's own undo -------------------------------------------------------------------------------------------

TEST_F(rollback, marks_of_the_world_undo_executions) {
    install_evm(B, evm_changes() + op({STOP}));
    install_toy(A, toy_changes() + toy::invoke(RVM_CALL_CALL, B, toy::number(0)));
    fund(A, 100);
    fund(B, 100);
    const Digest before = nothing();
    std::uint64_t outer = 0, inner = 0;
    ASSERT_EQ(table().mark(world(), &outer), RVM_OK);
    EXPECT_EQ(call(A).status, RVM_OK);
    ASSERT_EQ(table().mark(world(), &inner), RVM_OK);
    fund(B, 5);
    ASSERT_EQ(table().rollback(world(), inner), RVM_OK);
    EXPECT_EQ(slot(A, 0), 1u);
    EXPECT_EQ(logs().size(), 2u);
    ASSERT_EQ(table().rollback(world(), outer), RVM_OK);
    EXPECT_EQ(slot(A, 0), 0u);
    EXPECT_EQ(logs().size(), 0u);
    EXPECT_EQ(digest(end()), before);
}

TEST_F(rollback, empty_accounts_touched_disappear_only_when_asked) {
    const rvm_address nobody = address(0x55);
    install_evm(A, evm::call(CALL, nobody) + return_top());
    next();
    EXPECT_EQ(call(A).number(), 1u);
    EXPECT_EQ(size(end()), 0u);
    begin();
    EXPECT_EQ(call(A).number(), 1u);
    const Changes kept = end(0);
    EXPECT_EQ(size(kept), 1u) << "before EIP-161 the call leaves an empty account";
    begin();
    EXPECT_NE(account(nobody)->flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_EQ(call(A).number(), 1u);
    EXPECT_EQ(size(end()), 1u) << "and the next touch under EIP-161 removes it";
    begin();
    EXPECT_EQ(account(nobody)->flags & RVM_ACCOUNT_EXISTS, 0u);
}

TEST_F(rollback, same_transaction_in_two_worlds_has_one_digest) {
    Digest digests[2];
    for (Digest& out : digests) {
        TearDown();
        SetUp();
        install_evm(B, evm_changes() + op({STOP}));
        install_toy(A, toy_changes() + toy::invoke(RVM_CALL_CALL, B, toy::number(0)));
        fund(A, 100);
        fund(B, 100);
        next();
        EXPECT_EQ(call(A).status, RVM_OK);
        const Changes changes = end();
        out = digest(changes);
        begin();
    }
    EXPECT_EQ(digests[0], digests[1]);
}

} // namespace
} // namespace rvm::conformance
