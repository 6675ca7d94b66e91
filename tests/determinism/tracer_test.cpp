// Observing changes nothing, and what is observed is what happened.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "tracers.hpp"

namespace rvm::determinism {
namespace {

using Lines = std::vector<std::string>;

Runtime& runtime() {
    static const std::unique_ptr<Runtime> opened = open_runtime();
    return *opened;
}
const Lines& untraced() {
    static const Lines lines = run(runtime());
    return lines;
}

TEST(tracer, hostile_one_changes_no_result) { EXPECT_EQ(run(runtime(), {.tracer = kHostile}), untraced()); }
TEST(tracer, witness_changes_no_result) { EXPECT_EQ(run(runtime(), {.tracer = kWitness}), untraced()); }
TEST(tracer, recording_reads_changes_no_result) {
    EXPECT_EQ(run(runtime(), {.world_flags = RVM_WORLD_RECORD_READS}), untraced());
    EXPECT_EQ(run(runtime(), {.tracer = kHostile, .world_flags = RVM_WORLD_RECORD_READS}), untraced());
}
TEST(tracer, cancellable_world_changes_no_result) {
    EXPECT_EQ(run(runtime(), {.world_flags = RVM_WORLD_CANCELLABLE}), untraced());
}

Bytes20 bytes(const rvm_address& address) { return {std::begin(address.bytes), std::end(address.bytes)}; }
Limbs limbs(const rvm_u256& value) { return {std::begin(value.limbs), std::end(value.limbs)}; }

/// Net effects a change set lists, as the witness would have seen them. Accounts that a program destroyed are left out:
/// they end with the transaction, not with an event.
std::map<std::tuple<Bytes20, std::uint32_t, Limbs>, Seen::Net> listed(const Changes& changes,
                                                                      const std::set<Bytes20>& without) {
    std::map<std::tuple<Bytes20, std::uint32_t, Limbs>, Seen::Net> out;
    for (const rvm_account_change* account : changes.accounts()) {
        const Bytes20 address = bytes(account->address);
        if (without.contains(address)) continue;
        const rvm_account_state &before = account->before, &after = account->after;
        const auto add = [&](std::uint32_t kind, const Limbs& key, const Limbs& from, const Limbs& to) {
            if (from != to) out.emplace(std::tuple{address, kind, key}, Seen::Net{from, to});
        };
        add(RVM_STATE_BALANCE, {}, limbs(before.balance), limbs(after.balance));
        add(RVM_STATE_NONCE, {}, {before.nonce, 0, 0, 0}, {after.nonce, 0, 0, 0});
        add(RVM_STATE_CODE, {}, limbs(rvm_u256_from_bytes(before.code_hash.bytes, sizeof before.code_hash.bytes)),
            limbs(rvm_u256_from_bytes(after.code_hash.bytes, sizeof after.code_hash.bytes)));
        for (std::uint64_t i = 0; i < account->slot_count; ++i) {
            const rvm_slot_change& slot = account->slots[i];
            add(RVM_STATE_SLOT, limbs(slot.key), limbs(slot.before), limbs(slot.after));
        }
    }
    return out;
}

std::string describe(const std::tuple<Bytes20, std::uint32_t, Limbs>& item, const Seen::Net& net) {
    std::string out = "account ..";
    for (std::size_t i = 16; i < 20; ++i)
        out += ' ' + std::to_string(std::get<0>(item)[i]);
    out += " kind " + std::to_string(std::get<1>(item));
    if (!std::get<2>(item).empty()) out += " key " + std::to_string(std::get<2>(item)[0]);
    return out + ": " + std::to_string(net.before[0]) + " -> " + std::to_string(net.after[0]);
}

TEST(tracer, state_events_of_successful_frames_are_the_change_set) {
    std::uint64_t frames = 0, operations = 0, events = 0, changed = 0;
    const auto compare = [&](World& world, const Changes& changes, std::size_t index) {
        const Seen seen = witnessed();
        EXPECT_EQ(seen.unbalanced, 0u) << "transaction " << index << ": enter and leave do not match";
        EXPECT_EQ(seen.logs, world.logs().size()) << "transaction " << index;
        auto expected = listed(changes, seen.destroyed);
        for (const auto& [item, net] : seen.net) {
            if (seen.destroyed.contains(std::get<0>(item))) continue;
            const auto at = expected.find(item);
            if (at == expected.end()) {
                ADD_FAILURE() << "transaction " << index << " saw what did not happen: " << describe(item, net);
                continue;
            }
            EXPECT_EQ(at->second.before, net.before) << "transaction " << index << ": " << describe(item, net);
            EXPECT_EQ(at->second.after, net.after) << "transaction " << index << ": " << describe(item, net);
            expected.erase(at);
            ++changed;
        }
        for (const auto& [item, net] : expected)
            ADD_FAILURE() << "transaction " << index << " did not see: " << describe(item, net);
        frames += seen.frames;
        operations += seen.operations;
        events += seen.state_events;
    };
    EXPECT_EQ(run(runtime(), {.tracer = kWitness, .world_flags = 0, .after = compare}), untraced());
    // The corpus is no proof if it does nothing.
    EXPECT_GT(frames, corpus().transactions.size());
    EXPECT_GT(operations, 10 * frames) << "formats report their instructions";
    EXPECT_GT(events, 500u);
    EXPECT_GT(changed, 200u);
}

} // namespace
} // namespace rvm::determinism
