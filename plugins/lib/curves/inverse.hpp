// Inversion modulo p by division steps: D. J. Bernstein, B.-Y. Yang, "Fast constant-time gcd computation and modular
// inversion", TCHES 2019(3), in the variable-time form: 62 steps are computed on the low words alone, then applied to
// the whole numbers as a 2x2 matrix. About five times faster than raising to p - 2. Inputs here are public.
#pragma once

#include <bit>
#include <cstdint>

#include "curves/limbs.hpp"

namespace rvm::curves {

__extension__ using Int128 = __int128;

namespace divsteps {

inline constexpr unsigned batch = 62;
inline constexpr std::uint64_t digit_mask = (std::uint64_t{1} << batch) - 1;

/// Signed numbers in digits of 62 bits; all but the top digit lie in [0, 2^62).
template <std::size_t D>
using Signed = std::array<std::int64_t, D>;

/// Digits for |value| < 2 p: 64 N bits with at least two spare.
template <std::size_t N>
inline constexpr std::size_t digits = (64 * N + batch - 1) / batch;

template <std::size_t N>
constexpr Signed<digits<N>> from_limbs(const Limbs<N>& a) noexcept {
    Signed<digits<N>> result{};
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t position = i * batch;
        const std::size_t limb = position / 64;
        const unsigned shift = position % 64;
        std::uint64_t digit = limb < N ? a[limb] >> shift : 0;
        if (shift != 0 && limb + 1 < N) digit |= a[limb + 1] << (64 - shift);
        result[i] = static_cast<std::int64_t>(digit & digit_mask);
    }
    return result;
}

/// For 0 <= a < 2^(64 N).
template <std::size_t N>
constexpr Limbs<N> to_limbs(const Signed<digits<N>>& a) noexcept {
    Limbs<N> result{};
    for (std::size_t i = 0; i < a.size(); ++i) {
        const std::size_t position = i * batch;
        const std::size_t limb = position / 64;
        const unsigned shift = position % 64;
        const auto digit = static_cast<std::uint64_t>(a[i]);
        if (limb < N) result[limb] |= digit << shift;
        if (shift != 0 && limb + 1 < N) result[limb + 1] |= digit >> (64 - shift);
    }
    return result;
}

/// 2^62 times the product of 62 step matrices: (f, g) <- (u f + v g, q f + r g) / 2^62.
struct Matrix {
    std::int64_t u;
    std::int64_t v;
    std::int64_t q;
    std::int64_t r;
};

/// 62 division steps on the low words of f (odd) and g; delta starts at 1.
constexpr Matrix steps(std::int64_t& delta, std::uint64_t f, std::uint64_t g) noexcept {
    std::uint64_t u = 1;
    std::uint64_t v = 0;
    std::uint64_t q = 0;
    std::uint64_t r = 1;
    unsigned left = batch;
    for (;;) {
        // Halve g while it is even; the guard bit stops at the batch.
        const auto zeros = static_cast<unsigned>(std::countr_zero(g | (~std::uint64_t{0} << left)));
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        delta += zeros;
        left -= zeros;
        if (left == 0) break;
        if (delta > 0) {
            delta = -delta;
            const std::uint64_t old_f = f;
            const std::uint64_t old_u = u;
            const std::uint64_t old_v = v;
            f = g;
            u = q;
            v = r;
            g = 0 - old_f;
            q = 0 - old_u;
            r = 0 - old_v;
        }
        // Cancel up to `limit` low bits of g with a multiple of f: as many steps as happen before delta is positive.
        const auto steps_before_swap = static_cast<std::uint64_t>(1 - delta);
        const unsigned limit = steps_before_swap < left ? static_cast<unsigned>(steps_before_swap) : left;
        constexpr unsigned max_cancel = 6; // bits that the inverse below is right to
        const std::uint64_t mask = (std::uint64_t{1} << (limit < max_cancel ? limit : max_cancel)) - 1;
        const std::uint64_t w = (f * g * (f * f - 2)) & mask; // -g / f modulo 2^6
        g += f * w;
        q += u * w;
        r += v * w;
    }
    return {static_cast<std::int64_t>(u), static_cast<std::int64_t>(v), static_cast<std::int64_t>(q),
            static_cast<std::int64_t>(r)};
}

/// (f, g) <- matrix (f, g) / 2^62, exactly.
template <std::size_t D>
constexpr void apply(Signed<D>& f, Signed<D>& g, const Matrix& m) noexcept {
    Int128 cf = Int128{m.u} * f[0] + Int128{m.v} * g[0];
    Int128 cg = Int128{m.q} * f[0] + Int128{m.r} * g[0];
    cf >>= batch;
    cg >>= batch;
    for (std::size_t i = 1; i < D; ++i) {
        cf += Int128{m.u} * f[i] + Int128{m.v} * g[i];
        cg += Int128{m.q} * f[i] + Int128{m.r} * g[i];
        f[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cf) & digit_mask);
        g[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cg) & digit_mask);
        cf >>= batch;
        cg >>= batch;
    }
    f[D - 1] = static_cast<std::int64_t>(cf);
    g[D - 1] = static_cast<std::int64_t>(cg);
}

