#include "transaction/codec.hpp"

namespace rvm::ledger {
namespace {

template <class Sink>
void word(Sink& out, const U256& value) {
    if (value.fits_64()) return out.integer(value.limbs[0]);
    out.integer(BigEndian(value));
}

template <class Sink>
void access_list(Sink& out, const std::vector<AccessEntry>& list) {
    out.list([&](auto& entries) {
        for (const AccessEntry& entry : list) {
            entries.list([&](auto& fields) {
                fields.string(entry.address.bytes);
                fields.list([&](auto& keys) {
                    for (const U256& key : entry.keys)
                        keys.string(BigEndian(key));
                });
            });
        }
    });
}

template <class Sink>
void authorizations(Sink& out, const std::vector<Authorization>& list) {
    out.list([&](auto& entries) {
        for (const Authorization& entry : list) {
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
template <class Sink>
void signed_fields(Sink& out, const Transaction& tx) {
    if (tx.type != TxType::legacy) word(out, tx.chain_id.value_or(U256{}));
    out.integer(tx.nonce);
    if (tx.has_fee_market()) word(out, tx.max_priority_fee);
    word(out, tx.max_fee);
    out.integer(tx.gas_limit);
    out.string(tx.to ? bytes(*tx.to) : Bytes{});
    word(out, tx.value);
    out.string(tx.data);
    if (tx.type != TxType::legacy) access_list(out, tx.access_list);
    if (tx.type == TxType::blob) {
        word(out, tx.max_fee_per_blob_gas);
        out.list([&](auto& hashes) {
            for (const Hash& hash : tx.blob_hashes)
                hashes.string(hash.bytes);
        });
    }
    if (tx.type == TxType::set_code) authorizations(out, tx.authorizations);
}

U256 signature_v(const Transaction& tx) {
    const U256 parity = tx.y_parity ? 1 : 0;
    if (tx.type != TxType::legacy) return parity;
    return tx.chain_id ? (*tx.chain_id << 1) + U256{35} + parity : U256{27} + parity;
}

} // namespace

void encode_transaction(const Transaction& tx, Buffer& out) {
    if (tx.type != TxType::legacy) out.push_back(static_cast<std::uint8_t>(tx.type));
    rlp::append_list(out, [&](auto& list) {
        signed_fields(list, tx);
        word(list, signature_v(tx));
        word(list, tx.r);
        word(list, tx.s);
    });
}

Buffer encode_transaction(const Transaction& tx) {
    Buffer out;
    encode_transaction(tx, out);
    return out;
}

Hash signing_hash(const Transaction& tx) {
    Buffer out;
    if (tx.type != TxType::legacy) out.push_back(static_cast<std::uint8_t>(tx.type));
    rlp::append_list(out, [&](auto& list) {
        signed_fields(list, tx);
        if (tx.type == TxType::legacy && tx.chain_id) { // EIP-155
            word(list, *tx.chain_id);
            list.integer(std::uint64_t{0});
            list.integer(std::uint64_t{0});
        }
    });
    return keccak256(out);
}

Hash signing_hash(const Authorization& authorization) {
    constexpr std::uint8_t magic = 0x05; // EIP-7702
    Buffer out{magic};
    rlp::append_list(out, [&](auto& list) {
        word(list, authorization.chain_id);
        list.string(authorization.address.bytes);
        list.integer(authorization.nonce);
    });
    return keccak256(out);
}

} // namespace rvm::ledger
