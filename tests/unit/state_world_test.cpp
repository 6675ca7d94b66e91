// What the specifications say about single operations of the journaled world, and what a failing store does.
#include "state/memory_store.hpp"
#include "state/world_state.hpp"

#include "state/limbs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

namespace rvm::state {
namespace {

rvm_address address(std::uint8_t last) {
    rvm_address out{};
    out.bytes[19] = last;
    return out;
}

rvm_u256 num(std::uint64_t value) { return {{value, 0, 0, 0}}; }

/// The memory engine with a switch that makes every read, or every commit, fail.
struct FlakyEngine {
    static inline bool reads_fail = false;
    static inline bool commits_fail = false;
    rvm_storage table = rvm_memory_storage;

    FlakyEngine() {
        reads_fail = commits_fail = false;
        table.get = [](rvm_store_view* view, std::uint32_t keyspace, rvm_view key, rvm_view* value) -> rvm_status {
            return reads_fail ? RVM_E_IO : rvm_memory_storage.get(view, keyspace, key, value);
        };
        table.commit = [](rvm_store* store, const rvm_store_write* writes, std::uint64_t count,
                          rvm_error* error) -> rvm_status {
            return commits_fail ? RVM_E_IO : rvm_memory_storage.commit(store, writes, count, error);
        };
    }
};

class StateWorld : public testing::Test {
  protected:
    StateWorld() {
        EXPECT_EQ(engine.table.open(nullptr, "{}", &store, nullptr), RVM_OK);
        world = open();
        EXPECT_EQ(world->begin_tx(), RVM_OK);
    }
    ~StateWorld() override {
        world.reset();
        engine.table.close(store);
    }
    std::unique_ptr<WorldState> open(std::uint32_t flags = 0) {
        std::unique_ptr<WorldState> out;
        EXPECT_EQ(WorldState::open(engine.table, *store, codes, flags, &out, nullptr), RVM_OK);
        return out;
    }
    Account& account(std::uint8_t last) {
        Account* out = nullptr;
        EXPECT_EQ(world->account(address(last), 0, &out, nullptr), RVM_OK);
        return *out;
    }
    void next_tx(std::uint32_t flags = 0) {
        EXPECT_EQ(world->end_tx(flags, &changes), RVM_OK);
        EXPECT_EQ(world->begin_tx(), RVM_OK);
    }
    std::uint32_t store_slot(Account& a, std::uint64_t key, std::uint64_t value) {
        rvm_slot_write out{};
        EXPECT_EQ(world->sstore(a, num(key), num(value), 0, &out), RVM_OK);
        return out.change;
    }

