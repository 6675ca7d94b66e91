// Many signatures at once.
#pragma once

#include <vector>

#include "sign/scheme.hpp"

namespace rvm::wallet {

struct SignedMessage {
    Scheme scheme;
    Buffer signer; ///< a key in the scheme's encoding, or the address of a key of secp256k1
    Buffer signature;
    Buffer message;
};

/// One answer for each, as verify() gives it; a message of the wrong form is not valid. `threads` (at least 1) share
/// the work. Signatures of BLS are checked together, in groups, with one final exponentiation a group; only where a
/// group fails one by one.
[[nodiscard]] std::vector<bool> verify_all(const std::vector<SignedMessage>& batch, unsigned threads,
                                           const Primitives& primitives);

} // namespace rvm::wallet
