// Transactions as JSON, with the names of Ethereum's RPC and of ethers.
#pragma once

#include <optional>
#include <string_view>

#include <rvm/plugin.h>

#include "base/json.hpp"
#include "tx/codec.hpp"

namespace rvm::wallet {

using Transaction = tx::Transaction<rvm_address, rvm_bytes32>;
using Authorization = tx::Authorization<rvm_address>;

/// A transaction and what its views point to. Moved, not copied.
struct TransactionRequest {
    TransactionRequest() = default;
    TransactionRequest(TransactionRequest&&) = default;
    TransactionRequest& operator=(TransactionRequest&&) = default;
    TransactionRequest(const TransactionRequest&) = delete;
    TransactionRequest& operator=(const TransactionRequest&) = delete;

    Transaction tx;
    Buffer data;
    std::optional<rvm_address> from; ///< who is to sign, if the document says so
};

/// Without "type" the members decide. `unprotected`: a legacy transaction may lack a chain id (EIP-155), and so be
/// valid on every chain. Throws Refusal that names the member: missing, unknown, of another type, or out of range.
[[nodiscard]] TransactionRequest read_transaction(std::string_view json, bool unprotected);

/// {"chainId", "address", "nonce"} of an authorization that is yet to be signed (EIP-7702); chain 0 is every chain.
/// Throws Refusal that names the member.
[[nodiscard]] Authorization read_authorization(std::string_view json);
/// As an entry of "authorizationList".
[[nodiscard]] Json authorization_json(const Authorization& authorization);

} // namespace rvm::wallet
