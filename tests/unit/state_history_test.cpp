// Change sets by height, the sum of all records, and stores of earlier record versions.
#include "state/limbs.hpp"
#include "state/memory_store.hpp"
#include "state/record_sum.hpp"
#include "state/store_error.hpp"
#include "state/store_formats.hpp"
#include "state/store_history.hpp"
#include "state/store_migrate.hpp"
#include "state/world_state.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rvm::state {
namespace {

const rvm_format toy{};
const rvm_format* resolve(void*, const char*) { return &toy; }
const rvm_storage& engine = rvm_memory_storage;

rvm_address address(std::uint8_t last) {
    rvm_address out{};
    out.bytes[19] = last;
    return out;
}
rvm_u256 num(std::uint64_t value) { return {{value, 0, 0, 0}}; }

class History : public testing::Test {
  protected:
    History() {
        EXPECT_EQ(engine.open(nullptr, "{}", &store, nullptr), RVM_OK);
        open(4);
    }
    ~History() override {
        world.reset();
        reader.close();
        engine.close(store);
    }
    void open(std::uint64_t history) {
        EXPECT_EQ(WorldState::open(engine, *store, codes, 0, &world, nullptr), RVM_OK);
        world->keep_history(history);
    }
    /// A few random writes, destructions and creations, committed as one height.
    void commit_random() {
        ASSERT_EQ(world->begin_tx(), RVM_OK);
        for (int i = 0; i < 12; ++i) {
            Account* account = nullptr;
            ASSERT_EQ(world->account(address(static_cast<std::uint8_t>(1 + dice() % 6)), 0, &account, nullptr), RVM_OK);
            switch (dice() % 5) {
            case 0:
                ASSERT_EQ(world->add_balance(*account, num(dice() % 100)), RVM_OK);
                break;
            case 1: {
                bool first = false;
                ASSERT_EQ(world->destroy(*account, *account, RVM_DESTROY_ALWAYS, &first), RVM_OK);
                break;
            }
            case 2: {
                const std::uint8_t code[] = {static_cast<std::uint8_t>(dice() % 3)};
                rvm_bytes32 hash{};
                hash.bytes[0] = static_cast<std::uint8_t>(code[0] + 1);
                ASSERT_EQ(world->set_code(*account, *codes.intern("toy"), hash, {code, 1}), RVM_OK);
                break;
            }
            default:
                ASSERT_EQ(world->set_slot(*account, num(dice() % 5), num(dice() % 3)), RVM_OK);
            }
        }
        ASSERT_EQ(world->credit(address(99), num(1)), RVM_OK);
        ASSERT_EQ(world->end_tx(RVM_TX_REMOVE_EMPTY_TOUCHED, &changes), RVM_OK);
        ASSERT_EQ(world->commit({}, nullptr), RVM_OK);
        ASSERT_EQ(reader.open(engine, *store, nullptr), RVM_OK);
    }
    [[nodiscard]] rvm_u256 sum_again() {
        RecordSum sum;
        for (const std::uint32_t keyspace : {RVM_KEYSPACE_ACCOUNTS, RVM_KEYSPACE_SLOTS}) {
            StoreCursor cursor;
            EXPECT_EQ(cursor.open(reader, keyspace, {nullptr, 0}), RVM_OK);
            rvm_view key{};
            rvm_view value{};
            while (cursor.next(&key, &value) == RVM_OK)
                sum.add(keyspace, key, value);
        }
        return sum.value();
    }
    static rvm_bytes32 digest(const ChangeSet& set) {
        rvm_bytes32 out{};
        set.digest(&out);
        return out;
    }

