// The primitives as the C tables take them. All are pure, re-entrant and noexcept; inputs and outputs: README.md.
#pragma once

#include <memory>

#include <rvm/plugin.h>

struct secp256k1_context_struct;

namespace rvm::crypto {

// ---- Hashes: write the digest's bytes to `digest`. `self` is not used. ----
void keccak256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
void sha256(const void* self, rvm_view input, std::uint8_t* digest) noexcept;
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

} // namespace rvm::crypto
