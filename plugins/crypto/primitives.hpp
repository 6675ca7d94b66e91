// The primitives as the C tables take them. All are pure, re-entrant and noexcept; inputs and outputs: README.md.
#pragma once

#include <memory>

#include <rvm/plugin.h>

struct secp256k1_context_struct;

namespace rvm::crypto {

// ---- Hashes: write the digest's bytes to `digest`. `self` is not used. ----
void keccak256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void ripemd160(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha512(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha224(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha384(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha3_224(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha3_256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha3_384(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha3_512(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void blake2s256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void blake2b256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void blake2b512(const void* self, rvm_view input, std::uint8_t* digest) noexcept;

/// What signing with secp256k1 needs; verifying and recovering do not. Immutable after construction.
class SigningContext {
  public:
    SigningContext();
    [[nodiscard]] const secp256k1_context_struct* get() const noexcept { return context_.get(); }

  private:
    struct Destroy {
        void operator()(secp256k1_context_struct* context) const noexcept;
    };
    std::unique_ptr<secp256k1_context_struct, Destroy> context_;
};

// ---- Signatures: rvm_crypto_fn; `self` is a SigningContext. RVM_TRAP_CRYPTO: the input is malformed. ----
rvm_status ed25519_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status ed25519_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_recover(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

rvm_status secp256r1_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

// ---- Keyed functions and passwords: rvm_crypto_fn without `self`; RVM_TRAP_LIMIT: more work or memory than README.md
// allows. ----
rvm_status hmac_sha256(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status hmac_sha512(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status hkdf_sha256(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status hkdf_sha512(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status pbkdf2_sha256(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status pbkdf2_sha512(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status scrypt(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status argon2id(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
/// What the input asks for beyond the base price, as rvm_gas_schedule.custom.
std::uint64_t hkdf_gas(const void* self, rvm_view input) noexcept;
std::uint64_t hkdf_gas(const void* self, rvm_view input) noexcept;
std::uint64_t pbkdf2_sha256_gas(const void* self, rvm_view input) noexcept;
std::uint64_t pbkdf2_sha512_gas(const void* self, rvm_view input) noexcept;
std::uint64_t scrypt_gas(const void* self, rvm_view input) noexcept;
std::uint64_t argon2id_gas(const void* self, rvm_view input) noexcept;

// ---- Ciphers: rvm_crypto_fn without `self`. RVM_TRAP_CRYPTO: malformed, or not what was sealed. ----
rvm_status xchacha20poly1305_seal(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status xchacha20poly1305_open(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status aes_ctr(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status aes_cbc_encrypt(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status aes_cbc_decrypt(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

// ---- Keys, agreement, more signatures: rvm_crypto_fn; `self` is a SigningContext. ----
rvm_status ed25519_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status x25519(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status x25519_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_ecdh(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_secret_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_key_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256k1_verify_low_s(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256r1_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256r1_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256r1_secret_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status secp256r1_key_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status ecdsa_from_der(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bip340_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bip340_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bip340_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

// ---- BLS signatures: rvm_crypto_fn without `self`; RVM_E_NO_MEMORY when there is none. ----
rvm_status bls_keygen(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_key(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_prove(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_verify_proof(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_aggregate(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_add_keys(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_fast_aggregate_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_aggregate_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls_verify_batch(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

// ---- Arithmetic: rvm_crypto_fn without `self`. ----
rvm_status blake2f(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status modexp(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
/// What the input asks for beyond the base price, as rvm_gas_schedule.custom.
std::uint64_t blake2f_gas(const void* self, rvm_view input) noexcept;
std::uint64_t modexp_gas(const void* self, rvm_view input) noexcept;

// ---- Pairing-friendly curves: rvm_crypto_fn without `self`; RVM_E_NO_MEMORY when there is none. ----
rvm_status bn254_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bn254_mul(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bn254_pairing(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status kzg_verify(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_g1_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_g1_msm(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_g2_add(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_g2_msm(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_pairing(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_map_fp_to_g1(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;
rvm_status bls12_381_map_fp2_to_g2(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept;

} // namespace rvm::crypto
