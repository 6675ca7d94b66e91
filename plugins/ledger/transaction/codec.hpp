// Transactions as bytes, by lib/tx (EIP-2718 and the EIP of each type).
#pragma once

#include "rlp/decode.hpp"
#include "rlp/encode.hpp"
#include "transaction/transaction.hpp"
#include "tx/decode_failure.hpp"

namespace rvm::ledger {

using DecodeFailure = tx::DecodeFailure;

/// Decodes a transaction as a block's body or the network carries it: a list, or a type byte and a list. Views of `out`
/// live as long as `input`. Checks form only; signature, fees and state are for others. Re-entrant.
[[nodiscard]] DecodeFailure decode_transaction(Bytes input, Transaction& out);

/// The exact inverse; legacy transactions without a type byte.
void encode_transaction(const Transaction& tx, Buffer& out);
[[nodiscard]] Buffer encode_transaction(const Transaction& tx);

/// What the sender signs.
[[nodiscard]] Hash signing_hash(const Transaction& tx);
/// What the authority signs (EIP-7702).
[[nodiscard]] Hash signing_hash(const Authorization& authorization);

} // namespace rvm::ledger
