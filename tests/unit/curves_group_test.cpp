// Points: group laws with their exceptional cases, multiplication and sums against doubling and adding, subgroups
// against multiplication by the order.
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

/// One group of one curve. bn254's G2 has no fast multiplication, only a check.
template <class Curve, class Group>
struct In {
    using C = Curve;
    using G = Group;
};
using Groups = ::testing::Types<In<BnPortable, BnPortable::G1>, In<BnAdx, BnAdx::G1>, In<BnPortable, BnPortable::G2>,
                                In<BnAdx, BnAdx::G2>, In<BlsPortable, BlsPortable::G1>, In<BlsAdx, BlsAdx::G1>,
                                In<BlsPortable, BlsPortable::G2>, In<BlsAdx, BlsAdx::G2>>;
using FastGroups =
    ::testing::Types<In<BnPortable, BnPortable::G1>, In<BnAdx, BnAdx::G1>, In<BlsPortable, BlsPortable::G1>,
                     In<BlsAdx, BlsAdx::G1>, In<BlsPortable, BlsPortable::G2>, In<BlsAdx, BlsAdx::G2>>;

template <class T>
class OnGroup : public OnCurve<typename T::C> {
  protected:
    Affine<typename T::G::F> member() {
        return multiply_plain(T::G::generator, this->numbers.template limbs<4>()).affine();
    }
};
template <class T>
class curves_group : public OnGroup<T> {};
template <class T>
class curves_multiples : public OnGroup<T> {};
TYPED_TEST_SUITE(curves_group, Groups);
TYPED_TEST_SUITE(curves_multiples, FastGroups);

/// The same point with another Z.
template <class F>
Jacobian<F> rescaled(const Affine<F>& p, const F& z) {
    if (p.infinity) return {z, z, F{}};
    return {p.x * z.square(), p.y * z.square() * z, z};
}

TYPED_TEST(curves_group, generator_has_the_order) {
    using G = typename TypeParam::G;
    auto generator = G::generator; // a variable: g++ would fold the whole multiplication of constants, for minutes
    EXPECT_TRUE(generator.on_curve(G::b));
    EXPECT_TRUE(multiply_plain(generator, order_of<typename TypeParam::C>).is_infinity());
}

TYPED_TEST(curves_group, laws_hold_with_every_exceptional_case) {
    using F = typename TypeParam::G::F;
    using Point = Jacobian<F>;
    const F z = F::one().twice() + F::one();
    for (int i = 0; i < 20; ++i) {
        const auto p = this->numbers.template point<typename TypeParam::G>();
        const auto q = this->numbers.template point<typename TypeParam::G>();
        const auto r = this->numbers.template point<typename TypeParam::G>();
        const Affine<F> infinity{};
        const Affine<F> all[] = {p, -p, q, -q, r, infinity};
        for (const auto& a : all) {
            for (const auto& b : all) {
                const Point sum = Point(a) + Point(b);
                ASSERT_EQ(sum, Point(a) + b);
                ASSERT_EQ(sum, Point(b) + a);
                ASSERT_EQ(sum, rescaled(a, z) + b);
                ASSERT_EQ(sum, rescaled(a, z) + rescaled(b, z.square()));
                ASSERT_TRUE(sum.affine().on_curve(TypeParam::G::b));
                ASSERT_EQ(sum + -b, Point(a));
                ASSERT_EQ((sum + r), Point(a) + (Point(b) + r));
                if (a == b) {
                    ASSERT_EQ(sum, Point(a).twice());
                }
            }
        }
        ASSERT_TRUE((Point(p) + -p).is_infinity());
        ASSERT_TRUE(Point(infinity).twice().is_infinity());
        ASSERT_FALSE(Point(p) == Point(-p));
        ASSERT_FALSE(Point(p) == Point(infinity));
    }
}

TYPED_TEST(curves_group, chord_and_tangent) {
    using F = typename TypeParam::G::F;
    const auto p = this->numbers.template point<typename TypeParam::G>();
    const auto q = this->numbers.template point<typename TypeParam::G>();
    const auto through = [&](const F& slope, const Affine<F>& a, const Affine<F>& b) {
        const F x = slope.square() - a.x - b.x;
        return Affine<F>::at(x, slope * (a.x - x) - a.y);
    };
    const F chord = (q.y - p.y) * (q.x - p.x).inverse();
    EXPECT_EQ((Jacobian<F>(p) + q).affine(), through(chord, p, q));
    const F xx = p.x.square();
    const F tangent = (xx.twice() + xx) * p.y.twice().inverse();
    EXPECT_EQ(Jacobian<F>(p).twice().affine(), through(tangent, p, p));
}

TYPED_TEST(curves_group, many_points_become_affine_at_once) {
    using F = typename TypeParam::G::F;
    std::vector<Jacobian<F>> points;
    for (std::uint64_t i = 0; i < 20; ++i) {
        points.push_back(multiply_plain(TypeParam::G::generator, Limbs<1>{i % 7}));
    }
    const auto together = to_affine(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        ASSERT_EQ(together[i], points[i].affine());
    }
}

