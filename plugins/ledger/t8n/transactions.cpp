#include <algorithm>

#include "fixtures/transaction_json.hpp"
#include "t8n/input.hpp"
#include "transaction/codec.hpp"

namespace rvm::ledger {
namespace {

/// The number at `key`, or zero.
U256 number_or_zero(JsonObject object, std::string_view key) {
    Json value;
    return find_member(object, key, value) ? number_of(value, key) : U256{};
}

void read_fees(JsonObject object, Transaction& tx) {
    if (tx.type < TxType::dynamic_fee) {
        tx.max_fee = number_of(member(object, "gasPrice"), "gasPrice");
        tx.max_priority_fee = tx.max_fee;
        return;
    }
    tx.max_fee = number_of(member(object, "maxFeePerGas"), "maxFeePerGas");
    tx.max_priority_fee = number_of(member(object, "maxPriorityFeePerGas"), "maxPriorityFeePerGas");
    tx.max_fee_per_blob_gas = number_or_zero(object, "maxFeePerBlobGas");
}

void read_lists(JsonObject object, Transaction& tx) {
    Json value;
    if (find_member(object, "accessList", value)) tx.access_list = read_access_list(array_of(value, "accessList"));
    if (find_member(object, "blobVersionedHashes", value)) {
        for (const Json hash : array_of(value, "blobVersionedHashes"))
            tx.blob_hashes.push_back(hash_of(hash, "blobVersionedHashes"));
    }
    if (find_member(object, "authorizationList", value)) {
        for (const Json item : array_of(value, "authorizationList"))
            tx.authorizations.push_back(read_authorization(item));
    }
}

/// v of a signed transaction: the parity, and for legacy ones the chain id in it (EIP-155).
void read_signature(JsonObject object, Transaction& tx) {
    tx.r = number_of(member(object, "r"), "r");
    tx.s = number_of(member(object, "s"), "s");
    Json value;
    if (!find_member(object, "v", value)) value = member(object, "yParity");
    const U256 v = number_of(value, "v");
    if (tx.type != TxType::legacy) {
        if (v > U256{1}) throw FixtureError("\"v\": expected 0 or 1");
        tx.y_parity = static_cast<bool>(v);
    } else if (v == U256{27} || v == U256{28}) {
        tx.chain_id.reset();
        tx.y_parity = v == U256{28};
    } else {
        if (v < U256{35}) throw FixtureError("\"v\": expected 27, 28, or 35 and more");
        const U256 rest = v - U256{35};
        tx.y_parity = (rest.limbs[0] & 1u) != 0;
        tx.chain_id = rest >> 1;
    }
}

void read_fields(JsonObject object, const U256& chain_id, T8nTransaction& out) {
    Transaction& tx = out.tx;
    Json value;
    if (find_member(object, "type", value)) {
        const std::uint64_t type = small_number_of(value, "type");
        if (type > last_tx_type) throw FixtureError("\"type\": there is no type " + std::to_string(type));
        tx.type = static_cast<TxType>(type);
    }
    tx.nonce = small_number_of(member(object, "nonce"), "nonce");
    tx.gas_limit = small_number_of(member(object, "gas"), "gas");
    tx.value = number_or_zero(object, "value");
    if (find_member(object, "to", value) && !text_of(value, "to").empty()) tx.to = address_of(value, "to");
    if (find_member(object, "input", value) || find_member(object, "data", value)) out.data = bytes_of(value, "input");
    read_fees(object, tx);
    read_lists(object, tx);

    const bool has_chain = find_member(object, "chainId", value);
    tx.chain_id = has_chain ? number_of(value, "chainId") : chain_id;
    if (find_member(object, "secretKey", value)) {
        out.secret_key = hash_of(value, "secretKey");
        bool is_protected = true;
        if (find_member(object, "protected", value) && value.get_bool().get(is_protected) != simdjson::SUCCESS)
            throw FixtureError("\"protected\": expected true or false");
        if (tx.type == TxType::legacy && !is_protected) tx.chain_id.reset();
    } else {
        read_signature(object, tx);
    }
}

std::vector<T8nTransaction> read_encoded(Json txs, Buffer& storage) {
    storage = bytes_of(txs, "txs");
    std::vector<T8nTransaction> out;
    rlp::Status status;
    rlp::Reader whole(storage, status);
    rlp::Reader list = whole.list();
    whole.end();
    while (!list.at_end()) {
        const rlp::Item item = list.item();
        if (!status.ok()) break;
        T8nTransaction& transaction = out.emplace_back();
        const DecodeFailure failure = decode_transaction(item.is_list ? item.encoded : item.payload, transaction.tx);
        if (failure.failed()) transaction.malformed = failure.text();
    }
    if (!status.ok()) {
        throw FixtureError(std::string("txs: ") + rlp::text(status.error) + " at byte " +
                           std::to_string(status.offset));
    }
    return out;
}

} // namespace

std::vector<T8nTransaction> read_transactions(Json txs, const U256& chain_id, Buffer& storage) {
    if (txs.is_null()) return {};
    if (txs.is_string()) return read_encoded(txs, storage);
    std::vector<T8nTransaction> out;
    for (const Json item : array_of(txs, "txs")) {
        T8nTransaction& transaction = out.emplace_back();
        try {
            read_fields(object_of(item, "a member of txs"), chain_id, transaction);
        } catch (const FixtureError& error) {
            transaction.malformed = error.what();
        }
    }
    // Only now does none of them move any more.
    for (T8nTransaction& transaction : out)
        transaction.tx.data = transaction.data;
    return out;
}

bool sign(Transaction& tx, const Hash& secret_key, const rvm_crypto_ref& sign) {
    const Hash digest = signing_hash(tx);
    std::uint8_t input[64];
    std::ranges::copy(secret_key.bytes, input);
    std::ranges::copy(digest.bytes, input + 32);
    std::uint8_t signature[65]; // r, s, recovery id
    std::uint64_t size = 0;
    const rvm_status status = sign.fn(sign.self, {input, sizeof input}, {signature, sizeof signature}, &size);
    if (status != RVM_OK || size != sizeof signature) return false;
    tx.r = u256::load_be(signature);
    tx.s = u256::load_be(signature + 32);
    tx.y_parity = signature[64] != 0;
    return true;
}

} // namespace rvm::ledger
