#include <secp256k1_recovery.h>
#include <sodium.h>

#include <array>
#include <new>

#include <rvm/plugin.hpp>

#include "curves/secp256k1.hpp"
#include "output.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t scalar_bytes = 32;         // secrets, digests, r, s, coordinates
constexpr std::size_t compact_bytes = 64;        // r and s
constexpr std::size_t compressed_key_bytes = 33; // SEC 1, section 2.3.3
constexpr std::size_t uncompressed_key_bytes = 65;

} // namespace

SigningContext::SigningContext() : context_(secp256k1_context_create(SECP256K1_CONTEXT_NONE)) {
    if (context_ == nullptr) throw std::bad_alloc();
}

void SigningContext::Destroy::operator()(secp256k1_context_struct* context) const noexcept {
    secp256k1_context_destroy(context);
}

rvm_status ed25519_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t head = crypto_sign_BYTES + crypto_sign_PUBLICKEYBYTES;
    if (input.size < head) return RVM_TRAP_CRYPTO;
    const std::uint8_t* signature = input.data;
    const std::uint8_t* key = signature + crypto_sign_BYTES;
    // libsodium refuses s >= L, points of small order and non-canonical keys, so the answer is the same everywhere.
    return answer(crypto_sign_verify_detached(signature, input.data + head, input.size - head, key) == 0, output, size);
}

rvm_status ed25519_sign(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size < crypto_sign_SEEDBYTES) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> public_key;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_key;
    std::array<std::uint8_t, crypto_sign_BYTES> signature;
    crypto_sign_seed_keypair(public_key.data(), secret_key.data(), input.data);
    crypto_sign_detached(signature.data(), nullptr, input.data + crypto_sign_SEEDBYTES,
                         input.size - crypto_sign_SEEDBYTES, secret_key.data());
    sodium_memzero(secret_key.data(), secret_key.size());
    return answer(signature, output, size);
}

rvm_status secp256k1_sign(const void* self, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != 2 * scalar_bytes) return RVM_TRAP_CRYPTO;
    const auto* context = static_cast<const SigningContext*>(self)->get();
    secp256k1_ecdsa_recoverable_signature signature;
    // Fails when the secret is 0 or not below the group order.
    if (secp256k1_ecdsa_sign_recoverable(context, &signature, input.data + scalar_bytes, input.data, nullptr,
                                         nullptr) == 0) {
        return RVM_TRAP_CRYPTO;
    }
    std::array<std::uint8_t, compact_bytes + 1> bytes;
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context, bytes.data(), &recovery_id, &signature);
    bytes.back() = static_cast<std::uint8_t>(recovery_id);
    return answer(bytes, output, size);
}

rvm_status secp256k1_verify(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    constexpr std::size_t head = scalar_bytes + compact_bytes;
    if (input.size != head + compressed_key_bytes && input.size != head + uncompressed_key_bytes) {
        return RVM_TRAP_CRYPTO;
    }
    const secp256k1_context* context = secp256k1_context_static;
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_parse(context, &key, input.data + head, input.size - head) == 0) return RVM_TRAP_CRYPTO;
    secp256k1_ecdsa_signature signature;
    if (secp256k1_ecdsa_signature_parse_compact(context, &signature, input.data + scalar_bytes) == 0) {
        return answer(false, output, size); // r or s is not below the group order
    }
    // The library accepts low s only; like ECDSA itself and Ethereum's ecrecover this primitive accepts both.
    secp256k1_ecdsa_signature_normalize(context, &signature, &signature);
    return answer(secp256k1_ecdsa_verify(context, &signature, input.data, &key) == 1, output, size);
}

rvm_status secp256k1_recover(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != scalar_bytes + compact_bytes + 1) return RVM_TRAP_CRYPTO;
    const unsigned recovery_id = input.data[scalar_bytes + compact_bytes];
    if (recovery_id > 3) return RVM_TRAP_CRYPTO;
    const std::span<const std::uint8_t, scalar_bytes> digest(input.data, scalar_bytes);
    const std::span<const std::uint8_t, scalar_bytes> r(input.data + scalar_bytes, scalar_bytes);
    const std::span<const std::uint8_t, scalar_bytes> s(input.data + 2 * scalar_bytes, scalar_bytes);
    // Everything here is public, so that time may depend on it: faster than libsecp256k1, which signs and verifies.
    return sdk::guard(nullptr, [&]() -> rvm_status {
        std::array<std::uint8_t, curves::secp256k1::key_size> key;
        if (!curves::secp256k1::recover(digest, r, s, recovery_id, key)) return RVM_TRAP_CRYPTO;
        return answer(std::span(key), output, size);
    });
}

} // namespace rvm::crypto
