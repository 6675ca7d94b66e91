// Header rules: each rule of each fork is broken once, alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "ledger_block_support.hpp"
#include "rules/blob_fee.hpp"

namespace rvm::ledger {
namespace {

using test::child_header;
using test::fork;
using test::parent_header;
using test::text_of;
using testing::HasSubstr;

constexpr std::size_t prague_fields = 21;

TEST(LedgerHeader, DecodesWhatItEncodes) {
    const std::size_t fields[] = {15, 16, 17, 20, prague_fields};
    std::size_t next = 0;
    for (const char* name : {"Berlin", "London", "Shanghai", "Cancun", "Prague"}) {
        Header header = parent_header(fork(name));
        header.extra_data = {1, 2, 3};
        header.difficulty = u256::max_value;
        Buffer encoded;
        encode_header(header, encoded);
        rlp::Status status;
        rlp::Reader whole(encoded, status);
        rlp::Reader list = whole.list();
        EXPECT_EQ(list.count(), fields[next++]) << name;
        const Header decoded = decode_header(list);
        list.end();
        ASSERT_TRUE(status.ok()) << name;
        Buffer again;
        encode_header(decoded, again);
        EXPECT_EQ(again, encoded) << name;
    }
}

TEST(LedgerHeader, AValidChildIsAcceptedInEveryFork) {
    const Fork* before = nullptr;
    for (const Fork& after : forks()) {
        for (const Fork* parent_fork : {&after, before}) {
            if (parent_fork == nullptr) continue;
            const Header parent = parent_header(*parent_fork);
            const Refusal refusal =
                check_header(child_header(parent, *parent_fork, after), after, parent, *parent_fork);
            EXPECT_FALSE(refusal) << parent_fork->name << " to " << after.name << ": " << text_of(refusal);
        }
        before = &after;
    }
}

struct Rule {
    const char* fork;
    std::function<void(Header&)> damage;
    const char* refusal;
};

TEST(LedgerHeader, EachRuleRefuses) {
    const Rule rules[] = {
        {"Frontier", [](Header& h) { h.number += 1; }, "number is 102, expected 101"},
        {"Frontier", [](Header& h) { h.timestamp = 1'000'000; }, "timestamp is 1000000"},
        {"Frontier", [](Header& h) { h.extra_data.resize(33); }, "extra data has 33 bytes"},
        {"Frontier", [](Header& h) { h.gas_limit += 30'000'000 / 1024; }, "gas limit is"},
        {"Frontier", [](Header& h) { h.gas_limit -= 30'000'000 / 1024; }, "gas limit is"},
        {"Frontier", [](Header& h) { h.gas_used = h.gas_limit + 1; }, "gas used is"},
        {"Frontier", [](Header& h) { h.difficulty = h.difficulty + 1; }, "difficulty is"},
        {"Frontier", [](Header& h) { h.base_fee = 1; }, "base fee does not exist"},
        {"London", [](Header& h) { h.base_fee.reset(); }, "base fee is missing"},
        {"London", [](Header& h) { h.base_fee = *h.base_fee + 1; }, "base fee is 1000000001, expected 1000000000"},
        {"London", [](Header& h) { h.withdrawals_root = Hash{}; }, "withdrawals root does not exist"},
        {"Paris", [](Header& h) { h.difficulty = 1; }, "difficulty is 1, expected 0"},
        {"Paris", [](Header& h) { h.nonce[7] = 1; }, "nonce is not zero"},
        {"Paris", [](Header& h) { h.ommers_hash = Hash{}; }, "ommers after the merge"},
        {"Shanghai", [](Header& h) { h.withdrawals_root.reset(); }, "withdrawals root is missing"},
        {"Shanghai", [](Header& h) { h.blob_gas_used = 0; }, "blob gas used does not exist"},
        {"Cancun", [](Header& h) { h.blob_gas_used.reset(); }, "blob gas used is missing"},
        {"Cancun", [](Header& h) { h.excess_blob_gas.reset(); }, "excess blob gas is missing"},
        {"Cancun", [](Header& h) { h.parent_beacon_root.reset(); }, "parent beacon root is missing"},
        {"Cancun", [](Header& h) { h.excess_blob_gas = 1; }, "excess blob gas is 1, expected 0"},
        {"Cancun", [](Header& h) { h.blob_gas_used = 7 * gas_per_blob; }, "blob gas used is"},
        {"Cancun", [](Header& h) { h.blob_gas_used = 1; }, "expected a multiple of"},
        {"Cancun", [](Header& h) { h.requests_hash = Hash{}; }, "requests hash does not exist"},
        {"Prague", [](Header& h) { h.requests_hash.reset(); }, "requests hash is missing"},
    };
    for (const Rule& rule : rules) {
        const Fork& rules_of = fork(rule.fork);
        const Header parent = parent_header(rules_of);
        Header header = child_header(parent, rules_of, rules_of);
        rule.damage(header);
        const Refusal refusal = check_header(header, rules_of, parent, rules_of);
        ASSERT_TRUE(refusal) << rule.fork << ", expected: " << rule.refusal;
        EXPECT_THAT(text_of(refusal), HasSubstr(rule.refusal)) << rule.fork;
    }
}

TEST(LedgerHeader, GasLimitMayMoveByLessThanOnePartOf1024) {
    const Header parent = parent_header(fork("Paris"));
    for (const std::uint64_t limit : {30'000'000U + 29'295U, 30'000'000U - 29'295U}) { // 30,000,000 / 1024 = 29,296
        Header header = child_header(parent, fork("Paris"), fork("Paris"));
        header.gas_limit = limit;
        EXPECT_FALSE(check_header(header, fork("Paris"), parent, fork("Paris")));
    }
}

TEST(LedgerHeader, GasLimitIsNeverBelow5000) {
    Header parent = parent_header(fork("Paris"));
    parent.gas_limit = 5000;
    parent.gas_used = 0;
    Header header = child_header(parent, fork("Paris"), fork("Paris"));
    header.gas_used = 0;
    EXPECT_FALSE(check_header(header, fork("Paris"), parent, fork("Paris")));
    header.gas_limit = 4999;
    EXPECT_TRUE(check_header(header, fork("Paris"), parent, fork("Paris")));
}

TEST(LedgerHeader, DaoForkMarksTenBlocks) { // EIP-779
    const std::string mark = "dao-hard-fork";
    Header header;
    for (std::uint64_t number = 95; number < 120; ++number) {
        header.number = number;
        header.extra_data.clear();
        EXPECT_EQ(check_dao_extra_data(header, 100).has_value(), number >= 100 && number < 110) << number;
        header.extra_data.assign(mark.begin(), mark.end());
        EXPECT_FALSE(check_dao_extra_data(header, 100)) << number;
    }
}

TEST(LedgerHeader, BaseFeeFollowsTheTarget) { // EIP-1559
    Header parent = parent_header(fork("London"));
    const auto next = [&](std::uint64_t gas_used, const U256& fee) {
        parent.gas_used = gas_used;
        parent.base_fee = fee;
        return next_base_fee(parent);
    };
    EXPECT_EQ(next(15'000'000, 1000), U256{1000});
    EXPECT_EQ(next(30'000'000, 1000), U256{1125}) << "one eighth up at most";
    EXPECT_EQ(next(0, 1000), U256{875}) << "one eighth down at most";
    EXPECT_EQ(next(15'000'001, 1000), U256{1001}) << "up by one at least";
    EXPECT_EQ(next(14'999'999, 1000), U256{1000}) << "down by nothing when it rounds to nothing";
    EXPECT_EQ(next(30'000'000, 7), U256{8});
    EXPECT_EQ(next(0, 7), U256{7});
    EXPECT_EQ(expected_base_fee(parent_header(fork("Berlin")), fork("Berlin")), U256{1'000'000'000});
}

TEST(LedgerHeader, ExcessBlobGasFollowsTheTarget) { // EIP-4844, 7691
    Header parent = parent_header(fork("Cancun"));
    const auto next = [&](const char* name, std::uint64_t excess, std::uint64_t blobs) {
        parent.excess_blob_gas = excess * gas_per_blob;
        parent.blob_gas_used = blobs * gas_per_blob;
        return next_excess_blob_gas(parent, fork(name)) / gas_per_blob;
    };
    EXPECT_EQ(next("Cancun", 0, 3), 0u);
    EXPECT_EQ(next("Cancun", 0, 6), 3u);
    EXPECT_EQ(next("Cancun", 2, 0), 0u) << "never below zero";
    EXPECT_EQ(next("Cancun", 10, 1), 8u);
    EXPECT_EQ(next("Prague", 0, 9), 3u);
    EXPECT_EQ(next("Prague", 10, 1), 5u);
    EXPECT_EQ(next("BPO1", 0, 15), 5u);
}

TEST(LedgerHeader, BlobsDoNotGetCheaperThanExecution) { // EIP-7918
    Header parent = parent_header(fork("Osaka"));
    parent.excess_blob_gas = 10 * gas_per_blob; // the price is 1 wei
    parent.blob_gas_used = 6 * gas_per_blob;
    // 2^13 * base fee against 2^17 * 1: the reserve price binds above 16 wei.
    parent.base_fee = 16;
    EXPECT_EQ(next_excess_blob_gas(parent, fork("Osaka")), 10 * gas_per_blob);
    parent.base_fee = 17; // grows by used * (max - target) / max = 6 * 3 / 9
    EXPECT_EQ(next_excess_blob_gas(parent, fork("Osaka")), 12 * gas_per_blob);
    EXPECT_EQ(next_excess_blob_gas(parent, fork("Prague")), 10 * gas_per_blob) << "not before Osaka";
    parent.blob_gas_used = gas_per_blob; // 131072 * 3 / 9, rounded down
    EXPECT_EQ(next_excess_blob_gas(parent, fork("Osaka")), 10 * gas_per_blob + 43690);
    parent.excess_blob_gas = 0;
    parent.blob_gas_used = gas_per_blob;
    EXPECT_EQ(next_excess_blob_gas(parent, fork("Osaka")), 0u) << "below the target there is no excess";
}

TEST(LedgerSchedule, NamesOfFixtures) {
    const auto name = [](const char* network, std::uint64_t number, std::uint64_t time, std::uint64_t difficulty) {
        const auto schedule = ForkSchedule::named(network);
        if (!schedule) return std::string("none");
        return std::string(schedule->at(number, time, schedule->is_merged(difficulty)).name);
    };
    EXPECT_EQ(name("Cancun", 0, 0, 0), "Cancun");
    EXPECT_EQ(name("Berlin", 1'000'000'000, 2'000'000'000, 0), "Berlin");
    EXPECT_EQ(name("BerlinToLondonAt5", 4, 1u << 30, 0), "Berlin");
    EXPECT_EQ(name("BerlinToLondonAt5", 5, 0, 0), "London");
    EXPECT_EQ(name("CancunToPragueAtTime15k", 99, 14'999, 0), "Cancun");
    EXPECT_EQ(name("CancunToPragueAtTime15k", 1, 15'000, 0), "Prague");
    EXPECT_EQ(name("ArrowGlacierToParisAtDiffC0000", 9, 0, 0xBFFFF), "ArrowGlacier");
    EXPECT_EQ(name("ArrowGlacierToParisAtDiffC0000", 9, 0, 0xC0000), "Paris");
    EXPECT_EQ(name("OsakaToBPO1AtTime15k", 9, 15'000, 0), "BPO1");
    EXPECT_EQ(name("HomesteadToDaoAt5", 5, 0, 0), "Homestead");
    EXPECT_EQ(ForkSchedule::named("HomesteadToDaoAt5")->dao_fork(), 5u);
    for (const char* wrong :
         {"", "To", "ToAt", "CancunTo", "CancunToPrague", "CancunToPragueAt", "CancunToPragueAtTime",
          "CancunToPragueAtTimek", "CancunToNowhereAtTime15k", "CancunToPragueAtTime99999999999999999999k",
          "BerlinToLondonAt-5", "ArrowGlacierToParisAtDiff"}) {
        EXPECT_EQ(name(wrong, 0, 0, 0), "none") << wrong;
    }
}

TEST(LedgerSchedule, BlobParametersBelongToAChain) { // EIP-7892
    auto schedule = *ForkSchedule::named("OsakaToBPO1AtTime15k");
    EXPECT_TRUE(schedule.set_blobs("BPO1", {1, 2, 3}));
    EXPECT_FALSE(schedule.set_blobs("BPO2", {1, 2, 3}));
    EXPECT_EQ(schedule.at(1, 15'000, true).blobs.max, 2u);
    EXPECT_EQ(schedule.at(1, 14'999, true).blobs.max, 9u);
    EXPECT_EQ(ForkSchedule::named("BPO1")->at(0, 0, true).blobs.max, 15u);
}

} // namespace
} // namespace rvm::ledger
