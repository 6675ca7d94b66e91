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