    std::mt19937_64 dice{4};
    rvm_store* store = nullptr;
    CodeTable codes{resolve, nullptr};
    std::unique_ptr<WorldState> world;
    StoreReader reader;
    ChangeSet changes;
};
using state_history = History;

TEST_F(state_history, every_height_gives_back_its_change_set_and_the_sum_is_that_of_the_records) {
    std::vector<ChangeSet> made;
    for (std::uint64_t height = 1; height <= 60; ++height) {
        commit_random();
        made.push_back(std::move(changes));
        ASSERT_EQ(reader.commits(), height);
        ASSERT_TRUE(equal(reader.sum(), sum_again())) << height;
        KeptHeights kept;
        ASSERT_EQ(kept_heights(reader, &kept), RVM_OK);
        ASSERT_EQ(kept.first, height < 4 ? 1 : height - 3);
        ASSERT_EQ(kept.last, height);
        ChangeSet back;
        for (std::uint64_t at = kept.first; at <= height; ++at) {
            ASSERT_EQ(read_changes(reader, at, &back), RVM_OK);
            ASSERT_TRUE(equal(digest(back), digest(made[at - 1]))) << at;
        }
        ASSERT_EQ(read_changes(reader, kept.first - 1, &back), RVM_E_NOT_FOUND);
    }
    ChangeSet merged;
    ASSERT_EQ(read_changes(reader, 57, 60, &merged), RVM_OK);
    const ChangeSet expected = ChangeSet::merge(made[57], ChangeSet::merge(made[58], made[59]));
    EXPECT_TRUE(equal(digest(merged), digest(expected)));
}

TEST_F(state_history, a_shorter_history_drops_the_oldest_and_none_keeps_nothing) {
    for (int i = 0; i < 6; ++i)
        commit_random();
    KeptHeights kept;
    open(2);
    commit_random();
    ASSERT_EQ(kept_heights(reader, &kept), RVM_OK);
    EXPECT_EQ(kept.first, 6u);
    open(0);
    commit_random();
    ASSERT_EQ(kept_heights(reader, &kept), RVM_OK);
    EXPECT_GT(kept.first, kept.last);
}

TEST_F(state_history, a_changed_byte_of_a_change_set_is_an_io_failure) {
    commit_random();
    const std::array<std::uint8_t, 8> key{0, 0, 0, 0, 0, 0, 0, 1};
    rvm_view value{};
    ASSERT_EQ(reader.get(keyspace_changes, {key.data(), 8}, &value), RVM_OK);
    const std::vector<std::uint8_t> whole(value.data, value.data + value.size);
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        std::vector<std::uint8_t> damaged = whole;
        damaged[at] ^= 1;
        const rvm_store_write write{{key.data(), 8}, {damaged.data(), damaged.size()}, keyspace_changes, 0};
        ASSERT_EQ(engine.commit(store, &write, 1, nullptr), RVM_OK);
        ASSERT_EQ(reader.open(engine, *store, nullptr), RVM_OK);
        ChangeSet back;
        ASSERT_EQ(read_changes(reader, 1, &back), RVM_E_IO) << at;
    }
}

TEST_F(state_history, encodings_cut_or_changed_anywhere_never_crash_the_decoder) {
    for (int i = 0; i < 5; ++i)
        commit_random();
    std::vector<std::uint8_t> whole;
    changes.encode(&whole);
    ChangeSet back;
    ASSERT_TRUE(ChangeSet::decode({whole.data(), whole.size()}, &back));
    for (std::size_t size = 0; size < whole.size(); ++size)
        ASSERT_FALSE(ChangeSet::decode({whole.data(), size}, &back)) << size;
    for (int i = 0; i < 3000; ++i) {
        std::vector<std::uint8_t> damaged = whole;
        damaged[dice() % damaged.size()] = static_cast<std::uint8_t>(dice());
        if (!ChangeSet::decode({damaged.data(), damaged.size()}, &back)) continue;
        std::vector<std::uint8_t> again;
        back.encode(&again);
        EXPECT_LE(again.size(), damaged.size()); // accounts that change nothing are not written
    }
}

TEST_F(state_history, a_store_of_version_1_gets_its_sum_once) {
    for (int i = 0; i < 5; ++i)
        commit_random();
    const rvm_u256 sum = reader.sum();
    const std::array<std::uint8_t, 8> one{0, 0, 0, 0, 0, 0, 0, 1};
    const std::array writes{rvm_store_write{meta_version_key, {one.data(), 8}, RVM_KEYSPACE_META, 0},
                            rvm_store_write{meta_sum_key, {nullptr, 0}, RVM_KEYSPACE_META, 0}};
    ASSERT_EQ(engine.commit(store, writes.data(), writes.size(), nullptr), RVM_OK);
    rvm_error error{};
    error.struct_size = sizeof error;
    ASSERT_EQ(reader.open(engine, *store, &error), RVM_E_UNSUPPORTED) << "not before it is migrated";
    std::uint32_t migrated = 0;
    ASSERT_EQ(migrate_store(engine, *store, &migrated, nullptr), RVM_OK);
    EXPECT_EQ(migrated, 1u);
    ASSERT_EQ(reader.open(engine, *store, nullptr), RVM_OK);
    EXPECT_TRUE(equal(reader.sum(), sum));
    ASSERT_EQ(migrate_store(engine, *store, &migrated, nullptr), RVM_OK);
    EXPECT_EQ(migrated, 0u);
    open(4);
    commit_random();
    EXPECT_TRUE(equal(reader.sum(), sum_again()));
}

