// Pairings: bilinear, not degenerate, of the right order; products, tables and infinity.
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

template <class Curve>
class curves_pairing : public OnCurve<Curve> {
  protected:
    using F12 = Fp12<Curve>;
    using G1 = Affine<typename Curve::Fp>;
    using G2 = Affine<typename Curve::F2>;
    static F12 pair(const G1& p, const G2& q) {
        const PairingInput<Curve> input{p, q, {}};
        return pairing_product<Curve>(std::span<const PairingInput<Curve>>(&input, 1));
    }
    static G1 p(std::uint64_t k) { return multiply_plain(Curve::G1::generator, Limbs<1>{k}).affine(); }
    static G2 q(std::uint64_t k) { return multiply_plain(Curve::G2::generator, Limbs<1>{k}).affine(); }
    template <std::size_t N>
    static F12 power(const F12& a, const Limbs<N>& k) {
        F12 result = F12::one();
        for (unsigned i = bit_length(k); i-- > 0;) {
            result = result.square();
            if (bit(k, i)) result *= a;
        }
        return result;
    }
};
TYPED_TEST_SUITE(curves_pairing, Curves);

TYPED_TEST(curves_pairing, is_not_degenerate_and_has_the_order_of_the_groups) {
    const auto e = this->pair(this->p(1), this->q(1));
    EXPECT_NE(e, (Fp12<TypeParam>::one()));
    EXPECT_EQ(this->power(e, order_of<TypeParam>), (Fp12<TypeParam>::one()));
}

TYPED_TEST(curves_pairing, is_bilinear) {
    const auto e = this->pair(this->p(1), this->q(1));
    for (int i = 0; i < 5; ++i) {
        const std::uint64_t a = this->numbers.word();
        const std::uint64_t b = this->numbers.word();
        const auto expected = this->power(this->power(e, Limbs<1>{a}), Limbs<1>{b});
        ASSERT_EQ(this->pair(this->p(a), this->q(b)), expected);
        ASSERT_EQ(this->pair(this->p(b), this->q(a)), expected);
        ASSERT_EQ(this->pair(-this->p(a), this->q(b)), expected.conjugate());
    }
    const auto sum = (Jacobian<typename TypeParam::Fp>(this->p(5)) + this->p(8)).affine();
    EXPECT_EQ(this->pair(sum, this->q(3)), this->pair(this->p(5), this->q(3)) * this->pair(this->p(8), this->q(3)));
}

TYPED_TEST(curves_pairing, products_are_products) {
    using Input = PairingInput<TypeParam>;
    std::vector<Input> inputs;
    auto expected = Fp12<TypeParam>::one();
    for (std::uint64_t i = 1; i <= 5; ++i) {
        inputs.push_back({this->p(3 * i), this->q(7 * i), {}});
        expected *= this->pair(this->p(3 * i), this->q(7 * i));
        ASSERT_EQ(pairing_product<TypeParam>(inputs), expected);
    }
    // e(6 P, Q) e(2 P, -3 Q) = 1, and not with another factor.
    inputs = {{this->p(6), this->q(1), {}}, {this->p(2), -this->q(3), {}}};
    EXPECT_EQ(pairing_product<TypeParam>(inputs), (Fp12<TypeParam>::one()));
    inputs[1].p = this->p(3);
    EXPECT_NE(pairing_product<TypeParam>(inputs), (Fp12<TypeParam>::one()));
}

TYPED_TEST(curves_pairing, infinity_pairs_to_one) {
    using Input = PairingInput<TypeParam>;
    const auto one = Fp12<TypeParam>::one();
    EXPECT_EQ(this->pair({}, this->q(1)), one);
    EXPECT_EQ(this->pair(this->p(1), {}), one);
    EXPECT_EQ(this->pair({}, {}), one);
    EXPECT_EQ(pairing_product<TypeParam>(std::span<const Input>{}), one);
    const std::vector<Input> inputs{{{}, this->q(1), {}}, {this->p(2), this->q(3), {}}, {this->p(1), {}, {}}};
    EXPECT_EQ(pairing_product<TypeParam>(inputs), this->pair(this->p(2), this->q(3)));
}

TYPED_TEST(curves_pairing, tables_of_lines_change_nothing) {
    using Input = PairingInput<TypeParam>;
    const auto table = prepare_lines<TypeParam>(this->q(9));
    const std::vector<Input> mixed{{this->p(4), {}, table}, {this->p(5), this->q(6), {}}};
    EXPECT_EQ(pairing_product<TypeParam>(mixed),
              this->pair(this->p(4), this->q(9)) * this->pair(this->p(5), this->q(6)));
}

TYPED_TEST(curves_pairing, hard_part_keeps_the_right_elements) {
    // The final exponentiation is a homomorphism onto elements whose r-th power is 1, and kills subfields.
    using F2 = typename TypeParam::F2;
    const auto random = [&] {
        const auto e = [&] { return this->numbers.template element<F2>(); };
        return Fp12<TypeParam>{{e(), e(), e()}, {e(), e(), e()}};
    };
    const auto a = random();
    const auto b = random();
    EXPECT_EQ(final_exponentiation(a * b), final_exponentiation(a) * final_exponentiation(b));
    EXPECT_EQ(this->power(final_exponentiation(a), order_of<TypeParam>), (Fp12<TypeParam>::one()));
    EXPECT_EQ(final_exponentiation(Fp12<TypeParam>{a.c0, {}}), (Fp12<TypeParam>::one()));
}

} // namespace
} // namespace rvm::curves::test
