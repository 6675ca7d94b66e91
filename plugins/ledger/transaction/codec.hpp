// Transactions as bytes (EIP-2718 and the EIP of each type).
#pragma once

#include "rlp/decode.hpp"
#include "rlp/encode.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// Why bytes are no transaction. Either the RLP is at fault, or `reason` says what else is.
struct DecodeFailure {
    rlp::Status rlp;
    const char* reason = nullptr; ///< static text; nullptr: none but the RLP's

    [[nodiscard]] bool failed() const noexcept { return !rlp.ok() || reason != nullptr; }
    [[nodiscard]] std::string text() const;
};

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