    FlakyEngine engine;
    rvm_store* store = nullptr;
    CodeTable codes;
    std::unique_ptr<WorldState> world;
    ChangeSet changes;
};

using state_world = StateWorld;

TEST_F(state_world, a_peek_answers_like_the_access_and_leaves_no_trace) {
    Account& a = account(1);
    ASSERT_EQ(world->set_slot(a, num(7), num(5)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    rvm_slot_write peek{};
    for (int i = 0; i < 2; ++i) { // the first peek must not warm for the second
        ASSERT_EQ(world->sstore(a, num(7), num(0), RVM_WANT_PEEK, &peek), RVM_OK);
        EXPECT_EQ(peek.change, RVM_SLOT_DELETED);
        EXPECT_EQ(peek.access, RVM_ACCESS_COLD);
        EXPECT_EQ(peek.original.limbs[0], 5u);
    }
    rvm_slot_write done{};
    ASSERT_EQ(world->sstore(a, num(7), num(0), 0, &done), RVM_OK);
    EXPECT_EQ(std::memcmp(&peek, &done, sizeof peek), 0);
    rvm_u256 value{};
    std::uint32_t access = 9;
    ASSERT_EQ(world->sload(a, num(7), RVM_WANT_PEEK, &value, &access), RVM_OK);
    EXPECT_EQ(value.limbs[0], 0u);
    EXPECT_EQ(access, 0u);
}

TEST_F(state_world, gives_the_nine_storage_outcomes_of_evmc) {
    constexpr std::uint64_t X = 1, Y = 2, Z = 3;
    struct Row {
        std::uint64_t original, current, value;
        std::uint32_t change;
    };
    const std::array<Row, 15> rows{{{0, 0, Z, RVM_SLOT_ADDED},
                                    {X, X, 0, RVM_SLOT_DELETED},
                                    {X, X, Z, RVM_SLOT_MODIFIED},
                                    {X, 0, Z, RVM_SLOT_DELETED_ADDED},
                                    {X, Y, 0, RVM_SLOT_MODIFIED_DELETED},
                                    {X, 0, X, RVM_SLOT_DELETED_RESTORED},
                                    {0, Y, 0, RVM_SLOT_ADDED_DELETED},
                                    {X, Y, X, RVM_SLOT_MODIFIED_RESTORED},
                                    {0, 0, 0, RVM_SLOT_ASSIGNED},
                                    {X, X, X, RVM_SLOT_ASSIGNED},
                                    {0, Y, Y, RVM_SLOT_ASSIGNED},
                                    {0, Y, Z, RVM_SLOT_ASSIGNED},
                                    {X, 0, 0, RVM_SLOT_ASSIGNED},
                                    {X, Y, Y, RVM_SLOT_ASSIGNED},
                                    {X, Y, Z, RVM_SLOT_ASSIGNED}}};
    for (std::size_t i = 0; i < rows.size(); ++i)
        ASSERT_EQ(world->set_slot(account(1), num(i), num(rows[i].original)), RVM_OK);
    next_tx();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        store_slot(account(1), i, rows[i].current);
        EXPECT_EQ(store_slot(account(1), i, rows[i].value), rows[i].change) << "row " << i;
    }
}

TEST_F(state_world, eip_6780_destroys_only_what_the_transaction_created) {
    ASSERT_EQ(world->add_balance(account(1), num(10)), RVM_OK);
    ASSERT_EQ(world->set_nonce(account(1), 1), RVM_OK);
    next_tx();
    bool first = true;
    ASSERT_EQ(world->destroy(account(1), account(2), RVM_DESTROY_IF_NEW_IN_TX, &first), RVM_OK);
    EXPECT_FALSE(first);
    ASSERT_EQ(world->create_account(account(3), 1), RVM_OK);
    ASSERT_EQ(world->destroy(account(3), account(2), RVM_DESTROY_IF_NEW_IN_TX, &first), RVM_OK);
    EXPECT_TRUE(first);
    ASSERT_EQ(world->destroy(account(3), account(2), RVM_DESTROY_IF_NEW_IN_TX, &first), RVM_OK);
    EXPECT_FALSE(first) << "marked already";
    next_tx();
    EXPECT_NE(account(1).visible.flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_EQ(account(3).visible.flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_TRUE(equal(account(2).visible.balance, num(10)));
}

TEST_F(state_world, lists_what_the_ended_transaction_touched_and_destroyed) {
    next_tx();
    ASSERT_EQ(world->touch(account(5), 0), RVM_OK);
    ASSERT_EQ(world->credit(address(4), num(7)), RVM_OK);
    ASSERT_EQ(world->credit(address(6), num(0)), RVM_OK) << "touches nothing";
    const Mark mark = world->snapshot();
    ASSERT_EQ(world->touch(account(7), 0), RVM_OK);
    ASSERT_EQ(world->touch(account(3), RVM_TOUCH_STICKY), RVM_OK);
    ASSERT_EQ(world->destroy(account(5), account(8), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    ASSERT_EQ(world->revert(mark), RVM_OK);
    ASSERT_EQ(world->destroy(account(2), account(1), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    EXPECT_TRUE(world->touched().empty()) << "the transaction is open";

    const auto numbers = [](std::span<const rvm_address> list) {
        std::vector<unsigned> out;
        for (const rvm_address& item : list)
            out.push_back(item.bytes[19]);
        return out;
    };
    ASSERT_EQ(world->end_tx(RVM_TX_REMOVE_EMPTY_TOUCHED, nullptr), RVM_OK);
    EXPECT_EQ(numbers(world->touched()), (std::vector<unsigned>{1, 2, 3, 4, 5}));
    EXPECT_EQ(numbers(world->destroyed()), std::vector<unsigned>{2});
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    ASSERT_EQ(world->touch(account(1), 0), RVM_OK);
    world->abort_tx();
    EXPECT_TRUE(world->touched().empty());
    EXPECT_TRUE(world->destroyed().empty());
}

TEST_F(state_world, an_account_that_is_its_own_heir_burns_its_balance_when_it_is_destroyed) {
    ASSERT_EQ(world->add_balance(account(1), num(10)), RVM_OK);
    ASSERT_EQ(world->destroy(account(1), account(1), RVM_DESTROY_IF_NEW_IN_TX, nullptr), RVM_OK);
    EXPECT_TRUE(equal(account(1).visible.balance, num(10))) << "EIP-6780: not new, nothing moves";
    ASSERT_EQ(world->destroy(account(1), account(1), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    EXPECT_TRUE(is_zero(account(1).visible.balance));
}

TEST_F(state_world, ether_sent_to_a_destroyed_account_is_lost_with_it) {
    ASSERT_EQ(world->add_balance(account(2), num(10)), RVM_OK);
    ASSERT_EQ(world->destroy(account(1), account(2), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    ASSERT_EQ(world->transfer(account(2), account(1), num(4)), RVM_OK);
    next_tx();
    EXPECT_TRUE(is_zero(account(1).visible.balance));
    EXPECT_TRUE(equal(account(2).visible.balance, num(6)));
}

TEST_F(state_world, a_sticky_touch_removes_an_empty_account_after_its_revert) {
    ASSERT_EQ(world->touch(account(1), 0), RVM_OK);
    ASSERT_EQ(world->touch(account(2), 0), RVM_OK);
    next_tx(); // both exist, empty
    const Mark mark = world->snapshot();
    ASSERT_EQ(world->touch(account(1), RVM_TOUCH_STICKY), RVM_OK);
    ASSERT_EQ(world->touch(account(2), 0), RVM_OK);
    ASSERT_EQ(world->revert(mark), RVM_OK);
    next_tx(RVM_TX_REMOVE_EMPTY_TOUCHED);
    EXPECT_EQ(account(1).visible.flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_NE(account(2).visible.flags & RVM_ACCOUNT_EXISTS, 0u);
}

TEST_F(state_world, storage_of_a_created_account_is_zero_and_so_are_its_originals) {
    ASSERT_EQ(world->set_slot(account(1), num(1), num(7)), RVM_OK);
    next_tx();
    EXPECT_TRUE(world->collides(account(1))) << "EIP-7610";
    const Mark mark = world->snapshot();
    ASSERT_EQ(world->create_account(account(1), 1), RVM_OK);
    rvm_slot_write out{};
    ASSERT_EQ(world->sstore(account(1), num(1), num(9), 0, &out), RVM_OK);
    EXPECT_TRUE(is_zero(out.original));
    EXPECT_TRUE(is_zero(out.current));
    ASSERT_EQ(world->revert(mark), RVM_OK);
    ASSERT_EQ(world->sstore(account(1), num(1), num(9), 0, &out), RVM_OK);
    EXPECT_TRUE(equal(out.original, num(7)));
}

TEST_F(state_world, a_mark_of_another_transaction_is_refused) {
    const Mark mark = world->snapshot();
    next_tx();
    EXPECT_EQ(world->revert(mark), RVM_E_INVALID_ARGUMENT);
    EXPECT_EQ(world->revert(world->snapshot() + 1), RVM_E_INVALID_ARGUMENT);
}

TEST_F(state_world, a_blind_credit_is_a_delta_until_something_else_changes) {
    ASSERT_EQ(world->credit(address(1), num(5)), RVM_OK);
    next_tx();
    ASSERT_EQ(changes.accounts().size(), 1u);
    EXPECT_EQ(changes.accounts()[0].flags, RVM_CHANGE_DELTA);
    EXPECT_TRUE(equal(changes.accounts()[0].after.balance, num(5)));
    account(1); // in memory or not makes no difference
    ASSERT_EQ(world->credit(address(1), num(6)), RVM_OK);
    next_tx();
    EXPECT_EQ(changes.accounts()[0].flags, RVM_CHANGE_DELTA);
    ASSERT_EQ(world->credit(address(1), num(7)), RVM_OK);
    ASSERT_EQ(world->sub_balance(account(1), num(1)), RVM_OK);
    next_tx();
    EXPECT_EQ(changes.accounts()[0].flags, 0u);
    EXPECT_TRUE(equal(changes.accounts()[0].before.balance, num(11)));
    EXPECT_TRUE(equal(changes.accounts()[0].after.balance, num(17)));
    const rvm_u256 most{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    ASSERT_EQ(world->credit(address(2), most), RVM_OK);
    EXPECT_EQ(world->credit(address(2), num(1)), RVM_E_INVALID_ARGUMENT);
}

TEST_F(state_world, writes_outside_a_transaction_are_refused) {
    Account& a = account(1);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    rvm_u256 value{};
    rvm_slot_write out{};
    EXPECT_EQ(world->add_balance(a, num(1)), RVM_E_INVALID_ARGUMENT);
    EXPECT_EQ(world->sstore(a, num(1), num(1), 0, &out), RVM_E_INVALID_ARGUMENT);
    EXPECT_EQ(world->sload(a, num(1), 0, &value, nullptr), RVM_E_INVALID_ARGUMENT);
    EXPECT_EQ(world->end_tx(0, nullptr), RVM_E_INVALID_ARGUMENT);
    EXPECT_EQ(world->slot(a, num(1), &value), RVM_OK);
}

TEST_F(state_world, nine_thousand_slots_of_a_destroyed_account_do_not_come_back) {
    constexpr std::uint64_t count = 9000; // more than one batch erases
    for (std::uint64_t i = 0; i < count; ++i)
        ASSERT_EQ(world->set_slot(account(1), num(i), num(1)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    ASSERT_EQ(world->destroy(account(1), account(2), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
    world = open();
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    ASSERT_EQ(world->set_slot(account(1), num(count), num(1)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
    std::uint64_t seen = 0;
    const rvm_slot_fn counter = [](void* ctx, const rvm_u256*, const rvm_u256*) -> rvm_status {
        ++*static_cast<std::uint64_t*>(ctx);
        return RVM_OK;
    };
    ASSERT_EQ(world->each_slot(account(1), counter, &seen), RVM_OK);
    EXPECT_EQ(seen, 1u);
}

TEST_F(state_world, a_slot_of_a_removed_and_committed_account_counts_as_zero_when_it_is_created_again) {
    ASSERT_EQ(world->set_slot(account(1), num(1), num(7)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    ASSERT_EQ(world->destroy(account(1), account(2), RVM_DESTROY_ALWAYS, nullptr), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
    ASSERT_EQ(world->begin_tx(), RVM_OK);
    ASSERT_EQ(world->create_account(account(1), 1), RVM_OK);
    ASSERT_EQ(world->set_slot(account(1), num(1), num(8)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(world->changes_since_commit(&changes), RVM_OK);
    ASSERT_EQ(changes.accounts().size(), 1u);
    ASSERT_EQ(changes.accounts()[0].slot_count, 1u);
    EXPECT_TRUE(is_zero(changes.accounts()[0].slots[0].before));
    EXPECT_EQ(world->commit({}, nullptr), RVM_OK);
}

TEST_F(state_world, a_failing_store_leaves_only_discard_and_discard_repairs) {
    Account& loaded = account(1);
    ASSERT_EQ(world->add_balance(loaded, num(5)), RVM_OK);
    Account* out = nullptr;
    FlakyEngine::reads_fail = true;
    EXPECT_EQ(world->account(address(9), 0, &out, nullptr), RVM_E_IO);
    FlakyEngine::reads_fail = false;
    EXPECT_EQ(world->failure(), RVM_E_IO);
    EXPECT_EQ(world->add_balance(loaded, num(5)), RVM_E_IO);
    EXPECT_EQ(world->end_tx(0, nullptr), RVM_E_IO);
    EXPECT_EQ(world->commit({}, nullptr), RVM_E_IO);
    world->discard();
    EXPECT_EQ(world->failure(), RVM_OK);
    EXPECT_TRUE(is_zero(loaded.visible.balance));
    EXPECT_EQ(world->begin_tx(), RVM_OK);
}

TEST_F(state_world, a_failing_commit_writes_nothing) {
    ASSERT_EQ(world->add_balance(account(1), num(5)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    FlakyEngine::commits_fail = true;
    EXPECT_EQ(world->commit({}, nullptr), RVM_E_IO);
    FlakyEngine::commits_fail = false;
    world->discard();
    EXPECT_TRUE(is_zero(account(1).visible.balance));
    world = open();
    EXPECT_EQ(account(1).visible.flags, 0u);
}

TEST_F(state_world, a_commit_over_a_foreign_commit_says_retry_and_discard_shows_the_new_state) {
    Account& mine = account(1);
    ASSERT_EQ(world->set_slot(mine, num(1), num(1)), RVM_OK);
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    const std::unique_ptr<WorldState> other = open();
    Account* theirs = nullptr;
    ASSERT_EQ(other->begin_tx(), RVM_OK);
    ASSERT_EQ(other->account(address(1), 0, &theirs, nullptr), RVM_OK);
    ASSERT_EQ(other->add_balance(*theirs, num(3)), RVM_OK);
    ASSERT_EQ(other->set_slot(*theirs, num(1), num(2)), RVM_OK);
    ASSERT_EQ(other->end_tx(0, nullptr), RVM_OK);
    ASSERT_EQ(other->commit({}, nullptr), RVM_OK);
    EXPECT_EQ(world->commit({}, nullptr), RVM_E_RETRY);
    world->discard();
    EXPECT_TRUE(equal(mine.visible.balance, num(3))) << "the handle stays and shows what is there";
    rvm_u256 value{};
    ASSERT_EQ(world->slot(mine, num(1), &value), RVM_OK);
    EXPECT_TRUE(equal(value, num(2)));
}

TEST_F(state_world, callers_cannot_write_the_hosts_keyspaces) {
    ASSERT_EQ(world->end_tx(0, nullptr), RVM_OK);
    const std::uint8_t byte = 1;
    for (const std::uint32_t keyspace : {RVM_KEYSPACE_ACCOUNTS, RVM_KEYSPACE_META, RVM_KEYSPACE_LIMIT}) {
        const rvm_store_write write{{&byte, 1}, {&byte, 1}, keyspace, 0};
        EXPECT_EQ(world->commit({&write, 1}, nullptr), RVM_E_INVALID_ARGUMENT);
    }
}

TEST_F(state_world, a_damaged_account_record_is_an_io_failure) {
    const rvm_address a = address(1);
    const std::array<std::uint8_t, 3> junk{1, 2, 3};
    const rvm_store_write write{{a.bytes, 20}, {junk.data(), junk.size()}, RVM_KEYSPACE_ACCOUNTS, 0};
    ASSERT_EQ(engine.table.commit(store, &write, 1, nullptr), RVM_OK);
    world = open();
    Account* out = nullptr;
    EXPECT_EQ(world->account(a, 0, &out, nullptr), RVM_E_IO);
}

TEST_F(state_world, another_record_version_is_refused_naming_both) {
    const std::array<std::uint8_t, 8> version{0, 0, 0, 0, 0, 0, 0, 4};
    const rvm_store_write write{
        {reinterpret_cast<const std::uint8_t*>("version"), 7}, {version.data(), 8}, RVM_KEYSPACE_META, 0};
    ASSERT_EQ(engine.table.commit(store, &write, 1, nullptr), RVM_OK);
    rvm_error error{};
    error.struct_size = sizeof error;
    std::unique_ptr<WorldState> out;
    EXPECT_EQ(WorldState::open(engine.table, *store, codes, 0, &out, &error), RVM_E_UNSUPPORTED);
    EXPECT_STREQ(error.message, "the store has record version 4; this rvm reads and writes 3");
}

/// Writes down what it sees.
class Witness final : public StateObserver {
  public:
    std::vector<rvm_state_event> events;
    std::uint32_t logs = 0;
    void state(const rvm_state_event& event) noexcept override { events.push_back(event); }
    void log(const rvm_log_event&) noexcept override { ++logs; }
};

TEST_F(state_world, an_observer_sees_old_and_new_values) {
    Witness witness;
    ASSERT_EQ(world->add_balance(account(1), num(5)), RVM_OK); // before it looks
    world->observe(&witness);
    ASSERT_EQ(world->transfer(account(1), account(2), num(2)), RVM_OK);
    store_slot(account(1), 3, 4);
    ASSERT_EQ(world->tstore(account(1), num(3), num(9)), RVM_OK);
    ASSERT_EQ(world->log(account(1), {}, {nullptr, 0}), RVM_OK);
    world->observe(nullptr);
    store_slot(account(1), 3, 5);
    ASSERT_EQ(witness.events.size(), 4u);
    EXPECT_EQ(witness.events[0].kind, RVM_STATE_BALANCE);
    EXPECT_TRUE(equal(witness.events[0].before, num(5)) && equal(witness.events[0].after, num(3)));
    EXPECT_EQ(witness.events[1].address.bytes[19], 2);
    EXPECT_EQ(witness.events[2].kind, RVM_STATE_SLOT);
    EXPECT_TRUE(equal(witness.events[2].key, num(3)) && equal(witness.events[2].after, num(4)));
    EXPECT_EQ(witness.events[3].kind, RVM_STATE_TRANSIENT);
    EXPECT_EQ(witness.logs, 1u);
}

} // namespace
} // namespace rvm::state
