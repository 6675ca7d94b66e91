// Division of 256- and 512-bit numbers: Knuth's algorithm D (The Art of Computer Programming, vol. 2, 4.3.1) with the
// quotient digits from a precomputed reciprocal: N. Möller, T. Granlund, "Improved division by invariant integers",
// IEEE Transactions on Computers 60 (2011). Names and algorithm numbers in comments are that paper's.
#pragma once

#include <array>

#include "u256/u256.hpp"

namespace rvm::u256 {

namespace detail {

constexpr std::uint64_t high64(Uint128 v) noexcept { return static_cast<std::uint64_t>(v >> 64u); }
constexpr std::uint64_t low64(Uint128 v) noexcept { return static_cast<std::uint64_t>(v); }
constexpr Uint128 join(std::uint64_t high, std::uint64_t low) noexcept { return Uint128{high} << 64u | low; }

/// v0 of algorithm 2: floor((2^19 - 3 * 2^8) / d9) for the top nine bits of a normalised divisor.
inline constexpr std::array<std::uint16_t, 256> reciprocal_seeds = [] {
    std::array<std::uint16_t, 256> seeds{};
    for (unsigned i = 0; i < seeds.size(); ++i) {
        seeds[i] = static_cast<std::uint16_t>(((1u << 19u) - 3u * (1u << 8u)) / (256u + i));
    }
    return seeds;
}();

/// floor((2^128 - 1) / d) - 2^64 for d >= 2^63: algorithm 2, Newton steps without a division.
constexpr std::uint64_t reciprocal_2by1(std::uint64_t d) noexcept {
    const std::uint64_t d0 = d & 1u;
    const std::uint64_t d9 = d >> 55u;
    const std::uint64_t d40 = (d >> 24u) + 1;
    const std::uint64_t d63 = (d >> 1u) + d0;
    const std::uint64_t v0 = reciprocal_seeds[d9 - 256];
    const std::uint64_t v1 = (v0 << 11u) - ((v0 * v0 * d40) >> 40u) - 1;
    const std::uint64_t v2 = (v1 << 13u) + ((v1 * ((1ull << 60u) - v1 * d40)) >> 47u);
    const std::uint64_t e = ((v2 >> 1u) & (0 - d0)) - v2 * d63;
    const std::uint64_t v3 = (v2 << 31u) + (high64(Uint128{v2} * e) >> 1u);
    return v3 - high64(Uint128{v3} * d + d) - d;
}

/// Reciprocal of the two-limb divisor (d1, d0), d1 >= 2^63: algorithm 6.
constexpr std::uint64_t reciprocal_3by2(std::uint64_t d1, std::uint64_t d0) noexcept {
    std::uint64_t v = reciprocal_2by1(d1);
    std::uint64_t p = d1 * v + d0;
    if (p < d0) {
        --v;
        if (p >= d1) {
            --v;
            p -= d1;
        }
        p -= d1;
    }
    const Uint128 t = Uint128{v} * d0;
    p += high64(t);
    if (p < high64(t)) {
        --v;
        if (join(p, low64(t)) >= join(d1, d0)) --v;
    }
    return v;
}

struct Digit {
    std::uint64_t quotient;
    std::uint64_t remainder;
};

/// (u1, u0) / d for u1 < d, d >= 2^63: algorithm 4.
constexpr Digit divide_2by1(std::uint64_t u1, std::uint64_t u0, std::uint64_t d, std::uint64_t v) noexcept {
    const Uint128 q = Uint128{v} * u1 + join(u1, u0);
    std::uint64_t q1 = high64(q) + 1;
    std::uint64_t r = u0 - q1 * d;
    if (r > low64(q)) {
        --q1;
        r += d;
    }
    if (r >= d) [[unlikely]] {
        ++q1;
        r -= d;
    }
    return {q1, r};
}

struct Digit2 {
    std::uint64_t quotient;
    Uint128 remainder;
};

/// (u2, u1, u0) / d for (u2, u1) < d, d >= 2^127: algorithm 5.
constexpr Digit2 divide_3by2(std::uint64_t u2, std::uint64_t u1, std::uint64_t u0, Uint128 d,
                             std::uint64_t v) noexcept {
    const Uint128 q = Uint128{v} * u2 + join(u2, u1);
    std::uint64_t q1 = high64(q);
    const std::uint64_t r1 = u1 - q1 * high64(d);
    const Uint128 t = Uint128{low64(d)} * q1;
    Uint128 r = join(r1, u0) - t - d;
    ++q1;
    if (high64(r) >= low64(q)) {
        --q1;
        r += d;
    }
    if (r >= d) [[unlikely]] {
        ++q1;
        r -= d;
    }
    return {q1, r};
}

/// u[0, n) -= q * d[0, n); returns the borrow.
constexpr std::uint64_t subtract_product(std::uint64_t* u, const std::uint64_t* d, std::size_t n,
                                         std::uint64_t q) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const Uint128 p = Uint128{q} * d[i] + borrow;
        borrow = high64(p) + (u[i] < low64(p) ? 1u : 0u);
        u[i] -= low64(p);
    }
    return borrow;
}

