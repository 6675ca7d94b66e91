// Transactions to bytes: the templates behind codec.hpp.
#pragma once

#include "rlp/encode.hpp"
#include "tx/value.hpp"

namespace rvm::tx {

using Buffer = std::vector<std::uint8_t>;

namespace detail {

template <class Sink>
void word(Sink& out, const U256& value) {
    if (value.fits_64()) return out.integer(value.limbs[0]);
    std::uint8_t bytes[32];
    u256::store_be(value, bytes);
    out.integer(std::span<const std::uint8_t>(bytes));
}

template <class Sink>
void key_string(Sink& out, const U256& key) {
    std::uint8_t bytes[32];
    u256::store_be(key, bytes);
    out.string(std::span<const std::uint8_t>(bytes));
}

template <class Sink, class Address>
void access_list(Sink& out, const std::vector<AccessEntry<Address>>& list) {
    out.list([&](auto& entries) {
        for (const auto& entry : list) {
            entries.list([&](auto& fields) {
                fields.string(entry.address.bytes);
                fields.list([&](auto& keys) {
                    for (const U256& key : entry.keys)
                        key_string(keys, key);
                });
            });
        }
    });
}

template <class Sink, class Address>
void authorizations(Sink& out, const std::vector<Authorization<Address>>& list) {
    out.list([&](auto& entries) {
        for (const auto& entry : list) {
            entries.list([&](auto& fields) {
                word(fields, entry.chain_id);
                fields.string(entry.address.bytes);
                fields.integer(entry.nonce);
                fields.integer(entry.y_parity);
                word(fields, entry.r);
                word(fields, entry.s);
            });
        }
    });
}

/// The fields that are signed, in their order on the wire.
template <class Sink, class Tx>
void signed_fields(Sink& out, const Tx& tx) {
    if (tx.type != Type::legacy) word(out, tx.chain_id.value_or(U256{}));
    out.integer(tx.nonce);
    if (tx.has_fee_market()) word(out, tx.max_priority_fee);
    word(out, tx.max_fee);
    out.integer(tx.gas_limit);
    out.string(tx.to ? std::span<const std::uint8_t>(tx.to->bytes) : std::span<const std::uint8_t>{});
    word(out, tx.value);
    out.string(tx.data);
    if (tx.type != Type::legacy) access_list(out, tx.access_list);
    if (tx.type == Type::blob) {
        word(out, tx.max_fee_per_blob_gas);
        out.list([&](auto& hashes) {
            for (const auto& hash : tx.blob_hashes)
                hashes.string(hash.bytes);
        });
    }
    if (tx.type == Type::set_code) authorizations(out, tx.authorizations);
}

template <class Tx>
U256 signature_v(const Tx& tx) {
    const U256 parity = tx.y_parity ? 1 : 0;
    if (tx.type != Type::legacy) return parity;
    return tx.chain_id ? (*tx.chain_id << 1) + U256{35} + parity : U256{27} + parity;
}

} // namespace detail

/// The exact inverse of decode(), appended to `out`; legacy transactions without a type byte.
template <class Address, class Hash>
void encode(const Transaction<Address, Hash>& tx, Buffer& out) {
    if (tx.type != Type::legacy) out.push_back(static_cast<std::uint8_t>(tx.type));
    rlp::append_list(out, [&](auto& list) {
        detail::signed_fields(list, tx);
        detail::word(list, detail::signature_v(tx));
        detail::word(list, tx.r);
        detail::word(list, tx.s);
    });
}

/// What the sender signs the Keccak-256 of.
template <class Address, class Hash>
[[nodiscard]] Buffer signing_bytes(const Transaction<Address, Hash>& tx) {
    Buffer out;
    if (tx.type != Type::legacy) out.push_back(static_cast<std::uint8_t>(tx.type));
    rlp::append_list(out, [&](auto& list) {
        detail::signed_fields(list, tx);
        if (tx.type == Type::legacy && tx.chain_id) { // EIP-155
            detail::word(list, *tx.chain_id);
            list.integer(std::uint64_t{0});
            list.integer(std::uint64_t{0});
        }
    });
    return out;
}

/// What the authority signs the Keccak-256 of (EIP-7702).
template <class Address>
[[nodiscard]] Buffer signing_bytes(const Authorization<Address>& authorization) {
    constexpr std::uint8_t magic = 5;
    Buffer out{magic};
    rlp::append_list(out, [&](auto& list) {
        detail::word(list, authorization.chain_id);
        list.string(authorization.address.bytes);
        list.integer(authorization.nonce);
    });
    return out;
}

} // namespace rvm::tx
