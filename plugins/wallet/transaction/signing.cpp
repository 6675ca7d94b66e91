#include "transaction/signing.hpp"

#include "keccak/keccak.hpp"
#include "sign/scheme.hpp"

namespace rvm::wallet {

void sign_transaction(Transaction& transaction, Bytes secret, const Primitives& primitives) {
    const Buffer signature = sign_digest(secret, keccak::keccak256(tx::signing_bytes(transaction)), primitives);
    transaction.r = u256::load_be(signature.data());
    transaction.s = u256::load_be(signature.data() + 32);
    transaction.y_parity = signature[64] == 1;
}

void sign_authorization(Authorization& authorization, Bytes secret, const Primitives& primitives) {
    const Buffer signature = sign_digest(secret, keccak::keccak256(tx::signing_bytes(authorization)), primitives);
    authorization.r = u256::load_be(signature.data());
    authorization.s = u256::load_be(signature.data() + 32);
    authorization.y_parity = signature[64];
}

Buffer encoded_transaction(const Transaction& transaction) {
    Buffer out;
    tx::encode(transaction, out);
    return out;
}

} // namespace rvm::wallet
