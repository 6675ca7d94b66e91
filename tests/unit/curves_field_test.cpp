// The prime fields against GMP, on both paths.
#include <gmp.h>

#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

constexpr int rounds = 20'000;
constexpr int slow_rounds = 500;

class Big {
  public:
    Big() { mpz_init(value); }
    template <std::size_t N>
    explicit Big(const Limbs<N>& a) : Big() {
        mpz_import(value, N, -1, 8, 0, 0, a.data());
    }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;
    ~Big() { mpz_clear(value); }
    template <std::size_t N>
    [[nodiscard]] Limbs<N> limbs() const {
        Limbs<N> a{};
        mpz_export(a.data(), nullptr, -1, 8, 0, 0, value);
        return a;
    }
    mpz_t value; // NOLINT: a test's helper
};

template <class Curve>
class curves_field : public OnCurve<Curve> {};
TYPED_TEST_SUITE(curves_field, Curves);

TYPED_TEST(curves_field, sums_and_products_are_gmps) {
    using Fp = typename TypeParam::Fp;
    const Big p(Fp::modulus.p);
    for (int i = 0; i < rounds; ++i) {
        const auto a = this->numbers.below(Fp::modulus.p);
        const auto b = this->numbers.below(Fp::modulus.p);
        const Fp fa = Fp::from_number(a);
        const Fp fb = Fp::from_number(b);
        const Big ga(a);
        const Big gb(b);
        Big g;
        ASSERT_EQ(fa.number(), a);
        mpz_add(g.value, ga.value, gb.value);
        mpz_mod(g.value, g.value, p.value);
        ASSERT_EQ((fa + fb).number(), g.template limbs<Fp::limbs>());
        mpz_sub(g.value, ga.value, gb.value);
        mpz_mod(g.value, g.value, p.value);
        ASSERT_EQ((fa - fb).number(), g.template limbs<Fp::limbs>());
        mpz_mul(g.value, ga.value, gb.value);
        mpz_mod(g.value, g.value, p.value);
        ASSERT_EQ((fa * fb).number(), g.template limbs<Fp::limbs>());
        ASSERT_EQ(fa == fb, a == b);
        ASSERT_TRUE((fa + -fa).is_zero());
    }
}

TYPED_TEST(curves_field, raw_products_and_reductions_are_gmps) {
    using Fp = typename TypeParam::Fp;
    const Big p(Fp::modulus.p);
    Big r;
    mpz_setbit(r.value, 64 * Fp::limbs);
    Big r_inverse;
    mpz_invert(r_inverse.value, r.value, p.value);
    Big p_r;
    mpz_mul(p_r.value, p.value, r.value);
    for (int i = 0; i < rounds; ++i) {
        // Factors below 2 p, as sums of two residues are.
        auto a = this->numbers.below(Fp::modulus.p);
        auto b = this->numbers.below(Fp::modulus.p);
        add_to(a, this->numbers.below(Fp::modulus.p));
        add_to(b, this->numbers.below(Fp::modulus.p));
        const Big ga(a);
        const Big gb(b);
        Big g;
        auto wide = Fp::multiply_wide(a, b);
        mpz_mul(g.value, ga.value, gb.value);
        ASSERT_EQ(wide, g.template limbs<2 * Fp::limbs>());
        mpz_mul(g.value, g.value, r_inverse.value);
        mpz_mod(g.value, g.value, p.value);
        ASSERT_EQ(Fp::reduce(wide).raw(), g.template limbs<Fp::limbs>());

        const auto c = this->numbers.below(Fp::modulus.p);
        const auto other = Fp::multiply_wide(c, c);
        mpz_sub(g.value, Big(wide).value, Big(other).value);
        if (mpz_sgn(g.value) < 0) mpz_add(g.value, g.value, p_r.value);
        Fp::subtract_wide(wide, other);
        ASSERT_EQ(wide, g.template limbs<2 * Fp::limbs>());
    }
}

