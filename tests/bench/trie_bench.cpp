// What roots cost: a state of N accounts from scratch, with the hashing of the addresses and the sort; changes of an
// incremental trie; a block's receipts.
#include <benchmark/benchmark.h>

#include <cstring>

#include "trie/root.hpp"
#include "trie/trie.hpp"

namespace {

using namespace rvm::trie;

/// An account record of the usual size: nonce, balance, storage root, code hash.
constexpr std::size_t record_bytes = 78;

struct Record {
    Hash key;
    std::array<std::uint8_t, record_bytes> value;
};

Record record_of(std::uint64_t number) {
    Record record{};
    std::array<std::uint8_t, 20> address{};
    std::memcpy(address.data(), &number, sizeof number);
    rvm::keccak::keccak256(address, record.key.data());
    for (std::size_t i = 0; i < record_bytes; ++i)
        record.value[i] = static_cast<std::uint8_t>(number + i);
    return record;
}

void account_root(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        std::vector<Record> records;
        records.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            records.push_back(record_of(i));
        std::vector<Entry> entries;
        entries.reserve(count);
        for (const Record& record : records)
            entries.push_back({record.key, record.value});
        sort_by_key(entries);
        benchmark::DoNotOptimize(root_of_sorted(entries));
    }
}
BENCHMARK(account_root)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// 100 changed accounts of a trie of N, then the root.
void incremental_root(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    Trie trie;
    for (std::uint64_t i = 0; i < count; ++i) {
        const Record record = record_of(i);
        trie.set(record.key, record.value);
    }
    benchmark::DoNotOptimize(trie.root());
    std::uint64_t round = 0;
    for (auto _ : state) {
        for (std::uint64_t i = 0; i < 100; ++i) {
            Record record = record_of((round * 7919 + i * 104729) % count);
            record.value[0] = static_cast<std::uint8_t>(++round);
            trie.set(record.key, record.value);
        }
        benchmark::DoNotOptimize(trie.root());
    }
}
BENCHMARK(incremental_root)->Arg(1000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

/// 200 receipts of 600 bytes.
void list_root(benchmark::State& state) {
    const std::vector<Bytes> receipts(200, Bytes(600, 0x42));
    const std::vector<View> views(receipts.begin(), receipts.end());
    for (auto _ : state)
        benchmark::DoNotOptimize(root_of_list(views));
}
BENCHMARK(list_root)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
