// Difficulty before the merge: rules worked out by hand, and ethereum/tests DifficultyTests where the conformance data
// is unpacked ($RVM_FIXTURES).
#include "block/difficulty.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "u256/text.hpp"

namespace rvm::ledger {
namespace {

using nlohmann::json;

std::uint64_t difficulty(const char* fork, std::uint64_t parent, std::uint64_t seconds, std::uint64_t number,
                         bool ommers = false) {
    const U256 out = expected_difficulty(*find_fork(fork), {parent, 1000, ommers}, number, 1000 + seconds);
    EXPECT_TRUE(out.fits_64());
    return out.limbs[0];
}

constexpr std::uint64_t parent = 2048 * 1000; // one step is 1000

TEST(LedgerDifficulty, FrontierMovesOneStepAt13Seconds) {
    EXPECT_EQ(difficulty("Frontier", parent, 12, 1), parent + 1000);
    EXPECT_EQ(difficulty("Frontier", parent, 13, 1), parent - 1000);
    EXPECT_EQ(difficulty("Frontier", parent, 1'000'000, 1), parent - 1000);
}

TEST(LedgerDifficulty, HomesteadCountsTenSeconds) {
    EXPECT_EQ(difficulty("Homestead", parent, 9, 1), parent + 1000);
    EXPECT_EQ(difficulty("Homestead", parent, 10, 1), parent);
    EXPECT_EQ(difficulty("Homestead", parent, 20, 1), parent - 1000);
    EXPECT_EQ(difficulty("Homestead", parent, 1'000'000, 1), parent - 99'000);
    EXPECT_EQ(difficulty("Homestead", parent, 1, 1, true), parent + 1000) << "ommers do not count yet";
}

TEST(LedgerDifficulty, ByzantiumCountsNineSecondsAndOmmers) {
    EXPECT_EQ(difficulty("Byzantium", parent, 8, 1), parent + 1000);
    EXPECT_EQ(difficulty("Byzantium", parent, 9, 1), parent);
    EXPECT_EQ(difficulty("Byzantium", parent, 8, 1, true), parent + 2000);
    EXPECT_EQ(difficulty("Byzantium", parent, 17, 1, true), parent + 1000);
    EXPECT_EQ(difficulty("Byzantium", parent, ~0ull - 1000, 1, true), parent - 99'000);
}

TEST(LedgerDifficulty, HasAMinimum) {
    EXPECT_EQ(difficulty("Frontier", 131072, 100, 1), 131072u);
    EXPECT_EQ(difficulty("GrayGlacier", 1, 1000, 1), 131072u);
}

TEST(LedgerDifficulty, BombBeginsWithItsSecondPeriodAndDoubles) {
    EXPECT_EQ(difficulty("Homestead", parent, 10, 199'999), parent);
    EXPECT_EQ(difficulty("Homestead", parent, 10, 200'000), parent + 1);
    EXPECT_EQ(difficulty("Homestead", parent, 10, 300'000), parent + 2);
    EXPECT_EQ(difficulty("Homestead", parent, 10, 2'200'000), parent + (1u << 20));
}

TEST(LedgerDifficulty, ForksMoveTheBomb) {
    const struct {
        const char* fork;
        std::uint64_t delay;
    } moves[] = {{"Byzantium", 3'000'000},     {"Constantinople", 5'000'000}, {"Istanbul", 5'000'000},
                 {"MuirGlacier", 9'000'000},   {"Berlin", 9'000'000},         {"London", 9'700'000},
                 {"ArrowGlacier", 10'700'000}, {"GrayGlacier", 11'400'000}};
    for (const auto& [fork, delay] : moves) {
        EXPECT_EQ(difficulty(fork, parent, 9, delay + 199'999), parent) << fork;
        EXPECT_EQ(difficulty(fork, parent, 9, delay + 200'000), parent + 1) << fork;
    }
}

U256 number(const json& value) {
    const auto text = value.get<std::string>();
    return text.starts_with("0x") ? *u256::from_hex(text.substr(2)) : *u256::from_decimal(text);
}

/// One row of a fixture: 1 when it is right.
void check_row(const Fork& fork, const std::string& name, const json& row) {
    DifficultyParent from{number(row.at("parentDifficulty")), number(row.at("parentTimestamp")).limbs[0], false};
    if (row.contains("parentUncles")) from.has_ommers = number(row.at("parentUncles")) == U256{1};
    const U256 found = expected_difficulty(fork, from, number(row.at("currentBlockNumber")).limbs[0],
                                           number(row.at("currentTimestamp")).limbs[0]);
    EXPECT_EQ(u256::to_hex(found), u256::to_hex(number(row.at("currentDifficulty")))) << fork.name << ": " << name;
}

TEST(LedgerDifficulty, DifficultyTests) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const std::filesystem::path folder = std::filesystem::path(fixtures == nullptr ? "" : fixtures) /
                                         "ethereum/rlp-trie-basic/ethereum-tests/DifficultyTests";
    if (!std::filesystem::is_directory(folder)) {
        GTEST_SKIP() << "12171 cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    }
    std::size_t rows = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        const json document = json::parse(std::ifstream(entry.path()));
        for (const auto& [test, forks] : document.items()) {
            for (const auto& [fork, cases] : forks.items()) {
                if (fork == "_info") continue;
                ASSERT_NE(find_fork(fork), nullptr) << fork;
                for (const auto& [name, row] : cases.items())
                    check_row(*find_fork(fork), name, row);
                rows += cases.size();
            }
        }
    }
    EXPECT_EQ(rows, 12171u);
}

} // namespace
} // namespace rvm::ledger
