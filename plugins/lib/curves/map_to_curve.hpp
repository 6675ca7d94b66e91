// Field elements to points of BLS12-381: the simplified Shallue-van de Woestijne-Ulas map to an isogenous curve
// (RFC 9380, section 6.6.2), the isogeny (appendix E.2, E.3) and the clearing of the cofactor (section 8.8).
#pragma once

#include "curves/bls12_381_curve.hpp"
#include "curves/bls12_381_isogeny.hpp"

namespace rvm::curves::bls12_381 {

/// y'^2 = x'^3 + a x' + b with the constant z: RFC 9380, section 8.8.1.
template <class Fp>
struct IsogenousG1 : IsogenyG1<Fp> {
    using F = Fp;
    static constexpr F a =
        F::from_text("144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d");
    static constexpr F b = F::from_text(
        "12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0");
    static constexpr F z = F::from_small(11);
};

/// RFC 9380, section 8.8.2.
template <class Fp>
struct IsogenousG2 : IsogenyG2<Fp> {
    using F = Fp2<Fp>;
    static constexpr F a = F::from_small(0, 240);
    static constexpr F b = F::from_small(1012, 1012);
    static constexpr F z = -F::from_small(2, 1);
};

namespace detail {

template <class F, std::size_t N>
constexpr F evaluate(const std::array<F, N>& coefficients, const F& x) noexcept {
    F result = coefficients[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) {
        result = result * x + coefficients[i];
    }
    return result;
}

/// A point of the isogenous curve; never infinity.
template <class Isogenous>
constexpr Affine<typename Isogenous::F> simplified_swu(const typename Isogenous::F& u) noexcept {
    using F = typename Isogenous::F;
    const F zuu = Isogenous::z * u.square();
    const F denominator = zuu.square() + zuu;
    constexpr F minus_b_over_a = -(Isogenous::b * Isogenous::a.inverse());
    constexpr F exceptional_x = Isogenous::b * (Isogenous::z * Isogenous::a).inverse();
    F x = denominator.is_zero() ? exceptional_x : minus_b_over_a * (F::one() + denominator.inverse());
    const auto curve = [](const F& at) { return (at.square() + Isogenous::a) * at + Isogenous::b; };
    F y;
    if (!curve(x).square_root(y)) {
        x *= zuu;
        // One of the two is a square, whatever u is (section 6.6.1).
        static_cast<void>(curve(x).square_root(y));
    }
    return Affine<F>::at(x, sign(u) == sign(y) ? y : -y);
}

/// The isogeny in Jacobian coordinates without a division; its poles go to infinity, as section 6.6.3 demands.
template <class Isogenous>
constexpr Jacobian<typename Isogenous::F> isogeny(const Affine<typename Isogenous::F>& p) noexcept {
    const auto xn = evaluate(Isogenous::x_numerator, p.x);
    const auto xd = evaluate(Isogenous::x_denominator, p.x);
    const auto yn = evaluate(Isogenous::y_numerator, p.x) * p.y;
    const auto yd = evaluate(Isogenous::y_denominator, p.x);
    const auto z = xd * yd;
    const auto yd_z = yd * z;
    return {xn * yd_z, yn * xd * z.square(), z};
}

} // namespace detail

/// map_to_curve then clear_cofactor with h_eff = 1 - x: in G1.
template <class Curve>
[[nodiscard]] constexpr Jacobian<typename Curve::Fp> map_to_g1(const typename Curve::Fp& u) noexcept {
    using Isogenous = IsogenousG1<typename Curve::Fp>;
    const auto p = detail::isogeny<Isogenous>(detail::simplified_swu<Isogenous>(u));
    return multiply_plain(p, Limbs<1>{x_magnitude}) + p;
}

/// (x^2 - x - 1) P + (x - 1) psi(P) + psi^2(2 P), which is h_eff P: clear_cofactor of RFC 9380, appendix G.3 (A. Budroni,
/// F. Pintore, 2017).
template <class Curve>
[[nodiscard]] constexpr Jacobian<Fp2<typename Curve::Fp>>
clear_cofactor_g2(const Affine<Fp2<typename Curve::Fp>>& p) noexcept {
    using Point = Jacobian<Fp2<typename Curve::Fp>>;
    const auto psi_p = Curve::psi(p);
    const Point minus_xp = multiply_plain(p, Limbs<1>{x_magnitude});
    // (x^2 - x) P + (x - 1) psi(P) = |x| (|x| P + P - psi(P)) - psi(P), since x = -|x|.
    const Point inner = minus_xp + p + -psi_p;
    const Point twice = Point(Curve::psi(Curve::psi(p))).twice();
    return multiply_plain(inner, Limbs<1>{x_magnitude}) + -psi_p + -p + twice;
}

/// map_to_curve then clear_cofactor: in G2.
template <class Curve>
[[nodiscard]] constexpr Jacobian<Fp2<typename Curve::Fp>> map_to_g2(const Fp2<typename Curve::Fp>& u) noexcept {
    using Isogenous = IsogenousG2<typename Curve::Fp>;
    return clear_cofactor_g2<Curve>(detail::isogeny<Isogenous>(detail::simplified_swu<Isogenous>(u)).affine());
}

/// The last steps of hash_to_curve (RFC 9380, section 3): two elements to one point in G2.
template <class Curve>
[[nodiscard]] constexpr Jacobian<Fp2<typename Curve::Fp>> map_to_g2(const Fp2<typename Curve::Fp>& u0,
                                                                    const Fp2<typename Curve::Fp>& u1) noexcept {
    using Isogenous = IsogenousG2<typename Curve::Fp>;
    const auto q0 = detail::isogeny<Isogenous>(detail::simplified_swu<Isogenous>(u0));
    const auto q1 = detail::isogeny<Isogenous>(detail::simplified_swu<Isogenous>(u1));
    return clear_cofactor_g2<Curve>((q0 + q1).affine());
}

} // namespace rvm::curves::bls12_381
