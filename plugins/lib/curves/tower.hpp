// Sextic and dodecic extensions over Fp2: Fp6 = Fp2[v] / (v^3 - xi), Fp12 = Fp6[w] / (w^2 - v), so w^6 = xi.
//
// `Curve` gives `Fp` (the base field), `xi_real` (xi = xi_real + u) and the Frobenius coefficients. A. J. Devegili,
// C. Ó hÉigeartaigh, M. Scott, R. Dahab, "Multiplication and squaring on pairing-friendly fields", 2006.
#pragma once

#include "curves/fp2.hpp"

namespace rvm::curves {

/// a * xi.
template <class Curve>
constexpr Fp2<typename Curve::Fp> times_xi(const Fp2<typename Curve::Fp>& a) noexcept {
    static_assert(Curve::xi_real == 1 || Curve::xi_real == 9);
    if constexpr (Curve::xi_real == 1) {
        return {a.real - a.imaginary, a.real + a.imaginary};
    } else {
        const auto nine = a.twice().twice().twice() + a;
        return {nine.real - a.imaginary, nine.imaginary + a.real};
    }
}

template <class Curve>
struct Fp6 {
    using F2 = Fp2<typename Curve::Fp>;
    F2 c0;
    F2 c1;
    F2 c2;

    [[nodiscard]] static constexpr Fp6 one() noexcept { return {F2::one(), {}, {}}; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return c0.is_zero() && c1.is_zero() && c2.is_zero(); }
    constexpr bool operator==(const Fp6&) const noexcept = default;

    friend constexpr Fp6 operator+(const Fp6& a, const Fp6& b) noexcept {
        return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2};
    }
    friend constexpr Fp6 operator-(const Fp6& a, const Fp6& b) noexcept {
        return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2};
    }
    constexpr Fp6 operator-() const noexcept { return {-c0, -c1, -c2}; }
    /// Sums of six products where the field has them, else Karatsuba with six products in Fp2.
    friend constexpr Fp6 operator*(const Fp6& a, const Fp6& b) noexcept {
        if constexpr (F2::BaseField::has_sums) {
            if (!std::is_constant_evaluated()) return multiply_by_sums(a, b);
        }
        const F2 v0 = a.c0 * b.c0;
        const F2 v1 = a.c1 * b.c1;
        const F2 v2 = a.c2 * b.c2;
        return {v0 + times_xi<Curve>((a.c1 + a.c2) * (b.c1 + b.c2) - v1 - v2),
                (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1 + times_xi<Curve>(v2),
                (a.c0 + a.c2) * (b.c0 + b.c2) - v0 - v2 + v1};
    }
    [[nodiscard]] constexpr Fp6 square() const noexcept { return *this * *this; }
    /// a * v.
    [[nodiscard]] constexpr Fp6 times_v() const noexcept { return {times_xi<Curve>(c2), c0, c1}; }
    /// a * (b0 + b1 v): five products.
    [[nodiscard]] constexpr Fp6 times_01(const F2& b0, const F2& b1) const noexcept {
        if constexpr (F2::BaseField::has_sums) {
            if (!std::is_constant_evaluated()) return times_01_by_sums(b0, b1);
        }
        const F2 v0 = c0 * b0;
        const F2 v1 = c1 * b1;
        return {v0 + times_xi<Curve>((c1 + c2) * b1 - v1), (c0 + c1) * (b0 + b1) - v0 - v1, (c0 + c2) * b0 - v0 + v1};
    }
    /// a * b1 v: three products.
    [[nodiscard]] constexpr Fp6 times_1(const F2& b1) const noexcept {
        return {times_xi<Curve>(c2 * b1), c0 * b1, c1 * b1};
    }
    [[nodiscard]] constexpr Fp6 times_0(const F2& b0) const noexcept { return {c0 * b0, c1 * b0, c2 * b0}; }

  private:
    using Factor = typename F2::Factor;
    using Number = typename F2::BaseField::Number;
    static_assert(sizeof(F2) == 2 * sizeof(typename F2::BaseField), "factors of sums lie side by side");

    static Fp6 multiply_by_sums(const Fp6& a, const Fp6& b) noexcept {
        const F2 b1_xi = times_xi<Curve>(b.c1);
        const F2 b2_xi = times_xi<Curve>(b.c2);
        const Factor b0(b.c0), b1(b.c1), b2(b.c2), high_1(b1_xi), high_2(b2_xi);
        return {sum(a, b0, high_2, high_1), sum(a, b1, b0, high_2), sum(a, b2, b1, b0)};
    }
    [[nodiscard]] Fp6 times_01_by_sums(const F2& b0, const F2& b1) const noexcept {
        const F2 b1_xi = times_xi<Curve>(b1);
        const Factor low(b0), middle(b1), high(b1_xi);
        return {sum<4>(c0, low, high), sum<2>(c0, middle, low), sum<2>(c1, middle, low)};
    }

    /// a.c0 * x + a.c1 * y + a.c2 * z.
    static F2 sum(const Fp6& a, const Factor& x, const Factor& y, const Factor& z) noexcept {
        using Base = typename F2::BaseField;
        const Number* const real[] = {x.for_real(0), x.for_real(1), y.for_real(0),
                                      y.for_real(1), z.for_real(0), z.for_real(1)};
        const Number* const imaginary[] = {x.for_imaginary(0), x.for_imaginary(1), y.for_imaginary(0),
                                           y.for_imaginary(1), z.for_imaginary(0), z.for_imaginary(1)};
        return {Base::template sum_of_products<6>(&a.c0.real.raw(), real),
                Base::template sum_of_products<6>(&a.c0.real.raw(), imaginary)};
    }
    /// first * x + second * y, where `second` is `Second` elements of the base field behind `first`.
    template <int Second>
    static F2 sum(const F2& first, const Factor& x, const Factor& y) noexcept {
        using Base = typename F2::BaseField;
        const Number* const real[] = {x.for_real(0), x.for_real(1), y.for_real(0), y.for_real(1)};
        const Number* const imaginary[] = {x.for_imaginary(0), x.for_imaginary(1), y.for_imaginary(0),
                                           y.for_imaginary(1)};
        return {Base::template sum_of_products<4, Second>(&first.real.raw(), real),
                Base::template sum_of_products<4, Second>(&first.real.raw(), imaginary)};
    }

  public:
    /// 1 / a; zero for zero.
    [[nodiscard]] constexpr Fp6 inverse() const noexcept {
        const F2 t0 = c0.square() - times_xi<Curve>(c1 * c2);
        const F2 t1 = times_xi<Curve>(c2.square()) - c0 * c1;
        const F2 t2 = c1.square() - c0 * c2;
        const F2 factor = (c0 * t0 + times_xi<Curve>(c2 * t1 + c1 * t2)).inverse();
        return {t0 * factor, t1 * factor, t2 * factor};
    }
};

