// secp256k1: the field against GMP, digits and halves of scalars by their sums, recovery against libsecp256k1.
#include <gmp.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstdlib>

#include "curves/odd_multiples.hpp"
#include "curves/secp256k1.hpp"
#include "curves/secp256k1_curve.hpp"
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;
using Key = std::array<std::uint8_t, secp256k1::key_size>;

template <class T>
class curves_secp256k1 : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!available(T::value)) GTEST_SKIP() << "this processor lacks ADX";
    }

    Numbers numbers;
};
using Paths = ::testing::Types<std::integral_constant<Path, Path::portable>, std::integral_constant<Path, Path::adx>>;
TYPED_TEST_SUITE(curves_secp256k1, Paths);

/// number modulo p by GMP, whatever the number's size.
template <std::size_t N>
Scalar modulo(const Limbs<N>& number, const Scalar& modulus) {
    mpz_t n;
    mpz_t m;
    mpz_init(n);
    mpz_init(m);
    mpz_import(n, N, -1, 8, 0, 0, number.data());
    mpz_import(m, 4, -1, 8, 0, 0, modulus.data());
    mpz_mod(n, n, m);
    Scalar result{};
    mpz_export(result.data(), nullptr, -1, 8, 0, 0, n);
    mpz_clear(n);
    mpz_clear(m);
    return result;
}

Limbs<5> sum(const Scalar& a, const Scalar& b) {
    Limbs<5> result = resize<5>(a);
    add_to(result, resize<5>(b));
    return result;
}

TYPED_TEST(curves_secp256k1, field_is_gmps_for_every_representative) {
    using F = secp256k1::Fp<TypeParam::value>;
    for (int i = 0; i < 20'000; ++i) {
        const auto near_p = [this] { // p - 4 to 2^256 - 1 and 0 to 3
            Scalar a = F::p;
            subtract_from(a, Scalar{4});
            add_to(a, Scalar{this->numbers.word() % (F::fold + 8)});
            return a;
        };
        const Scalar a = i % 5 == 0 ? near_p() : this->numbers.template limbs<4>();
        const Scalar b = i % 7 == 0 ? near_p() : this->numbers.template limbs<4>();
        const F fa = F::from_number(a);
        const F fb = F::from_number(b);
        const Scalar least_b = modulo(b, F::p);
        Scalar minus_b = F::p;
        subtract_from(minus_b, least_b);
        ASSERT_EQ(fa.number(), modulo(a, F::p));
        ASSERT_EQ((fa + fb).number(), modulo(sum(a, b), F::p));
        ASSERT_EQ((fa - fb).number(), modulo(sum(a, minus_b), F::p));
        ASSERT_EQ((fa * fb).number(), modulo(multiply(a, b), F::p));
        ASSERT_EQ(fa.square().number(), modulo(multiply(a, a), F::p));
        ASSERT_EQ(fa.half().twice(), fa);
        ASSERT_TRUE((fa + -fa).is_zero());
        ASSERT_EQ(fa == fb, modulo(a, F::p) == least_b);
        if (i % 50 != 0) continue;
        ASSERT_EQ(fa * fa.inverse(), fa.is_zero() ? F::zero() : F::one());
        F root;
        const F square = fa.square();
        ASSERT_TRUE(square.square_root(root));
        ASSERT_TRUE(root == fa || root == -fa);
        // p is 3 modulo 4, so of a and -a one has no root.
        ASSERT_TRUE(fa.is_zero() || !(-square).square_root(root));
    }
}

TYPED_TEST(curves_secp256k1, scalars_are_gmps) {
    using secp256k1::order;
    for (int i = 0; i < 5'000; ++i) {
        const Scalar a = this->numbers.below(order);
        const Scalar b = this->numbers.below(order);
        ASSERT_EQ(secp256k1::scalars::multiply(a, b), modulo(multiply(a, b), order));
        ASSERT_TRUE(is_zero(modulo(sum(a, secp256k1::scalars::negate(a)), order)));
        if (is_zero(a)) continue;
        ASSERT_EQ(secp256k1::scalars::multiply(a, secp256k1::scalars::inverse(a)), Scalar{1});
    }
    const Scalar all = {~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0}};
    EXPECT_EQ(secp256k1::scalars::multiply(all, all), modulo(multiply(all, all), order));
}

TYPED_TEST(curves_secp256k1, generator_has_the_order_and_the_endomorphism_its_eigenvalue) {
    using G1 = typename secp256k1::Curve<TypeParam::value>::G1;
    auto generator = G1::generator;
    EXPECT_TRUE(generator.on_curve(G1::b));
    EXPECT_TRUE(multiply_plain(generator, secp256k1::order).is_infinity());
    for (int i = 0; i < 50; ++i) {
        const Scalar k = i < 4 ? Scalar{static_cast<std::uint64_t>(i)} : this->numbers.template limbs<4>();
        ASSERT_EQ(multiply<G1>(generator, k), multiply_plain(generator, k));
        for (const Part& part : G1::split(k)) {
            ASSERT_LE(bit_length(part.magnitude), 129U);
        }
    }
}

TYPED_TEST(curves_secp256k1, odd_multiples_share_a_denominator) {
    using G1 = typename secp256k1::Curve<TypeParam::value>::G1;
    using F = typename G1::F;
    for (int i = 0; i < 20; ++i) {
        const Affine<F> p = this->numbers.template point<G1>();
        const OddMultiples<F, 8> multiples(p);
        for (std::uint64_t j = 0; j < 8; ++j) {
            const Jacobian<F> point(multiples.points[j].x, multiples.points[j].y, multiples.z);
            ASSERT_EQ(point, multiply_plain(p, Limbs<1>{2 * j + 1}));
        }
    }
}

