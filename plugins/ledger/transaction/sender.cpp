#include "transaction/sender.hpp"

#include <algorithm>

#include "transaction/codec.hpp"

namespace rvm::ledger {

std::optional<Address> SignerRecovery::recover(const Hash& digest, const U256& r, const U256& s, bool y_parity) const {
    std::uint8_t input[97]; // digest[32] r[32] s[32] recovery id[1]
    std::ranges::copy(digest.bytes, input);
    u256::store_be(r, input + 32);
    u256::store_be(s, input + 64);
    input[96] = y_parity ? 1 : 0;
    std::uint8_t key[64];
    std::uint64_t size = 0;
    const rvm_status status = recover_.fn(recover_.self, {input, sizeof input}, {key, sizeof key}, &size);
    if (status != RVM_OK || size != sizeof key) return std::nullopt;
    const Hash hash = keccak256({key, sizeof key});
    Address out;
    std::copy_n(hash.bytes + 12, sizeof out.bytes, out.bytes);
    return out;
}

std::optional<Address> SignerRecovery::sender(const Transaction& tx, bool low_s) const {
    if (low_s && tx.s > max_low_s) return std::nullopt;
    return recover(signing_hash(tx), tx.r, tx.s, tx.y_parity);
}

std::optional<Address> SignerRecovery::authority(const Authorization& authorization) const {
    if (authorization.y_parity > 1 || authorization.s > max_low_s) return std::nullopt;
    return recover(signing_hash(authorization), authorization.r, authorization.s, authorization.y_parity == 1);
}

} // namespace rvm::ledger
