// SHA-224, SHA-256, SHA-384 and RIPEMD-160 by OpenSSL. The functions of the algorithms themselves, not the EVP layer:
// they fetch nothing from providers, read no configuration file and allocate nothing, so the answer depends on the
// input alone.
#define OPENSSL_SUPPRESS_DEPRECATED // the names are deprecated since 3.0, not the algorithms
#include <openssl/ripemd.h>
#include <openssl/sha.h>

#include "primitives.hpp"

namespace rvm::crypto {

// libsodium has no SHA extensions of the processor: 2.4 ns/byte there, 0.6 here.
void sha256(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, input.data, input.size);
    SHA256_Final(digest, &context);
}

void sha224(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    SHA256_CTX context;
    SHA224_Init(&context);
    SHA224_Update(&context, input.data, input.size);
    SHA224_Final(digest, &context);
}

void sha384(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    SHA512_CTX context;
    SHA384_Init(&context);
    SHA384_Update(&context, input.data, input.size);
    SHA384_Final(digest, &context);
}

void ripemd160(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    RIPEMD160_CTX context;
    RIPEMD160_Init(&context);
    RIPEMD160_Update(&context, input.data, input.size);
    RIPEMD160_Final(digest, &context);
}

} // namespace rvm::crypto
