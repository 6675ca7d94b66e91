#include "transaction/transaction_json.hpp"

#include <algorithm>
#include <cstring>

#include "base/address.hpp"
#include "base/error.hpp"
#include "u256/text.hpp"

namespace rvm::wallet {
namespace {

using tx::Type;

/// EIP-2294: v of a legacy transaction, twice the chain's id and 36, fits 64 bits.
constexpr std::uint64_t most_chain_id = UINT64_MAX / 2 - 36;

/// Members and the first type that has them; gasPrice is the exception: the last is type 1.
constexpr struct {
    const char* name;
    Type first;
} members[] = {{"type", Type::legacy},
               {"chainId", Type::legacy},
               {"nonce", Type::legacy},
               {"gas", Type::legacy},
               {"gasLimit", Type::legacy},
               {"gasPrice", Type::legacy},
               {"to", Type::legacy},
               {"value", Type::legacy},
               {"data", Type::legacy},
               {"input", Type::legacy},
               {"from", Type::legacy},
               {"accessList", Type::access_list},
               {"maxFeePerGas", Type::dynamic_fee},
               {"maxPriorityFeePerGas", Type::dynamic_fee},
               {"maxFeePerBlobGas", Type::blob},
               {"blobVersionedHashes", Type::blob},
               {"authorizationList", Type::set_code}};

bool has(const Json& object, const char* key) { return find_member(object, key) != nullptr; }

Type type_of(const Json& object) {
    if (const Json* type = find_member(object, "type")) {
        const std::uint64_t number = small_number_of(*type, "type");
        if (number > tx::last_type) throw Refusal("\"type\": expected 0 to 4, found " + std::to_string(number));
        return static_cast<Type>(number);
    }
    if (has(object, "authorizationList")) return Type::set_code;
    if (has(object, "blobVersionedHashes") || has(object, "maxFeePerBlobGas")) return Type::blob;
    if (has(object, "maxFeePerGas") || has(object, "maxPriorityFeePerGas")) return Type::dynamic_fee;
    return has(object, "accessList") ? Type::access_list : Type::legacy;
}

/// A member that the type lacks would be lost: the signer would sign another transaction than was asked for.
void check_members(const Json& object, Type type) {
    for (const auto& [name, value] : object.items()) {
        const auto known = std::ranges::find_if(members, [&](const auto& m) { return name == m.name; });
        if (known == std::end(members)) {
            throw Refusal("\"" + name.substr(0, 80) + "\" is no member of a transaction to sign");
        }
        if (value.is_null()) continue;
        const bool lost = known->first > type || (name == "gasPrice" && type >= Type::dynamic_fee) ||
                          (type == Type::set_code && known->first == Type::blob);
        const bool empty = (value.is_array() && value.empty());
        if (lost && !empty) {
            throw Refusal("\"" + name + "\": a transaction of type " + std::to_string(static_cast<int>(type)) +
                          " has no such member");
        }
    }
}

/// One of two names.
const Json& either(const Json& object, const char* name, const char* other) {
    const bool first = has(object, name);
    if (first && has(object, other)) throw Refusal(std::string("\"") + name + "\" and \"" + other + "\" are the same");
    return member(object, first ? name : other);
}

rvm_bytes32 hash_of(const Json& value, const std::string& what) {
    const Buffer bytes = bytes_from(value, what);
    rvm_bytes32 hash;
    if (bytes.size() != sizeof hash.bytes) {
        throw Refusal(what + ": expected 32 bytes, found " + std::to_string(bytes.size()));
    }
    std::memcpy(hash.bytes, bytes.data(), sizeof hash.bytes);
    return hash;
}

const Json& array_of(const Json& value, const std::string& what) {
    if (!value.is_array()) throw Refusal(what + ": expected an array, found " + shown(value));
    return value;
}

/// The last nonce an account can have is never used (EIP-2681).
std::uint64_t nonce_of(const Json& value, const std::string& what) {
    const std::uint64_t nonce = small_number_of(value, what);
    if (nonce == UINT64_MAX) throw Refusal("\"" + what + "\": expected at most 18446744073709551614, found one more");
    return nonce;
}

/// What an authority signs; `place` is where it stands, empty for a document.
Authorization authorization_of(const Json& item, const std::string& place) {
    Authorization out;
    const auto at = [&](const char* key) { return place.empty() ? key : place + "." + key; };
    out.chain_id = number_of(member(item, "chainId", place), at("chainId"));
    out.address = read_address(text_of(member(item, "address", place), at("address")), at("address"));
    out.nonce = nonce_of(member(item, "nonce", place), at("nonce"));
    return out;
}

void read_lists(const Json& object, Transaction& tx) {
    if (const Json* list = find_member(object, "accessList")) {
        for (const Json& item : array_of(*list, "accessList")) {
            const std::string place = "accessList[" + std::to_string(tx.access_list.size()) + "]";
            auto& entry = tx.access_list.emplace_back();
            entry.address =
                read_address(text_of(member(item, "address", place), place + ".address"), place + ".address");
            for (const Json& key : array_of(member(item, "storageKeys", place), place + ".storageKeys")) {
                const std::string key_place = place + ".storageKeys[" + std::to_string(entry.keys.size()) + "]";
                entry.keys.push_back(u256::load_be(hash_of(key, key_place).bytes));
            }
        }
    }
    if (const Json* list = find_member(object, "blobVersionedHashes")) {
        for (const Json& item : array_of(*list, "blobVersionedHashes")) {
            const std::string place = "blobVersionedHashes[" + std::to_string(tx.blob_hashes.size()) + "]";
            tx.blob_hashes.push_back(hash_of(item, place));
            constexpr std::uint8_t version_of_kzg = 1; // EIP-4844
            if (tx.blob_hashes.back().bytes[0] != version_of_kzg)
                throw Refusal(place + ": expected the version 0x01 in its first byte, found " + shown(item));
        }
    }
    if (const Json* list = find_member(object, "authorizationList")) {
        for (const Json& item : array_of(*list, "authorizationList")) {
            const std::string place = "authorizationList[" + std::to_string(tx.authorizations.size()) + "]";
            auto& entry = tx.authorizations.emplace_back(authorization_of(item, place));
            const std::uint64_t parity = small_number_of(member(item, "yParity", place), place + ".yParity");
            if (parity > 1) throw Refusal(place + ".yParity: expected 0 or 1, found " + std::to_string(parity));
            entry.y_parity = static_cast<std::uint8_t>(parity);
            entry.r = number_of(member(item, "r", place), place + ".r");
            entry.s = number_of(member(item, "s", place), place + ".s");
        }
    }
}

void read_fees(const Json& object, Transaction& tx) {
    if (tx.has_fee_market()) {
        tx.max_fee = number_of(member(object, "maxFeePerGas"), "maxFeePerGas");
        tx.max_priority_fee = number_of(member(object, "maxPriorityFeePerGas"), "maxPriorityFeePerGas");
    } else {
        tx.max_fee = number_of(member(object, "gasPrice"), "gasPrice");
        tx.max_priority_fee = tx.max_fee;
    }
    if (tx.type == Type::blob)
        tx.max_fee_per_blob_gas = number_of(member(object, "maxFeePerBlobGas"), "maxFeePerBlobGas");
}

void check_form(const Transaction& tx) {
    if (tx.type == Type::blob || tx.type == Type::set_code) {
        if (!tx.to) throw Refusal("\"to\": a transaction of this type creates no contract: expected an address");
    }
    if (tx.max_fee < tx.max_priority_fee) { // the network would refuse it (EIP-1559)
        throw Refusal("\"maxPriorityFeePerGas\": expected at most \"maxFeePerGas\" (" + u256::to_decimal(tx.max_fee) +
                      "), found " + u256::to_decimal(tx.max_priority_fee));
    }
    if (tx.type == Type::blob && tx.blob_hashes.empty())
        throw Refusal("\"blobVersionedHashes\": expected at least one");
    if (tx.type == Type::set_code && tx.authorizations.empty()) {
        throw Refusal("\"authorizationList\": expected at least one");
    }
}

} // namespace

TransactionRequest read_transaction(std::string_view json, bool unprotected) {
    const Json document = parse_json(json, "the transaction");
    if (!document.is_object()) throw Refusal("the transaction: expected an object");
    TransactionRequest out;
    Transaction& tx = out.tx;
    tx.type = type_of(document);
    check_members(document, tx.type);
    if (const Json* chain = find_member(document, "chainId")) tx.chain_id = number_of(*chain, "chainId");
    if (tx.type == Type::legacy && tx.chain_id == U256{}) tx.chain_id.reset(); // EIP-155 has no chain 0
    if (!tx.chain_id && (tx.type != Type::legacy || !unprotected)) {
        throw Refusal("the member \"chainId\" is missing: without it the transaction is valid on every chain");
    }
    if (tx.chain_id && *tx.chain_id > U256{most_chain_id}) {
        throw Refusal("\"chainId\": expected at most " + std::to_string(most_chain_id) + " (EIP-2294), found " +
                      shown(member(document, "chainId")));
    }
    tx.nonce = nonce_of(member(document, "nonce"), "nonce");
    tx.gas_limit = small_number_of(either(document, "gas", "gasLimit"), "gas");
    read_fees(document, tx);
    if (const Json* to = find_member(document, "to"); to != nullptr && *to != "") {
        tx.to = read_address(text_of(*to, "to"), "to");
    }
    if (const Json* value = find_member(document, "value")) tx.value = number_of(*value, "value");
    if (has(document, "data") || has(document, "input"))
        out.data = bytes_from(either(document, "data", "input"), "data");
    tx.data = out.data;
    if (const Json* from = find_member(document, "from")) out.from = read_address(text_of(*from, "from"), "from");
    read_lists(document, tx);
    check_form(tx);
    return out;
}

Authorization read_authorization(std::string_view json) {
    const Json document = parse_json(json, "the authorization");
    if (!document.is_object()) throw Refusal("the authorization: expected an object");
    for (const auto& [name, value] : document.items()) {
        if (name != "chainId" && name != "address" && name != "nonce")
            throw Refusal("\"" + name + "\": an authorization has no such member: expected chainId, address and nonce");
    }
    return authorization_of(document, "");
}

Json authorization_json(const Authorization& authorization) {
    const auto quantity = [](const U256& value) { return u256::to_hex(value); };
    return {{"chainId", quantity(authorization.chain_id)},
            {"address", checksummed(authorization.address)},
            {"nonce", quantity(U256{authorization.nonce})},
            {"yParity", quantity(U256{authorization.y_parity})},
            {"r", quantity(authorization.r)},
            {"s", quantity(authorization.s)}};
}

} // namespace rvm::wallet
