#include "base/sha256.hpp"

#include <new>

// The functions of the algorithm itself, not the EVP layer: they fetch nothing from providers and read no configuration
// file. OpenSSL uses the processor's SHA extensions, which libsodium does not: starting `rvm` hashes megabytes of plugins.
#define OPENSSL_SUPPRESS_DEPRECATED // the names are deprecated since 3.0, not the algorithm
#include <openssl/sha.h>

namespace rvm {

namespace {
SHA256_CTX* context(std::byte* state) { return std::launder(reinterpret_cast<SHA256_CTX*>(state)); }
} // namespace

Sha256::Sha256() noexcept {
    static_assert(sizeof(SHA256_CTX) == sizeof state_ && alignof(SHA256_CTX) <= alignof(Sha256), "state_ is one");
    SHA256_Init(new (state_) SHA256_CTX);
}

void Sha256::update(const void* data, std::size_t size) noexcept {
    if (size != 0) SHA256_Update(context(state_), data, size);
}

void Sha256::finish(std::uint8_t* digest) noexcept { SHA256_Final(digest, context(state_)); }

} // namespace rvm
