// The engine "lmdb" against LMDB itself, called directly, in one run over stores with the same records.
//
//   RVM_LMDB_SLOTS  slots in each store before anything is measured (default 200000)
//   RVM_LMDB_DIR    a folder for both (default: the folder of temporary files)
//
// Wanted: reads and commits of 1000 slots at most 15 % slower than direct calls. Commits are measured without syncing
// (what the engine does beside the disk) and with it (what a user waits for).
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <lmdb.h>
#include <rvm/plugin.h>
#include <unistd.h>

#include "engine.hpp"

namespace {

constexpr std::size_t batch_slots = 1000;
constexpr std::size_t key_bytes = 60, value_bytes = 32; // of a slot's record (core/state/README.md)
constexpr std::uint64_t contracts = 50;
constexpr std::uint64_t map_bytes = std::uint64_t{1} << 36;

void need(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

std::uint64_t slots() {
    static const std::uint64_t count = [] {
        const char* text = std::getenv("RVM_LMDB_SLOTS");
        return text != nullptr ? std::strtoull(text, nullptr, 10) : 200'000;
    }();
    return count;
}

using Key = std::array<std::uint8_t, key_bytes>;
using Value = std::array<std::uint8_t, value_bytes>;

/// Slot `number` of a world: contracts own shares of them, their keys are as if hashed.
Key key_of(std::uint64_t number) {
    std::mt19937_64 dice(number);
    std::mt19937_64 owner(number % contracts);
    Key out{};
    for (std::size_t i = 0; i < 20; ++i)
        out[i] = static_cast<std::uint8_t>(owner());
    for (std::size_t i = 28; i < key_bytes; ++i)
        out[i] = static_cast<std::uint8_t>(dice());
    return out;
}
Value value_of(std::uint64_t number) {
    Value out{};
    std::mt19937_64 dice(number);
    for (std::size_t i = 12; i < value_bytes; ++i)
        out[i] = static_cast<std::uint8_t>(dice() | 1);
    return out;
}

class Folder {
  public:
    Folder() {
        const char* text = std::getenv("RVM_LMDB_DIR");
        std::string name = (text != nullptr ? std::filesystem::path(text) : std::filesystem::temp_directory_path()) /
                           "rvm-bench-XXXXXX";
        need(::mkdtemp(name.data()) != nullptr, "no folder");
        path_ = name;
        std::filesystem::create_directory(path_ / "raw");
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string of(const char* name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};
Folder& folder() {
    static Folder made;
    return made;
}

/// LMDB as anybody would call it: one database, the flags the engine uses.
class Raw {
  public:
    explicit Raw(bool sync) {
        need(mdb_env_create(&env_) == 0 && mdb_env_set_mapsize(env_, map_bytes) == 0 &&
                 mdb_env_set_maxdbs(env_, 1) == 0,
             "environment");
        need(mdb_env_open(env_, folder().of("raw").c_str(), MDB_NOTLS | (sync ? 0u : MDB_NOSYNC), 0644) == 0, "open");
        MDB_txn* txn = nullptr;
        need(mdb_txn_begin(env_, nullptr, 0, &txn) == 0 && mdb_dbi_open(txn, "slots", MDB_CREATE, &slots_) == 0 &&
                 mdb_txn_commit(txn) == 0,
             "database");
    }
    ~Raw() { mdb_env_close(env_); }
    Raw(const Raw&) = delete;
    Raw& operator=(const Raw&) = delete;

    void begin_reading() { need(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading_) == 0, "view"); }
    void end_reading() { mdb_txn_abort(reading_); }
    [[nodiscard]] const void* get(const Key& key) {
        MDB_val name{key.size(), const_cast<std::uint8_t*>(key.data())};
        MDB_val value{};
        return mdb_get(reading_, slots_, &name, &value) == 0 ? value.mv_data : nullptr;
    }
    void commit(const std::vector<rvm_store_write>& writes) {
        MDB_txn* txn = nullptr;
        need(mdb_txn_begin(env_, nullptr, 0, &txn) == 0, "begin");
        for (const rvm_store_write& write : writes) {
            MDB_val name{write.key.size, const_cast<std::uint8_t*>(write.key.data)};
            MDB_val value{write.value.size, const_cast<std::uint8_t*>(write.value.data)};
            need(mdb_put(txn, slots_, &name, &value, 0) == 0, "put");
        }
        need(mdb_txn_commit(txn) == 0, "commit");
    }
    static constexpr const char* file = "raw";

  private:
    MDB_env* env_ = nullptr;
    MDB_dbi slots_ = 0;
    MDB_txn* reading_ = nullptr;
};

/// The engine through the table that the host calls.
class Engine {
  public:
    explicit Engine(bool sync) {
        const std::string config = "{\"path\": \"" + folder().of("engine") + "\", \"sync\": \"" +
                                   (sync ? "commit" : "system") + "\", \"map_bytes\": " + std::to_string(map_bytes) +
                                   "}";
        need(engine_.table().open(engine_.table().self, config.c_str(), &store_, nullptr) == RVM_OK, "open");
    }
    ~Engine() { engine_.table().close(store_); }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void begin_reading() { need(engine_.table().view(store_, &view_, nullptr) == RVM_OK, "view"); }
    void end_reading() { engine_.table().release(view_); }
    [[nodiscard]] const void* get(const Key& key) {
        rvm_view value{};
        return engine_.table().get(view_, RVM_KEYSPACE_SLOTS, {key.data(), key.size()}, &value) == RVM_OK ? value.data
                                                                                                          : nullptr;
    }
    void commit(const std::vector<rvm_store_write>& writes) {
        need(engine_.table().commit(store_, writes.data(), writes.size(), nullptr) == RVM_OK, "commit");
    }
    static constexpr const char* file = "engine";

  private:
    rvm::lmdb::Engine engine_;
    rvm_store* store_ = nullptr;
    rvm_store_view* view_ = nullptr;
};

struct Batch {
    std::vector<Key> keys;
    std::vector<Value> values;
    std::vector<rvm_store_write> writes;

    /// Ascending, as a world's change set is.
    void finish() {
        std::sort(keys.begin(), keys.end());
        for (std::size_t i = 0; i < keys.size(); ++i)
            writes.push_back({{keys[i].data(), key_bytes}, {values[i].data(), value_bytes}, RVM_KEYSPACE_SLOTS, 0});
    }
};

Batch random_batch(std::mt19937_64& dice) {
    Batch batch;
    for (std::size_t i = 0; i < batch_slots; ++i) {
        batch.keys.push_back(key_of(dice() % slots()));
        batch.values.push_back(value_of(dice()));
    }
    batch.finish();
    return batch;
}

/// Fills a store once, in batches of 100000; the second to come finds it full.
template <class Store>
void fill(Store& store) {
    static bool filled = false;
    if (filled) return;
    filled = true;
    constexpr std::uint64_t most = 100'000;
    for (std::uint64_t first = 0; first < slots(); first += most) {
        Batch batch;
        for (std::uint64_t i = first; i < std::min(first + most, slots()); ++i) {
            batch.keys.push_back(key_of(i));
            batch.values.push_back(value_of(i));
        }
        batch.finish();
        store.commit(batch.writes);
    }
}

template <class Store>
void read(benchmark::State& state) {
    Store store(false);
    fill(store);
    std::mt19937_64 dice(7);
    std::vector<Key> keys;
    for (int i = 0; i < 20'000; ++i)
        keys.push_back(key_of(dice() % slots()));
    store.begin_reading();
    std::size_t at = 0;
    for (auto unused : state) {
        const void* const value = store.get(keys[at]);
        need(value != nullptr, "a slot is missing");
        benchmark::DoNotOptimize(*static_cast<const std::uint8_t*>(value));
        at = at + 1 == keys.size() ? 0 : at + 1;
    }
    store.end_reading();
    state.counters["bytes/slot"] =
        static_cast<double>(std::filesystem::file_size(folder().of(Store::file) + "/data.mdb")) /
        static_cast<double>(slots());
}
BENCHMARK(read<Raw>);
BENCHMARK(read<Engine>);

template <class Store>
void commit_1000(benchmark::State& state) {
    const bool sync = state.range(0) != 0;
    Store store(sync);
    fill(store);
    std::mt19937_64 dice(11);
    std::vector<Batch> batches;
    for (int i = 0; i < 32; ++i)
        batches.push_back(random_batch(dice));
    std::size_t at = 0;
    for (auto unused : state) {
        store.commit(batches[at].writes);
        at = at + 1 == batches.size() ? 0 : at + 1;
    }
}
BENCHMARK(commit_1000<Raw>)->ArgName("sync")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(commit_1000<Engine>)->ArgName("sync")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

/// A store with all its slots: opening, a view, one slot.
template <class Store>
void open_and_read_one(benchmark::State& state) {
    {
        Store store(false);
        fill(store);
    }
    std::uint64_t number = 0;
    for (auto unused : state) {
        Store store(false);
        store.begin_reading();
        benchmark::DoNotOptimize(store.get(key_of(number++ % slots())));
        store.end_reading();
    }
}
BENCHMARK(open_and_read_one<Raw>)->Unit(benchmark::kMicrosecond);
BENCHMARK(open_and_read_one<Engine>)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
