#include "transaction/codec.hpp"

#include "tx/codec.hpp"

namespace rvm::ledger {

DecodeFailure decode_transaction(Bytes input, Transaction& out) { return tx::decode(input, out); }

void encode_transaction(const Transaction& transaction, Buffer& out) { tx::encode(transaction, out); }

Buffer encode_transaction(const Transaction& transaction) {
    Buffer out;
    tx::encode(transaction, out);
    return out;
}

Hash signing_hash(const Transaction& transaction) { return keccak256(tx::signing_bytes(transaction)); }

Hash signing_hash(const Authorization& authorization) { return keccak256(tx::signing_bytes(authorization)); }

} // namespace rvm::ledger
