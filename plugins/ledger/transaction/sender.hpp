// Who signed (yellow paper, appendix F; EIP-2, EIP-155, EIP-7702).
#pragma once

#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// Half of the order of secp256k1, rounded down: EIP-2 allows no larger s.
inline constexpr U256 max_low_s{0xdfe92f46681b20a0ull, 0x5d576e7357a4501dull, 0xffffffffffffffffull,
                                0x7fffffffffffffffull};

/// Recovers addresses with the primitive secp256k1.recover. Cheap to copy; thread-safe.
class SignerRecovery {
  public:
    explicit SignerRecovery(rvm_crypto_ref recover) noexcept : recover_(recover) {}

    /// The address whose key made the signature over `digest`; nullopt when there is none.
    [[nodiscard]] std::optional<Address> recover(const Hash& digest, const U256& r, const U256& s, bool y_parity) const;

    /// The transaction's sender. `low_s`: s must not exceed max_low_s (since Homestead).
    [[nodiscard]] std::optional<Address> sender(const Transaction& tx, bool low_s) const;
    /// The account that authorizes; nullopt also for a high s or a y parity above 1.
    [[nodiscard]] std::optional<Address> authority(const Authorization& authorization) const;

  private:
    rvm_crypto_ref recover_;
};

} // namespace rvm::ledger