/// u[0, n) += d[0, n); returns the carry.
constexpr std::uint64_t add_limbs(std::uint64_t* u, const std::uint64_t* d, std::size_t n) noexcept {
    Uint128 carry = 0;
    for (std::size_t i = 0; i < n; ++i) {
        carry += Uint128{u[i]} + d[i];
        u[i] = low64(carry);
        carry >>= 64u;
    }
    return low64(carry);
}

constexpr std::size_t significant_limbs(const std::uint64_t* limbs, std::size_t n) noexcept {
    while (n != 0 && limbs[n - 1] == 0) {
        --n;
    }
    return n;
}

/// Divides u[0, m), whose top limb is not zero, by d[0, n), 1 <= n <= 4, n <= m. The quotient goes to q[0, m - n + 1),
/// the remainder is returned.
template <std::size_t Limbs>
constexpr U256 divide_limbs(const std::uint64_t (&u)[Limbs], std::size_t m, const std::uint64_t (&d)[4], std::size_t n,
                            std::uint64_t* q) noexcept {
    // Normalise: shift both until the divisor's top bit is set.
    const unsigned shift = static_cast<unsigned>(std::countl_zero(d[n - 1]));
    // Two shifts, because a single one by 64 is undefined.
    const auto shifted = [shift](std::uint64_t high, std::uint64_t low) {
        return (high << shift) | ((low >> 1u) >> (63u - shift));
    };
    std::uint64_t un[Limbs + 1];
    un[m] = shifted(0, u[m - 1]);
    for (std::size_t i = m - 1; i > 0; --i) {
        un[i] = shifted(u[i], u[i - 1]);
    }
    un[0] = u[0] << shift;
    U256 remainder;

    if (n == 1) {
        const std::uint64_t dn = d[0] << shift;
        const std::uint64_t v = reciprocal_2by1(dn);
        std::uint64_t r = un[m];
        for (std::size_t j = m; j-- > 0;) {
            const Digit digit = divide_2by1(r, un[j], dn, v);
            q[j] = digit.quotient;
            r = digit.remainder;
        }
        remainder.limbs[0] = r >> shift;
        return remainder;
    }

    std::uint64_t dn[4];
    for (std::size_t i = n - 1; i > 0; --i) {
        dn[i] = shifted(d[i], d[i - 1]);
    }
    dn[0] = d[0] << shift;
    const Uint128 top = join(dn[n - 1], dn[n - 2]);
    const std::uint64_t v = reciprocal_3by2(dn[n - 1], dn[n - 2]);

    for (std::size_t j = m - n + 1; j-- > 0;) {
        std::uint64_t* at = un + j; // the window at[0, n] is divided by dn, giving one digit
        const Uint128 head = join(at[n], at[n - 1]);
        if (head == top) [[unlikely]] {
            // The only case algorithm 5 excludes. The digit is exactly 2^64 - 1: the window is below 2^64 * dn and the
            // quotient of the heads leaves less than one unit in doubt.
            q[j] = ~0ull;
            at[n] -= subtract_product(at, dn, n, ~0ull);
            continue;
        }
        const Digit2 digit = divide_3by2(at[n], at[n - 1], at[n - 2], top, v);
        q[j] = digit.quotient;
        const std::uint64_t borrow = subtract_product(at, dn, n - 2, digit.quotient);
        const Uint128 rest = digit.remainder - borrow;
        at[n - 2] = low64(rest);
        at[n - 1] = high64(rest);
        if (digit.remainder < borrow) [[unlikely]] { // one too many: at most once (Knuth, theorem B)
            --q[j];
            add_limbs(at, dn, n);
        }
    }

    for (std::size_t i = 0; i < n; ++i) {
        remainder.limbs[i] = un[i] >> shift;
        if (i + 1 < n) remainder.limbs[i] |= (un[i + 1] << 1u) << (63u - shift);
    }
    return remainder;
}

} // namespace detail

