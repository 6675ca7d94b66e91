#include "transaction/codec.hpp"

namespace rvm::ledger {
namespace {

using rlp::Reader;

U256 word(Reader& reader) {
    std::uint8_t bytes[32];
    reader.integer(bytes);
    return u256::load_be(bytes);
}

void read_fees(Reader& list, Transaction& tx) {
    if (tx.has_fee_market()) {
        tx.max_priority_fee = word(list);
        tx.max_fee = word(list);
    } else {
        tx.max_fee = word(list);
        tx.max_priority_fee = tx.max_fee;
    }
}

void read_access_list(Reader& list, Transaction& tx) {
    Reader entries = list.list();
    while (!entries.at_end()) {
        Reader fields = entries.list();
        AccessEntry& entry = tx.access_list.emplace_back();
        fields.fixed(entry.address.bytes);
        Reader keys = fields.list();
        while (!keys.at_end()) {
            std::uint8_t key[32]{};
            keys.fixed(key);
            entry.keys.push_back(u256::load_be(key));
        }
        fields.end();
    }
}

void read_blob_hashes(Reader& list, Transaction& tx) {
    Reader hashes = list.list();
    while (!hashes.at_end())
        hashes.fixed(tx.blob_hashes.emplace_back().bytes);
}

void read_authorizations(Reader& list, Transaction& tx) {
    Reader entries = list.list();
    while (!entries.at_end()) {
        Reader fields = entries.list();
        Authorization& entry = tx.authorizations.emplace_back();
        entry.chain_id = word(fields);
        fields.fixed(entry.address.bytes);
        entry.nonce = fields.integer();
        std::uint8_t parity[1];
        fields.integer(parity);
        entry.y_parity = parity[0];
        entry.r = word(fields);
        entry.s = word(fields);
        fields.end();
    }
}

/// v is 27 or 28, or 35 or 36 plus twice the chain id (EIP-155).
const char* read_legacy_v(const U256& v, Transaction& tx) {
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

DecodeFailure decode_list(Bytes input, Transaction& tx) {
    DecodeFailure failure;
    Reader outer(input, failure.rlp);
    Reader list = outer.list();
    outer.end();
    if (tx.type != TxType::legacy) tx.chain_id = word(list);
    tx.nonce = list.integer();
    read_fees(list, tx);
    tx.gas_limit = list.integer();
    Address to;
    if (list.optional_fixed(to.bytes)) tx.to = to;
    tx.value = word(list);
    tx.data = list.string();
    if (tx.type != TxType::legacy) read_access_list(list, tx);
    if (tx.type == TxType::blob) {
        tx.max_fee_per_blob_gas = word(list);
        read_blob_hashes(list, tx);
    }
    if (tx.type == TxType::set_code) read_authorizations(list, tx);
    const U256 v = word(list);
    tx.r = word(list);
    tx.s = word(list);
    list.end();
    if (!failure.rlp.ok()) return failure;
    if (tx.type == TxType::legacy) {
        failure.reason = read_legacy_v(v, tx);
    } else if (v > U256{1}) {
        failure.reason = "the y parity is neither 0 nor 1";
    } else {
        tx.y_parity = v == U256{1};
    }
    return failure;
}

} // namespace

std::string DecodeFailure::text() const {
    if (reason != nullptr) return reason;
    return std::string(rlp::text(rlp.error)) + " (offset " + std::to_string(rlp.offset) + ")";
}

DecodeFailure decode_transaction(Bytes input, Transaction& out) {
    out = Transaction{};
    if (input.empty()) return {{rlp::Error::missing, 0}, nullptr};
    const std::uint8_t first = input[0];
    if (first >= 0xc0) return decode_list(input, out);
    if (first == 0 || first > last_tx_type) return {{}, "the transaction type is unknown"};
    out.type = static_cast<TxType>(first);
    DecodeFailure failure = decode_list(input.subspan(1), out);
    if (!failure.rlp.ok()) ++failure.rlp.offset;
    return failure;
}

} // namespace rvm::ledger
