// The engine "lmdb" against an ordered map, across reopenings, views, threads and processes.
#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include <sys/wait.h>

#include "lmdb_support.hpp"
#include "page_check.hpp"

namespace rvm::lmdb::test {
namespace {

/// RVM_LMDB_SEED runs another sequence, RVM_LMDB_BATCHES a longer one.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(lmdb_store, equals_an_ordered_map_over_batches_views_and_reopenings) {
    const std::uint64_t seed = from_environment("RVM_LMDB_SEED", 1);
    SCOPED_TRACE("RVM_LMDB_SEED=" + std::to_string(seed));
    std::mt19937_64 dice(seed);
    const Folder folder;
    auto store = std::make_unique<Store>(settings(folder.path(), Sync::system));
    Model model;
    struct Old {
        std::unique_ptr<View> view;
        Model model;
    };
    std::vector<Old> old;
    for (std::uint64_t number = 1; number <= from_environment("RVM_LMDB_BATCHES", 400); ++number) {
        const Batch batch = random_batch(dice, number);
        batch.commit(*store);
        batch.apply(model);
        if (dice() % 20 == 0) old.push_back({std::make_unique<View>(*store), model});
        if (dice() % 10 == 0) {
            ASSERT_EQ(listing(*store), model) << number;
        }
        if (!old.empty() && dice() % 10 == 0) { // a view shows its commit for ever
            const Old& chosen = old[dice() % old.size()];
            for (const auto& [key, value] : chosen.model) {
                rvm_view found{};
                ASSERT_EQ(chosen.view->get(key.first, view(key.second), &found), RVM_OK);
                ASSERT_EQ(sdk::text(found), value);
            }
            const std::string from(1 + dice() % 3, static_cast<char>(dice()));
            Cursor cursor(*chosen.view, 16, view(from));
            rvm_view key{};
            rvm_view value{};
            auto expected = chosen.model.lower_bound({16, from});
            while (cursor.next(&key, &value) == RVM_OK) {
                ASSERT_EQ(Key(16, sdk::text(key)), expected->first);
                ++expected;
            }
            ASSERT_TRUE(expected == chosen.model.end() || expected->first.first != 16);
        }
        if (dice() % 50 == 0) {
            old.clear();
            store.reset();
            static_cast<void>(check_pages(folder.path() + "/data.mdb", PageDepth::all));
            store = std::make_unique<Store>(settings(folder.path(), Sync::system));
            ASSERT_EQ(listing(*store), model) << "after reopening";
        }
        if (dice() % 100 == 0) {
            old.clear();
            store->compact();
            ASSERT_EQ(store->facts().free_pages, 0u);
            ASSERT_EQ(listing(*store), model) << "after compacting";
        }
    }
}

TEST(lmdb_store, refuses_what_it_cannot_hold_and_takes_nothing_of_the_batch) {
    const Folder folder;
    Store store(settings(folder.path()));
    struct Case {
        std::uint32_t keyspace;
        std::string key, words;
    };
    for (const Case& odd : {Case{RVM_KEYSPACE_LIMIT, "k", "keyspace 32"}, Case{16, "", "0 bytes"},
                            Case{16, std::string(512, 'k'), "512 bytes; 1 to 511"}}) {
        Batch batch;
        batch.put(16, "good", "1");
        batch.put(odd.keyspace, odd.key, "2");
        const auto [status, text] = failure_of([&] { batch.commit(store); });
        EXPECT_EQ(status, RVM_E_INVALID_ARGUMENT);
        EXPECT_NE(text.find(odd.words), std::string::npos) << text;
    }
    EXPECT_TRUE(listing(store).empty());
    View at(store);
    rvm_view value{};
    EXPECT_EQ(at.get(16, view(""), &value), RVM_E_NOT_FOUND);
    EXPECT_EQ(at.get(16, view(std::string(600, 'k')), &value), RVM_E_NOT_FOUND);
    EXPECT_EQ(at.get(RVM_KEYSPACE_LIMIT, view("k"), &value), RVM_E_INVALID_ARGUMENT);
}

TEST(lmdb_store, a_batch_that_changes_nothing_is_no_obstacle) {
    const Folder folder;
    Store store(settings(folder.path()));
    store.commit(nullptr, 0);
    for (int i = 0; i < 3; ++i) {
        Batch batch;
        batch.erase(16, "not there");
        batch.commit(store);
    }
    Batch batch;
    batch.put(16, "k", "v");
    batch.commit(store);
    EXPECT_EQ(listing(store).size(), 1u);
}

TEST(lmdb_store, a_batch_beyond_map_bytes_is_refused_whole_and_later_ones_fit) {
    const Folder folder;
    Settings small = settings(folder.path());
    small.map_bytes = Settings::least_map_bytes;
    Model model;
    {
        Store store(small);
        Batch fits;
        fits.put(16, "a", std::string(100'000, 'a'));
        fits.commit(store);
        fits.apply(model);
        Batch large;
        large.put(17, "first", "1");
        large.put(17, "b", std::string(2'000'000, 'b'));
        const auto [status, text] = failure_of([&] { large.commit(store); });
        EXPECT_EQ(status, RVM_E_IO);
        EXPECT_NE(text.find("map_bytes"), std::string::npos) << text;
        EXPECT_EQ(listing(store), model);
        fits.commit(store);
    }
    small.map_bytes *= 8; // the operator's remedy
    Store store(small);
    EXPECT_EQ(listing(store), model);
    Batch large;
    large.put(17, "b", std::string(2'000'000, 'b'));
    large.commit(store);
    large.apply(model);
    EXPECT_EQ(listing(store), model);
}

TEST(lmdb_store, readers_never_wait_for_a_writer_and_see_whole_batches) {
    const Folder folder;
    Store store(settings(folder.path(), Sync::system));
    const auto batch_of = [](std::uint64_t number) {
        Batch batch;
        for (char c = 'a'; c < 'k'; ++c)
            batch.put(16, std::string(1, c), std::to_string(number));
        return batch;
    };
    batch_of(0).commit(store);
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> looks{0};
    View shared(store); // read by both threads
    const auto read = [&] {
        while (!done) {
            View at(store);
            rvm_view first{};
            ASSERT_EQ(at.get(16, view("a"), &first), RVM_OK);
            for (char c = 'b'; c < 'k'; ++c) {
                rvm_view value{};
                ASSERT_EQ(at.get(16, view(std::string(1, c)), &value), RVM_OK);
                ASSERT_EQ(sdk::text(value), sdk::text(first));
                ASSERT_EQ(shared.get(16, view(std::string(1, c)), &value), RVM_OK);
                ASSERT_EQ(sdk::text(value), "0");
            }
            ++looks;
        }
    };
    std::array readers{std::thread(read), std::thread(read)};
    for (std::uint64_t number = 1; number <= 300 || looks < 100; ++number)
        batch_of(number).commit(store);
    done = true;
    for (std::thread& reader : readers)
        reader.join();
}

// A writer that is in the middle of a batch: a view opens and reads all the same.
TEST(lmdb_store, a_view_opens_while_a_batch_is_written) {
    const Folder folder;
    Store store(settings(folder.path()));
    MDB_txn* writer = nullptr;
    std::thread other([&] { // the lock of writers belongs to a thread
        ASSERT_EQ(mdb_txn_begin(store.environment().get(), nullptr, 0, &writer), 0);
        EXPECT_TRUE(listing(store).empty());
        mdb_txn_abort(writer);
    });
    other.join();
}

TEST(lmdb_store, a_process_opens_a_store_once) {
    const Folder folder;
    const Store store(settings(folder.path()));
    const auto [status, text] = failure_of([&] { const Store again(settings(folder.path())); });
    EXPECT_EQ(status, RVM_E_CONFIG);
    EXPECT_NE(text.find("open already"), std::string::npos) << text;
}

TEST(lmdb_store, a_process_opens_a_store_once_for_reading_too) {
    const Folder folder;
    Settings reading = settings(folder.path());
    reading.read_only = true;
    { const Store make(settings(folder.path())); }
    const auto again = [&](const Settings& chosen) { return failure_of([&] { const Store store(chosen); }).second; };
    {
        const Store store(reading);
        EXPECT_NE(again(reading).find("open already"), std::string::npos);
        EXPECT_NE(again(settings(folder.path())).find("open already"), std::string::npos);
    }
    const Store store(settings(folder.path()));
    EXPECT_NE(again(reading).find("open already"), std::string::npos);
}

TEST(lmdb_store, a_store_that_must_exist_is_not_made) {
    const Folder folder;
    for (const std::string& path : {folder.path(), folder.path() + "/world"}) {
        Settings wanted = settings(path);
        wanted.must_exist = true;
        const auto [status, text] = failure_of([&] { const Store store(wanted); });
        EXPECT_EQ(status, RVM_E_NOT_FOUND);
        EXPECT_EQ(text, "there is no store at " + path);
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    }
    { const Store make(settings(folder.path())); }
    Settings wanted = settings(folder.path());
    wanted.must_exist = true;
    Batch batch;
    batch.put(16, "k", "v");
    Store store(wanted); // and may be written
    batch.commit(store);
    EXPECT_EQ(listing(store).size(), 1u);
}

/// Runs `body` in a child process that ends without any cleaning up; false: it failed.
template <class Body>
bool in_child(Body&& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        bool good = false;
        try {
            good = body();
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "child: %s\n", failure.what());
        }
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(lmdb_store, a_batch_on_top_of_what_another_process_replaced_is_refused) {
    const Folder folder;
    { const Store make(settings(folder.path())); }
    // The child is the first process, so that LMDB is opened after the fork; the test's own process is the second.
    std::array<int, 2> ready{}, go{};
    ASSERT_EQ(::pipe(ready.data()) | ::pipe(go.data()), 0);
    const pid_t first = ::fork();
    if (first == 0) {
        bool good = false;
        {
            Store store(settings(folder.path()));
            char byte = 0;
            good = ::write(ready[1], "r", 1) == 1 && ::read(go[0], &byte, 1) == 1;
            Batch stale;
            stale.put(16, "who", "first");
            good = good && failure_of([&] { stale.commit(store); }).first == RVM_E_RETRY;
            good = good && listing(store).at({16, "who"}) == "second"; // looking makes it current
            good = good && failure_of([&] { stale.commit(store); }).first == RVM_OK;
        }
        ::_exit(good ? 0 : 1);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    {
        Store store(settings(folder.path()));
        Batch batch;
        batch.put(16, "who", "second");
        batch.commit(store);
        const auto [status, text] = failure_of([&] { store.compact(); });
        EXPECT_EQ(status, RVM_E_CONFIG) << "another process has the file open";
        EXPECT_NE(text.find("another process"), std::string::npos) << text;
        ASSERT_EQ(::write(go[1], "g", 1), 1);
        int status_of_first = 0;
        ::waitpid(first, &status_of_first, 0);
        EXPECT_EQ(status_of_first, 0);
        EXPECT_EQ(listing(store).at({16, "who"}), "first");
        store.compact(); // alone now
        EXPECT_EQ(listing(store).at({16, "who"}), "first");
    }
    for (const int end : {ready[0], ready[1], go[0], go[1]})
        ::close(end);
}

// RVM_LMDB_KILLS sets how often; 1000 takes some minutes.
TEST(lmdb_store, a_killed_process_loses_no_batch_and_leaves_no_half) {
    std::mt19937_64 dice(from_environment("RVM_LMDB_SEED", 5));
    const Folder folder;
    { const Store make(settings(folder.path(), Sync::system)); }
    std::uint64_t number = 0;
    for (std::uint64_t kills = from_environment("RVM_LMDB_KILLS", 5); kills > 0; --kills) {
        std::array<int, 2> acknowledged{};
        ASSERT_EQ(::pipe(acknowledged.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                Store store(settings(folder.path(), Sync::system));
                for (std::uint64_t next = number + 1;; ++next) {
                    std::mt19937_64 of_batch(next);
                    random_batch(of_batch, next).commit(store);
                    if (::write(acknowledged[1], &next, sizeof next) != sizeof next) ::_exit(1);
                }
            } catch (...) {
                ::_exit(1);
            }
        }
        ::close(acknowledged[1]);
        const std::uint64_t enough = 1 + dice() % 20;
        std::uint64_t last = number;
        for (std::uint64_t i = 0; i < enough; ++i)
            if (::read(acknowledged[0], &last, sizeof last) != sizeof last) break;
        ::usleep(static_cast<useconds_t>(dice() % 300));
        ::kill(child, SIGKILL);
        std::uint64_t late = 0;
        while (::read(acknowledged[0], &late, sizeof late) == sizeof late)
            last = late;
        ::close(acknowledged[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;

        // What is there is what the batches up to some number make, and none that was acknowledged is missing.
        ASSERT_TRUE(in_child([&] {
            Store store(settings(folder.path(), Sync::system));
            const Model found = listing(store);
            const auto counted = found.find({RVM_KEYSPACE_META, "batch"});
            const std::uint64_t there = counted == found.end() ? 0 : std::stoull(counted->second);
            if (there < last || there > last + 1) return false;
            Model model;
            for (std::uint64_t i = 1; i <= there; ++i) {
                std::mt19937_64 of_batch(i);
                random_batch(of_batch, i).apply(model);
            }
            static_cast<void>(check_pages(folder.path() + "/data.mdb", PageDepth::all));
            return found == model;
        })) << "after batch "
            << last;
        number = last;
        if (in_child([&] {
                Store store(settings(folder.path(), Sync::system));
                return listing(store).at({RVM_KEYSPACE_META, "batch"}) == std::to_string(last + 1);
            }))
            ++number; // the batch that was under way got in
    }
}

TEST(lmdb_store, another_layout_is_refused_naming_both_numbers) {
    const Folder folder;
    { const Store make(settings(folder.path())); }
    MDB_env* env = nullptr;
    MDB_txn* txn = nullptr;
    MDB_dbi identity = 0;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 40), 0);
    ASSERT_EQ(mdb_env_open(env, folder.path().c_str(), 0, 0644), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, "rvm", 0, &identity), 0);
    std::string name = "layout";
    std::string seven("\0\0\0\0\0\0\0\7", 8);
    MDB_val key{name.size(), name.data()};
    MDB_val value{seven.size(), seven.data()};
    ASSERT_EQ(mdb_put(txn, identity, &key, &value, 0), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    const auto [status, text] = failure_of([&] { const Store store(settings(folder.path())); });
    EXPECT_EQ(status, RVM_E_UNSUPPORTED);
    EXPECT_NE(text.find("layout 7"), std::string::npos) << text;
    EXPECT_NE(text.find("reads and writes 1"), std::string::npos) << text;
}

class DamagedStore : public testing::Test {
  protected:
    DamagedStore() {
        std::mt19937_64 dice(3);
        Store store(settings(folder.path()));
        for (std::uint64_t number = 1; number <= 60; ++number)
            random_batch(dice, number).commit(store);
    }
    [[nodiscard]] std::string file() const { return folder.path() + "/data.mdb"; }
    [[nodiscard]] std::string content() const {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void replace(const std::string& bytes) const { std::ofstream(file(), std::ios::binary) << bytes; }

    Folder folder;
};
using lmdb_damage = DamagedStore;

TEST_F(lmdb_damage, a_file_cut_anywhere_is_refused_or_whole) {
    const std::string whole = content();
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 60 + 1) {
        replace(whole.substr(0, size));
        const auto [status, text] = failure_of([&] { static_cast<void>(check_pages(file(), PageDepth::head)); });
        if (status == RVM_OK) continue; // nothing in use was cut off
        EXPECT_TRUE(status == RVM_E_CONFIG || status == RVM_E_IO) << text;
        EXPECT_NE(text.find("data.mdb"), std::string::npos) << text;
        EXPECT_EQ(failure_of([&] { const Store store(settings(folder.path())); }).first, status);
        EXPECT_EQ(content().size(), size) << "a refused file stays as it is";
    }
}

// What the page check lets pass, LMDB reads without ending the process, whatever the values are then.
TEST_F(lmdb_damage, changed_bytes_are_found_or_harmless) {
    const std::string whole = content();
    std::mt19937_64 dice(from_environment("RVM_LMDB_SEED", 9));
    std::uint64_t found = 0;
    for (std::uint64_t round = 0; round < from_environment("RVM_LMDB_FLIPS", 100); ++round) {
        std::string damaged = whole;
        for (std::uint64_t i = 1 + dice() % 3; i-- > 0;) // half of them among heads of pages
            damaged[dice() % 2 == 0 ? dice() % damaged.size() : dice() % (damaged.size() / 4096) * 4096 + dice() % 64] =
                static_cast<char>(dice());
        replace(damaged);
        const auto [status, text] = failure_of([&] {
            static_cast<void>(check_pages(file(), PageDepth::all));
            Store store(settings(folder.path()));
            static_cast<void>(listing(store));
            Batch batch;
            batch.put(16, "after", "all");
            batch.commit(store);
        });
        if (status != RVM_OK) {
            ++found;
            EXPECT_FALSE(text.empty());
        }
    }
    EXPECT_GT(found, 15u) << "the check finds nothing";
}

} // namespace
} // namespace rvm::lmdb::test
