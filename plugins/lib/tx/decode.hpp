// Bytes to transactions: the templates behind codec.hpp.
#pragma once

#include "rlp/decode.hpp"
#include "tx/decode_failure.hpp"
#include "tx/value.hpp"

namespace rvm::tx {
namespace detail {

inline U256 read_word(rlp::Reader& reader) {
    std::uint8_t bytes[32];
    reader.integer(bytes);
    return u256::load_be(bytes);
}

template <class Tx>
void read_fees(rlp::Reader& list, Tx& tx) {
    if (tx.has_fee_market()) {
        tx.max_priority_fee = read_word(list);
        tx.max_fee = read_word(list);
    } else {
        tx.max_fee = read_word(list);
        tx.max_priority_fee = tx.max_fee;
    }
}

template <class Tx>
void read_access_list(rlp::Reader& list, Tx& tx) {
    rlp::Reader entries = list.list();
    while (!entries.at_end()) {
        rlp::Reader fields = entries.list();
        auto& entry = tx.access_list.emplace_back();
        fields.fixed(entry.address.bytes);
        rlp::Reader keys = fields.list();
        while (!keys.at_end()) {
            std::uint8_t key[32]{};
            keys.fixed(key);
            entry.keys.push_back(u256::load_be(key));
        }
        fields.end();
    }
}

template <class Tx>
void read_blob_hashes(rlp::Reader& list, Tx& tx) {
    rlp::Reader hashes = list.list();
    while (!hashes.at_end())
        hashes.fixed(tx.blob_hashes.emplace_back().bytes);
}

template <class Tx>
void read_authorizations(rlp::Reader& list, Tx& tx) {
    rlp::Reader entries = list.list();
    while (!entries.at_end()) {
        rlp::Reader fields = entries.list();
        auto& entry = tx.authorizations.emplace_back();
        entry.chain_id = read_word(fields);
        fields.fixed(entry.address.bytes);
        entry.nonce = fields.integer();
        std::uint8_t parity[1];
        fields.integer(parity);
        entry.y_parity = parity[0];
        entry.r = read_word(fields);
        entry.s = read_word(fields);
        fields.end();
    }
}

/// v is 27 or 28, or 35 or 36 plus twice the chain id (EIP-155).
template <class Tx>
const char* read_legacy_v(const U256& v, Tx& tx) {
    if (v == U256{27} || v == U256{28}) {
        tx.y_parity = v == U256{28};
        return nullptr;
    }
    if (v < U256{35}) return "v is neither 27, 28 nor at least 35";
    const U256 rest = v - U256{35};
    tx.y_parity = (rest.limbs[0] & 1u) != 0;
    tx.chain_id = rest >> 1;
    return nullptr;
}

template <class Tx>
DecodeFailure decode_list(std::span<const std::uint8_t> input, Tx& tx) {
    DecodeFailure failure;
    rlp::Reader outer(input, failure.rlp);
    rlp::Reader list = outer.list();
    outer.end();
    if (tx.type != Type::legacy) tx.chain_id = read_word(list);
    tx.nonce = list.integer();
    read_fees(list, tx);
    tx.gas_limit = list.integer();
    typename decltype(tx.to)::value_type to;
    if (list.optional_fixed(to.bytes)) tx.to = to;
    tx.value = read_word(list);
    tx.data = list.string();
    if (tx.type != Type::legacy) read_access_list(list, tx);
    if (tx.type == Type::blob) {
        tx.max_fee_per_blob_gas = read_word(list);
        read_blob_hashes(list, tx);
    }
    if (tx.type == Type::set_code) read_authorizations(list, tx);
    const U256 v = read_word(list);
    tx.r = read_word(list);
    tx.s = read_word(list);
    list.end();
    if (!failure.rlp.ok()) return failure;
    if (tx.type == Type::legacy) {
        failure.reason = read_legacy_v(v, tx);
    } else if (v > U256{1}) {
        failure.reason = "the y parity is neither 0 nor 1";
    } else {
        tx.y_parity = v == U256{1};
    }
    return failure;
}

} // namespace detail

/// Decodes a transaction as a block's body or the network carries it: a list, or a type byte and a list. Views of `out`
/// live as long as `input`. Checks form only; signature, fees and state are for others. Re-entrant.
template <class Address, class Hash>
[[nodiscard]] DecodeFailure decode(std::span<const std::uint8_t> input, Transaction<Address, Hash>& out) {
    out = {};
    if (input.empty()) return {{rlp::Error::missing, 0}, nullptr};
    const std::uint8_t first = input[0];
    if (first >= 0xc0) return detail::decode_list(input, out);
    if (first == 0 || first > last_type) return {{}, "the transaction type is unknown"};
    out.type = static_cast<Type>(first);
    DecodeFailure failure = detail::decode_list(input.subspan(1), out);
    if (!failure.rlp.ok()) ++failure.rlp.offset;
    return failure;
}

} // namespace rvm::tx
