// The compression function F of BLAKE2b with a number of rounds of the caller's choice (RFC 7693, section 3.2;
// EIP-152).
#include <array>
#include <bit>

#include "blake2_schedule.hpp"
#include "output.hpp"
#include "primitives.hpp"

namespace rvm::crypto {
namespace {

using Word = std::uint64_t;
using Words = std::array<Word, 16>;

// EIP-152: rounds[4, big-endian] h[64] m[128] t[16] f[1]; words are little-endian.
constexpr std::size_t rounds_bytes = 4;
constexpr std::size_t state_words = 8;
constexpr std::size_t input_bytes = 213;

// RFC 7693, section 2.6: the square roots of the first eight primes.
constexpr std::array<Word, 8> initial{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

[[gnu::always_inline]] inline void mix(Word& a, Word& b, Word& c, Word& d, Word x, Word y) noexcept {
    a += b + x;
    d = std::rotr(d ^ a, 32);
    c += d;
    b = std::rotr(b ^ c, 24);
    a += b + y;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 63);
}

/// One round with a schedule known when compiled, so that message words are addressed directly.
template <std::size_t Schedule>
[[gnu::always_inline]] inline void round(Words& v, const Words& m) noexcept {
    constexpr const auto& s = schedule[Schedule];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

/// Rounds First, First + 1, ... of one turn through the schedules, `count` of them at most.
template <std::size_t First = 0>
[[gnu::always_inline]] inline void turn(Words& v, const Words& m, std::uint32_t count) noexcept {
    if constexpr (First < schedules) {
        if (First == count) return;
        round<First>(v, m);
        turn<First + 1>(v, m, count);
    }
}

void mix_rounds(Words& state, const Words& m, std::uint32_t rounds) noexcept {
    Words v = state; // in registers as far as they reach
    for (; rounds >= schedules; rounds -= schedules) {
        turn(v, m, schedules);
    }
    turn(v, m, rounds);
    state = v;
}

Word load(const std::uint8_t* bytes) noexcept {
    Word word = 0;
    for (unsigned i = 0; i < sizeof word; ++i) {
        word |= Word{bytes[i]} << (8 * i);
    }
    return word;
}

void store(Word word, std::uint8_t* bytes) noexcept {
    for (unsigned i = 0; i < sizeof word; ++i) {
        bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
}

std::uint32_t rounds_of(const std::uint8_t* input) noexcept {
    std::uint32_t rounds = 0;
    for (std::size_t i = 0; i < rounds_bytes; ++i) {
        rounds = rounds << 8u | input[i];
    }
    return rounds;
}

} // namespace

rvm_status blake2f(const void*, rvm_view input, rvm_span output, std::uint64_t* size) noexcept {
    if (input.size != input_bytes) return RVM_TRAP_CRYPTO;
    const std::uint8_t last = input.data[input_bytes - 1];
    if (last > 1) return RVM_TRAP_CRYPTO;
    const std::uint32_t rounds = rounds_of(input.data);
    const std::uint8_t* state = input.data + rounds_bytes;
    const std::uint8_t* message = state + state_words * sizeof(Word);
    const std::uint8_t* counter = message + sizeof(Words);
    Words v;
    Words m;
    for (std::size_t i = 0; i < state_words; ++i) {
        v[i] = load(state + sizeof(Word) * i);
        v[state_words + i] = initial[i];
    }
    for (std::size_t i = 0; i < m.size(); ++i) {
        m[i] = load(message + sizeof(Word) * i);
    }
    v[12] ^= load(counter);
    v[13] ^= load(counter + sizeof(Word));
    if (last == 1) v[14] = ~v[14];
    mix_rounds(v, m, rounds);
    std::array<std::uint8_t, state_words * sizeof(Word)> result;
    for (std::size_t i = 0; i < state_words; ++i) {
        store(load(state + sizeof(Word) * i) ^ v[i] ^ v[state_words + i], result.data() + sizeof(Word) * i);
    }
    return answer(result, output, size);
}

std::uint64_t blake2f_gas(const void*, rvm_view input) noexcept {
    constexpr std::uint64_t round_gas = 6; // 10 to 12 ns
    return input.size == input_bytes ? round_gas * rounds_of(input.data) : 0;
}

} // namespace rvm::crypto
