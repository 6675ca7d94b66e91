// Record encodings, the memory engine and the code table.
#include "state/code_table.hpp"
#include "state/limbs.hpp"
#include "state/memory_store.hpp"
#include "state/store_format.hpp"

#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace rvm::state {
namespace {

rvm_view view(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
rvm_view view(const std::vector<std::uint8_t>& bytes) { return {bytes.data(), bytes.size()}; }
std::string text(rvm_view bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }

AccountRecord contract() {
    AccountRecord record;
    record.exists = true;
    record.nonce = 1;
    record.balance = {{2, 0, 0, 3}};
    record.incarnation = 4;
    record.slot_count = 5;
    record.code_hash.bytes[0] = 0xAA;
    record.format = "evm";
    return record;
}

TEST(state_store_format, account_records_have_the_documented_bytes) {
    EXPECT_EQ(to_hex(encode(contract())), "03"
                                          "0000000000000001"
                                          "0000000000000003000000000000000000000000000000000000000000000002"
                                          "0000000000000004"
                                          "0000000000000005"
                                          "aa00000000000000000000000000000000000000000000000000000000000000"
                                          "0365766d");
    const SlotKey key = slot_key({{1}}, 2, {{3, 0, 0, 0}});
    EXPECT_EQ(to_hex(key), "0100000000000000000000000000000000000000"
                           "0000000000000002"
                           "0000000000000000000000000000000000000000000000000000000000000003");
}

TEST(state_store_format, account_records_read_back) {
    for (const bool code : {true, false}) {
        AccountRecord record = contract();
        if (!code) {
            record.format.clear();
            record.code_hash = {};
        }
        AccountRecord back;
        ASSERT_TRUE(decode(view(encode(record)), &back));
        EXPECT_EQ(encode(back), encode(record));
        EXPECT_EQ(back.format, record.format);
    }
}

TEST(state_store_format, every_truncation_and_extension_of_a_record_is_refused) {
    const std::vector<std::uint8_t> whole = encode(contract());
    AccountRecord out;
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode({whole.data(), size}, &out)) << size;
    std::vector<std::uint8_t> longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(decode(view(longer), &out));
}

TEST(state_store_format, random_bytes_never_crash_and_what_is_read_writes_back_alike) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 200000; ++i) {
        std::vector<std::uint8_t> bytes = encode(contract());
        for (std::uint64_t flips = random() % 4; flips-- > 0;)
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        if (random() % 4 == 0) bytes.resize(random() % 200);
        AccountRecord out;
        if (decode(view(bytes), &out)) {
            ASSERT_EQ(encode(out), bytes);
        }
    }
}

TEST(state_store_format, zero_slots_and_odd_sizes_are_refused) {
    rvm_u256 out{};
    EXPECT_FALSE(decode_slot(view(std::string(32, '\0')), &out));
    EXPECT_FALSE(decode_slot(view(std::string(31, 'x')), &out));
    EXPECT_TRUE(decode_slot(view(std::string(32, 'x')), &out));
}

class MemoryStore : public testing::Test {
  protected:
    MemoryStore() { EXPECT_EQ(rvm_memory_storage.open(nullptr, nullptr, &store, nullptr), RVM_OK); }
    ~MemoryStore() override { rvm_memory_storage.close(store); }

    void put(const std::string& key, const std::string& value, std::uint32_t keyspace = 0) {
        const rvm_store_write write{view(key), view(value), keyspace, 0};
        EXPECT_EQ(rvm_memory_storage.commit(store, &write, 1, nullptr), RVM_OK);
    }
    void erase(const std::string& key) {
        const rvm_store_write write{view(key), {nullptr, 0}, 0, 0};
        EXPECT_EQ(rvm_memory_storage.commit(store, &write, 1, nullptr), RVM_OK);
    }
    rvm_store_view* open_view() {
        rvm_store_view* out = nullptr;
        EXPECT_EQ(rvm_memory_storage.view(store, &out, nullptr), RVM_OK);
        return out;
    }
    static std::map<std::string, std::string> listing(rvm_store_view* from, const std::string& first = "") {
        std::map<std::string, std::string> out;
        rvm_cursor* cursor = nullptr;
        EXPECT_EQ(rvm_memory_storage.seek(from, 0, view(first), &cursor), RVM_OK);
        rvm_view key{};
        rvm_view value{};
        std::string last;
        while (rvm_memory_storage.next(cursor, &key, &value) == RVM_OK) {
            EXPECT_TRUE(out.empty() || last < text(key)) << "ascending";
            last = text(key);
            out[last] = text(value);
        }
        rvm_memory_storage.end(cursor);
        return out;
    }

