// Signing transactions.
#pragma once

#include "base/primitives.hpp"
#include "transaction/transaction_json.hpp"

namespace rvm::wallet {

/// Sets y parity, r and s. Throws Refusal: the secret is none of secp256k1.
void sign_transaction(Transaction& tx, Bytes secret, const Primitives& primitives);

/// The same for an authorization (EIP-7702).
void sign_authorization(Authorization& authorization, Bytes secret, const Primitives& primitives);

/// As the network takes it (blobs travel beside it).
[[nodiscard]] Buffer encoded_transaction(const Transaction& tx);

} // namespace rvm::wallet
