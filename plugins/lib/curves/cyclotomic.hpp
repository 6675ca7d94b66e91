// Powers in the cyclotomic subgroup of Fp12 (order p^4 - p^2 + 1), where the final exponentiation spends its time.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "curves/tower.hpp"

namespace rvm::curves {

namespace detail {

/// Four of the six coefficients of an element of the cyclotomic subgroup; they determine the others. Their square takes
/// six squares in Fp2 where that of the whole element takes nine. K. Karabina, "Squaring in cyclotomic subgroups",
/// Mathematics of Computation 82 (2013); names g2 to g5 of D. F. Aranha, K. Karabina, P. Longa, C. H. Gebotys, J.
/// López, "Faster explicit formulas for computing pairings over ordinary curves", EUROCRYPT 2011, section 5.2.
template <class Curve>
struct Compressed {
    using F2 = Fp2<typename Curve::Fp>;
    F2 g2;
    F2 g3;
    F2 g4;
    F2 g5;

    constexpr Compressed() noexcept = default;
    explicit constexpr Compressed(const Fp12<Curve>& a) noexcept : g2(a.c1.c0), g3(a.c0.c2), g4(a.c0.c1), g5(a.c1.c2) {}

    /// What cyclotomic_square() does to these four.
    constexpr void square() noexcept {
        const SquareInFp4<Curve> of_23(g2, g3);
        const SquareInFp4<Curve> of_45(g4, g5);
        const auto minus = [](const F2& t, const F2& a) { return (t - a).twice() + t; }; // 3 t - 2 a
        const auto plus = [](const F2& t, const F2& a) { return (t + a).twice() + t; };  // 3 t + 2 a
        g2 = plus(times_xi<Curve>(of_45.high), g2);
        g3 = minus(of_45.low, g3);
        g4 = minus(of_23.low, g4);
        g5 = plus(of_23.high, g5);
    }

    /// The missing coefficient c1.c1 is numerator() / denominator(), c0.c0 follows from it. Only 1 has neither g2 nor
    /// g3.
    [[nodiscard]] constexpr F2 numerator() const noexcept {
        if (g2.is_zero()) return (g4 * g5).twice();
        const F2 s4 = g4.square();
        return times_xi<Curve>(g5.square()) + s4.twice() + s4 - g3.twice();
    }
    [[nodiscard]] constexpr F2 denominator() const noexcept {
        if (!g2.is_zero()) return g2.twice().twice();
        return g3.is_zero() ? F2::one() : g3;
    }
    [[nodiscard]] constexpr Fp12<Curve> whole(const F2& inverse_of_denominator) const noexcept {
        const F2 g1 = numerator() * inverse_of_denominator;
        const F2 g34 = g3 * g4;
        const F2 g0 = times_xi<Curve>(g1.square().twice() + g2 * g5 - g34.twice() - g34) + F2::one();
        return {{g0, g4, g3}, {g2, g1, g5}};
    }
};

} // namespace detail

/// a^exponent for an `a` of the cyclotomic subgroup. Squares up to a set bit that is far from the one below are taken
/// of compressed elements, which are made whole together, with one inversion.
template <class Curve>
[[nodiscard]] constexpr Fp12<Curve> cyclotomic_power(const Fp12<Curve>& a, std::uint64_t exponent) noexcept {
    constexpr int far = 8; // squares; making an element whole costs about five
    using F2 = Fp2<typename Curve::Fp>;
    std::array<detail::Compressed<Curve>, 64 / far> kept{};
    std::size_t count = 0;
    const auto take_zeros = [&exponent] {
        const int zeros = std::countr_zero(exponent);
        exponent >>= zeros;
        exponent -= 1; // the set bit that is being dealt with
        return zeros;
    };
    detail::Compressed<Curve> compressed(a);
    while (exponent != 0 && std::countr_zero(exponent) >= far) {
        for (int zeros = take_zeros(); zeros > 0; --zeros) {
            compressed.square();
        }
        kept[count++] = compressed;
    }

    Fp12<Curve> square = a;
    Fp12<Curve> result = Fp12<Curve>::one();
    if (count != 0) {
        std::array<F2, 64 / far> before{}; // products of the denominators below
        F2 product = F2::one();
        for (std::size_t i = 0; i < count; ++i) {
            before[i] = product;
            product *= kept[i].denominator();
        }
        F2 inverse = product.inverse();
        for (std::size_t i = count; i-- > 0;) {
            const Fp12<Curve> whole = kept[i].whole(inverse * before[i]);
            inverse *= kept[i].denominator();
            if (i + 1 == count) square = whole;
            result = i + 1 == count ? whole : result * whole;
        }
    }
    bool first = count == 0;
    while (exponent != 0) {
        for (int zeros = take_zeros(); zeros > 0; --zeros) {
            square = square.cyclotomic_square();
        }
        result = first ? square : result * square;
        first = false;
    }
    return result;
}

} // namespace rvm::curves
