// Ways to sign: what is signed of a message, with which key, and how it is checked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <rvm/plugin.h>

#include "base/json.hpp"
#include "base/primitives.hpp"

namespace rvm::wallet {

enum class Scheme : std::uint8_t {
    raw,     ///< secp256k1 over the 32 bytes themselves
    eip191,  ///< secp256k1 over a personal message (version 0x45)
    eip712,  ///< secp256k1 over typed data in JSON
    ed25519, ///< RFC 8032
    bip340,  ///< Schnorr signatures over secp256k1
    p256,    ///< ECDSA over P-256 and SHA-256
    bls,     ///< BLS12-381, proof-of-possession scheme
};
[[nodiscard]] std::optional<Scheme> scheme_named(std::string_view name) noexcept;
[[nodiscard]] std::string_view name_of(Scheme scheme) noexcept;
/// The names, separated by commas.
[[nodiscard]] std::string scheme_names();

/// The public key of a secret of 32 bytes: secp256k1 compressed (33 bytes), P-256 uncompressed (65), Ed25519 and
/// BIP-340 32, BLS 48. Throws Refusal: no secret of the curve.
[[nodiscard]] Buffer key_of(Scheme scheme, Bytes secret, const Primitives& primitives);

/// Bytes of a signature: 65 for secp256k1 (r, s, 27 or 28), 96 for BLS, else 64. BIP-340 takes fresh randomness, the
/// others are deterministic. Throws Refusal: the message has the wrong form for the scheme, or the secret is none.
[[nodiscard]] Buffer sign(Scheme scheme, Bytes secret, Bytes message, const Primitives& primitives);

/// A signature over a digest by secp256k1: r, s and the recovery id 0 or 1 (the chance of 2 or 3 is 2^-127: refused).
[[nodiscard]] Buffer sign_digest(Bytes secret, Bytes digest, const Primitives& primitives);

/// secp256k1: `signer` is an address, or a key of 33 or 65 bytes; the signature has 64 or 65 bytes (64: a key only).
/// High s is refused (EIP-2). Throws Refusal: the message has the wrong form.
[[nodiscard]] bool verify(Scheme scheme, Bytes signer, Bytes signature, Bytes message, const Primitives& primitives);

// Whether a key or address, and a signature, are such of the scheme at all: what is not was mistaken, not forged. Throw
// Refusal with the sizes expected and found.
void check_signer(Scheme scheme, Bytes signer);
void check_signature(Scheme scheme, Bytes signature);

/// Who signed a message by secp256k1; nullopt: nobody.
[[nodiscard]] std::optional<rvm_address> recover(Scheme scheme, Bytes signature, Bytes message,
                                                 const Primitives& primitives);

} // namespace rvm::wallet
