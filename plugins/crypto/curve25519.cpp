// X25519 and keys of Ed25519, by libsodium.
#include <sodium.h>

#include <array>

#include "output.hpp"
#include "primitives.hpp"

namespace rvm::crypto {

rvm_status ed25519_key(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != crypto_sign_SEEDBYTES) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> key;
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;
    crypto_sign_seed_keypair(key.data(), secret.data(), input.data);
    sodium_memzero(secret.data(), secret.size());
    return answer(key, output, size);
}

rvm_status x25519_key(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != crypto_scalarmult_SCALARBYTES) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, crypto_scalarmult_BYTES> key;
    crypto_scalarmult_base(key.data(), input.data);
    return answer(key, output, size);
}

rvm_status x25519(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != crypto_scalarmult_SCALARBYTES + crypto_scalarmult_BYTES) return RVM_TRAP_CRYPTO;
    std::array<std::uint8_t, crypto_scalarmult_BYTES> shared;
    rvm_status status = RVM_TRAP_CRYPTO; // zero: the point has a small order (RFC 7748, section 6.1)
    if (crypto_scalarmult(shared.data(), input.data, input.data + crypto_scalarmult_SCALARBYTES) == 0) {
        status = answer(shared, output, size);
    }
    sodium_memzero(shared.data(), shared.size());
    return status;
}

} // namespace rvm::crypto
