// The curve alt_bn128, also called BN254: y^2 = x^3 + 3 over p of 254 bits, a Barreto-Naehrig curve with
// x = 4965661367192848881. Parameters: EIP-196 and EIP-197. Coefficients below are powers of xi = 9 + u, named beside
// them; tests recompute them.
#pragma once

#include "curves/cyclotomic.hpp"
#include "curves/msm.hpp"
#include "curves/pairing.hpp"

namespace rvm::curves::bn254 {

/// The field of coordinates: EIP-196, "field modulus".
struct BaseParameters {
    static constexpr std::size_t limbs = 4;
    static constexpr Modulus<limbs> modulus{
        from_hex<limbs>("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47")};
};

/// The order of both groups: EIP-196, "group order".
inline constexpr Scalar order = from_hex<4>("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001");

/// The curve's parameter: p = 36 x^4 + 36 x^3 + 24 x^2 + 6 x + 1.
inline constexpr std::uint64_t x_parameter = 4965661367192848881u;

/// 6 x + 2 in non-adjacent form, lowest digit first.
inline constexpr std::array<std::int8_t, 66> loop_digits = [] {
    std::array<std::int8_t, 66> digits{};
    Uint128 k = Uint128{x_parameter} * 6 + 2;
    for (std::int8_t& digit : digits) {
        if ((k & 1u) != 0) {
            digit = (k & 3u) == 3 ? -1 : 1;
            k = digit == 1 ? k - 1 : k + 1;
        }
        k >>= 1u;
    }
    return digits;
}();

template <Path path>
struct Curve {
    using Fp = Field<BaseParameters, path>;
    using F2 = Fp2<Fp>;

    static constexpr unsigned xi_real = 9;
    static constexpr bool d_type = true;
    static constexpr const std::array<std::int8_t, 66>& loop_digits = bn254::loop_digits;
    static constexpr bool loop_negative = false;
    static constexpr bool frobenius_steps = true;

    /// xi^(i (p - 1) / 6).
    static constexpr std::array<F2, 6> frobenius_coefficients{
        F2::from_text("1", "0"),
        F2::from_text("1284b71c2865a7dfe8b99fdd76e68b605c521e08292f2176d60b35dadcc9e470",
                      "246996f3b4fae7e6a6327cfe12150b8e747992778eeec7e5ca5cf05f80f362ac"),
        F2::from_text("2fb347984f7911f74c0bec3cf559b143b78cc310c2c3330c99e39557176f553d",
                      "16c9e55061ebae204ba4cc8bd75a079432ae2a1d0b7c9dce1665d51c640fcba2"),
        F2::from_text("63cf305489af5dcdc5ec698b6e2f9b9dbaae0eda9c95998dc54014671a0135a",
                      "7c03cbcac41049a0704b5a7ec796f2b21807dc98fa25bd282d37f632623b0e3"),
        F2::from_text("5b54f5e64eea80180f3c0b75a181e84d33365f7be94ec72848a1f55921ea762",
                      "2c145edbe7fd8aee9f3a80b03b0b1c923685d2ea1bdec763c13b4711cd2b8126"),
        F2::from_text("183c1e74f798649e93a3661a4353ff4425c459b55aa1bd32ea2c810eab7692f",
                      "12acf2ca76fd0675a27fb246c7729f7db080cb99678e2ac024c6b8ee6e0c2c4b"),
    };

    struct G1 {
        using F = Fp;
        static constexpr F b = F::from_small(3);
        static constexpr Affine<F> generator = Affine<F>::at(F::from_small(1), F::from_small(2));
        static constexpr std::size_t parts = 2;

        /// E(x, y) = (beta x, y), beta a primitive cube root of 1; on G1 it multiplies by
        /// lambda = 0xb3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90dd.
        [[nodiscard]] static constexpr Affine<F> next_part(const Affine<F>& p) noexcept {
            constexpr F beta = F::from_text("59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe");
            return {p.x * beta, p.y, p.infinity};
        }

