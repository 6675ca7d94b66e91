// Any bytes as typed data, as a transaction to sign and as the policy of the signer.
#include "typed/typed_data.hpp"

#include "signer/policy.hpp"
#include "transaction/signing.hpp"
#include "wallet_fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::wallet;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    fuzz::may_refuse([&] { fuzz::require(typed_data_digest(text) == typed_data_digest(text)); });
    fuzz::may_refuse([&] {
        TransactionRequest request = read_transaction(text, true);
        sign_transaction(request.tx, Secret::copy_of(std::array<std::uint8_t, 32>{1}), fuzz::primitives());
        // What is signed decodes to what was asked for.
        const Buffer encoded = encoded_transaction(request.tx);
        Transaction again;
        fuzz::require(!rvm::tx::decode(encoded, again).failed());
        fuzz::require(again.value == request.tx.value && again.nonce == request.tx.nonce &&
                      again.type == request.tx.type);
    });
    fuzz::may_refuse([&] { static_cast<void>(read_policy(text)); });
    return 0;
}
