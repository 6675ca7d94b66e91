// Block bodies: form, roots, size, ommers, requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <rvm/plugin.hpp>

#include "block/body_rules.hpp"
#include "block/ommers.hpp"
#include "block/requests.hpp"
#include "ledger_block_support.hpp"
#include "rlp/encode.hpp"
#include "transaction/codec.hpp"

namespace rvm::ledger {
namespace {

using test::child_header;
using test::fork;
using test::parent_header;
using test::text_of;
using testing::HasSubstr;

/// A transaction of each form: legacy, typed.
std::vector<Buffer> sample_transactions() {
    std::vector<Buffer> out;
    for (const TxType type : {TxType::legacy, TxType::access_list, TxType::dynamic_fee}) {
        Transaction tx;
        tx.type = type;
        tx.chain_id = 1;
        tx.gas_limit = 21000;
        tx.max_fee = tx.max_priority_fee = 1000;
        tx.to = Address{{1}};
        tx.r = tx.s = 1;
        out.push_back(encode_transaction(tx));
    }
    return out;
}

struct Sample {
    std::vector<Buffer> storage = sample_transactions();
    std::vector<Bytes> transactions{storage.begin(), storage.end()};
    std::vector<Header> ommers;
    std::optional<std::vector<Withdrawal>> withdrawals;
    Header header;

    explicit Sample(const Fork& of) : header(parent_header(of)) {
        header.transactions_root = transactions_root(transactions);
        if (!of.has(Revision::shanghai)) return;
        withdrawals.emplace();
        withdrawals->push_back({7, 8, Address{{9}}, 10});
        header.withdrawals_root = withdrawals_root(*withdrawals);
    }
    [[nodiscard]] Buffer encode() const { return encode_block(header, transactions, ommers, withdrawals); }
};

TEST(LedgerBlock, DecodesWhatItEncodes) {
    for (const char* name : {"Frontier", "London", "Shanghai", "Osaka"}) {
        Sample sample(fork(name));
        if (!fork(name).has(Revision::paris)) sample.ommers = {parent_header(fork(name))};
        const Buffer encoded = sample.encode();
        Block block;
        const auto failure = decode_block(encoded, block);
        ASSERT_FALSE(failure) << name << ": " << text_of(failure);
        EXPECT_EQ(block.transactions.size(), 3u);
        EXPECT_EQ(block.ommers.size(), sample.ommers.size());
        EXPECT_EQ(block.withdrawals.has_value(), sample.withdrawals.has_value());
        EXPECT_EQ(block.encoded_size, encoded.size());
        EXPECT_EQ(encode_block(block.header, block.encoded_transactions, block.ommers, block.withdrawals), encoded);
        EXPECT_TRUE(same(block.hash, hash_of(sample.header)));
    }
}

TEST(LedgerBlock, EveryTruncationAndEveryTrailingByteIsRefused) {
    const Buffer encoded = Sample(fork("Shanghai")).encode();
    Block block;
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        EXPECT_TRUE(decode_block(Bytes(encoded).first(size), block)) << size;
    }
    Buffer longer = encoded;
    longer.push_back(0);
    EXPECT_TRUE(decode_block(longer, block));
}

TEST(LedgerBlock, ALegacyTransactionInAStringIsRefused) {
    const std::vector<Buffer> transactions = sample_transactions();
    const Buffer block_bytes = rlp::encode_list([&](auto& block) {
        Buffer header;
        encode_header(parent_header(fork("Frontier")), header);
        block.encoded(header);
        block.list([&](auto& list) { list.string(transactions[0]); });
        block.list([](auto&) {});
    });
    Block block;
    const auto failure = decode_block(block_bytes, block);
    ASSERT_TRUE(failure);
    EXPECT_THAT(text_of(failure), HasSubstr("transaction 0"));
}

Refusal check(const Sample& sample, const Fork& of) {
    const Buffer encoded = sample.encode();
    Block block;
    if (Refusal failure = decode_block(encoded, block)) return failure;
    return check_body(block, of);
}

TEST(LedgerBlock, TheHeaderNamesTheBody) {
    EXPECT_FALSE(check(Sample(fork("Shanghai")), fork("Shanghai")));
    EXPECT_FALSE(check(Sample(fork("Paris")), fork("Paris")));

    Sample transactions(fork("Shanghai"));
    transactions.header.transactions_root.bytes[31] ^= 1;
    EXPECT_THAT(text_of(check(transactions, fork("Shanghai"))), HasSubstr("transactions root"));
    Sample withdrawals(fork("Shanghai"));
    withdrawals.withdrawals->at(0).amount += 1;
    EXPECT_THAT(text_of(check(withdrawals, fork("Shanghai"))), HasSubstr("withdrawals root"));
    Sample ommers(fork("Paris"));
    ommers.ommers.push_back(ommers.header);
    EXPECT_THAT(text_of(check(ommers, fork("Paris"))), HasSubstr("ommers hash"));
    Sample missing(fork("Shanghai"));
    missing.withdrawals.reset();
    EXPECT_THAT(text_of(check(missing, fork("Shanghai"))), HasSubstr("withdrawals are missing"));
    Sample early(fork("Paris"));
    early.withdrawals.emplace();
    EXPECT_THAT(text_of(check(early, fork("Paris"))), HasSubstr("withdrawals do not exist"));
}

TEST(LedgerBlock, EightMebibytesAreTheMost) { // EIP-7934
    constexpr std::size_t limit = 8'388'608;
    static_assert(max_block_size == limit);
    Sample sample(fork("Osaka"));
    Transaction tx;
    tx.chain_id = 1;
    tx.to = Address{{1}};
    tx.r = tx.s = 1;
    Buffer data(limit - 4096);
    tx.data = data;
    // Everything but the data has the same size whenever the data's size needs as many bytes.
    sample.storage = {encode_transaction(tx)};
    sample.transactions = {sample.storage[0]};
    const std::size_t rest = sample.encode().size() - data.size();
    for (const std::size_t size : {limit - 1, limit, limit + 1}) {
        data.resize(size - rest);
        tx.data = data;
        sample.storage = {encode_transaction(tx)};
        sample.transactions = {sample.storage[0]};
        sample.header.transactions_root = transactions_root(sample.transactions);
        ASSERT_EQ(sample.encode().size(), size);
        const Refusal refusal = check(sample, fork("Osaka"));
        EXPECT_EQ(refusal.has_value(), size > limit) << size;
        if (refusal) {
            EXPECT_THAT(text_of(refusal), HasSubstr("8388609 bytes"));
        }
        EXPECT_FALSE(check(sample, fork("Prague"))) << "no limit before Osaka";
    }
}

/// A chain of headers of one fork and ommers beside it.
struct Ommers : testing::Test {
    static constexpr std::size_t length = 12;
    const Fork& rules = fork("GrayGlacier");
    ForkSchedule schedule{rules};
    std::vector<Header> headers;
    std::vector<std::vector<Hash>> included = std::vector<std::vector<Hash>>(length);
    Block block;

