// Genesis files in geth's form. The hashes of our own come from tests/cli/ethereum.py, which shares no code with the
// ledger; those of ethereum/tests GenesisTests are checked where the conformance data is unpacked ($RVM_FIXTURES).
#include "fixtures/genesis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/hex.hpp"
#include "block/block.hpp"
#include "block/requests.hpp"

namespace rvm::ledger {
namespace {

using testing::HasSubstr;

/// A genesis file with this configuration and these other members.
std::string file(const std::string& config, const std::string& more = "") {
    return R"({"config": {)" + config + R"(}, "nonce": "0x42", "timestamp": "0x10", "extraData": "0x72766d",
      "gasLimit": "0x1388", "difficulty": "0x400", "alloc": {
        "1111111111111111111111111111111111111111": {"balance": "1000"},
        "0x2222222222222222222222222222222222222222":
          {"balance": "0x1", "nonce": "0x1", "code": "0x6000", "storage": {"0x01": "0x02", "0x03": "0x00"}}})" +
           more + "}";
}

Genesis read(const std::string& text) {
    simdjson::dom::parser parser;
    return read_genesis(object_of(parser.parse(text), "genesis"));
}

std::string refusal(const std::string& text) {
    try {
        static_cast<void>(read(text));
        return "accepted";
    } catch (const FixtureError& error) {
        return error.what();
    }
}

constexpr const char* old_blocks = R"("homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
    "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0, "berlinBlock": 0)";
constexpr const char* merged = R"("londonBlock": 0, "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0,
    "pragueTime": 16, "osakaTime": 100, "bpo1Time": 200)";

TEST(LedgerGenesis, HasTheHashOfItsFieldsAndAlloc) {
    const Genesis frontier = read(file(""));
    EXPECT_EQ(to_hex(bytes(frontier.header.state_root)),
              "0x1271e217cc16bf43291e65fd73b1373e5a1bb7ec204ad3d849ca376b2a4c499f");
    EXPECT_EQ(to_hex(bytes(hash_of(frontier.header))),
              "0x6abc02e468a17ccbc8ed058f712b8e7ebe51a20399fdc7929b825bbfe756429c");
    const Genesis london = read(file(std::string(old_blocks) + R"(, "londonBlock": 0)"));
    EXPECT_EQ(to_hex(bytes(hash_of(london.header))),
              "0xfd1f9dc3be88a5cdf9c8ed6963fc71ebf15da54107d98d4520f0fbd08d8eeae5");
    const Genesis prague =
        read(file(std::string(old_blocks) + ", " + merged, R"(, "baseFeePerGas": "0x7", "excessBlobGas": "0x20000")"));
    EXPECT_EQ(to_hex(bytes(hash_of(prague.header))),
              "0x1f0109bad5497ee68a5d14699195cd00e904f136b281a3ebb856a978871b1376");
}

TEST(LedgerGenesis, ConfigIsTheSchedule) {
    const Genesis genesis =
        read(file(R"("chainId": 1337, "homesteadBlock": 3, "daoForkBlock": 4, "daoForkSupport": true,
        "londonBlock": 10, "terminalTotalDifficulty": 5000, "shanghaiTime": 50, "cancunTime": 60, "osakaTime": 70,
        "depositContractAddress": "0x00000000000000000000000000000000000000dd",
        "blobSchedule": {"cancun": {"target": 1, "max": 2, "baseFeeUpdateFraction": 3}})"));
    const auto name = [&](std::uint64_t number, std::uint64_t time, std::uint64_t difficulty) {
        return genesis.schedule.at(number, time, genesis.schedule.is_merged(difficulty)).name;
    };
    EXPECT_EQ(genesis.chain_id, U256{1337});
    EXPECT_EQ(genesis.schedule.dao_fork(), 4u);
    EXPECT_EQ(genesis.deposit_contract.bytes[19], 0xdd);
    EXPECT_EQ(name(2, 99, 0), "Frontier");
    EXPECT_EQ(name(3, 0, 0), "Homestead");
    EXPECT_EQ(name(10, 1000, 4999), "London") << "time does not count before the merge";
    EXPECT_EQ(name(10, 49, 5000), "Paris");
    EXPECT_EQ(name(11, 50, 5000), "Shanghai");
    EXPECT_EQ(name(11, 69, 5000), "Cancun");
    EXPECT_EQ(name(11, 70, 5000), "Osaka");
    EXPECT_EQ(genesis.schedule.at(11, 60, true).blobs.max, 2u);
    EXPECT_EQ(genesis.schedule.at(11, 70, true).blobs.max, 9u);
}

TEST(LedgerGenesis, DefaultsAreThoseOfMainnet) {
    const Genesis genesis = read(file(""));
    EXPECT_EQ(genesis.chain_id, U256{1});
    EXPECT_TRUE(same(genesis.deposit_contract, mainnet_deposit_contract));
    EXPECT_FALSE(genesis.schedule.dao_fork());
    EXPECT_FALSE(genesis.schedule.is_merged(u256::max_value));
    EXPECT_EQ(genesis.schedule.at(UINT64_MAX, UINT64_MAX, false).name, "Frontier");
}

TEST(LedgerGenesis, DamageIsNamed) {
    EXPECT_THAT(refusal("{}"), HasSubstr("alloc"));
    EXPECT_THAT(refusal(file(R"("londonBlock": 5, "grayGlacierBlock": 4)")),
                HasSubstr("grayGlacierBlock is before londonBlock"));
    EXPECT_THAT(refusal(file(R"("cancunTime": "soon")")), HasSubstr("cancunTime"));
    EXPECT_THAT(refusal(file(R"("daoForkBlock": 1, "daoForkSupport": 1)")), HasSubstr("daoForkSupport"));
    EXPECT_THAT(refusal(file(R"("blobSchedule": {"cancun": {"target": 3, "max": 2, "baseFeeUpdateFraction": 1}})")),
                HasSubstr("target <= max"));
    EXPECT_THAT(refusal(file("", R"(, "coinbase": "0x12")")), HasSubstr("coinbase"));
}

TEST(LedgerGenesis, GenesisTests) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const std::filesystem::path path = std::filesystem::path(fixtures == nullptr ? "" : fixtures) /
                                       "ethereum/rlp-trie-basic/ethereum-tests/GenesisTests/basic_genesis_tests.json";
    if (!std::filesystem::is_regular_file(path)) {
        GTEST_SKIP() << "2 cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    }
    simdjson::dom::parser parser;
    std::size_t cases = 0;
    for (const auto [name, test] : object_of(parser.load(path.string()), "file")) {
        const Genesis genesis = read_genesis(object_of(test, name));
        const Buffer expected = bytes_of(member(object_of(test, name), "result"), "result");
        EXPECT_EQ(encode_block(genesis.header, {}, {}, std::nullopt), expected) << name;
        ++cases;
    }
    EXPECT_EQ(cases, 2u);
}

} // namespace
} // namespace rvm::ledger