    rvm_store* store = nullptr;
};

using state_memory_store = MemoryStore;

TEST_F(state_memory_store, equals_an_ordered_map_over_random_commits_and_old_views_stay) {
    std::mt19937_64 random(7);
    std::map<std::string, std::string> model;
    std::vector<std::pair<rvm_store_view*, std::map<std::string, std::string>>> views;
    for (int i = 0; i < 3000; ++i) {
        const std::string key(1 + random() % 3, static_cast<char>(random() % 12 * 21));
        if (random() % 3 == 0) {
            erase(key);
            model.erase(key);
        } else {
            const std::string value = std::to_string(i);
            put(key, value);
            model[key] = value;
        }
        if (random() % 50 == 0) views.emplace_back(open_view(), model);
        if (random() % 100 == 0 && !views.empty()) {
            const std::string from(1, static_cast<char>(random()));
            const auto& [at, expected] = views[random() % views.size()];
            EXPECT_EQ(listing(at), expected);
            EXPECT_EQ(listing(at, from),
                      (std::map<std::string, std::string>(expected.lower_bound(from), expected.end())));
        }
    }
    for (const auto& [at, expected] : views) {
        EXPECT_EQ(listing(at), expected);
        rvm_memory_storage.release(at);
    }
}

TEST_F(state_memory_store, a_refused_batch_changes_nothing_and_later_writes_of_a_key_win) {
    const std::string key = "k";
    const std::string one = "1";
    const std::string two = "2";
    std::vector<rvm_store_write> writes{{view(key), view(one), 0, 0}, {view(key), view(two), RVM_KEYSPACE_LIMIT, 0}};
    EXPECT_EQ(rvm_memory_storage.commit(store, writes.data(), writes.size(), nullptr), RVM_E_INVALID_ARGUMENT);
    rvm_store_view* at = open_view();
    EXPECT_TRUE(listing(at).empty());
    rvm_memory_storage.release(at);
    writes[1].keyspace = 0;
    EXPECT_EQ(rvm_memory_storage.commit(store, writes.data(), writes.size(), nullptr), RVM_OK);
    at = open_view();
    EXPECT_EQ(listing(at), (std::map<std::string, std::string>{{"k", "2"}}));
    rvm_memory_storage.release(at);
}

TEST_F(state_memory_store, readers_and_a_writer_do_not_disturb_each_other) {
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done) {
            rvm_store_view* at = open_view();
            const auto seen = listing(at);
            for (const auto& [key, value] : seen)
                ASSERT_EQ(value, seen.begin()->second) << "a view shows one commit";
            rvm_memory_storage.release(at);
        }
    });
    for (int i = 0; i < 500; ++i) {
        std::vector<std::string> keys;
        const std::string value = std::to_string(i);
        for (char c = 'a'; c < 'k'; ++c)
            keys.emplace_back(1, c);
        std::vector<rvm_store_write> writes;
        for (const std::string& key : keys)
            writes.push_back({view(key), view(value), 0, 0});
        ASSERT_EQ(rvm_memory_storage.commit(store, writes.data(), writes.size(), nullptr), RVM_OK);
    }
    done = true;
    reader.join();
}

