// Encoded inputs: what is refused and why, and that a refusal writes nothing.
#include <vector>

#include "curves/bls12_381.hpp"
#include "curves/bls12_381_codec.hpp"
#include "curves/bn254.hpp"
#include "curves/map_to_curve.hpp"
#include "curves_support.hpp"

namespace rvm::curves::test {
namespace {

namespace bls = bls12_381;
using Buffer = std::vector<std::uint8_t>;

class curves_encoding : public ::testing::TestWithParam<Path> {
  protected:
    void SetUp() override {
        if (!available(GetParam())) GTEST_SKIP() << "NOT RUN: no MULX/ADX here";
    }
    static Path path() { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(paths, curves_encoding, ::testing::Values(Path::portable, Path::adx),
                         [](const auto& instance) { return instance.param == Path::adx ? "adx" : "portable"; });

Buffer operator+(Buffer a, const Buffer& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

template <class F>
Buffer bls_bytes(const Affine<F>& p) {
    Buffer bytes(sizeof(F) == sizeof(BlsPortable::Fp) ? bls::g1_size : bls::g2_size);
    bls::Codec<BlsPortable>::write(Jacobian<F>(p), bytes.data());
    return bytes;
}

template <std::size_t N>
Buffer number_bytes(const Limbs<N>& a, std::size_t size) {
    Buffer bytes(size);
    to_bytes(a, bytes.data() + size - 8 * N);
    return bytes;
}

const Buffer& bls_g1() {
    static const Buffer bytes = bls_bytes(BlsPortable::G1::generator);
    return bytes;
}
const Buffer& bls_g2() {
    static const Buffer bytes = bls_bytes(BlsPortable::G2::generator);
    return bytes;
}
/// On the curve, outside the subgroup.
Buffer stray_g1() { return bls_bytes(Numbers().point<BlsPortable::G1>()); }
Buffer stray_g2() { return bls_bytes(Numbers().point<BlsPortable::G2>()); }

Buffer bn_g1() {
    Buffer bytes(bn254::g1_size);
    bytes[31] = 1;
    bytes[63] = 2;
    return bytes;
}
Buffer bn_g2(const Affine<BnPortable::F2>& q) {
    Buffer bytes(bn254::g2_size);
    q.x.imaginary.to_bytes(bytes.data());
    q.x.real.to_bytes(bytes.data() + 32);
    q.y.imaginary.to_bytes(bytes.data() + 64);
    q.y.real.to_bytes(bytes.data() + 96);
    return bytes;
}

Status bn_add(const Buffer& input, Buffer& output, Path path) {
    return bn254::add(std::span<const std::uint8_t, 128>(input), std::span<std::uint8_t, 64>(output), path);
}
Status bn_multiply(const Buffer& input, Buffer& output, Path path) {
    return bn254::multiply(std::span<const std::uint8_t, 96>(input), std::span<std::uint8_t, 64>(output), path);
}

const Buffer untouched(64, 0xaa);

TEST_P(curves_encoding, bn254_refuses_coordinates_of_p_or_more) {
    const Buffer p = number_bytes(bn254::BaseParameters::modulus.p, 32);
    for (const std::size_t at : {0u, 32u, 64u, 96u}) {
        Buffer input = bn_g1() + bn_g1();
        std::copy(p.begin(), p.end(), input.begin() + static_cast<std::ptrdiff_t>(at));
        Buffer output = untouched;
        EXPECT_EQ(bn_add(input, output, path()), Status::not_in_field) << at;
        EXPECT_EQ(output, untouched);
    }
    // p, p is not another name for infinity.
    Buffer output = untouched;
    EXPECT_EQ(bn_multiply(p + p + Buffer(32), output, path()), Status::not_in_field);
}

TEST_P(curves_encoding, bn254_refuses_points_off_the_curve) {
    Buffer input = bn_g1() + Buffer(32, 0xff);
    input[63] = 3;
    Buffer output = untouched;
    EXPECT_EQ(bn_multiply(input, output, path()), Status::not_on_curve);
    EXPECT_EQ(output, untouched);
    bool is_one = false;
    EXPECT_EQ(bn254::pairing_check(Buffer(64) + Buffer(127) + Buffer{1}, is_one, path()), Status::not_on_curve);
    EXPECT_FALSE(is_one);
}

TEST_P(curves_encoding, bn254_knows_infinity) {
    Buffer output = untouched;
    ASSERT_EQ(bn_add(Buffer(128), output, path()), Status::ok);
    EXPECT_EQ(output, Buffer(64));
    ASSERT_EQ(bn_add(bn_g1() + Buffer(64), output, path()), Status::ok);
    EXPECT_EQ(output, bn_g1());
    ASSERT_EQ(bn_multiply(bn_g1() + number_bytes(bn254::order, 32), output, path()), Status::ok);
    EXPECT_EQ(output, Buffer(64));
    bool is_one = false;
    EXPECT_EQ(bn254::pairing_check({}, is_one, path()), Status::ok);
    EXPECT_TRUE(is_one);
    is_one = false;
    EXPECT_EQ(bn254::pairing_check(bn_g1() + Buffer(128), is_one, path()), Status::ok);
    EXPECT_TRUE(is_one);
}

TEST_P(curves_encoding, bn254_refuses_points_outside_the_subgroup) {
    bool is_one = true;
    const Buffer stray = bn_g2(Numbers().point<BnPortable::G2>());
    EXPECT_EQ(bn254::pairing_check(bn_g1() + stray, is_one, path()), Status::not_in_subgroup);
    // Also when the other point is infinity.
    EXPECT_EQ(bn254::pairing_check(Buffer(64) + stray, is_one, path()), Status::not_in_subgroup);
    EXPECT_TRUE(is_one);
    EXPECT_EQ(bn254::pairing_check(bn_g1() + bn_g2(BnPortable::G2::generator), is_one, path()), Status::ok);
    EXPECT_FALSE(is_one);
}

TEST_P(curves_encoding, wrong_lengths) {
    bool is_one = false;
    EXPECT_EQ(bn254::pairing_check(Buffer(191), is_one, path()), Status::bad_length);
    EXPECT_EQ(bls::pairing_check({}, is_one, path()), Status::bad_length); // EIP-2537, unlike EIP-197
    EXPECT_EQ(bls::pairing_check(Buffer(385), is_one, path()), Status::bad_length);
    Buffer g1(bls::g1_size);
    Buffer g2(bls::g2_size);
    const bls::G1Bytes out1(g1);
    const bls::G2Bytes out2(g2);
    for (const std::size_t size : {0u, 1u, 255u, 257u}) {
        EXPECT_EQ(bls::add_g1(Buffer(size), out1, path()), Status::bad_length);
        EXPECT_EQ(bls::add_g2(Buffer(size), out2, path()), Status::bad_length);
        EXPECT_EQ(bls::multiply_sum_g1(Buffer(size), out1, path()), Status::bad_length);
        EXPECT_EQ(bls::multiply_sum_g2(Buffer(size), out2, path()), Status::bad_length);
        EXPECT_EQ(bls::map_fp_to_g1(Buffer(size), out1, path()), Status::bad_length);
        EXPECT_EQ(bls::map_fp2_to_g2(Buffer(size), out2, path()), Status::bad_length);
    }
}

TEST_P(curves_encoding, bls12_381_refuses_padding_and_coordinates_of_p_or_more) {
    Buffer out(bls::g1_size, 0xaa);
    const Buffer before = out;
    const Buffer p = number_bytes(bls::BaseParameters::modulus.p, bls::fp_size);
    for (std::size_t coordinate = 0; coordinate < 4; ++coordinate) {
        Buffer input = bls_g1() + bls_g1();
        input[coordinate * bls::fp_size + 15] = 1;
        EXPECT_EQ(bls::add_g1(input, bls::G1Bytes(out), path()), Status::bad_encoding);
        input = bls_g1() + bls_g1();
        std::copy(p.begin(), p.end(), input.begin() + static_cast<std::ptrdiff_t>(coordinate * bls::fp_size));
        EXPECT_EQ(bls::add_g1(input, bls::G1Bytes(out), path()), Status::not_in_field);
    }
    EXPECT_EQ(bls::map_fp_to_g1(p, bls::G1Bytes(out), path()), Status::not_in_field);
    EXPECT_EQ(out, before);
}

TEST_P(curves_encoding, bls12_381_adds_anything_on_the_curve) {
    Buffer out(bls::g1_size);
    EXPECT_EQ(bls::add_g1(stray_g1() + bls_g1(), bls::G1Bytes(out), path()), Status::ok);
    Buffer out2(bls::g2_size);
    EXPECT_EQ(bls::add_g2(stray_g2() + bls_g2(), bls::G2Bytes(out2), path()), Status::ok);
    Buffer off = bls_g1();
    off.back() ^= 1u;
    EXPECT_EQ(bls::add_g1(off + bls_g1(), bls::G1Bytes(out), path()), Status::not_on_curve);
}

/// Points whose order is so small that the pairing's walk meets itself or infinity on its way.
TEST_P(curves_encoding, bls12_381_pairs_no_point_of_small_order) {
    // h2 / 13^2 and h2 / 23^2 for the cofactor h2 of G2 (draft-irtf-cfrg-pairing-friendly-curves, section 4.2.1).
    const Limbs<8> rest_13 = from_hex<8>("8d5fc7522f6c4d5a3c5663541d68b60a5f9bdc250555d81be2a9b0c6483045a5"
                                         "b213dcb71085945e0aef29c5e8629edf4046db800a8373336b3150941cfdd");
    const Limbs<8> rest_23 = from_hex<8>("2d2a367b86ae74a8af1a258a2d34cf3528b4f0309b1c647efceb33a28d243b07"
                                         "71fe9a3b739d5ddb42e36473f96c739a13152f610a9e2359fc03a804bb595");
    bool is_one = false;
    for (const Limbs<8>& rest : {rest_13, rest_23}) {
        Numbers numbers;
        Affine<BlsPortable::F2> point;
        for (int tries = 0; tries < 20 && point.infinity; ++tries) {
            const auto times_order = multiply_plain(numbers.point<BlsPortable::G2>(), bls::order).affine();
            point = multiply_plain(times_order, rest).affine();
        }
        ASSERT_FALSE(point.infinity);
        EXPECT_EQ(bls::pairing_check(bls_g1() + bls_bytes(point), is_one, path()), Status::not_in_subgroup);
        EXPECT_EQ(bls::pairing_check(bls_g1() + bls_g2() + bls_g1() + bls_bytes(point), is_one, path()),
                  Status::not_in_subgroup);
    }
}

TEST_P(curves_encoding, bls12_381_multiplies_and_pairs_members_only) {
    Buffer out(bls::g1_size);
    Buffer out2(bls::g2_size);
    bool is_one = false;
    const Buffer k(32, 1);
    EXPECT_EQ(bls::multiply_sum_g1(stray_g1() + k, bls::G1Bytes(out), path()), Status::not_in_subgroup);
    EXPECT_EQ(bls::multiply_sum_g1(bls_g1() + k + stray_g1() + Buffer(32), bls::G1Bytes(out), path()),
              Status::not_in_subgroup);
    EXPECT_EQ(bls::multiply_sum_g2(stray_g2() + k, bls::G2Bytes(out2), path()), Status::not_in_subgroup);
    EXPECT_EQ(bls::pairing_check(stray_g1() + bls_g2(), is_one, path()), Status::not_in_subgroup);
    EXPECT_EQ(bls::pairing_check(bls_g1() + stray_g2(), is_one, path()), Status::not_in_subgroup);
    EXPECT_EQ(bls::pairing_check(Buffer(bls::g1_size) + stray_g2(), is_one, path()), Status::not_in_subgroup);
    EXPECT_EQ(bls::pairing_check(Buffer(bls::g1_size) + bls_g2(), is_one, path()), Status::ok);
    EXPECT_TRUE(is_one);
}

TEST_P(curves_encoding, maps_land_in_the_subgroup) {
    Numbers numbers;
    for (int i = 0; i < 20; ++i) {
        using Fp = BlsPortable::Fp;
        const Fp a = i == 0 ? Fp::zero() : numbers.element<Fp>();
        const Fp b = i < 2 ? Fp::zero() : numbers.element<Fp>();
        const Buffer u = number_bytes(a.number(), bls::fp_size);
        Buffer g1(bls::g1_size);
        ASSERT_EQ(bls::map_fp_to_g1(u, bls::G1Bytes(g1), path()), Status::ok);
        Affine<Fp> p;
        ASSERT_EQ(bls::Codec<BlsPortable>::read_point<BlsPortable::G1>(g1.data(), p), Status::ok);
        ASSERT_TRUE(multiply_plain(p, bls::order).is_infinity());
        Buffer g2(bls::g2_size);
        ASSERT_EQ(bls::map_fp2_to_g2(u + number_bytes(b.number(), bls::fp_size), bls::G2Bytes(g2), path()), Status::ok);
        Affine<BlsPortable::F2> q;
        ASSERT_EQ(bls::Codec<BlsPortable>::read_point<BlsPortable::G2>(g2.data(), q), Status::ok);
        ASSERT_TRUE(multiply_plain(q, bls::order).is_infinity());
    }
}

// ---- compressed points and KZG ----

/// The encoding of a point that is not infinity.
Buffer compressed(const Affine<BlsPortable::Fp>& p) {
    Buffer bytes(bls::compressed_g1_size);
    p.x.to_bytes(bytes.data());
    bytes[0] |= 0x80u;
    if (bls::Codec<BlsPortable>::larger(p.y)) bytes[0] |= 0x20u;
    return bytes;
}
Buffer compressed_infinity() {
    Buffer bytes(bls::compressed_g1_size);
    bytes[0] = 0xc0;
    return bytes;
}

struct Verdict {
    Status status = Status::ok;
    bool valid = false;
    bool operator==(const Verdict&) const = default;
};
Verdict verify(const Buffer& commitment, const Buffer& z, const Buffer& y, const Buffer& proof, Path path) {
    Verdict v;
    v.status = bls::verify_kzg_proof(std::span<const std::uint8_t, 48>(commitment),
                                     std::span<const std::uint8_t, 32>(z), std::span<const std::uint8_t, 32>(y),
                                     std::span<const std::uint8_t, 48>(proof), v.valid, path);
    return v;
}
constexpr Verdict proven{Status::ok, true};
constexpr Verdict disproven{Status::ok, false};

TEST_P(curves_encoding, compressed_points_come_back) {
    using Codec = bls::Codec<BlsPortable>;
    Numbers numbers;
    for (int i = 0; i < 10; ++i) {
        const auto p = multiply_plain(BlsPortable::G1::generator, numbers.limbs<4>()).affine();
        Affine<BlsPortable::Fp> read;
        ASSERT_EQ(Codec::read_compressed<BlsPortable::G1>(compressed(p).data(), read), Status::ok);
        ASSERT_EQ(read, p);
        ASSERT_EQ(Codec::read_compressed<BlsPortable::G1>(compressed(-p).data(), read), Status::ok);
        ASSERT_EQ(read, -p);
    }
}

TEST_P(curves_encoding, kzg_proves_constant_polynomials) {
    // The commitment to a constant c is c G1, its value is c everywhere and its quotient zero.
    Numbers numbers;
    for (int i = 0; i < 5; ++i) {
        const Scalar c = numbers.below(bls::order);
        const Buffer z = number_bytes(numbers.below(bls::order), 32);
        const auto point = multiply_plain(BlsPortable::G1::generator, c).affine();
        const Buffer commitment = point.infinity ? compressed_infinity() : compressed(point);
        EXPECT_EQ(verify(commitment, z, number_bytes(c, 32), compressed_infinity(), path()), proven);
        Scalar other = c;
        if (is_zero(other))
            other = {1};
        else
            subtract_from(other, Scalar{1});
        EXPECT_EQ(verify(commitment, z, number_bytes(other, 32), compressed_infinity(), path()), disproven);
        EXPECT_EQ(verify(commitment, z, number_bytes(c, 32), compressed(BlsPortable::G1::generator), path()),
                  disproven);
    }
}

TEST_P(curves_encoding, kzg_refuses_malformed_points_and_scalars) {
    const Buffer good = compressed(BlsPortable::G1::generator);
    const Buffer zero(32);
    const auto refused = [&](const Buffer& point, Status status) {
        EXPECT_EQ(verify(point, zero, zero, good, path()).status, status);
        EXPECT_EQ(verify(good, zero, zero, point, path()).status, status);
    };
    Buffer bad = good;
    bad[0] &= 0x7fu;
    refused(bad, Status::bad_encoding); // not compressed
    bad = compressed_infinity();
    bad[47] = 1;
    refused(bad, Status::bad_encoding); // infinity with an x
    bad = compressed_infinity();
    bad[0] |= 0x20u;
    refused(bad, Status::bad_encoding); // infinity with a sign
    bad = number_bytes(bls::BaseParameters::modulus.p, 48);
    bad[0] |= 0x80u;
    refused(bad, Status::not_in_field);
    refused(compressed(Numbers().point<BlsPortable::G1>()), Status::not_in_subgroup);
    bad = Buffer(48);
    bad[0] = 0x80;
    bad[47] = 1; // 1 + 4 is no square modulo p
    refused(bad, Status::not_on_curve);

    const Buffer order = number_bytes(bls::order, 32);
    EXPECT_EQ(verify(good, order, zero, good, path()).status, Status::not_in_field);
    EXPECT_EQ(verify(good, zero, order, good, path()).status, Status::not_in_field);
}

} // namespace
} // namespace rvm::curves::test