TYPED_TEST(curves_field, reduces_up_to_the_last_number_it_may) {
    using Fp = typename TypeParam::Fp;
    // p R - 1: its quotient by R is -1/R.
    typename Fp::Wide largest{};
    for (std::size_t i = 0; i < Fp::limbs; ++i) {
        largest[Fp::limbs + i] = Fp::modulus.p[i];
    }
    subtract_from(largest, typename Fp::Wide{1});
    typename Fp::Wide one{1};
    EXPECT_EQ(Fp::reduce(largest), -Fp::reduce(one));
}

TYPED_TEST(curves_field, inverses_are_gmps) {
    using Fp = typename TypeParam::Fp;
    const Big p(Fp::modulus.p);
    EXPECT_TRUE(Fp::zero().inverse().is_zero());
    for (int i = 0; i < rounds; ++i) {
        const auto a = this->numbers.below(Fp::modulus.p);
        if (is_zero(a)) continue;
        Big g;
        mpz_invert(g.value, Big(a).value, p.value);
        ASSERT_EQ(Fp::from_number(a).inverse().number(), g.template limbs<Fp::limbs>());
    }
}

TYPED_TEST(curves_field, powers_and_roots) {
    using Fp = typename TypeParam::Fp;
    const Big p(Fp::modulus.p);
    for (int i = 0; i < slow_rounds; ++i) {
        const auto a = this->numbers.below(Fp::modulus.p);
        const auto e = this->numbers.template limbs<4>();
        Big g;
        mpz_powm(g.value, Big(a).value, Big(e).value, p.value);
        const Fp fa = Fp::from_number(a);
        ASSERT_EQ(fa.power(e).number(), g.template limbs<Fp::limbs>());
        Fp root;
        ASSERT_EQ(fa.square_root(root), mpz_legendre(Big(a).value, p.value) >= 0);
        ASSERT_TRUE(fa.square().square_root(root));
        ASSERT_TRUE(root == fa || root == -fa);
    }
}

TYPED_TEST(curves_field, reads_only_numbers_below_p) {
    using Fp = typename TypeParam::Fp;
    std::array<std::uint8_t, Fp::byte_size> bytes{};
    Fp a = Fp::from_small(7);
    to_bytes(Fp::modulus.p, bytes.data());
    EXPECT_FALSE(Fp::from_bytes(bytes.data(), a));
    bytes.fill(0xff);
    EXPECT_FALSE(Fp::from_bytes(bytes.data(), a));
    EXPECT_EQ(a, Fp::from_small(7));
    to_bytes((-Fp::one()).number(), bytes.data());
    ASSERT_TRUE(Fp::from_bytes(bytes.data(), a));
    EXPECT_EQ(a, -Fp::one());
}

template <class Portable, class Adx>
void expect_equal_paths(Numbers& numbers) {
    if (!available(Path::adx)) GTEST_SKIP() << "NOT RUN: no MULX/ADX here";
    using P = typename Portable::Fp;
    using A = typename Adx::Fp;
    for (int i = 0; i < rounds; ++i) {
        const auto a = numbers.below(P::modulus.p);
        const auto b = numbers.below(P::modulus.p);
        ASSERT_EQ((P::from_number(a) * P::from_number(b)).raw(), (A::from_number(a) * A::from_number(b)).raw());
        ASSERT_EQ((P::from_number(a) - P::from_number(b)).raw(), (A::from_number(a) - A::from_number(b)).raw());
        ASSERT_EQ((P::from_number(a) + P::from_number(b)).raw(), (A::from_number(a) + A::from_number(b)).raw());
    }
}

TEST(curves_paths, hold_the_same_residues) {
    Numbers numbers;
    expect_equal_paths<BnPortable, BnAdx>(numbers);
    expect_equal_paths<BlsPortable, BlsAdx>(numbers);
}

TEST(curves_paths, portable_is_always_available) {
    EXPECT_TRUE(available(Path::portable));
    EXPECT_TRUE(available(best_path()));
}

} // namespace
} // namespace rvm::curves::test
