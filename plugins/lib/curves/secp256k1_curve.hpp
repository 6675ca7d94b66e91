// The curve secp256k1: y^2 = x^3 + 7 (SEC 2, section 2.4.1), its scalars and its endomorphism.
#pragma once

#include "curves/group.hpp"
#include "curves/msm.hpp"
#include "curves/secp256k1_field.hpp"

namespace rvm::curves::secp256k1 {

/// The order of the group, a prime.
inline constexpr Scalar order = from_hex<4>("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

/// Arithmetic modulo the order: a handful of products a recovery, so plain code.
namespace scalars {

/// 2^256 - order.
inline constexpr auto complement = from_hex<3>("14551231950b75fc4402da1732fc9bebf");

/// The high half of a product is folded with the complement: 385, then 258 bits remain, then a bit at most.
constexpr Scalar reduce(const Limbs<8>& wide) noexcept {
    Limbs<8> rest = wide;
    for (;;) {
        const Scalar high{rest[4], rest[5], rest[6], rest[7]};
        if (is_zero(high)) break;
        const Limbs<7> product = curves::multiply(high, complement);
        rest = Limbs<8>{rest[0], rest[1], rest[2], rest[3]};
        add_to(rest, resize<8>(product));
    }
    return reduce_scalar(resize<4>(rest), order);
}

constexpr Scalar multiply(const Scalar& a, const Scalar& b) noexcept { return reduce(curves::multiply(a, b)); }

/// Of a below the order.
constexpr Scalar negate(const Scalar& a) noexcept {
    if (is_zero(a)) return a;
    Scalar result = order;
    subtract_from(result, a);
    return result;
}

/// 1 / a for a from 1 to order - 1.
constexpr Scalar inverse(const Scalar& a) noexcept { return invert<4>(a, order, negated_inverse_64(order[0])); }

} // namespace scalars

template <Path path>
struct Curve {
    struct G1 {
        using F = Fp<path>;
        static constexpr F b = F::from_small(7);
        static constexpr Affine<F> generator =
            Affine<F>::at(F::from_text("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
                          F::from_text("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"));
        static constexpr std::size_t parts = 2;

        /// E(x, y) = (beta x, y), beta a primitive cube root of 1; it multiplies by
        /// lambda = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72.
        static constexpr F beta = F::from_text("7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee");
        [[nodiscard]] static constexpr Affine<F> next_part(const Affine<F>& p) noexcept {
            return {p.x * beta, p.y, p.infinity};
        }

        /// k = k0 + k1 lambda: subtracts from (k, 0) the vector near it in the lattice of (a1, -b1) and (a2, a1), of
        /// determinant n (D. Hankerson, A. Menezes, S. Vanstone, "Guide to Elliptic Curve Cryptography", algorithm 3.74;
        /// the basis is what its extended Euclidean algorithm gives). Both parts are below 2^129.
        [[nodiscard]] static constexpr std::array<Part, 2> split(const Scalar& scalar) noexcept {
            constexpr auto a1 = from_hex<2>("3086d221a7d46bcde86c90e49284eb15");
            constexpr auto minus_b1 = from_hex<2>("e4437ed6010e88286f547fa90abfe4c3");
            constexpr auto a2 = from_hex<3>("114ca50f7a8e2f3f657c1108d9d44cfd8");
            // floor(2^256 a1 / n) and floor(2^256 (-b1) / n)
            constexpr auto quotient1 = from_hex<2>("3086d221a7d46bcde86c90e49284eb15");
            constexpr auto quotient2 = from_hex<2>("e4437ed6010e88286f547fa90abfe4c4");
            const Scalar k = reduce_scalar(scalar, order);
            const Limbs<6> full1 = curves::multiply(k, quotient1);
            const Limbs<6> full2 = curves::multiply(k, quotient2);
            const Limbs<2> c1{full1[4], full1[5]};
            const Limbs<2> c2{full2[4], full2[5]};
            Scalar k0 = k; // k - c1 a1 - c2 a2
            subtract_from(k0, curves::multiply(c1, a1));
            subtract_from(k0, resize<4>(curves::multiply(c2, a2)));
            Scalar k1 = curves::multiply(c1, minus_b1); // c1 (-b1) - c2 b2, b2 = a1
            subtract_from(k1, curves::multiply(c2, a1));
            return {signed_part(k0), signed_part(k1)};
        }
    };
};

} // namespace rvm::curves::secp256k1
