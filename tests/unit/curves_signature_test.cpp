// BLS signatures and the multiples of secret scalars, on both paths.
#include <gtest/gtest.h>

#include "curves/bls12_381_codec.hpp"
#include "curves/bls_signature.hpp"
#include "curves/secret_multiple.hpp"
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

namespace bls = bls12_381;
using Buffer = std::vector<std::uint8_t>;
template <std::size_t Size>
using Array = std::array<std::uint8_t, Size>;

template <class Curve>
using curves_signature = OnCurve<Curve>;
using BlsCurves = ::testing::Types<BlsPortable, BlsAdx>;
TYPED_TEST_SUITE(curves_signature, BlsCurves);

template <class Curve>
inline constexpr Path path_of = uses_adx<Curve> ? Path::adx : Path::portable;

Array<32> bytes_of(const Scalar& k) {
    Array<32> bytes;
    to_bytes(k, bytes.data());
    return bytes;
}

template <class Group, class Source>
void expect_multiples(Source& numbers, const Scalar& order, int count) {
    using F = typename Group::F;
    for (int i = 0; i < count; ++i) {
        Scalar k = numbers.below(order);
        if (is_zero(k)) k = {1};
        const Affine<F> p = multiply_plain(Group::generator, Limbs<1>{numbers.word() | 1u}).affine();
        EXPECT_EQ(secret_multiple<Group>(p, bytes_of(k).data()), multiply_plain(p, k).affine());
    }
}

TYPED_TEST(curves_signature, secret_multiples_are_the_multiples) {
    expect_multiples<typename TypeParam::G1>(this->numbers, bls::order, 40);
    expect_multiples<typename TypeParam::G2>(this->numbers, bls::order, 20);
    Scalar last = bls::order; // the window's additions meet P and -P on the way
    subtract_from(last, Scalar{1});
    for (const Scalar& k : {Scalar{1}, Scalar{2}, Scalar{15}, Scalar{16}, Scalar{17}, last}) {
        const auto expected = multiply_plain(TypeParam::G1::generator, k).affine();
        EXPECT_EQ(secret_multiple<typename TypeParam::G1>(TypeParam::G1::generator, bytes_of(k).data()), expected);
    }
}

/// Keys, messages and signatures of a few signers.
struct Signed {
    Buffer keys, messages, signatures;
};
Signed sign_some(std::size_t count, Path path) {
    Signed out;
    for (std::size_t i = 0; i < count; ++i) {
        Array<32> secret{};
        secret[31] = static_cast<std::uint8_t>(i + 1);
        secret[2] = 7;
        Array<bls::uniform_size> message{};
        message[i] = 1;
        Array<bls::key_size> key{};
        Array<bls::signature_size> signature{};
        EXPECT_EQ(bls::public_key(secret, key, path), Status::ok);
        EXPECT_EQ(bls::sign(secret, message, signature, path), Status::ok);
        out.keys.insert(out.keys.end(), key.begin(), key.end());
        out.messages.insert(out.messages.end(), message.begin(), message.end());
        out.signatures.insert(out.signatures.end(), signature.begin(), signature.end());
    }
    return out;
}

TYPED_TEST(curves_signature, aggregates_verify_as_a_whole) {
    constexpr Path path = path_of<TypeParam>;
    Signed all = sign_some(5, path);
    Array<bls::signature_size> sum{};
    ASSERT_EQ(bls::add_signatures(all.signatures, sum, path), Status::ok);
    bool valid = false;
    EXPECT_EQ(bls::verify(all.keys, all.messages, sum, valid, path), Status::ok);
    EXPECT_TRUE(valid);
    all.messages[0] ^= 1;
    EXPECT_EQ(bls::verify(all.keys, all.messages, sum, valid, path), Status::ok);
    EXPECT_FALSE(valid);
}

TYPED_TEST(curves_signature, batches_notice_signatures_that_cancel_out) {
    constexpr Path path = path_of<TypeParam>;
    const Signed all = sign_some(4, path);
    Buffer coefficients(4 * bls::coefficient_size);
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        coefficients[i] = static_cast<std::uint8_t>(37 * i + 11);
    }
    bool valid = false;
    EXPECT_EQ(bls::verify_batch(all.keys, all.messages, all.signatures, coefficients, valid, path), Status::ok);
    EXPECT_TRUE(valid);
    // Two signatures change places: their sum, and so the aggregate, stays what it was.
    Buffer swapped = all.signatures;
    std::swap_ranges(swapped.begin(), swapped.begin() + bls::signature_size, swapped.begin() + bls::signature_size);
    EXPECT_EQ(bls::verify_batch(all.keys, all.messages, swapped, coefficients, valid, path), Status::ok);
    EXPECT_FALSE(valid);
    Array<bls::signature_size> sum{};
    ASSERT_EQ(bls::add_signatures(swapped, sum, path), Status::ok);
    EXPECT_EQ(bls::verify(all.keys, all.messages, sum, valid, path), Status::ok);
    EXPECT_TRUE(valid);
}

TYPED_TEST(curves_signature, refuses_what_is_no_key_signature_or_secret) {
    constexpr Path path = path_of<TypeParam>;
    Signed one = sign_some(1, path);
    bool valid = false;
    Buffer identity(bls::key_size);
    identity[0] = 0xc0;
    EXPECT_EQ(bls::verify(identity, one.messages, one.signatures, valid, path), Status::bad_encoding);
    Buffer plain = one.keys;
    plain[0] &= 0x7f;
    EXPECT_EQ(bls::verify(plain, one.messages, one.signatures, valid, path), Status::bad_encoding);
    // A point of the curve outside the group.
    Array<bls::key_size> outside{};
    for (;;) {
        const auto p = this->numbers.template point<typename TypeParam::G1>();
        if (TypeParam::G1::in_subgroup(p)) continue;
        bls::Codec<TypeParam>::write_compressed(p, outside.data());
        break;
    }
    EXPECT_EQ(bls::verify(outside, one.messages, one.signatures, valid, path), Status::not_in_subgroup);
    EXPECT_EQ(bls::verify({}, {}, one.signatures, valid, path), Status::bad_length);
    Array<bls::key_size> key{};
    EXPECT_EQ(bls::public_key(Array<32>{}, key, path), Status::not_in_field);
    EXPECT_EQ(bls::public_key(bytes_of(bls::order), key, path), Status::not_in_field);
    // A key and its negative.
    Buffer both = one.keys;
    both.insert(both.end(), one.keys.begin(), one.keys.end());
    both[bls::key_size] ^= 0x20;
    EXPECT_EQ(bls::add_keys(both, key, path), Status::bad_encoding);
}

TEST(curves_signature_secret, is_the_number_modulo_the_order) {
    Array<48> bytes{};
    Array<32> secret{};
    EXPECT_FALSE(bls::secret_from_bytes(bytes, secret));
    to_bytes(bls::order, bytes.data() + 16);
    EXPECT_FALSE(bls::secret_from_bytes(bytes, secret)) << "the order itself";
    bytes[47] = 8; // the order ends in 1
    EXPECT_TRUE(bls::secret_from_bytes(bytes, secret));
    EXPECT_EQ(secret, bytes_of({7}));
    bytes.fill(0);
    bytes[15] = 1; // 2^256 - 2 order
    EXPECT_TRUE(bls::secret_from_bytes(bytes, secret));
    Scalar expected{};
    subtract_from(expected, bls::order);
    subtract_from(expected, bls::order);
    EXPECT_EQ(secret, bytes_of(expected));
}

} // namespace
} // namespace rvm::curves::test
