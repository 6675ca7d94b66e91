// SHA-3 (FIPS 202, section 6.1) on the permutation that Keccak-256 uses.
#include <cstring>

#include "keccak/keccak.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

void absorb(keccak::State& state, const std::uint8_t* block, std::size_t rate) noexcept {
    for (std::size_t i = 0; i < rate; ++i) {
        state[i / 8] ^= std::uint64_t{block[i]} << (8 * (i % 8));
    }
    keccak::permute(state);
}

template <std::size_t DigestBytes>
void sha3(rvm_view input, std::uint8_t* digest) noexcept {
    constexpr std::size_t rate = 200 - 2 * DigestBytes;
    constexpr std::uint8_t suffix = 0x06; // the bits 01 and the first of the padding
    constexpr std::uint8_t end = 0x80;    // the last of the padding
    keccak::State state{};
    std::uint64_t done = 0;
    for (; input.size - done >= rate; done += rate) {
        absorb(state, input.data + done, rate);
    }
    std::uint8_t block[rate]{};
    if (input.size != done) std::memcpy(block, input.data + done, input.size - done);
    block[input.size - done] = suffix;
    block[rate - 1] ^= end;
    absorb(state, block, rate);
    for (std::size_t i = 0; i < DigestBytes; ++i) {
        digest[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
    }
}

} // namespace

void sha3_224(const void*, rvm_view input, std::uint8_t* digest) noexcept { sha3<28>(input, digest); }
void sha3_256(const void*, rvm_view input, std::uint8_t* digest) noexcept { sha3<32>(input, digest); }
void sha3_384(const void*, rvm_view input, std::uint8_t* digest) noexcept { sha3<48>(input, digest); }
void sha3_512(const void*, rvm_view input, std::uint8_t* digest) noexcept { sha3<64>(input, digest); }

} // namespace rvm::crypto