struct Division {
    U256 quotient;
    U256 remainder;
};

/// a = quotient * b + remainder, remainder < b. Both are zero when b is (EVM DIV, MOD).
[[nodiscard]] constexpr Division divide(const U256& a, const U256& b) noexcept {
    Division result;
    const std::size_t n = detail::significant_limbs(b.limbs, 4);
    if (n == 0) return result;
    if (a < b) {
        result.remainder = a;
        return result;
    }
    const std::size_t m = detail::significant_limbs(a.limbs, 4);
    if (m == 1) {
        result.quotient = a.limbs[0] / b.limbs[0];
        result.remainder = a.limbs[0] % b.limbs[0];
        return result;
    }
    result.remainder = detail::divide_limbs(a.limbs, m, b.limbs, n, result.quotient.limbs);
    return result;
}

[[nodiscard]] constexpr U256 operator/(const U256& a, const U256& b) noexcept { return divide(a, b).quotient; }
[[nodiscard]] constexpr U256 operator%(const U256& a, const U256& b) noexcept { return divide(a, b).remainder; }

/// Two's complement division truncated towards zero; the remainder has the sign of `a`. Both zero when b is;
/// -2^255 / -1 is -2^255 (EVM SDIV, SMOD).
[[nodiscard]] constexpr Division divide_signed(const U256& a, const U256& b) noexcept {
    Division result = divide(a.negative() ? -a : a, b.negative() ? -b : b);
    if (a.negative() != b.negative()) result.quotient = -result.quotient;
    if (a.negative()) result.remainder = -result.remainder;
    return result;
}

/// The remainder of a 512-bit number; zero when `modulus` is.
[[nodiscard]] constexpr U256 remainder_wide(const U512& value, const U256& modulus) noexcept {
    const std::size_t n = detail::significant_limbs(modulus.limbs, 4);
    if (n == 0) return {};
    const std::size_t m = detail::significant_limbs(value.limbs, 8);
    if (m <= 4) return U256{value.limbs[0], value.limbs[1], value.limbs[2], value.limbs[3]} % modulus;
    std::uint64_t quotient[8];
    return detail::divide_limbs(value.limbs, m, modulus.limbs, n, quotient);
}

/// (a + b) mod m over the full 257-bit sum; zero when m is (EVM ADDMOD).
[[nodiscard]] constexpr U256 add_modulo(const U256& a, const U256& b, const U256& m) noexcept {
    if (a < m && b < m) { // the common case in field arithmetic: one conditional subtraction
        const Sum sum = add_carry(a, b);
        const Sum reduced = subtract_borrow(sum.value, m);
        return sum.carry || !reduced.carry ? reduced.value : sum.value;
    }
    const Sum sum = add_carry(a, b);
    if (!sum.carry) return sum.value % m;
    return remainder_wide({{sum.value.limbs[0], sum.value.limbs[1], sum.value.limbs[2], sum.value.limbs[3], 1}}, m);
}

/// (a * b) mod m over the full 512-bit product; zero when m is (EVM MULMOD).
[[nodiscard]] constexpr U256 multiply_modulo(const U256& a, const U256& b, const U256& m) noexcept {
    return remainder_wide(multiply_wide(a, b), m);
}

} // namespace rvm::u256