/// (d, e) <- matrix (d, e) / 2^62 modulo p; both stay in (-2 p, p).
template <std::size_t D>
constexpr void apply_modulo(Signed<D>& d, Signed<D>& e, const Matrix& m, const Signed<D>& p,
                            std::uint64_t inverse_62) noexcept {
    const std::int64_t d_sign = d[D - 1] >> 63;
    const std::int64_t e_sign = e[D - 1] >> 63;
    // Add p for negative d and e, then the multiple of p that makes the low 62 bits zero.
    std::int64_t pd = (m.u & d_sign) + (m.v & e_sign);
    std::int64_t pe = (m.q & d_sign) + (m.r & e_sign);
    Int128 cd = Int128{m.u} * d[0] + Int128{m.v} * e[0];
    Int128 ce = Int128{m.q} * d[0] + Int128{m.r} * e[0];
    pd -= static_cast<std::int64_t>((inverse_62 * static_cast<std::uint64_t>(cd) + static_cast<std::uint64_t>(pd)) &
                                    digit_mask);
    pe -= static_cast<std::int64_t>((inverse_62 * static_cast<std::uint64_t>(ce) + static_cast<std::uint64_t>(pe)) &
                                    digit_mask);
    cd += Int128{p[0]} * pd;
    ce += Int128{p[0]} * pe;
    cd >>= batch;
    ce >>= batch;
    for (std::size_t i = 1; i < D; ++i) {
        cd += Int128{m.u} * d[i] + Int128{m.v} * e[i] + Int128{p[i]} * pd;
        ce += Int128{m.q} * d[i] + Int128{m.r} * e[i] + Int128{p[i]} * pe;
        d[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(cd) & digit_mask);
        e[i - 1] = static_cast<std::int64_t>(static_cast<std::uint64_t>(ce) & digit_mask);
        cd >>= batch;
        ce >>= batch;
    }
    d[D - 1] = static_cast<std::int64_t>(cd);
    e[D - 1] = static_cast<std::int64_t>(ce);
}

/// Adds p while `a` is negative, after negating it if asked: from (-2 p, 2 p) to [0, p).
template <std::size_t D>
constexpr void normalise(Signed<D>& a, bool negate, const Signed<D>& p) noexcept {
    const auto carry_through = [&a] {
        for (std::size_t i = 0; i + 1 < D; ++i) {
            a[i + 1] += a[i] >> batch;
            a[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(a[i]) & digit_mask);
        }
    };
    if (a[D - 1] < 0) {
        for (std::size_t i = 0; i < D; ++i) {
            a[i] += p[i];
        }
    }
    carry_through();
    if (negate) {
        for (std::int64_t& digit : a) {
            digit = -digit;
        }
        carry_through();
    }
    if (a[D - 1] < 0) {
        for (std::size_t i = 0; i < D; ++i) {
            a[i] += p[i];
        }
        carry_through();
    }
}

} // namespace divsteps

/// 1 / a mod p for a < p, p an odd prime; 0 for 0. `negated_inverse` is -1/p mod 2^64. Plain numbers, no Montgomery
/// form.
template <std::size_t N>
constexpr Limbs<N> invert(const Limbs<N>& a, const Limbs<N>& p, std::uint64_t negated_inverse) noexcept {
    using namespace divsteps;
    constexpr std::size_t digit_count = digits<N>;
    const Signed<digit_count> modulus = from_limbs<N>(p);
    const std::uint64_t inverse_62 = 0 - negated_inverse; // 1/p; its low 62 bits count
    Signed<digit_count> d{};
    Signed<digit_count> e{1};
    Signed<digit_count> f = modulus;
    Signed<digit_count> g = from_limbs<N>(a);
    std::int64_t delta = 1;
    const auto zero = [](const Signed<digit_count>& x) {
        std::int64_t any = 0;
        for (const std::int64_t digit : x) {
            any |= digit;
        }
        return any == 0;
    };
    while (!zero(g)) {
        const auto low = [](const Signed<digit_count>& x) {
            return static_cast<std::uint64_t>(x[0]) | static_cast<std::uint64_t>(x[1]) << batch;
        };
        const Matrix m = steps(delta, low(f), low(g));
        apply_modulo(d, e, m, modulus, inverse_62);
        apply(f, g, m);
    }
    normalise(d, f[digit_count - 1] < 0, modulus); // f is 1 or -1, d is f / a
    return to_limbs<N>(d);
}

} // namespace rvm::curves
