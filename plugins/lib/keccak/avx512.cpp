#include "keccak/avx512.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

namespace rvm::keccak::avx512 {
namespace {

#define RVM_KECCAK_AVX512 [[gnu::target("avx512f,avx512vl"), gnu::always_inline]] inline

using Vector = __m128i;
using Vectors = Vector[25];
using Columns = Vector[5];

/// Rho's offset of lane (x, y): (t + 1)(t + 2) / 2 for the lane that t turns of (x, y) -> (y, 2x + 3y) reach from (1,
/// 0) (FIPS 202, section 3.2.2).
constexpr std::array<int, 25> offsets = [] {
    std::array<int, 25> out{};
    unsigned x = 1, y = 0;
    for (int t = 0; t < 24; ++t) {
        out[x + 5 * y] = (t + 1) * (t + 2) / 2 % 64;
        const unsigned next = (2 * x + 3 * y) % 5;
        x = y;
        y = next;
    }
    return out;
}();

/// Where lane (x, y) is before round `turn`: a round leaves its lanes in the registers that it took them from, five by
/// five, so that none is copied; after four rounds all are back.
constexpr unsigned place(unsigned turn, unsigned x, unsigned y) {
    const unsigned factor = 1u << turn; // each round puts (x, y) where (x, x + 2 y) was
    return x + 5 * ((factor * y + (factor - 1) * x) % 5);
}

/// A template, since the count must be an immediate in unoptimised builds too.
template <int Count>
RVM_KECCAK_AVX512 Vector rotl(Vector a) noexcept {
    return _mm_rol_epi64(a, Count);
}
RVM_KECCAK_AVX512 Vector xor3(Vector a, Vector b, Vector c) noexcept { return _mm_ternarylogic_epi64(a, b, c, 0x96); }
/// a ^ (~b & c).
RVM_KECCAK_AVX512 Vector chi(Vector a, Vector b, Vector c) noexcept { return _mm_ternarylogic_epi64(a, b, c, 0xd2); }

template <unsigned Turn, unsigned X>
RVM_KECCAK_AVX512 Vector parity(const Vectors& a) noexcept {
    return xor3(xor3(a[place(Turn, X, 0)], a[place(Turn, X, 1)], a[place(Turn, X, 2)]), a[place(Turn, X, 3)],
                a[place(Turn, X, 4)]);
}
template <unsigned X>
RVM_KECCAK_AVX512 Vector theta(const Columns& c) noexcept {
    return _mm_xor_si128(c[(X + 4) % 5], rotl<1>(c[(X + 1) % 5]));
}
/// Lane X of row Y behind theta, rho and pi.
template <unsigned Turn, unsigned X, unsigned Y>
RVM_KECCAK_AVX512 Vector moved(const Vectors& a, const Columns& d) noexcept {
    constexpr unsigned from = (X + 3 * Y) % 5;
    return rotl<offsets[from + 5 * X]>(_mm_xor_si128(a[place(Turn, from, X)], d[from]));
}
template <unsigned Turn, unsigned Y>
RVM_KECCAK_AVX512 void row(Vectors& a, const Columns& d) noexcept {
    const Vector b0 = moved<Turn, 0, Y>(a, d);
    const Vector b1 = moved<Turn, 1, Y>(a, d);
    const Vector b2 = moved<Turn, 2, Y>(a, d);
    const Vector b3 = moved<Turn, 3, Y>(a, d);
    const Vector b4 = moved<Turn, 4, Y>(a, d);
    a[place(Turn + 1, 0, Y)] = chi(b0, b1, b2);
    a[place(Turn + 1, 1, Y)] = chi(b1, b2, b3);
    a[place(Turn + 1, 2, Y)] = chi(b2, b3, b4);
    a[place(Turn + 1, 3, Y)] = chi(b3, b4, b0);
    a[place(Turn + 1, 4, Y)] = chi(b4, b0, b1);
}
template <unsigned Turn>
RVM_KECCAK_AVX512 void round(Vectors& a, const Lane& constant) noexcept {
    const Columns c = {parity<Turn, 0>(a), parity<Turn, 1>(a), parity<Turn, 2>(a), parity<Turn, 3>(a),
                       parity<Turn, 4>(a)};
    const Columns d = {theta<0>(c), theta<1>(c), theta<2>(c), theta<3>(c), theta<4>(c)};
    row<Turn, 0>(a, d);
    row<Turn, 1>(a, d);
    row<Turn, 2>(a, d);
    row<Turn, 3>(a, d);
    row<Turn, 4>(a, d);
    Vector& first = a[place(Turn + 1, 0, 0)];
    first = _mm_xor_si128(first, _mm_loadl_epi64(reinterpret_cast<const Vector*>(&constant)));
}

#undef RVM_KECCAK_AVX512

} // namespace

bool available() noexcept {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

[[gnu::target("avx512f,avx512vl")]] void permute(State& state) noexcept {
    Vectors a;
#pragma GCC unroll 25
    for (std::size_t i = 0; i < 25; ++i) {
        a[i] = _mm_loadl_epi64(reinterpret_cast<const Vector*>(&state[i]));
    }
    for (std::size_t r = 0; r < round_count; r += 4) {
        round<0>(a, round_constants[r]);
        round<1>(a, round_constants[r + 1]);
        round<2>(a, round_constants[r + 2]);
        round<3>(a, round_constants[r + 3]);
    }
#pragma GCC unroll 25
    for (std::size_t i = 0; i < 25; ++i) {
        _mm_storel_epi64(reinterpret_cast<Vector*>(&state[i]), a[i]);
    }
}

} // namespace rvm::keccak::avx512

#endif
