// Key files of other wallets: Web3 Secret Storage (version 3, and geth's version 1), and the presale wallet of 2014.
#pragma once

#include <string>
#include <string_view>

#include "base/primitives.hpp"

namespace rvm::wallet {

/// The 32 bytes of the key. Throws Refusal that names the member at fault, or says that the password is wrong. Reading
/// costs what the file asks for; the limits of the primitives bound it.
[[nodiscard]] Secret read_keystore(std::string_view json, Bytes password, const Primitives& primitives);

/// What a new key file costs to open.
struct KeystoreCost {
    std::uint64_t n = std::uint64_t{1} << 18u; ///< geth's standard: 256 MiB, about a second
    std::uint64_t r = 8;
    std::uint64_t p = 1;
};
/// A key file of version 3: scrypt, AES-128-CTR, random salt, counter and id.
[[nodiscard]] std::string write_keystore(Bytes secret, Bytes password, const KeystoreCost& cost,
                                         const Primitives& primitives);

} // namespace rvm::wallet
