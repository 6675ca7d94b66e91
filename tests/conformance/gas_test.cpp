// Gas is one budget across formats: every unit is charged by a frame, burnt by a trap or given back.
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), C = address(0xc), D = address(0xd);

// Static prices of what the tests use, by the yellow paper's and the EIPs' figures.
constexpr std::int64_t kPush0 = 2, kPush = 3, kPop = 2, kMemoryAccess = 3, kMemoryWord = 3;
constexpr std::int64_t kWarm = 100, kColdAccount = 2600, kColdSlot = 2100, kCallValue = 9000, kNewAccount = 25000;
constexpr std::int64_t kStipend = 2300;
/// evm::call() of a CALL without value, sizes 0, gas and target not 0: five PUSH0 and two PUSH.
constexpr std::int64_t kPrepareCall = 5 * kPush0 + 2 * kPush;
/// The same with a value that is not 0.
constexpr std::int64_t kPrepareValueCall = 4 * kPush0 + 3 * kPush;

class gas : public WorldTest {
  protected:
    void warm(const rvm_address& who, std::initializer_list<std::uint64_t> keys = {}) {
        std::vector<Word> words;
        for (const std::uint64_t key : keys)
            words.push_back(word(key));
        ASSERT_EQ(table().warm(world(), &who, words.data(), words.size()), RVM_OK);
    }
    static std::int64_t toy_cost(std::uint64_t steps, std::uint64_t extra = 0) {
        return static_cast<std::int64_t>(steps * toy::kStep + extra);
    }
};

TEST_F(gas, evm_arithmetic_costs_its_table) {
    install_evm(A, push(15) + push(25) + op({ADD}) + push(1) + op({SHR}));
    next();
    EXPECT_EQ(used(call(A)), 15);
}

TEST_F(gas, sstore_follows_the_table_of_eip_3529) {
    struct Row {
        std::uint64_t original;
        std::vector<std::uint64_t> writes;
        std::int64_t gas, refund;
    };
    // EIP-3529, "Test cases": the slot is warm; PUSH1 0 counts 3 there, so zero is written with PUSH1 here too.
    const Row rows[] = {
        {0, {0, 0}, 212, 0},        {0, {0, 1}, 20112, 0},   {0, {1, 0}, 20112, 19900}, {0, {1, 2}, 20112, 0},
        {0, {1, 1}, 20112, 0},      {1, {0, 0}, 3012, 4800}, {1, {0, 1}, 3012, 2800},   {1, {0, 2}, 3012, 0},
        {1, {2, 0}, 3012, 4800},    {1, {2, 3}, 3012, 0},    {1, {2, 1}, 3012, 2800},   {1, {2, 2}, 3012, 0},
        {1, {1, 0}, 3012, 4800},    {1, {1, 2}, 3012, 0},    {1, {1, 1}, 212, 0},       {0, {1, 0, 1}, 40118, 19900},
        {1, {0, 1, 0}, 5918, 7600},
    };
    for (const Row& row : rows) {
        Code code;
        for (const std::uint64_t value : row.writes)
            code = code + Code{PUSH1, static_cast<std::uint8_t>(value), PUSH1, 0, SSTORE};
        install_evm(A, code);
        const Word key = word(0), original = word(row.original);
        ASSERT_EQ(table().set_slot(world(), account(A), &key, &original), RVM_OK);
        next();
        warm(A, {0});
        const Ran ran = call(A);
        EXPECT_EQ(used(ran), row.gas);
        EXPECT_EQ(ran.refund, row.refund);
    }
}

TEST_F(gas, cold_slot_costs_once_in_a_transaction) {
    install_evm(A, op({PUSH0, SLOAD, PUSH0, SLOAD, PUSH0, SSTORE}));
    next();
    // The write of the value that is there: 100.
    EXPECT_EQ(used(call(A)), 3 * kPush0 + kColdSlot + kWarm + kWarm);
    EXPECT_EQ(used(call(A)), 3 * kPush0 + 3 * kWarm) << "warmth lasts over executions of one transaction";
    next();
    EXPECT_EQ(used(call(A)), 3 * kPush0 + kColdSlot + kWarm + kWarm);
}