TYPED_TEST(curves_multiples, split_scalars_add_up) {
    using G = typename TypeParam::G;
    using F = typename G::F;
    for (int i = 0; i < 50; ++i) {
        const Scalar k = this->numbers.template limbs<4>();
        const auto p = this->member();
        Jacobian<F> sum;
        Affine<F> image = p;
        for (const Part& part : G::split(k)) {
            ASSERT_LE(bit_length(part.magnitude), 130u);
            const auto multiple = multiply_plain(image, part.magnitude);
            sum += part.negative ? -multiple : multiple;
            image = G::next_part(image);
        }
        ASSERT_EQ(sum, multiply_plain(p, k));
    }
}

TYPED_TEST(curves_multiples, multiplication_is_repeated_addition) {
    using G = typename TypeParam::G;
    std::vector<Scalar> scalars{Scalar{}, Scalar{1}, Scalar{2}, Scalar{15}, Scalar{16}, Scalar{17}};
    Scalar last = order_of<typename TypeParam::C>;
    scalars.push_back(last);
    subtract_from(last, Scalar{1});
    scalars.push_back(last);
    scalars.push_back({~0ull, ~0ull, ~0ull, ~0ull});
    for (int i = 0; i < 30; ++i) {
        scalars.push_back(this->numbers.template limbs<4>());
    }
    for (const Scalar& k : scalars) {
        const auto p = this->member();
        ASSERT_EQ(multiply<G>(p, k), multiply_plain(p, k));
    }
    EXPECT_TRUE(multiply<G>(Affine<typename G::F>{}, Scalar{5}).is_infinity());
}

TYPED_TEST(curves_multiples, sums_are_sums_of_multiples) {
    using G = typename TypeParam::G;
    using F = typename G::F;
    for (const std::size_t count : {0u, 1u, 2u, 3u, 24u, 25u, 48u, 49u, 150u}) {
        std::vector<Affine<F>> points;
        std::vector<Scalar> scalars;
        Jacobian<F> expected;
        for (std::size_t i = 0; i < count; ++i) {
            // Equal and opposite points and infinity meet in buckets and tables.
            Affine<F> p = i % 5 == 4 ? points[i - 1] : i % 7 == 6 ? -points[i - 2] : this->member();
            if (i % 11 == 10) p = {};
            points.push_back(p);
            scalars.push_back(i % 5 == 4 ? scalars[i - 1] : this->numbers.template limbs<4>());
            expected += multiply_plain(p, scalars.back());
        }
        ASSERT_EQ(multiply_sum<G>(points, scalars), expected) << count;
        ASSERT_EQ(detail::sum_interleaved<G>(points, scalars), expected) << count;
        ASSERT_EQ(detail::sum_buckets<G>(points, scalars), expected) << count;
    }
}

template <class C, class Check, class Group>
void expect_exact_check(Numbers& numbers, const Check& check, const Group&) {
    using F = typename Group::F;
    int outside = 0;
    for (int i = 0; i < 20; ++i) {
        const Affine<F> p = numbers.point<Group>();
        const bool member = multiply_plain(p, order_of<C>).is_infinity();
        ASSERT_EQ(check(p), member);
        outside += member ? 0 : 1;
        ASSERT_TRUE(check(multiply_plain(Group::generator, numbers.limbs<4>()).affine()));
        // A point of the cofactor's order alone, and a member plus such a point.
        const Affine<F> small = multiply_plain(p, order_of<C>).affine();
        ASSERT_EQ(check(small), small.infinity);
        ASSERT_EQ(check((Jacobian<F>(small) + Group::generator).affine()), small.infinity);
    }
    EXPECT_GT(outside, 15); // almost all points are outside
    EXPECT_TRUE(check(Affine<F>{}));
}

TEST(curves_subgroup, checks_are_multiplication_by_the_order) {
    Numbers numbers;
    const auto run = [&]<class Bn, class Bls>(Bn, Bls) {
        expect_exact_check<Bn>(
            numbers, [](const auto& q) { return Bn::in_subgroup(q); }, typename Bn::G2{});
        expect_exact_check<Bls>(
            numbers, [](const auto& p) { return Bls::G1::in_subgroup(p); }, typename Bls::G1{});
        expect_exact_check<Bls>(
            numbers, [](const auto& q) { return Bls::G2::in_subgroup(q); }, typename Bls::G2{});
    };
    run(BnPortable{}, BlsPortable{});
    if (available(Path::adx)) run(BnAdx{}, BlsAdx{});
}

TEST(curves_subgroup, all_points_of_bn254_g1_are_members) {
    Numbers numbers;
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(multiply_plain(numbers.point<BnPortable::G1>(), bn254::order).is_infinity());
    }
}

/// Small points that EIP-2537's checks must refuse: (0, 2) has order 3.
TEST(curves_subgroup, refuses_the_point_of_order_three) {
    using Fp = BlsPortable::Fp;
    const auto p = Affine<Fp>::at(Fp::zero(), Fp::from_small(2));
    ASSERT_TRUE(p.on_curve(BlsPortable::G1::b));
    EXPECT_FALSE(BlsPortable::G1::in_subgroup(p));
    EXPECT_TRUE(multiply_plain(p, Limbs<1>{3}).is_infinity());
}

} // namespace
} // namespace rvm::curves::test
