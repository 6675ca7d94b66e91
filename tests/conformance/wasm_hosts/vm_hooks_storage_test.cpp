// vm_hooks: the storage cache, transient slots, reentrancy, and what reverts.
#include "hooks_contract.hpp"
#include "module_builder.hpp"

namespace rvm::conformance {
namespace {

using namespace hooks;

class vm_hooks_storage : public HooksTest {};

TEST_F(vm_hooks_storage, nothing_is_written_before_the_flush) {
    Answers answers = ask(cache(1, 11) + load(1));
    EXPECT_EQ(answers.small(), 11u) << "the cache answers";
    EXPECT_EQ(slot(S, 1), 0u);
    static_cast<void>(ask(write(1, 11)));
    EXPECT_EQ(slot(S, 1), 11u);
}

TEST_F(vm_hooks_storage, a_trap_drops_what_was_not_flushed_and_undoes_what_was) {
    const Outcome ran = call(S, write(1, 11) + cache(2, 22) + trap());
    EXPECT_EQ(ran.status, RVM_TRAP_ILLEGAL);
    EXPECT_EQ(slot(S, 1), 0u);
    EXPECT_EQ(slot(S, 2), 0u);
    Answers answers = ask(load(2) + load(1)); // at the same depth, in a frame that reuses everything
    EXPECT_EQ(answers.small(), 0u);
    EXPECT_EQ(answers.small(), 0u);
    EXPECT_EQ(slot(S, 2), 0u);
}

TEST_F(vm_hooks_storage, a_clear_lets_the_frame_see_what_others_wrote) {
    // S caches slot 1, then T, run on S's storage, writes it.
    const Code foreign = invoke(delegated, T, write(1, 99));
    Answers kept = ask(load(1) + foreign + load(1));
    EXPECT_EQ(kept.small(), 0u);
    EXPECT_EQ(kept.called().status, 0u);
    EXPECT_EQ(kept.small(), 0u) << "still from the cache";
    Answers cleared = ask(load(1) + write(1, 5) + flush(true) + invoke(delegated, T, write(1, 77)) + load(1));
    EXPECT_EQ(cleared.small(), 99u);
    EXPECT_EQ(cleared.called().status, 0u);
    EXPECT_EQ(cleared.small(), 77u);
}

TEST_F(vm_hooks_storage, a_contract_that_cannot_empty_the_cache_has_none) {
    const rvm_address direct = address(0xd);
    install(direct, read_module("direct.wasm"), "wasm");
    set_slot(direct, 1, word(11));
    next();
    const Outcome ran = call(direct, bytes(T) + write(1, 99));
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault;
    Answers answers(ran.output);
    EXPECT_EQ(answers.small(), 11u);
    EXPECT_EQ(answers.small(), 99u) << "what the delegated call wrote";
    EXPECT_EQ(answers.small(), 99u) << "stored at once";
    EXPECT_EQ(slot(direct, 2), 99u);
}

TEST_F(vm_hooks_storage, writing_back_what_is_there_costs_no_write) {
    static_cast<void>(ask(write(1, 11)));
    next();
    const Outcome same = call(S, load(1) + write(1, 11)), other = call(S, load(1) + write(1, 12));
    EXPECT_EQ(other.gas_used - same.gas_used, 2'800 + 100 - 2'000)
        << "the second finds the slot warm, and pays for a change";
}

TEST_F(vm_hooks_storage, clearing_a_slot_is_refunded) {
    static_cast<void>(ask(write(1, 11)));
    next();
    EXPECT_EQ(call(S, write(1, 0)).refund, 4'800);
    EXPECT_EQ(call(S, write(1, 11)).refund, 2'800 - 4'800) << "EIP-3529: restored";
}

TEST_F(vm_hooks_storage, a_flush_needs_more_than_a_stipend) {
    static_cast<void>(ask(write(1, 11)));
    next();
    static_cast<void>(ask(write(1, 12)));
    // The slot is warm and dirty: a write costs 100. T calls S with 2300 gas.
    const Code poor = invoke(plain, S, write(1, 13), 0, 2'300);
    Outcome ran = call(T, poor);
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(Answers(ran.output).called().status, 2u);
    EXPECT_EQ(slot(S, 1), 12u);
}

TEST_F(vm_hooks_storage, a_callee_that_runs_out_of_its_gas_traps_and_the_caller_goes_on) {
    const rvm_address spinning = address(0x77);
    install(spinning, modules::build({.code = {0x03, 0x40, 0x0c, 0, 0x0b}}), "wasm");
    next();
    const std::int64_t limit = 50'000;
    const Code commands = write(1, 11) + invoke(plain, spinning, {}, 0, limit) + load(1);
    const Outcome ran = call(S, commands);
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault;
    Answers answers(ran.output);
    const auto called = answers.called();
    EXPECT_EQ(called.status, 2u);
    EXPECT_TRUE(called.returned.empty());
    EXPECT_EQ(answers.small(), 11u);
    EXPECT_EQ(slot(S, 1), 11u);
    EXPECT_GE(ran.gas_used, limit) << "all of it is gone";
    EXPECT_LT(ran.gas_used, 2 * limit + 30'000);
}

TEST_F(vm_hooks_storage, transient_slots_end_with_the_transaction) {
    Answers answers = ask(transient_write(1, 5) + transient_load(1));
    EXPECT_EQ(answers.small(), 5u);
    EXPECT_EQ(ask(transient_load(1)).small(), 5u) << "the same transaction";
    next();
    EXPECT_EQ(ask(transient_load(1)).small(), 0u);
}

TEST_F(vm_hooks_storage, every_entry_is_a_new_instance_and_reentrancy_is_reported) {
    // S visits, calls itself through T, visits again.
    Answers answers = ask(visit() + invoke(plain, T, visit() + invoke(plain, S, visit())) + visit());
    EXPECT_EQ(answers.number(1), 1u);
    EXPECT_EQ(answers.number(1), 0u) << "not reentrant";
    const auto outer = answers.called();
    EXPECT_EQ(outer.status, 0u);
    Answers of_t(outer.returned);
    EXPECT_EQ(of_t.number(1), 1u);
    EXPECT_EQ(of_t.number(1), 0u);
    Answers inner(of_t.called().returned);
    EXPECT_EQ(inner.number(1), 1u) << "a static variable begins anew";
    EXPECT_EQ(inner.number(1), 1u) << "S is active below";
    EXPECT_EQ(answers.number(1), 1u);
    EXPECT_EQ(answers.number(1), 0u);
    EXPECT_EQ(ask(visit()).number(1), 1u) << "a pooled instance remembers nothing";
}

TEST_F(vm_hooks_storage, a_reverting_callee_leaves_nothing_and_says_why) {
    Answers answers = ask(write(1, 1) + invoke(plain, T, write(2, 2) + load(2) + log(0, {1}) + end_with(1)) + load(1));
    const auto called = answers.called();
    EXPECT_EQ(called.status, 1u);
    EXPECT_EQ(called.returned, word_bytes(2));
    EXPECT_EQ(slot(T, 2), 0u);
    EXPECT_EQ(slot(S, 1), 1u);
    EXPECT_TRUE(world().logs().empty());
}

TEST_F(vm_hooks_storage, early_exit_keeps_or_reverts_by_its_status) {
    Outcome kept = call(S, write(1, 1) + load(1) + exit_early(0) + trap());
    EXPECT_EQ(kept.status, RVM_OK);
    EXPECT_EQ(kept.output, word_bytes(1));
    EXPECT_EQ(slot(S, 1), 1u);
    Outcome undone = call(S, write(2, 2) + load(2) + exit_early(7) + trap());
    EXPECT_EQ(undone.status, RVM_TRAP_REVERT);
    EXPECT_EQ(undone.output, word_bytes(2));
    EXPECT_EQ(slot(S, 2), 0u);
    EXPECT_GT(gas - undone.gas_used, gas / 2) << "a revert keeps its gas";
}

TEST_F(vm_hooks_storage, a_static_frame_may_read_and_not_write) {
    for (const Code& forbidden : {write(1, 1), transient_write(1, 1), log(0, {}), make({0})}) {
        Answers answers = ask(invoke(read_only, T, forbidden));
        EXPECT_EQ(answers.called().status, 2u);
    }
    Answers reads = ask(invoke(read_only, T, load(1) + flush()));
    EXPECT_EQ(reads.called().status, 0u);
    Answers value = ask(invoke(read_only, T, invoke(plain, S, {}, 1)));
    EXPECT_EQ(value.called().status, 2u) << "nor send value";
}

} // namespace
} // namespace rvm::conformance
