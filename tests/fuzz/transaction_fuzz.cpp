// Any bytes as a transaction: decoding never crashes, what decodes encodes to the same bytes, and hashing and pricing
// it end whatever it says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "state/validation.hpp"
#include "transaction/codec.hpp"

namespace {

void require(bool claim) {
    if (!claim) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::ledger;
    const Bytes input(data, size);
    Transaction tx;
    const DecodeFailure failure = decode_transaction(input, tx);
    if (failure.failed()) {
        require(!failure.text().empty());
        return 0;
    }
    const Buffer again = encode_transaction(tx);
    require(std::ranges::equal(again, input));
    static_cast<void>(signing_hash(tx));
    for (const Authorization& authorization : tx.authorizations)
        static_cast<void>(signing_hash(authorization));
    for (const Fork& fork : forks()) {
        const IntrinsicGas gas = intrinsic_gas(tx, fork);
        require(gas.intrinsic >= 21000);
        static_cast<void>(check_form(tx, fork, gas));
    }
    return 0;
}
