#include "base/sha256.hpp"

#include <new>

// The functions of the algorithm itself, not the EVP layer: they fetch nothing from providers and read no configuration
// file. OpenSSL uses the processor's SHA extensions, which libsodium does not: starting `rvm` hashes megabytes of plugins.
#define OPENSSL_SUPPRESS_DEPRECATED // the names are deprecated since 3.0, not the algorithm
#include <openssl/sha.h>

namespace rvm {

static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8, "Sha256::state_ holds one");

namespace {
SHA256_CTX* context(std::array<std::byte, 112>& state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state.data())); }
} // namespace

Sha256::Sha256() noexcept {
    new (state_.data()) SHA256_CTX;
    SHA256_Init(context(state_));
}

void Sha256::update(const void* data, std::size_t size) noexcept {
    if (size != 0) SHA256_Update(context(state_), data, size);
}

void Sha256::finish(std::uint8_t* digest) noexcept { SHA256_Final(digest, context(state_)); }

} // namespace rvm