    Ommers() {
        headers.push_back(parent_header(rules));
        while (headers.size() < length)
            headers.push_back(child_header(headers.back(), rules, rules));
        block.header = child_header(headers.back(), rules, rules);
    }
    /// A header beside the one of `generation`, 1 being the block's parent.
    [[nodiscard]] Header beside(std::size_t generation) const {
        Header ommer = headers[length - generation];
        ommer.beneficiary = Address{{0xaa}};
        return ommer;
    }
    [[nodiscard]] Refusal check() const {
        std::vector<Ancestor> ancestors;
        for (std::size_t i = 0; i < ommer_ancestors; ++i) {
            const Header& header = headers[length - 1 - i];
            ancestors.push_back({&header, hash_of(header), &rules, included[length - 1 - i]});
        }
        return check_ommers(block, schedule, ancestors);
    }
};

TEST_F(Ommers, SixGenerationsMayBeIncluded) {
    for (std::size_t generation = 1; generation <= 6; ++generation) {
        block.ommers = {beside(generation)};
        EXPECT_FALSE(check()) << generation;
    }
    block.ommers = {beside(7)};
    EXPECT_THAT(text_of(check()), HasSubstr("no recent ancestor"));
    block.ommers = {block.header};
    EXPECT_THAT(text_of(check()), HasSubstr("same parent as the block"));
}

TEST_F(Ommers, TwoAtMostAndEachOnce) {
    block.ommers = {beside(1), beside(2)};
    EXPECT_FALSE(check());
    block.ommers.push_back(beside(3));
    EXPECT_THAT(text_of(check()), HasSubstr("at most 2"));
    block.ommers = {beside(2), beside(2)};
    EXPECT_THAT(text_of(check()), HasSubstr("there twice"));
}

TEST_F(Ommers, NeitherAncestorsNorOmmersOfThem) {
    block.ommers = {headers[length - 2]};
    EXPECT_THAT(text_of(check()), HasSubstr("is an ancestor"));
    block.ommers = {beside(3)};
    included[length - 1] = {hash_of(beside(3))};
    EXPECT_THAT(text_of(check()), HasSubstr("ommer of an ancestor"));
}

TEST_F(Ommers, TheirHeadersFollowTheRules) {
    block.ommers = {beside(2)};
    block.ommers[0].difficulty = block.ommers[0].difficulty + 1;
    EXPECT_THAT(text_of(check()), HasSubstr("ommer 0 difficulty"));
}

/// The data of a DepositEvent: five byte strings by the ABI (EIP-6110).
Buffer deposit_data() {
    Buffer out(576);
    const std::size_t offsets[] = {160, 256, 320, 384, 512};
    const std::uint8_t sizes[] = {48, 32, 8, 96, 8};
    for (std::size_t i = 0; i < 5; ++i) {
        out[32 * i + 30] = static_cast<std::uint8_t>(offsets[i] >> 8u);
        out[32 * i + 31] = static_cast<std::uint8_t>(offsets[i]);
        out[offsets[i] + 31] = sizes[i];
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(offsets[i]) + 32, sizes[i],
                    static_cast<std::uint8_t>(i + 1));
    }
    return out;
}