TEST_F(state_history, a_store_of_version_2_gets_the_list_of_its_formats_once) {
    for (int i = 0; i < 20; ++i)
        commit_random();
    StoreFormats listed;
    ASSERT_EQ(read_formats(reader, &listed), RVM_OK);
    ASSERT_FALSE(listed.empty());
    const rvm_u256 sum = reader.sum();
    const std::array<std::uint8_t, 8> two{0, 0, 0, 0, 0, 0, 0, 2};
    const std::array writes{rvm_store_write{meta_version_key, {two.data(), 8}, RVM_KEYSPACE_META, 0},
                            rvm_store_write{meta_formats_key, {nullptr, 0}, RVM_KEYSPACE_META, 0}};
    ASSERT_EQ(engine.commit(store, writes.data(), writes.size(), nullptr), RVM_OK);
    std::uint32_t migrated = 0;
    ASSERT_EQ(migrate_store(engine, *store, &migrated, nullptr), RVM_OK);
    EXPECT_EQ(migrated, 2u);
    ASSERT_EQ(reader.open(engine, *store, nullptr), RVM_OK);
    EXPECT_TRUE(equal(reader.sum(), sum));
    StoreFormats again;
    ASSERT_EQ(read_formats(reader, &again), RVM_OK);
    for (const auto& [format, first] : again) { // a format whose accounts are gone need not come back
        EXPECT_TRUE(listed.contains(format)) << format;
        rvm_address found{};
        EXPECT_EQ(account_of_format(reader, format, first, &found), RVM_OK);
        EXPECT_TRUE(equal(found, first));
    }
    ASSERT_EQ(migrate_store(engine, *store, &migrated, nullptr), RVM_OK);
    EXPECT_EQ(migrated, 0u);
}

TEST_F(state_history, the_list_of_formats_names_an_account_of_each) {
    const rvm_address nobody{{9}};
    rvm_address found{};
    for (int i = 0; i < 20; ++i) {
        commit_random();
        StoreFormats listed;
        ASSERT_EQ(read_formats(reader, &listed), RVM_OK);
        for (const auto& [format, first] : listed) {
            const rvm_status status = account_of_format(reader, format, nobody, &found);
            AccountRecord record;
            if (status == RVM_OK) {
                ASSERT_EQ(reader.account(found, &record), RVM_OK);
                EXPECT_EQ(record.format, format);
            } else {
                EXPECT_EQ(status, RVM_E_NOT_FOUND);
            }
        }
    }
    EXPECT_EQ(account_of_format(reader, "never", nobody, &found), RVM_E_NOT_FOUND);
}

TEST(store_formats, records_cut_or_changed_anywhere_never_crash_the_decoder) {
    const StoreFormats formats{{"evm", rvm_address{{1}}}, {"native", rvm_address{{2}}}, {"wasm", rvm_address{{3}}}};
    const std::vector<std::uint8_t> whole = encode(formats);
    StoreFormats back;
    ASSERT_TRUE(decode({whole.data(), whole.size()}, &back));
    ASSERT_EQ(back.size(), 3u);
    EXPECT_TRUE(equal(back.at("native"), rvm_address{{2}}));
    std::size_t shorter = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        shorter += decode({cut.data(), cut.size()}, &back) ? 1 : 0;
    }
    EXPECT_EQ(shorter, 3u) << "only where a whole entry ends";
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::vector<std::uint8_t> damaged = whole;
            damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1U << bit));
            if (!decode({damaged.data(), damaged.size()}, &back)) continue;
            EXPECT_EQ(encode(back), damaged);
        }
}

} // namespace
} // namespace rvm::state
