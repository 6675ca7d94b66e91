// Programs at fixed addresses: reachable from every format and from the top level, warm by rule, metered.
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

constexpr std::uint64_t kIdentity = 0x101, kFive = 0x102, kMalformed = 0x103, kBig = 0x104;
const rvm_address A = address(1), B = address(2);

class program : public WorldTest {
  protected:
    static rvm_address at(std::uint64_t number) { return to_address(word(number)); }
    rvm_message to(std::uint64_t number) {
        rvm_message message{};
        message.kind = RVM_CALL_CALL;
        message.recipient = message.code_address = at(number);
        return message;
    }
};

TEST_F(program, answers_a_top_level_message_and_charges_its_price) {
    const Ran ran = call(at(kIdentity), word(77));
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 77u);
    EXPECT_EQ(used(ran), 32);
}

TEST_F(program, of_the_rules_in_force_wins_at_a_shared_address) {
    EXPECT_EQ(call(at(kFive)).output, Code{5});
}

TEST_F(program, gets_a_larger_buffer_when_it_asks_and_is_charged_once) {
    const Ran ran = call(at(kBig));
    EXPECT_EQ(ran.output, Code(5000, 1));
    EXPECT_EQ(used(ran), 9);
    Code input(70'000, 3);
    rvm_message message = to(kIdentity);
    message.input = view(input);
    const Ran echoed = run(message);
    EXPECT_EQ(echoed.output, input);
    EXPECT_EQ(used(echoed), 70'000);
}

TEST_F(program, without_gas_or_with_bad_input_burns_everything) {
    rvm_message message = to(kFive);
    message.gas = 4;
    EXPECT_EQ(run(message).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(run(message).gas_left, 0);
    const Ran bad = run(to(kMalformed));
    EXPECT_EQ(bad.status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(bad.gas_left, 0);
    EXPECT_TRUE(bad.output.empty());
}

TEST_F(program, keeps_value_sent_to_it_only_when_it_succeeds) {
    EXPECT_EQ(call(at(kFive), word(0), 10).status, RVM_OK);
    EXPECT_EQ(balance(at(kFive)), 10u);
    EXPECT_EQ(call(at(kMalformed), word(0), 10).status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(balance(at(kMalformed)), 0u);
}

TEST_F(program, runs_as_empty_code_where_the_message_says_so_or_a_delegation_leads_there) {
    rvm_message message = to(kFive);
    message.flags = RVM_MESSAGE_NO_PROGRAM;
    EXPECT_TRUE(run(message).output.empty());
    delegate(B, at(kFive));
    next();
    const Ran ran = call(B);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_TRUE(ran.output.empty());
    EXPECT_EQ(used(ran), 0);
}

TEST_F(program, is_reached_from_a_frame_and_warm_before_anybody_touched_it) {
    // CALL five, then return what it returned: 31 zero bytes and a 5 at offset 0.
    const Code code = evm::push(1) + evm::push(0) + evm::push(0) + evm::push(0) + evm::push(0) + evm::push(at(kFive)) +
                      evm::op({evm::GAS, evm::CALL}) + evm::return_top();
    install_evm(A, code);
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.number(), 1u); // success
    rvm_account* handle = account(at(kFive));
    EXPECT_NE(handle->flags & RVM_ACCOUNT_PROGRAM, 0u);
    EXPECT_LT(used(ran), 2000); // a cold account alone would cost 2600
}

TEST_F(program, stays_one_after_a_revert_of_what_happened_to_its_account) {
    const Word wei = word(3);
    std::uint64_t mark = 0;
    const rvm_address five = at(kFive);
    ASSERT_EQ(table().credit(world(), &five, &wei), RVM_OK); // before programs are known in this transaction
    ASSERT_EQ(table().mark(world(), &mark), RVM_OK);
    EXPECT_EQ(call(five, word(0), 1).output, Code{5});
    ASSERT_EQ(table().rollback(world(), mark), RVM_OK);
    EXPECT_EQ(call(five).output, Code{5});
}

} // namespace
} // namespace rvm::conformance
