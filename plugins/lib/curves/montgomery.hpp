// Multiplication modulo p in Montgomery form with R = 2^(64 N): the portable code. montgomery_adx.hpp has the same
// functions on MULX, ADCX and ADOX. P. Montgomery, "Modular multiplication without trial division", 1985; word by word
// (CIOS): Koç, Acar, Kaliski, "Analyzing and comparing Montgomery multiplication algorithms", IEEE Micro 16 (1996).
//
// Every modulus is below 2^(64 N - 2): sums of two residues do not carry, nor do the intermediate sums of CIOS (the
// top carry word of the general algorithm is always zero).
#pragma once

#include "curves/limbs.hpp"

namespace rvm::curves {

/// -1 / p mod 2^64 by Newton's iteration: each step doubles the number of right bits.
constexpr std::uint64_t negated_inverse_64(std::uint64_t p) noexcept {
    std::uint64_t inverse = p; // right to 3 bits for odd p
    for (int right_bits = 3; right_bits < 64; right_bits *= 2) {
        inverse *= 2 - p * inverse;
    }
    return 0 - inverse;
}

/// A modulus with what Montgomery reduction needs.
template <std::size_t N>
struct Modulus {
    Limbs<N> p;
    std::uint64_t negated_inverse; // -1/p mod 2^64, right after p: the assembly knows
    Limbs<N> one;                  // R mod p
    Limbs<N> r_squared;            // R^2 mod p

    constexpr explicit Modulus(const Limbs<N>& modulus) noexcept
        : p(modulus), negated_inverse(negated_inverse_64(modulus[0])), one{}, r_squared{} {
        // R and R^2 by doubling 1.
        Limbs<N> x{1};
        for (std::size_t i = 0; i < 2 * limb_bits * N; ++i) {
            Limbs<N> doubled = x;
            add_to(doubled, x);
            if (!less(doubled, p)) subtract_from(doubled, p);
            x = doubled;
            if (i + 1 == limb_bits * N) one = x;
        }
        r_squared = x;
    }
};

namespace portable {

/// a - p if a >= p.
template <std::size_t N>
constexpr void subtract_once(Limbs<N>& a, const Limbs<N>& p) noexcept {
    Limbs<N> reduced = a;
    const std::uint64_t keep = 0 - subtract_from(reduced, p); // all ones when a < p
    for (std::size_t i = 0; i < N; ++i) {
        a[i] = (a[i] & keep) | (reduced[i] & ~keep);
    }
}

template <std::size_t N>
constexpr Limbs<N> add(const Limbs<N>& a, const Limbs<N>& b, const Modulus<N>& m) noexcept {
    Limbs<N> result = a;
    add_to(result, b);
    subtract_once(result, m.p);
    return result;
}

template <std::size_t N>
constexpr Limbs<N> subtract(const Limbs<N>& a, const Limbs<N>& b, const Modulus<N>& m) noexcept {
    Limbs<N> result = a;
    const std::uint64_t borrowed = 0 - subtract_from(result, b);
    Limbs<N> correction{};
    for (std::size_t i = 0; i < N; ++i) {
        correction[i] = m.p[i] & borrowed;
    }
    add_to(result, correction);
    return result;
}

/// a * b / R mod p for a * b < p * R.
template <std::size_t N>
constexpr Limbs<N> multiply(const Limbs<N>& a, const Limbs<N>& b, const Modulus<N>& m) noexcept {
    Limbs<N> t{};
    for (std::size_t i = 0; i < N; ++i) {
        Uint128 product = Uint128{a[0]} * b[i] + t[0];
        const std::uint64_t q = low64(product) * m.negated_inverse;
        Uint128 reduction = Uint128{q} * m.p[0] + low64(product);
        for (std::size_t j = 1; j < N; ++j) {
            product = Uint128{a[j]} * b[i] + t[j] + high64(product);
            reduction = Uint128{q} * m.p[j] + low64(product) + high64(reduction);
            t[j - 1] = low64(reduction);
        }
        t[N - 1] = high64(product) + high64(reduction);
    }
    subtract_once(t, m.p);
    return t;
}

template <std::size_t N>
constexpr Limbs<2 * N> multiply_wide(const Limbs<N>& a, const Limbs<N>& b) noexcept {
    return curves::multiply(a, b);
}

/// t / R mod p for t < p * R.
template <std::size_t N>
constexpr Limbs<N> reduce(const Limbs<2 * N>& t, const Modulus<N>& m) noexcept {
    Limbs<N> low = resize<N>(t);
    for (std::size_t i = 0; i < N; ++i) {
        const std::uint64_t q = low[0] * m.negated_inverse;
        Uint128 sum = Uint128{q} * m.p[0] + low[0];
        for (std::size_t j = 1; j < N; ++j) {
            sum = Uint128{q} * m.p[j] + low[j] + high64(sum);
            low[j - 1] = low64(sum);
        }
        low[N - 1] = high64(sum);
    }
    Limbs<N> high{};
    for (std::size_t i = 0; i < N; ++i) {
        high[i] = t[N + i];
    }
    add_to(low, high);
    subtract_once(low, m.p);
    return low;
}

/// a -= b, plus p * R if that is negative.
template <std::size_t N>
constexpr void subtract_wide(Limbs<2 * N>& a, const Limbs<2 * N>& b, const Modulus<N>& m) noexcept {
    const std::uint64_t borrowed = 0 - subtract_from(a, b);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const Uint128 sum = Uint128{a[N + i]} + (m.p[i] & borrowed) + carry;
        a[N + i] = low64(sum);
        carry = high64(sum);
    }
}

} // namespace portable
} // namespace rvm::curves
