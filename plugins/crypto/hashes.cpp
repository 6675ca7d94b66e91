#include <sodium.h>

#include "keccak/keccak.hpp"
#include "primitives.hpp"

namespace rvm::crypto {

void keccak256(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    keccak::keccak256({input.data, input.size}, digest);
}

void sha512(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    crypto_hash_sha512(digest, input.data, input.size);
}

void blake2b256(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    crypto_generichash_blake2b(digest, 32, input.data, input.size, nullptr, 0);
}

void blake2b512(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    crypto_generichash_blake2b(digest, 64, input.data, input.size, nullptr, 0);
}

} // namespace rvm::crypto