TEST_F(gas, sum_over_three_formats_frames_is_exact) {
    install_evm(C, op({PUSH0, SLOAD, POP, STOP}));
    install_toy(B, toy::invoke(RVM_CALL_CALL, C, toy::number(0)) + toy::write(0, 1));
    install_evm(A, evm::call(CALL, B) + op({POP, STOP}));
    next();
    const std::int64_t c = kPush0 + kColdSlot + kPop;
    const std::int64_t b =
        toy_cost(5 + 3, toy::kCall + toy::kStore) + c; // 4 pushes and the call; 2 pushes and the store
    const std::int64_t a = kPrepareCall + kColdAccount + kPop + b;
    EXPECT_EQ(used(call(A)), a);
}

TEST_F(gas, revert_gives_back_and_a_trap_burns_what_was_sent) {
    constexpr std::uint64_t kSent = 50'000;
    install_evm(A, evm::call(CALL, B, {.gas = kSent}) + op({POP, STOP}));
    install_toy(B, toy::number(1) + toy::op({toy::revert}));
    next();
    EXPECT_EQ(used(call(A)), kPrepareCall + kColdAccount + kPop + toy_cost(2));
    install_toy(B, toy::op({toy::trap}));
    next();
    EXPECT_EQ(used(call(A)), kPrepareCall + kColdAccount + kPop + static_cast<std::int64_t>(kSent));
    EXPECT_EQ(used(call(B)), kGas) << "at the top level all of it";

    install_toy(D, toy::invoke(RVM_CALL_CALL, C, toy::number(0), 0, kSent));
    install_evm(C, op({INVALID}));
    next();
    EXPECT_EQ(used(call(D)), toy_cost(5, toy::kCall + kSent));
    install_evm(C, op({PUSH0, PUSH0, REVERT}));
    next();
    EXPECT_EQ(used(call(D)), toy_cost(5, toy::kCall) + 2 * kPush0);
}

TEST_F(gas, all_but_one_64th_is_sent_at_most) {
    install_toy(B, toy::op({toy::gas, toy::give}));
    install_evm(A, evm::call(CALL, B, {.output_size = 32}) + op({POP}) + return_memory(0, 32));
    next();
    warm(B);
    // Output size is PUSH1 32: one PUSH more, one PUSH0 less; one word of memory.
    const std::int64_t left = kGas - (4 * kPush0 + 3 * kPush) - kMemoryWord - kWarm;
    EXPECT_EQ(call(A).number(), static_cast<std::uint64_t>(left - left / 64 - toy_cost(1)));
}

TEST_F(gas, stipend_is_minted_for_the_callee_and_comes_back_when_unused) {
    install_toy(B, toy::op({toy::gas, toy::give}));
    install_evm(A, evm::call(CALL, B, {.value = 1, .gas = 1}) + op({POP, STOP}));
    fund(A, 10);
    next();
    warm(B);
    // 1 + 2300 given; the toy takes its two steps.
    EXPECT_EQ(used(call(A)), kPrepareValueCall + kWarm + kCallValue + 1 - (1 + kStipend - toy_cost(2)) + kPop);
    install_evm(A, evm::call(CALL, address(0x77), {.value = 1, .gas = 1}) + op({POP, STOP}));
    next();
    EXPECT_EQ(used(call(A)), kPrepareValueCall + kColdAccount + kCallValue + kNewAccount - kStipend + kPop)
        << "an account without code gives all back";
    next();
    EXPECT_EQ(used(call(A)), kPrepareValueCall + kColdAccount + kCallValue - kStipend + kPop) << "it exists now";
}

TEST_F(gas, light_failure_by_balance_gives_gas_and_stipend_back) {
    install_toy(B, toy::number(7) + toy::op({toy::give}));
    // First a call that leaves return data, then one that cannot be paid: no return data, no gas lost.
    install_evm(A, evm::call(CALL, B) + op({POP}) + evm::call(CALL, B, {.value = 1}) + op({POP, RETURNDATASIZE}) +
                       return_top());
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 0u);
    const std::int64_t first = kPrepareCall + kColdAccount + toy_cost(2) + kPop;
    const std::int64_t second = kPrepareValueCall + kWarm + kCallValue - kStipend + kPop;
    const std::int64_t rest = 2 + kPush0 + kMemoryAccess + kMemoryWord + kPush + kPush0; // RETURNDATASIZE, return_top
    EXPECT_EQ(used(ran), first + second + rest);

    install_toy(D, toy::invoke(RVM_CALL_CALL, B, toy::number(0), 1) + toy::op({toy::give}));
    next();
    const Ran toy_ran = call(D);
    EXPECT_EQ(toy_ran.number(), static_cast<std::uint64_t>(RVM_TRAP_BALANCE));
    EXPECT_EQ(used(toy_ran), toy_cost(6, toy::kCall));
    EXPECT_EQ(call(B, word(0), kSenderBalance + 1).status, RVM_TRAP_BALANCE);
    EXPECT_EQ(used(call(B, word(0), kSenderBalance + 1)), 0);
}

