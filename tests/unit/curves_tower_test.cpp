// The extension fields: laws, shortcuts against plain multiplication, coefficients recomputed.
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

constexpr int rounds = 200;

template <class Curve>
class curves_tower : public OnCurve<Curve> {
  protected:
    using Quadratic = typename Curve::F2;
    using Sextic = Fp6<Curve>;
    using Dodecic = Fp12<Curve>;
    Quadratic f2() { return this->numbers.template element<Quadratic>(); }
    Sextic f6() { return {f2(), f2(), f2()}; }
    Dodecic f12() { return {f6(), f6()}; }
    /// (f^(p^6 - 1))^(p^2 + 1)
    Dodecic cyclotomic() {
        const Dodecic f = f12();
        const Dodecic g = f.conjugate() * f.inverse();
        return g.frobenius_2() * g;
    }
};
TYPED_TEST_SUITE(curves_tower, Curves);

template <class F>
void expect_field_laws(const F& a, const F& b, const F& c) {
    ASSERT_EQ(a * b, b * a);
    ASSERT_EQ((a * b) * c, a * (b * c));
    ASSERT_EQ(a * (b + c), a * b + a * c);
    ASSERT_EQ(a.square(), a * a);
    ASSERT_EQ(a * F::one(), a);
    ASSERT_EQ(a * a.inverse() * a, a); // also for zero
    if (a != F{}) {
        ASSERT_EQ(a * a.inverse(), F::one());
    }
}

TYPED_TEST(curves_tower, are_fields) {
    for (int i = 0; i < rounds; ++i) {
        expect_field_laws(this->f2(), this->f2(), this->f2());
        expect_field_laws(this->f6(), this->f6(), this->f6());
        expect_field_laws(this->f12(), this->f12(), this->f12());
    }
}

TYPED_TEST(curves_tower, generators_have_their_defining_powers) {
    using F2 = typename TypeParam::F2;
    using F6 = Fp6<TypeParam>;
    using F12 = Fp12<TypeParam>;
    const F2 u = F2::from_small(0, 1);
    EXPECT_EQ(u.square(), -F2::one());
    const F2 xi = F2::from_small(TypeParam::xi_real, 1);
    const F6 v{{}, F2::one(), {}};
    EXPECT_EQ(v * v * v, (F6{xi, {}, {}}));
    const F12 w{{}, F6::one()};
    EXPECT_EQ(w * w, (F12{v, {}}));
    for (int i = 0; i < rounds; ++i) {
        const F2 a = this->f2();
        ASSERT_EQ(times_xi<TypeParam>(a), a * xi);
        const F6 b = this->f6();
        ASSERT_EQ(b.times_v(), b * v);
    }
}

TYPED_TEST(curves_tower, frobenius_coefficients_are_powers_of_xi) {
    using F2 = typename TypeParam::F2;
    using Number = typename TypeParam::Fp::Number;
    // (p - 1) / 6 by long division
    Number exponent = TypeParam::Fp::modulus.p;
    subtract_from(exponent, Number{1});
    Uint128 remainder = 0;
    for (std::size_t i = exponent.size(); i-- > 0;) {
        remainder = remainder << limb_bits | exponent[i];
        exponent[i] = low64(remainder / 6);
        remainder %= 6;
    }
    ASSERT_EQ(low64(remainder), 0u);
    const F2 base = F2::from_small(TypeParam::xi_real, 1).power(exponent);
    F2 expected = F2::one();
    for (const F2& coefficient : TypeParam::frobenius_coefficients) {
        EXPECT_EQ(coefficient, expected);
        expected *= base;
    }
    // psi: x times c^2 and y times c^3, or their inverses on an M-type twist
    const F2 x_factor = base.square();
    const F2 y_factor = base.square() * base;
    const auto image = TypeParam::psi({F2::one(), F2::one(), false});
    EXPECT_EQ(image.x, is_bn<TypeParam> ? x_factor : x_factor.inverse());
    EXPECT_EQ(image.y, is_bn<TypeParam> ? y_factor : y_factor.inverse());
}

TYPED_TEST(curves_tower, frobenius_is_the_p_th_power) {
    using F12 = Fp12<TypeParam>;
    const F12 a = this->f12();
    const auto& p = TypeParam::Fp::modulus.p;
    F12 power = F12::one();
    for (unsigned i = bit_length(p); i-- > 0;) {
        power = power.square();
        if (bit(p, i)) power *= a;
    }
    EXPECT_EQ(a.frobenius(), power);
    F12 six = a;
    for (int i = 0; i < 6; ++i) {
        six = six.frobenius();
    }
    EXPECT_EQ(six, a.conjugate());
}

TYPED_TEST(curves_tower, sparse_products_are_products) {
    using F2 = typename TypeParam::F2;
    for (int i = 0; i < rounds; ++i) {
        const auto a = this->f12();
        const F2 x = this->f2();
        const F2 y = this->f2();
        const F2 z = this->f2();
        ASSERT_EQ(a.times_014(x, y, z), a * (Fp12<TypeParam>{{x, y, {}}, {{}, z, {}}}));
        ASSERT_EQ(a.times_034(x, y, z), a * (Fp12<TypeParam>{{x, {}, {}}, {y, z, {}}}));
    }
}

TYPED_TEST(curves_tower, cyclotomic_shortcuts_hold_in_the_cyclotomic_subgroup) {
    for (int i = 0; i < 20; ++i) {
        const auto a = this->cyclotomic();
        ASSERT_EQ(a.cyclotomic_square(), a.square());
        ASSERT_EQ(a.conjugate(), a.inverse());
    }
}

TYPED_TEST(curves_tower, cyclotomic_powers_are_powers) {
    const auto one = Fp12<TypeParam>::one();
    // Set bits near and far from each other, the parameters of both curves, no bit.
    for (const std::uint64_t exponent :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{21}, std::uint64_t{1} << 15u, std::uint64_t{1} << 16u,
          std::uint64_t{1} << 63u, std::uint64_t{0x10001}, std::uint64_t{0x0001000100010000},
          std::uint64_t{0x8001000000010000}, std::uint64_t{0xd201000000010000}, std::uint64_t{0x44e992b44a6909f1},
          ~std::uint64_t{0}}) {
        for (const auto& a : {this->cyclotomic(), one}) {
            auto power = one;
            for (unsigned bit = 64; bit-- > 0;) {
                power = power.square();
                if ((exponent >> bit & 1u) != 0) power *= a;
            }
            ASSERT_EQ(cyclotomic_power(a, exponent), power) << exponent;
        }
    }
}

TYPED_TEST(curves_tower, square_roots_in_fp2) {
    using F2 = typename TypeParam::F2;
    int roots = 0;
    for (int i = 0; i < rounds; ++i) {
        const F2 a = this->f2();
        F2 root;
        ASSERT_TRUE(a.square().square_root(root));
        ASSERT_TRUE(root == a || root == -a);
        // a is a square exactly when its norm is one in Fp.
        typename TypeParam::Fp unused;
        const bool square = a.norm().square_root(unused);
        ASSERT_EQ(a.square_root(root), square);
        if (square) {
            ASSERT_EQ(root.square(), a);
        }
        roots += square ? 1 : 0;
        const F2 real{a.real, {}};
        ASSERT_TRUE(real.square_root(root));
        ASSERT_EQ(root.square(), real);
    }
    EXPECT_GT(roots, rounds / 4);
    EXPECT_LT(roots, 3 * rounds / 4 + rounds / 8);
}

} // namespace
} // namespace rvm::curves::test
