// Transactions and receipts as bytes: every type there and back, receipts and blooms against the yellow paper.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "base/hex.hpp"
#include "state/receipt.hpp"
#include "transaction/codec.hpp"
#include "transaction/sender.hpp"

namespace rvm::ledger {
namespace {

U256 any_word() {
    const auto width = *rc::gen::inRange(0, 257);
    const U256 word{*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>(),
                    *rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    return word >> static_cast<std::uint64_t>(width);
}

Address any_address() {
    Address out;
    for (std::uint8_t& byte : out.bytes)
        byte = *rc::gen::arbitrary<std::uint8_t>();
    return out;
}

Transaction any_transaction(const Buffer& data) {
    Transaction tx;
    tx.type = static_cast<TxType>(*rc::gen::inRange(0, int{last_tx_type} + 1));
    const bool is_legacy = tx.type == TxType::legacy;
    if (!is_legacy || *rc::gen::arbitrary<bool>()) tx.chain_id = any_word() >> 8;
    tx.nonce = *rc::gen::arbitrary<std::uint64_t>();
    tx.gas_limit = *rc::gen::arbitrary<std::uint64_t>();
    tx.max_fee = any_word();
    tx.max_priority_fee = tx.has_fee_market() ? any_word() : tx.max_fee;
    if (*rc::gen::arbitrary<bool>()) tx.to = any_address();
    tx.value = any_word();
    tx.data = data;
    for (int i = *rc::gen::inRange(0, 3); !is_legacy && i > 0; --i)
        tx.access_list.push_back({any_address(), {any_word(), any_word()}});
    if (tx.type == TxType::blob) {
        tx.max_fee_per_blob_gas = any_word();
        tx.blob_hashes.resize(*rc::gen::inRange<std::size_t>(0, 4));
    }
    for (int i = *rc::gen::inRange(0, 3); tx.type == TxType::set_code && i > 0; --i)
        tx.authorizations.push_back({any_word(), any_address(), *rc::gen::arbitrary<std::uint64_t>(),
                                     *rc::gen::arbitrary<std::uint8_t>(), any_word(), any_word()});
    tx.y_parity = *rc::gen::arbitrary<bool>();
    tx.r = any_word();
    tx.s = any_word();
    return tx;
}

TEST(ledger_codec, every_transaction_comes_back) {
    rc::check("decode(encode(tx)) == tx", [] {
        const auto data = *rc::gen::container<Buffer>(rc::gen::arbitrary<std::uint8_t>());
        const Transaction tx = any_transaction(data);
        const Buffer encoded = encode_transaction(tx);
        Transaction decoded;
        const DecodeFailure failure = decode_transaction(encoded, decoded);
        RC_ASSERT(!failure.failed());
        RC_ASSERT(decoded.type == tx.type && decoded.nonce == tx.nonce && decoded.gas_limit == tx.gas_limit);
        RC_ASSERT(decoded.max_fee == tx.max_fee && decoded.max_priority_fee == tx.max_priority_fee);
        RC_ASSERT(decoded.chain_id.has_value() == tx.chain_id.has_value());
        RC_ASSERT(decoded.access_list.size() == tx.access_list.size());
        RC_ASSERT(decoded.authorizations.size() == tx.authorizations.size());
        RC_ASSERT(encode_transaction(decoded) == encoded);
        RC_ASSERT(same(signing_hash(decoded), signing_hash(tx)));
    });
}

TEST(ledger_codec, every_damaged_byte_is_noticed_or_changes_the_hash) {
    Transaction tx;
    tx.type = TxType::set_code;
    tx.chain_id = 1;
    tx.to = Address{};
    tx.access_list.push_back({Address{}, {U256{1}}});
    tx.authorizations.push_back({1, Address{}, 2, 1, 3, 4});
    const Buffer encoded = encode_transaction(tx);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        Buffer damaged = encoded;
        damaged[i] ^= 1u;
        Transaction out;
        if (!decode_transaction(damaged, out).failed()) {
            EXPECT_EQ(encode_transaction(out), damaged) << "byte " << i;
        }
        const Bytes cut = Bytes(encoded).first(i);
        EXPECT_TRUE(decode_transaction(cut, out).failed()) << "cut at " << i;
    }
}

// EIP-155, its example: chain 1, nonce 9, 20 gwei, 21000 gas, 1 ether to 0x3535...
TEST(ledger_codec, signs_the_example_of_eip155) {
    Transaction tx;
    tx.chain_id = 1;
    tx.nonce = 9;
    tx.max_fee = tx.max_priority_fee = 20'000'000'000;
    tx.gas_limit = 21'000;
    tx.to = address_from_hex("0x3535353535353535353535353535353535353535");
    tx.value = 1'000'000'000'000'000'000;
    EXPECT_EQ(to_hex(signing_hash(tx).bytes), "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
}

TEST(ledger_codec, low_s_is_half_of_the_order) {
    // 2 * max_low_s + 1 is the order of secp256k1 (SEC 2, section 2.4.1).
    const U256 order{0xbfd25e8cd0364141ull, 0xbaaedce6af48a03bull, 0xfffffffffffffffeull, 0xffffffffffffffffull};
    EXPECT_EQ((max_low_s << 1) + U256{1}, order);
}

TEST(ledger_receipt, bloom_sets_three_bits_of_each_item) {
    Bloom bloom;
    bloom.add(Bytes{});
    // keccak256 of nothing begins c5d2 4601 86f7: bits 0x5d2, 0x601, 0x6f7.
    Buffer expected(256);
    for (const unsigned bit : {0x5d2u, 0x601u, 0x6f7u})
        expected[255 - bit / 8] = static_cast<std::uint8_t>(expected[255 - bit / 8] | 1u << (bit % 8));
    EXPECT_TRUE(std::ranges::equal(bloom.bytes(), expected));
}

TEST(ledger_receipt, has_a_root_before_byzantium_and_a_type_since_berlin) {
    Buffer out;
    Receipt receipt;
    receipt.succeeded = true;
    receipt.cumulative_gas_used = 21'000;
    encode_receipt(receipt, out);
    EXPECT_EQ(to_hex(Bytes(out).first(4)), "0xf9010801");
    EXPECT_EQ(out.back(), 0xc0);
    const Hash root{{1}};
    receipt.post_root = &root;
    receipt.type = TxType::dynamic_fee;
    out.clear();
    encode_receipt(receipt, out);
    EXPECT_EQ(to_hex(Bytes(out).first(6)), "0x02f90128a001");
}

} // namespace
} // namespace rvm::ledger