TEST_F(gas, light_failure_by_nonce_changes_nothing) {
    install_toy(A, toy::make(toy::program({}), 1) + toy::op({toy::give}));
    install_evm(B, evm::create(Code{}) + return_top());
    for (const rvm_address& who : {A, B, sender})
        ASSERT_EQ(table().set_nonce(world(), account(who), UINT64_MAX), RVM_OK);
    next();
    const Ran toy_ran = call(A);
    EXPECT_EQ(toy_ran.status, RVM_OK);
    EXPECT_EQ(toy_ran.number(), 0u);
    EXPECT_EQ(used(toy_ran), toy_cost(4, toy::kCreate));
    const Ran evm_ran = call(B);
    EXPECT_EQ(evm_ran.number(), 0u);
    EXPECT_EQ(used(evm_ran), 3 * kPush0 + 32000 + kPush0 + kMemoryAccess + kMemoryWord + kPush + kPush0);
    const Ran top = create(evm::deploys(op({STOP})), kMiniEvm);
    EXPECT_EQ(top.status, RVM_TRAP_NONCE);
    EXPECT_EQ(used(top), 0);
    EXPECT_EQ(size(end()), 0u);
}

TEST_F(gas, creation_costs_its_init_code_and_its_deposit) {
    const Code code = op({STOP, STOP, STOP});
    const Code init = evm::deploys(code); // PUSH0 PUSH0 MSTORE, PUSH1 PUSH0 RETURN
    const Ran ran = create(init, kMiniEvm);
    ASSERT_EQ(ran.status, RVM_OK);
    constexpr std::int64_t kDeposit = 200;
    EXPECT_EQ(used(ran), kPush0 + kPush0 + kMemoryAccess + kMemoryWord + kPush + kPush0 + 3 * kDeposit);
    const Ran toy_ran = create(toy::deploys(toy::program({})), toy::kFormat);
    ASSERT_EQ(toy_ran.status, RVM_OK);
    EXPECT_EQ(used(toy_ran), toy_cost(1, 4 * toy::kCodeByte));
}

TEST_F(gas, deposit_that_cannot_be_paid_undoes_the_creation) {
    const Code init = evm::deploys(op({STOP, STOP, STOP}));
    rvm_message message{};
    message.kind = RVM_CALL_CREATE;
    message.init_code = view(init);
    message.format = kMiniEvm;
    message.gas = 300; // enough for the init code, not for 600
    const Ran ran = run(message);
    EXPECT_EQ(ran.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(ran.gas_left, 0);
    EXPECT_EQ(account(sender)->nonce, 1u);

    const Code refused = evm::bytes_to_memory(Code{0xef}) + return_memory(0, 1); // EIP-3541
    message.init_code = view(refused);
    message.gas = kGas;
    EXPECT_EQ(run(message).status, RVM_TRAP_INVALID_CODE);
    const Code large = return_memory(0, 24577); // EIP-170
    message.init_code = view(large);
    EXPECT_EQ(run(message).status, RVM_TRAP_LIMIT);
}

TEST_F(gas, delegated_account_costs_two_accesses) {
    install_toy(B, {});
    delegate(D, B);
    install_evm(A, evm::call(CALL, D) + op({POP, STOP}));
    next();
    EXPECT_EQ(used(call(A)), kPrepareCall + 2 * kColdAccount + kPop);
    EXPECT_EQ(used(call(A)), kPrepareCall + 2 * kWarm + kPop);
}

TEST_F(gas, measured_by_the_program_agrees_with_the_result) {
    // GAS as the last instruction but one: what is left afterwards is what the frame gives back.
    install_toy(B, toy::op({toy::gas, toy::give}));
    const Ran ran = call(B);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(static_cast<std::int64_t>(ran.number()), ran.gas_left + toy_cost(1));
}

} // namespace
} // namespace rvm::conformance