rvm_log deposit_log(Bytes data) {
    rvm_log log{};
    log.address = mainnet_deposit_contract;
    log.topic_count = 1;
    const Hash topic =
        keccak256(Bytes(reinterpret_cast<const std::uint8_t*>("DepositEvent(bytes,bytes,bytes,bytes,bytes)"), 43));
    log.topics[0] = topic;
    log.data = sdk::view(data);
    return log;
}

TEST(LedgerRequests, DepositsComeOutOfLogs) { // EIP-6110
    const Buffer data = deposit_data();
    Requests requests;
    EXPECT_TRUE(requests.add_deposits(std::vector{deposit_log(data)}, mainnet_deposit_contract));
    const std::vector<Buffer> list = requests.list();
    ASSERT_EQ(list.size(), 1u);
    Buffer expected{0};
    const std::size_t sizes[] = {48, 32, 8, 96, 8};
    for (std::size_t i = 0; i < 5; ++i)
        expected.insert(expected.end(), sizes[i], static_cast<std::uint8_t>(i + 1));
    EXPECT_EQ(list[0], expected);
    EXPECT_EQ(expected.size(), 193u);
}

TEST(LedgerRequests, OtherLogsAreNoDeposits) {
    const Buffer data = deposit_data();
    rvm_log elsewhere = deposit_log(data);
    elsewhere.address.bytes[0] = 1;
    rvm_log other_event = deposit_log(data);
    other_event.topics[0].bytes[0] ^= 1;
    rvm_log no_topic = deposit_log({});
    no_topic.topic_count = 0;
    Requests requests;
    EXPECT_TRUE(requests.add_deposits(std::vector{elsewhere, other_event, no_topic}, mainnet_deposit_contract));
    EXPECT_TRUE(requests.list().empty());
}

TEST(LedgerRequests, ADepositOfAnotherLayoutIsRefused) {
    const Buffer good = deposit_data();
    for (const std::size_t position : {0u, 31u, 63u, 191u, 287u, 351u, 415u, 543u}) { // offsets and sizes
        Buffer data = good;
        data[position] ^= 1;
        Requests requests;
        EXPECT_FALSE(requests.add_deposits(std::vector{deposit_log(data)}, mainnet_deposit_contract)) << position;
    }
    Requests requests;
    EXPECT_FALSE(requests.add_deposits(std::vector{deposit_log(Bytes(good).first(575))}, mainnet_deposit_contract));
    EXPECT_FALSE(requests.add_deposits(std::vector{deposit_log({})}, mainnet_deposit_contract));
}

TEST(LedgerRequests, KindsWithoutDataDoNotCount) { // EIP-7685
    Requests requests;
    requests.add(RequestType::consolidation, std::vector<std::uint8_t>{7});
    requests.add(RequestType::withdrawal, {});
    EXPECT_EQ(requests.list(), (std::vector<Buffer>{{2, 7}}));
    // The hash is one of hashes: a stand-in for SHA-256 shows what is hashed.
    struct Recorder {
        std::vector<Buffer> inputs;
        static void hash(const void* self, rvm_view input, std::uint8_t* digest) {
            auto& inputs = const_cast<Recorder*>(static_cast<const Recorder*>(self))->inputs;
            inputs.emplace_back(input.data, input.data + input.size);
            std::fill_n(digest, 32, static_cast<std::uint8_t>(inputs.size()));
        }
    } recorder;
    EXPECT_EQ(requests.hash({&Recorder::hash, &recorder, 32}).bytes[0], 2);
    EXPECT_EQ(recorder.inputs, (std::vector<Buffer>{{2, 7}, Buffer(32, 1)}));
}

} // namespace
} // namespace rvm::ledger
