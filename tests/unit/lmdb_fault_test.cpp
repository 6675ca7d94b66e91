// Power failures and full disks: the log of a run's writes, cut at every moment.
#include <cerrno>

#include "lmdb_disk.hpp"
#include "lmdb_support.hpp"
#include "page_check.hpp"

namespace rvm::lmdb::test {
namespace {

constexpr std::uint64_t batches = 25;

/// The contents after each number of batches, 0 included.
std::vector<Model> models(std::uint64_t seed) {
    std::mt19937_64 dice(seed);
    std::vector<Model> out(1);
    for (std::uint64_t number = 1; number <= batches; ++number) {
        out.push_back(out.back());
        random_batch(dice, number).apply(out.back());
    }
    return out;
}

/// Runs all batches, noting each that was acknowledged; every third is followed by a reopening.
void run(const std::string& folder, Sync sync, std::uint64_t seed, Disk& disk) {
    std::mt19937_64 dice(seed);
    auto store = std::make_unique<Store>(settings(folder, sync));
    for (std::uint64_t number = 1; number <= batches; ++number) {
        random_batch(dice, number).commit(*store);
        disk.note(number);
        if (number % 3 == 0) {
            store.reset();
            store = std::make_unique<Store>(settings(folder, sync));
        }
    }
}

/// Opens what a crash left. The number of batches in it, or nullopt when it is no store or holds something else.
std::optional<std::uint64_t> batches_in(const std::string& folder, const std::vector<Model>& expected) {
    if (std::filesystem::exists(folder + "/data.mdb"))
        static_cast<void>(check_pages(folder + "/data.mdb", PageDepth::all));
    Store store(settings(folder));
    const Model found = listing(store);
    for (std::uint64_t number = 0; number < expected.size(); ++number)
        if (found == expected[number]) return number;
    return std::nullopt;
}

struct Promise {
    Sync sync;
    Loss loss;
    std::uint64_t may_lose; ///< acknowledged batches
};

void PrintTo(const Promise& promise, std::ostream* out) {
    *out << sync_name(promise.sync) << ", loss " << static_cast<int>(promise.loss);
}

class lmdb_power : public testing::TestWithParam<Promise> {};

TEST_P(lmdb_power, what_was_acknowledged_is_there_and_nothing_is_there_by_half) {
    const auto [sync, loss, may_lose] = GetParam();
    constexpr std::uint64_t seed = 11;
    const std::vector<Model> expected = models(seed);
    const Folder folder;
    Disk disk(folder.path());
    run(folder.path(), sync, seed, disk);

    std::mt19937_64 dice(seed);
    std::uint64_t sync_points = 0;
    for (std::size_t steps = 0; steps <= disk.size(); ++steps) {
        // The moments around every sync: just before it (all since the last one is at risk) and just after.
        const bool before = steps < disk.size() && disk.is_sync_point(steps);
        const bool after = steps > 0 && disk.is_sync_point(steps - 1);
        if (!before && !after && loss != Loss::some) continue;
        sync_points += before ? 1 : 0;
        const Folder left;
        const std::uint64_t acknowledged = disk.crash(steps, loss, dice, left.path());
        const auto there = batches_in(left.path(), expected);
        ASSERT_TRUE(there.has_value()) << "step " << steps << ": neither state, " << acknowledged << " acknowledged";
        ASSERT_GE(*there + may_lose, acknowledged) << "step " << steps;
        ASSERT_LE(*there, acknowledged + 1) << "step " << steps;
    }
    EXPECT_GE(sync_points, sync == Sync::system ? 3 : batches) << "the log does not see the syncs";
}

INSTANTIATE_TEST_SUITE_P(every_policy, lmdb_power,
                         testing::Values(Promise{Sync::commit, Loss::everything, 0},
                                         Promise{Sync::commit, Loss::some, 0}, Promise{Sync::commit, Loss::nothing, 0},
                                         Promise{Sync::previous, Loss::everything, 1},
                                         Promise{Sync::previous, Loss::some, 1},
                                         Promise{Sync::previous, Loss::nothing, 0},
                                         Promise{Sync::system, Loss::nothing, 0}));

// The test itself: an engine that does not sync is caught.
TEST(lmdb_power_test, catches_an_engine_that_does_not_sync) {
    constexpr std::uint64_t seed = 11;
    const std::vector<Model> expected = models(seed);
    const Folder folder;
    Disk disk(folder.path());
    run(folder.path(), Sync::system, seed, disk);
    std::mt19937_64 dice(seed);
    std::uint64_t lost = 0;
    for (std::size_t steps = 1; steps <= disk.size(); ++steps) {
        const Folder left;
        const std::uint64_t acknowledged = disk.crash(steps, Loss::everything, dice, left.path());
        std::optional<std::uint64_t> there;
        const auto [status, text] = failure_of([&] { there = batches_in(left.path(), expected); });
        if (status != RVM_OK || !there || *there < acknowledged) ++lost;
    }
    EXPECT_GT(lost, 10u);
}

TEST(lmdb_power_test, compacting_keeps_the_old_file_until_the_new_one_is_whole) {
    constexpr std::uint64_t seed = 12;
    const std::vector<Model> expected = models(seed);
    const Folder folder;
    {
        Disk filling(folder.path());
        run(folder.path(), Sync::commit, seed, filling);
    }
    Disk disk(folder.path());
    {
        Store store(settings(folder.path()));
        store.compact();
    }
    disk.note(1);
    std::mt19937_64 dice(seed);
    ASSERT_GT(disk.size(), 4u);
    for (std::size_t steps = 0; steps <= disk.size(); ++steps)
        for (const Loss loss : {Loss::everything, Loss::some, Loss::nothing}) {
            const Folder left;
            disk.crash(steps, loss, dice, left.path());
            ASSERT_EQ(batches_in(left.path(), expected), batches) << "step " << steps;
        }
}

std::string device_of(const std::string& folder) { return "no space is left on the device of " + folder; }

/// Every write, sync and extension of a commit fails once. How many of the failures named the device.
void fail_each_call(int code, std::size_t times, std::uint64_t* named = nullptr) {
    const Folder folder;
    Model model;
    std::uint64_t failures = 0;
    for (std::size_t call = 0;; ++call) {
        auto store = std::make_unique<Store>(settings(folder.path()));
        Disk disk(folder.path());
        std::mt19937_64 dice(call);
        Batch batch = random_batch(dice, call);
        batch.put(16, "large", std::string(20'000, static_cast<char>(call)));
        disk.fail(call, code, times);
        const auto [status, text] = failure_of([&] { batch.commit(*store); });
        disk.fail(SIZE_MAX, 0);
        if (status == RVM_OK) {
            batch.apply(model);
            ASSERT_EQ(listing(*store), model);
            break; // no call was left to fail
        }
        ++failures;
        EXPECT_EQ(status, RVM_E_IO);
        EXPECT_NE(text.find("not committed"), std::string::npos) << text;
        if (named != nullptr && text.ends_with(device_of(folder.path())))
            ++*named;
        else
            EXPECT_NE(text.find(std::strerror(code == Disk::fills_up ? ENOSPC : code)), std::string::npos) << text;
        // The store goes on with what it had, or asks to be opened again; then all is well.
        const auto [again, words] = failure_of([&] { batch.commit(*store); });
        if (again != RVM_OK) {
            EXPECT_NE(words.find("open the store again"), std::string::npos) << words;
            store.reset();
            store = std::make_unique<Store>(settings(folder.path()));
            ASSERT_EQ(listing(*store), model) << "call " << call;
            batch.commit(*store);
        }
        batch.apply(model);
        ASSERT_EQ(listing(*store), model) << "call " << call;
    }
    EXPECT_GE(failures, 3u);
}

TEST(lmdb_full_disk, no_space_at_any_write_loses_nothing) { fail_each_call(ENOSPC, 1); }
TEST(lmdb_full_disk, a_limit_of_file_size_loses_nothing) { fail_each_call(EFBIG, 1); }
TEST(lmdb_full_disk, a_failing_device_is_reported) { fail_each_call(EIO, 1); }

// LMDB answers EIO to a write that was taken in part.
TEST(lmdb_full_disk, a_write_that_fills_the_device_loses_nothing_and_names_it) {
    std::uint64_t named = 0;
    fail_each_call(Disk::fills_up, 1, &named);
    EXPECT_GE(named, 2u); // the pages and the head
}

TEST(lmdb_full_disk, a_store_that_cannot_be_made_leaves_no_trace) {
    for (std::size_t call = 0;; ++call) {
        const Folder folder;
        Disk disk(folder.path());
        disk.fail(call, ENOSPC);
        const auto [status, text] = failure_of([&] { const Store store(settings(folder.path())); });
        disk.fail(SIZE_MAX, 0);
        if (status == RVM_OK) {
            EXPECT_GE(call, 3u);
            break;
        }
        EXPECT_NE(text.find(std::strerror(ENOSPC)), std::string::npos) << text;
        Store store(settings(folder.path())); // with room again
        EXPECT_TRUE(listing(store).empty());
    }
}

} // namespace
} // namespace rvm::lmdb::test