        /// k = k0 + k1 lambda: subtracts from (k, 0) the vector near it in the lattice of (2 x + 1, -(6 x^2 + 2 x)) and
        /// (6 x^2 + 4 x + 1, 2 x + 1), of determinant r. Both parts are below 2^129.
        [[nodiscard]] static constexpr std::array<Part, 2> split(const Scalar& scalar) noexcept {
            constexpr Limbs<2> short_side{2 * x_parameter + 1};
            constexpr auto wide = [](std::uint64_t linear, std::uint64_t constant) {
                const Uint128 v = Uint128{x_parameter} * x_parameter * 6 + Uint128{x_parameter} * linear + constant;
                return Limbs<2>{low64(v), high64(v)};
            };
            constexpr Limbs<2> long_side = wide(2, 0);
            constexpr Limbs<2> longer_side = wide(4, 1);
            // floor(2^256 (2 x + 1) / r) and floor(2^256 (6 x^2 + 2 x) / r)
            constexpr auto short_quotient = from_hex<2>("2d91d232ec7e0b3d7");
            constexpr auto long_quotient = from_hex<3>("24ccef014a773d2cf7a7bd9d4391eb18d");
            const Scalar k = reduce_scalar(scalar, order);
            const Limbs<2> c1{curves::multiply(k, short_quotient)[4], curves::multiply(k, short_quotient)[5]};
            const auto c2_full = curves::multiply(k, long_quotient);
            const Limbs<2> c2{c2_full[4], c2_full[5]};
            Scalar k0 = k;
            subtract_from(k0, curves::multiply(c1, short_side));
            subtract_from(k0, curves::multiply(c2, longer_side));
            Scalar k1 = curves::multiply(c1, long_side);
            subtract_from(k1, curves::multiply(c2, short_side));
            return {signed_part(k0), signed_part(k1)};
        }
    };

    struct G2 {
        using F = F2;
        /// 3 / xi.
        static constexpr F b = F::from_text("2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
                                            "9713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2");
        /// EIP-197, "P2".
        static constexpr Affine<F> generator =
            Affine<F>::at(F::from_text("1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
                                       "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"),
                          F::from_text("12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
                                       "90689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"));
    };

    [[nodiscard]] static constexpr Affine<F2> psi(const Affine<F2>& q) noexcept {
        return {q.x.conjugate() * frobenius_coefficients[2], q.y.conjugate() * frobenius_coefficients[3], q.infinity};
    }

    /// For q on the twist: psi(q) = (t - 1) q with t - 1 = 6 x^2. psi^2 - t psi + p = 0 turns that into
    /// (p + 1 - t) q = r q = 0, so the check is exact (M. Scott, "A note on group membership tests for G1, G2 and GT on
    /// BLS pairing-friendly curves", 2021).
    [[nodiscard]] static constexpr bool in_subgroup(const Affine<F2>& q) noexcept {
        const Jacobian<F2> once = multiply_plain(q, Limbs<1>{x_parameter});
        const Jacobian<F2> squared = multiply_plain(once, Limbs<1>{x_parameter});
        const Jacobian<F2> three = squared.twice() + squared;
        return three.twice() == Jacobian<F2>(psi(q));
    }

    /// Exponent 2 x (6 x^2 + 3 x + 1) (p^4 - p^2 + 1) / r: L. Fuentes-Castañeda, E. Knapp, F. Rodríguez-Henríquez,
    /// "Faster hashing to G2", SAC 2011.
    [[nodiscard]] static constexpr Fp12<Curve> hard_part(const Fp12<Curve>& f) noexcept {
        const Fp12<Curve> f_2x = cyclotomic_power(f, x_parameter).cyclotomic_square();
        const Fp12<Curve> f_6x = f_2x.cyclotomic_square() * f_2x;
        const Fp12<Curve> f_6xx = cyclotomic_power(f_6x, x_parameter);
        const Fp12<Curve> f_12xxx = cyclotomic_power(f_6xx.cyclotomic_square(), x_parameter);
        const Fp12<Curve> a = f_12xxx * f_6xx * f_6x;
        const Fp12<Curve> b = a * f_2x.conjugate();
        return a * f_6xx * f * b.frobenius() * a.frobenius_2() * (b * f.conjugate()).frobenius_2().frobenius();
    }
};

} // namespace rvm::curves::bn254