/// (low + high s)^2 in Fp4 = Fp2[s] / (s^2 - xi).
template <class Curve>
struct SquareInFp4 {
    using Base = typename Curve::Fp;
    using F2 = Fp2<Base>;
    F2 low;  ///< a^2 + xi b^2
    F2 high; ///< 2 a b

    constexpr SquareInFp4(const F2& a, const F2& b) noexcept {
        if constexpr (Base::has_sums) {
            if (!std::is_constant_evaluated()) {
                square_by_sums(a, b);
                return;
            }
        }
        const F2 aa = a.square();
        const F2 bb = b.square();
        low = aa + times_xi<Curve>(bb);
        high = (a + b).square() - aa - bb;
    }

  private:
    /// With xi = 1 + u and squares as (r + i)(r - i) + 2 r i u.
    void square_by_sums(const F2& a, const F2& b) noexcept {
        static_assert(Curve::xi_real == 1);
        using Number = typename Base::Number;
        const Base difference_a = a.real - a.imaginary;
        const Base difference_b = b.real - b.imaginary;
        const Base minus_b = -b.imaginary;
        const Base minus_2b = minus_b.twice();
        const Number sum_b = Base::add_unreduced(b.real, b.imaginary);
        const Number twice_a[] = {Base::add_unreduced(a.real, a.real), Base::add_unreduced(a.imaginary, a.imaginary)};

        const Number real[] = {Base::add_unreduced(a.real, a.imaginary), sum_b, b.real.raw()};
        const Number* const real_factors[] = {&difference_a.raw(), &difference_b.raw(), &minus_2b.raw()};
        low.real = Base::template sum_of_products<3>(real, real_factors);
        const Number imaginary[] = {twice_a[0], sum_b, Base::add_unreduced(b.real, b.real)};
        const Number* const imaginary_factors[] = {&a.imaginary.raw(), &difference_b.raw(), &b.imaginary.raw()};
        low.imaginary = Base::template sum_of_products<3>(imaginary, imaginary_factors);

        const Number* const high_real[] = {&b.real.raw(), &minus_b.raw()};
        const Number* const high_imaginary[] = {&b.imaginary.raw(), &b.real.raw()};
        high = {Base::template sum_of_products<2>(twice_a, high_real),
                Base::template sum_of_products<2>(twice_a, high_imaginary)};
    }
};