/// A 128-bit number as its digits' sum, which wraps; digits must be odd, small and far apart.
template <unsigned width>
void check_digits(const Part& part) {
    const Naf<width> naf(part);
    Limbs<4> value{};
    unsigned since_last = width;
    for (std::size_t i = Naf<width>::max_length; i-- > 0;) {
        add_to(value, Limbs<4>(value));
        const int digit = naf.digits[i];
        ++since_last;
        if (digit == 0) continue;
        ASSERT_LT(i, naf.length);
        ASSERT_EQ(digit % 2 == 0, false);
        ASSERT_LT(std::abs(digit), 1 << (width - 1));
        ASSERT_GE(since_last, width);
        since_last = 0;
        const Limbs<4> magnitude{static_cast<std::uint64_t>(std::abs(digit))};
        if ((digit > 0) != part.negative)
            add_to(value, magnitude);
        else
            subtract_from(value, magnitude);
    }
    ASSERT_EQ(value, resize<4>(part.magnitude));
}

TEST(curves_naf, digits_are_few_and_sum_to_the_number) {
    Numbers numbers;
    for (int i = 0; i < 3'000; ++i) {
        Part part{numbers.limbs<3>(), i % 2 == 0};
        part.magnitude[2] >>= i % 3 == 0 ? 1U : 63U;
        check_digits<5>(part);
        check_digits<11>(part);
    }
    check_digits<5>(Part{});
}

/// What libsecp256k1 answers.
bool library_recovers(const Bytes32& digest, const Bytes32& r, const Bytes32& s, unsigned id, Key& key) {
    const secp256k1_context* context = secp256k1_context_static;
    std::array<std::uint8_t, 64> compact;
    std::copy(s.begin(), s.end(), std::copy(r.begin(), r.end(), compact.begin()));
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_pubkey point;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact.data(),
                                                            static_cast<int>(id)) == 0 ||
        secp256k1_ecdsa_recover(context, &point, &signature, digest.data()) == 0) {
        return false;
    }
    std::array<std::uint8_t, 65> bytes;
    std::size_t size = bytes.size();
    secp256k1_ec_pubkey_serialize(context, bytes.data(), &size, &point, SECP256K1_EC_UNCOMPRESSED);
    std::copy(bytes.begin() + 1, bytes.end(), key.begin());
    return true;
}

Bytes32 encoded(const Scalar& number) {
    Bytes32 bytes;
    to_bytes(number, bytes.data());
    return bytes;
}

/// Compares one recovery with the library's; tells whether there was a key.
bool check_recovery(const Scalar& digest, const Scalar& r, const Scalar& s, unsigned id, Path path) {
    Key ours{};
    Key theirs{};
    const bool found = secp256k1::recover(encoded(digest), encoded(r), encoded(s), id, ours, path);
    EXPECT_EQ(found, library_recovers(encoded(digest), encoded(r), encoded(s), id, theirs));
    EXPECT_EQ(ours, theirs);
    return found;
}

/// 2000 a path; RVM_SECP256K1_CASES says otherwise.
TYPED_TEST(curves_secp256k1, recovers_what_the_library_recovers) {
    const char* wanted = std::getenv("RVM_SECP256K1_CASES");
    const long cases = wanted != nullptr ? std::atol(wanted) : 2'000;
    Scalar above_order = secp256k1::Fp<TypeParam::value>::p; // p - order: the bound of r with recovery ids 2 and 3
    subtract_from(above_order, secp256k1::order);
    const auto near = [this](Scalar bound) {
        add_to(bound, Scalar{this->numbers.word() % 4});
        subtract_from(bound, Scalar{2});
        return bound;
    };
    const auto number = [&] {
        switch (this->numbers.word() % 8) {
        case 0:
            return near(secp256k1::order);
        case 1:
            return near(above_order);
        case 2:
            return Scalar{this->numbers.word() % 4};
        case 3:
            return this->numbers.template limbs<4>();
        default:
            return Scalar{this->numbers.word(), this->numbers.word(), this->numbers.word(), this->numbers.word()};
        }
    };
    long found = 0;
    for (long i = 0; i < cases && !this->HasFailure(); ++i) {
        const auto id = static_cast<unsigned>(this->numbers.word() % 4);
        Scalar r = number();
        if (id >= 2 && this->numbers.word() % 2 == 0) r = Scalar{this->numbers.word(), this->numbers.word()};
        found += check_recovery(number(), r, number(), id, TypeParam::value) ? 1 : 0;
    }
    EXPECT_GT(found, cases / 5);
    EXPECT_LT(found, cases);
}

/// R = G: small and opposite sums meet in every place, and s = digest gives infinity.
TYPED_TEST(curves_secp256k1, recovers_what_the_library_recovers_where_sums_meet) {
    using G1 = typename secp256k1::Curve<TypeParam::value>::G1;
    const Scalar x = G1::generator.x.number();
    int infinities = 0;
    for (std::uint64_t digest = 0; digest < 20; ++digest) {
        for (std::uint64_t s = 1; s < 20; ++s) {
            for (unsigned id = 0; id < 2; ++id) {
                if (!check_recovery(Scalar{digest}, x, Scalar{s}, id, TypeParam::value)) ++infinities;
            }
        }
    }
    EXPECT_EQ(infinities, 19); // the generator's y is even: recovery id 0
}

} // namespace
} // namespace rvm::curves::test
