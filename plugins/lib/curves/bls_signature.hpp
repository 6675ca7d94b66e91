// BLS signatures on BLS12-381 with keys in G1 and signatures in G2 (draft-irtf-cfrg-bls-signature,
// minimal-pubkey-size), after the hash: messages come as the uniform bytes that expand_message (RFC 9380, section 5.3)
// makes of them.
//
// Keys and signatures are compressed points; the identity and points outside the subgroup are refused. Any thread.
// Outputs are written only with Status::ok; std::bad_alloc is thrown when there is no memory. The functions of a secret
// run in a time that does not depend on it (secret_multiple.hpp) and wipe what it passed through; the others do not.
#pragma once

#include "curves/bls12_381.hpp"

namespace rvm::curves::bls12_381 {

inline constexpr std::size_t secret_size = scalar_size;
inline constexpr std::size_t key_size = compressed_g1_size;
inline constexpr std::size_t signature_size = 96;
/// Two elements of Fp2 from 64 bytes a coordinate (RFC 9380, section 8.8.2: m = 2, L = 64).
inline constexpr std::size_t uniform_size = 2 * 2 * 64;

using SecretBytes = std::span<const std::uint8_t, secret_size>;
using KeyBytes = std::span<std::uint8_t, key_size>;
using SignatureBytes = std::span<std::uint8_t, signature_size>;
using UniformBytes = std::span<const std::uint8_t, uniform_size>;

/// SkToPk. Status::not_in_field: the secret is 0 or not below the order.
[[nodiscard]] Status public_key(SecretBytes secret, KeyBytes key, Path path = best_path());

/// CoreSign: the secret times the point of the message.
[[nodiscard]] Status sign(SecretBytes secret, UniformBytes message, SignatureBytes signature, Path path = best_path());

/// Number of 48 bytes, big-endian, modulo the order (KeyGen, section 2.3).
[[nodiscard]] bool secret_from_bytes(std::span<const std::uint8_t, 48> bytes,
                                     std::span<std::uint8_t, secret_size> secret);

/// Sums of one or more signatures, of one or more keys. A sum of keys is refused when it is the identity.
[[nodiscard]] Status add_signatures(Bytes signatures, SignatureBytes sum, Path path = best_path());
[[nodiscard]] Status add_keys(Bytes keys, KeyBytes sum, Path path = best_path());

/// CoreAggregateVerify: one or more keys, as many messages. What cannot be decoded is refused, else `valid` is set.
[[nodiscard]] Status verify(Bytes keys, Bytes messages, Bytes signature, bool& valid, Path path = best_path());

/// Bytes of a coefficient of verify_batch().
inline constexpr std::size_t coefficient_size = 16;

/// Is each of one or more signatures that of its key over its message? One final exponentiation for all: the pairings'
/// equations are summed with the coefficients, which must be hard to predict for whoever made the signatures. A batch
/// with a wrong one passes with probability 2^-128. Refuses as verify() does.
[[nodiscard]] Status verify_batch(Bytes keys, Bytes messages, Bytes signatures, Bytes coefficients, bool& valid,
                                  Path path = best_path());

} // namespace rvm::curves::bls12_381
