// BLAKE2s with a 256-bit digest, no key (RFC 7693, section 3). Neither libsodium nor OpenSSL's plain functions have it.
#include <bit>
#include <cstring>

#include "blake2_schedule.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t digest_bytes = 32;

/// RFC 7693, section 2.6; SHA-256's.
constexpr std::uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
std::uint32_t load(const std::uint8_t* bytes) noexcept {
    return static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8u |
           static_cast<std::uint32_t>(bytes[2]) << 16u | static_cast<std::uint32_t>(bytes[3]) << 24u;
}

void mix(std::uint32_t* v, unsigned a, unsigned b, unsigned c, unsigned d, std::uint32_t x, std::uint32_t y) noexcept {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 7);
}

/// `count`: bytes up to the end of this block.
void compress(std::uint32_t* h, const std::uint8_t* block, std::uint64_t count, bool last) noexcept {
    std::uint32_t m[16];
    for (unsigned i = 0; i < 16; ++i) {
        m[i] = load(block + std::size_t{4} * i);
    }
    std::uint32_t v[16];
    for (unsigned i = 0; i < 8; ++i) {
        v[i] = h[i];
        v[i + 8] = initial[i];
    }
    v[12] ^= static_cast<std::uint32_t>(count);
    v[13] ^= static_cast<std::uint32_t>(count >> 32u);
    if (last) v[14] = ~v[14];
    for (const auto& s : schedule) { // ten rounds, one schedule each
        mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
        mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
        mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
        mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
        mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
        mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
        mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
        mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (unsigned i = 0; i < 8; ++i) {
        h[i] ^= v[i] ^ v[i + 8];
    }
}

} // namespace

void blake2s256(const void*, rvm_view input, std::uint8_t* digest) noexcept {
    std::uint32_t h[8];
    std::memcpy(h, initial, sizeof h);
    h[0] ^= 0x01010000u ^ digest_bytes; // fanout 1, depth 1, no key
    std::uint64_t done = 0;
    for (; input.size - done > block_bytes; done += block_bytes) {
        compress(h, input.data + done, done + block_bytes, false);
    }
    std::uint8_t block[block_bytes]{}; // the last one, which an empty input has, too
    if (input.size != done) std::memcpy(block, input.data + done, input.size - done);
    compress(h, block, input.size, true);
    for (std::size_t i = 0; i < digest_bytes; ++i) {
        digest[i] = static_cast<std::uint8_t>(h[i / 4] >> (8 * (i % 4)));
    }
}

} // namespace rvm::crypto
