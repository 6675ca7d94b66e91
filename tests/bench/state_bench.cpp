// What the state costs: warm slots, handles, small transactions, snapshots, cold reads over the memory store.
#include "state/limbs.hpp"
#include "state/memory_store.hpp"
#include "state/world_state.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace {

using namespace rvm::state;

constexpr std::uint32_t want = RVM_WANT_WARM;

rvm_address address_of(std::uint32_t number) {
    rvm_address out{};
    for (std::size_t i = 0; i < 4; ++i)
        out.bytes[16 + i] = static_cast<std::uint8_t>(number >> (8 * (3 - i)));
    return out;
}

rvm_u256 key_of(std::uint64_t number) { return {{number * 0x9E3779B97F4A7C15u, number, 0, number << 32}}; }

/// A store with `accounts` accounts of `slots` slots each, and a world over it.
struct Fixture {
    CodeTable codes;
    rvm_store* store = nullptr;
    std::unique_ptr<WorldState> world;

    Fixture(std::uint32_t accounts, std::uint64_t slots) {
        rvm_memory_storage.open(nullptr, nullptr, &store, nullptr);
        open();
        check(world->begin_tx());
        for (std::uint32_t a = 0; a < accounts; ++a) {
            Account& account = handle(a);
            check(world->add_balance(account, {{1u << 30, 0, 0, 0}}));
            for (std::uint64_t s = 0; s < slots; ++s)
                check(world->set_slot(account, key_of(s), {{s + 1, 0, 0, 0}}));
        }
        check(world->end_tx(0, nullptr));
        check(world->commit({}, nullptr));
        open();
    }
    ~Fixture() {
        world.reset();
        rvm_memory_storage.close(store);
    }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    static void check(rvm_status status) {
        if (status != RVM_OK) std::abort();
    }
    void open() { check(WorldState::open(rvm_memory_storage, *store, codes, 0, &world, nullptr)); }
    Account& handle(std::uint32_t number) {
        Account* account = nullptr;
        check(world->account(address_of(number), want, &account, nullptr));
        return *account;
    }
};

/// Slots of one account in turn; the argument is their number.
void sload_warm(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    Fixture fixture(1, count);
    WorldState& world = *fixture.world;
    Fixture::check(world.begin_tx());
    Account& account = fixture.handle(0);
    std::vector<rvm_u256> keys;
    rvm_u256 value{};
    for (std::uint64_t i = 0; i < count; ++i) {
        keys.push_back(key_of(i));
        Fixture::check(world.sload(account, keys.back(), 0, &value, nullptr));
    }
    std::size_t at = 0;
    for (auto unused : state) {
        std::uint32_t access = 0;
        benchmark::DoNotOptimize(world.sload(account, keys[at], 0, &value, &access));
        benchmark::DoNotOptimize(value);
        at = at + 1 == keys.size() ? 0 : at + 1;
    }
}
BENCHMARK(sload_warm)->Arg(1)->Arg(16)->Arg(1024);

/// Writes to a warm slot that is already dirty, the value changing each time.
void sstore_dirty(benchmark::State& state) {
    Fixture fixture(1, 16);
    WorldState& world = *fixture.world;
    Fixture::check(world.begin_tx());
    Account& account = fixture.handle(0);
    rvm_slot_write out{};
    rvm_u256 value{};
    std::uint64_t at = 0;
    for (auto unused : state) {
        ++value.limbs[0];
        benchmark::DoNotOptimize(world.sstore(account, key_of(at & 15), value, 0, &out));
        ++at;
    }
}
BENCHMARK(sstore_dirty);

/// The same, each in a snapshot of its own that is reverted.
void snapshot_sstore_revert(benchmark::State& state) {
    Fixture fixture(1, 16);
    WorldState& world = *fixture.world;
    Fixture::check(world.begin_tx());
    Account& account = fixture.handle(0);
    rvm_slot_write out{};
    rvm_u256 value{};
    for (auto unused : state) {
        const Mark mark = world.snapshot();
        ++value.limbs[0];
        Fixture::check(world.sstore(account, key_of(1), value, 0, &out));
        Fixture::check(world.revert(mark));
    }
}
BENCHMARK(snapshot_sstore_revert);

void snapshot_alone(benchmark::State& state) {
    Fixture fixture(1, 0);
    Fixture::check(fixture.world->begin_tx());
    for (auto unused : state)
        benchmark::DoNotOptimize(fixture.world->snapshot());
}
BENCHMARK(snapshot_alone);

/// Handles of warm accounts in turn; the argument is their number.
void account_second_lookup(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Fixture fixture(count, 0);
    WorldState& world = *fixture.world;
    Fixture::check(world.begin_tx());
    std::vector<rvm_address> addresses;
    for (std::uint32_t i = 0; i < count; ++i) {
        fixture.handle(i);
        addresses.push_back(address_of(i));
    }
    std::size_t at = 0;
    for (auto unused : state) {
        Account* account = nullptr;
        std::uint32_t access = 0;
        benchmark::DoNotOptimize(world.account(addresses[at], want | RVM_WANT_CODE, &account, &access));
        benchmark::DoNotOptimize(account);
        at = at + 1 == addresses.size() ? 0 : at + 1;
    }
}
BENCHMARK(account_second_lookup)->Arg(1)->Arg(16)->Arg(1024);

/// A payment: two handles, a nonce, a transfer, a fee as a blind credit; with its change set.
void tx_payment(benchmark::State& state) {
    Fixture fixture(8, 0);
    WorldState& world = *fixture.world;
    std::uint32_t number = 0;
    for (auto unused : state) {
        Fixture::check(world.begin_tx());
        Account& from = fixture.handle(number & 3);
        Account& to = fixture.handle(4 + (number & 3));
        Fixture::check(world.bump_nonce(from));
        Fixture::check(world.transfer(from, to, {{1, 0, 0, 0}}));
        Fixture::check(world.credit(address_of(99), {{1, 0, 0, 0}}));
        ChangeSet changes;
        Fixture::check(world.end_tx(RVM_TX_REMOVE_EMPTY_TOUCHED, &changes));
        benchmark::DoNotOptimize(changes.accounts().data());
        ++number;
    }
}
BENCHMARK(tx_payment);

void tx_empty(benchmark::State& state) {
    Fixture fixture(1, 0);
    for (auto unused : state) {
        Fixture::check(fixture.world->begin_tx());
        Fixture::check(fixture.world->end_tx(0, nullptr));
    }
}
BENCHMARK(tx_empty);

/// First reads in a fresh world: an account and one of its slots, out of 1000 with 8 slots each.
void cold_account_and_slot(benchmark::State& state) {
    constexpr std::uint32_t accounts = 1000;
    Fixture fixture(accounts, 8);
    std::uint32_t number = accounts;
    for (auto unused : state) {
        if (number == accounts) {
            state.PauseTiming();
            fixture.open();
            Fixture::check(fixture.world->begin_tx());
            number = 0;
            state.ResumeTiming();
        }
        Account& account = fixture.handle(number++);
        rvm_u256 value{};
        Fixture::check(fixture.world->sload(account, key_of(3), 0, &value, nullptr));
        benchmark::DoNotOptimize(value);
    }
}
BENCHMARK(cold_account_and_slot);

} // namespace

BENCHMARK_MAIN();