TEST_F(state_memory_store, takes_no_settings) {
    rvm_store* other = nullptr;
    rvm_error error{};
    error.struct_size = sizeof error;
    EXPECT_EQ(rvm_memory_storage.open(nullptr, "{\"path\": 1}", &other, &error), RVM_E_CONFIG);
    EXPECT_STREQ(error.message, "the storage engine \"memory\" takes no settings");
    ASSERT_EQ(rvm_memory_storage.open(nullptr, " { } ", &other, nullptr), RVM_OK);
    rvm_memory_storage.close(other);
}

TEST(state_code_table, other_bytes_under_a_known_hash_are_detected) {
    CodeTable table;
    const CodeFormat* evm = table.intern("evm");
    ASSERT_EQ(table.intern("evm"), evm);
    EXPECT_EQ(table.intern("Not An Id"), nullptr);
    const rvm_bytes32 hash{{1}};
    const CodeObject* first = nullptr;
    const CodeObject* again = nullptr;
    ASSERT_EQ(table.insert(*evm, hash, view(std::string("code")), &first), RVM_OK);
    ASSERT_EQ(table.insert(*evm, hash, view(std::string("code")), &again), RVM_OK);
    EXPECT_EQ(first, again);
    EXPECT_EQ(table.insert(*evm, hash, view(std::string("other")), &again), RVM_E_IO);
    ASSERT_EQ(table.insert(*table.intern("native"), hash, view(std::string("other")), &again), RVM_OK)
        << "each format has hashes of its own";
    EXPECT_EQ(table.find(*evm, hash), first);
}

struct FakeFormat {
    rvm_format format{};
    int released = 0;
    const char* rules[3] = {"toy/1", "toy/2", nullptr};
    FakeFormat() {
        format.struct_size = sizeof format;
        format.id = "toy";
        format.rules = rules;
        format.self = this;
        format.release = [](const void* self, rvm_artifact*) {
            ++const_cast<FakeFormat*>(static_cast<const FakeFormat*>(self))->released;
        };
        format.delegate_of = [](const void*, rvm_view code, rvm_address* target) -> std::uint32_t {
            if (code.size != 20) return 0;
            std::copy(code.data, code.data + 20, target->bytes);
            return 1;
        };
    }
};

TEST(state_code_table, decodes_delegations_once_and_releases_artifacts_at_the_end) {
    FakeFormat fake;
    {
        CodeTable table(
            [](void* ctx, const char*) -> const rvm_format* { return &static_cast<FakeFormat*>(ctx)->format; }, &fake, 3);
        const CodeFormat* toy = table.intern("toy");
        ASSERT_EQ(toy->rules_count, 2u);
        const CodeObject* object = nullptr;
        ASSERT_EQ(table.insert(*toy, {{1}}, view(std::string(20, 'x')), &object), RVM_OK);
        ASSERT_NE(object->delegate(), nullptr);
        EXPECT_EQ(object->delegate()->bytes[3], 'x');
        for (const std::uint32_t period : {0u, 2u}) // the last slot of the last period is one of the table's
            object->artifact(period, 1, RVM_TIER_HOT).artifact = reinterpret_cast<rvm_artifact*>(&fake);
        EXPECT_EQ(object->artifact(1, 1, RVM_TIER_HOT).artifact, nullptr);
        ASSERT_EQ(table.insert(*toy, {{2}}, view(std::string(21, 'x')), &object), RVM_OK);
        EXPECT_EQ(object->delegate(), nullptr);
    }
    EXPECT_EQ(fake.released, 2);
}

TEST(state_code_table, threads_that_insert_the_same_code_get_the_same_object) {
    CodeTable table;
    const CodeFormat* evm = table.intern("evm");
    std::vector<std::vector<const CodeObject*>> seen(4);
    std::vector<std::thread> threads;
    for (auto& mine : seen)
        threads.emplace_back([&] {
            for (std::uint8_t i = 0; i < 200; ++i) {
                const CodeObject* object = nullptr;
                ASSERT_EQ(table.insert(*evm, {{i}}, view(std::string(1 + i, 'c')), &object), RVM_OK);
                mine.push_back(object);
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    for (const auto& mine : seen)
        EXPECT_EQ(mine, seen[0]);
}

} // namespace
} // namespace rvm::state