template <class Curve>
struct Fp12 {
    using F2 = Fp2<typename Curve::Fp>;
    using F6 = Fp6<Curve>;
    F6 c0;
    F6 c1;

    [[nodiscard]] static constexpr Fp12 one() noexcept { return {F6::one(), {}}; }
    constexpr bool operator==(const Fp12&) const noexcept = default;

    friend constexpr Fp12 operator+(const Fp12& a, const Fp12& b) noexcept { return {a.c0 + b.c0, a.c1 + b.c1}; }
    friend constexpr Fp12 operator*(const Fp12& a, const Fp12& b) noexcept {
        const F6 v0 = a.c0 * b.c0;
        const F6 v1 = a.c1 * b.c1;
        return {v0 + v1.times_v(), (a.c0 + a.c1) * (b.c0 + b.c1) - v0 - v1};
    }
    constexpr Fp12& operator*=(const Fp12& b) noexcept { return *this = *this * b; }
    /// Complex squaring: two products in Fp6.
    [[nodiscard]] constexpr Fp12 square() const noexcept {
        const F6 product = c0 * c1;
        return {(c0 + c1) * (c0 + c1.times_v()) - product - product.times_v(), product + product};
    }
    /// The p^6-th power; the inverse of elements of the cyclotomic subgroup.
    [[nodiscard]] constexpr Fp12 conjugate() const noexcept { return {c0, -c1}; }
    /// 1 / a; zero for zero.
    [[nodiscard]] constexpr Fp12 inverse() const noexcept {
        const F6 factor = (c0.square() - c1.square().times_v()).inverse();
        return {c0 * factor, -(c1 * factor)};
    }

    /// a * (x0 + x1 v + x4 v w): a line of an M-type twist.
    [[nodiscard]] constexpr Fp12 times_014(const F2& x0, const F2& x1, const F2& x4) const noexcept {
        const F6 low = c0.times_01(x0, x1);
        const F6 high = c1.times_1(x4);
        return {low + high.times_v(), (c0 + c1).times_01(x0, x1 + x4) - low - high};
    }
    /// a * (x0 + x3 w + x4 v w): a line of a D-type twist.
    [[nodiscard]] constexpr Fp12 times_034(const F2& x0, const F2& x3, const F2& x4) const noexcept {
        const F6 low = c0.times_0(x0);
        const F6 high = c1.times_01(x3, x4);
        return {low + high.times_v(), (c0 + c1).times_01(x0 + x3, x4) - low - high};
    }

    /// The p-th power: each coefficient of w^i is conjugated and multiplied by xi^(i (p - 1) / 6).
    [[nodiscard]] constexpr Fp12 frobenius() const noexcept {
        const auto& g = Curve::frobenius_coefficients;
        return {{c0.c0.conjugate(), c0.c1.conjugate() * g[2], c0.c2.conjugate() * g[4]},
                {c1.c0.conjugate() * g[1], c1.c1.conjugate() * g[3], c1.c2.conjugate() * g[5]}};
    }
    [[nodiscard]] constexpr Fp12 frobenius_2() const noexcept { return frobenius().frobenius(); }

    /// Square of an element of the cyclotomic subgroup (order p^4 - p^2 + 1): R. Granger, M. Scott, "Faster squaring in
    /// the cyclotomic subgroup of sixth degree extensions", PKC 2010, section 3.
    [[nodiscard]] constexpr Fp12 cyclotomic_square() const noexcept {
        const SquareInFp4<Curve> t0(c0.c0, c1.c1);
        const SquareInFp4<Curve> t1(c1.c0, c0.c2);
        const SquareInFp4<Curve> t2(c0.c1, c1.c2);
        const auto minus = [](const F2& t, const F2& a) { return (t - a).twice() + t; }; // 3 t - 2 a
        const auto plus = [](const F2& t, const F2& a) { return (t + a).twice() + t; };  // 3 t + 2 a
        return {{minus(t0.low, c0.c0), minus(t1.low, c0.c1), minus(t2.low, c0.c2)},
                {plus(times_xi<Curve>(t2.high), c1.c0), plus(t0.high, c1.c1), plus(t1.high, c1.c2)}};
    }
};

} // namespace rvm::curves
