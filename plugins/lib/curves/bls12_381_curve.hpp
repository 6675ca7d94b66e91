// The curve BLS12-381: y^2 = x^3 + 4 over p of 381 bits, x = -0xd201000000010000. Parameters: EIP-2537 and
// draft-irtf-cfrg-pairing-friendly-curves, section 4.2.1. Coefficients below are powers of xi = 1 + u, named beside
// them; tests recompute them.
#pragma once

#include "curves/cyclotomic.hpp"
#include "curves/msm.hpp"
#include "curves/pairing.hpp"

namespace rvm::curves::bls12_381 {

/// The field of coordinates: EIP-2537, "base field modulus".
struct BaseParameters {
    static constexpr std::size_t limbs = 6;
    static constexpr Modulus<limbs> modulus{from_hex<limbs>(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab")};
};

/// The order of both groups: EIP-2537, "main subgroup order". It is x^4 - x^2 + 1.
inline constexpr Scalar order = from_hex<4>("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

/// |x|; x is negative.
inline constexpr std::uint64_t x_magnitude = 0xd201000000010000u;

/// |x| in binary, lowest digit first.
inline constexpr std::array<std::int8_t, 64> loop_digits = [] {
    std::array<std::int8_t, 64> digits{};
    for (unsigned i = 0; i < 64; ++i) {
        digits[i] = (x_magnitude >> i & 1u) != 0 ? 1 : 0;
    }
    return digits;
}();

/// k modulo the order in base |x|, lowest digit first: four digits, since the order is below x^4.
constexpr std::array<std::uint64_t, 4> base_x_digits(const Scalar& scalar) noexcept {
    Scalar k = reduce_scalar(scalar, order);
    std::array<std::uint64_t, 4> digits{};
    for (std::uint64_t& digit : digits) {
        Uint128 remainder = 0;
        for (std::size_t i = k.size(); i-- > 0;) {
            remainder = remainder << limb_bits | k[i];
            k[i] = low64(remainder / x_magnitude);
            remainder %= x_magnitude;
        }
        digit = low64(remainder);
    }
    return digits;
}

template <Path path>
struct Curve {
    using Fp = Field<BaseParameters, path>;
    using F2 = Fp2<Fp>;

    static constexpr unsigned xi_real = 1;
    static constexpr bool d_type = false;
    static constexpr const std::array<std::int8_t, 64>& loop_digits = bls12_381::loop_digits;
    static constexpr bool loop_negative = true;
    static constexpr bool frobenius_steps = false;

    /// xi^(i (p - 1) / 6).
    static constexpr std::array<F2, 6> frobenius_coefficients{
        F2::from_text("1", "0"),
        F2::from_text(
            "1904d3bf02bb0667c231beb4202c0d1f0fd603fd3cbd5f4f7b2443d784bab9c4f67ea53d63e7813d8d0775ed92235fb8",
            "fc3e2b36c4e03288e9e902231f9fb854a14787b6c7b36fec0c8ec971f63c5f282d5ac14d6c7ec22cf78a126ddc4af3"),
        F2::from_text(
            "0", "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaac"),
        F2::from_text(
            "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09",
            "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09"),
        F2::from_text(
            "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad", "0"),
        F2::from_text(
            "5b2cfd9013a5fd8df47fa6b48b1e045f39816240c0b8fee8beadf4d8e9c0566c63a3e6e257f87329b18fae980078116",
            "144e4211384586c16bd3ad4afa99cc9170df3560e77982d0db45f3536814f0bd5871c1908bd478cd1ee605167ff82995"),
    };

    struct G1 {
        using F = Fp;
        static constexpr F b = F::from_small(4);
        /// EIP-2537, "G1 generator".
        static constexpr Affine<F> generator = Affine<F>::at(
            F::from_text(
                "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
            F::from_text(
                "8b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"));
        static constexpr std::size_t parts = 2;

        /// -phi(P) for phi(x, y) = (beta x, y): multiplies by x^2 on G1.
        [[nodiscard]] static constexpr Affine<F> next_part(const Affine<F>& p) noexcept {
            // The primitive cube root of 1 with phi(P) = -x^2 P.
            constexpr F beta =
                F::from_text("5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe");
            return {p.x * beta, -p.y, p.infinity};
        }

        /// k = k0 + k1 x^2.
        [[nodiscard]] static constexpr std::array<Part, 2> split(const Scalar& k) noexcept {
            const auto digits = base_x_digits(k);
            const auto pair = [](std::uint64_t low, std::uint64_t high) {
                const Uint128 v = Uint128{high} * x_magnitude + low;
                return Part{{low64(v), high64(v), 0}, false};
            };
            return {pair(digits[0], digits[1]), pair(digits[2], digits[3])};
        }

        /// For p on the curve: phi(p) = -x^2 p. phi^2 + phi + 1 = 0 turns that into (x^4 - x^2 + 1) p = r p = 0, so the
        /// check is exact (M. Scott, 2021; see G2).
        [[nodiscard]] static constexpr bool in_subgroup(const Affine<F>& p) noexcept {
            const Jacobian<F> once = multiply_plain(p, Limbs<1>{x_magnitude});
            return multiply_plain(once, Limbs<1>{x_magnitude}) == Jacobian<F>(next_part(p));
        }
    };

    struct G2 {
        using F = F2;
        /// 4 xi.
        static constexpr F b = F::from_small(4, 4);
        /// EIP-2537, "G2 generator".
        static constexpr Affine<F> generator = Affine<F>::at(
            F::from_text(
                "24aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8",
                "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"),
            F::from_text(
                "ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801",
                "606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be"));
        static constexpr std::size_t parts = 4;

        /// -psi(Q): multiplies by |x| on G2.
        [[nodiscard]] static constexpr Affine<F> next_part(const Affine<F>& q) noexcept { return -psi(q); }

        [[nodiscard]] static constexpr std::array<Part, 4> split(const Scalar& k) noexcept {
            const auto digits = base_x_digits(k);
            return {Part{{digits[0]}, false}, Part{{digits[1]}, false}, Part{{digits[2]}, false},
                    Part{{digits[3]}, false}};
        }

        /// For q on the twist: psi(q) = x q. psi^2 - t psi + p = 0 with t = x + 1 turns that into
        /// (p + 1 - t) q = 0, and that number and the twist's order have only r in common (M. Scott, "A note on group
        /// membership tests for G1, G2 and GT on BLS pairing-friendly curves", 2021).
        [[nodiscard]] static constexpr bool in_subgroup(const Affine<F>& q) noexcept {
            return is_loop_multiple(multiply_plain(q, Limbs<1>{x_magnitude}), q);
        }
        /// The same for a finite q of which |x| q is known.
        [[nodiscard]] static constexpr bool is_loop_multiple(const Jacobian<F>& multiple, const Affine<F>& q) noexcept {
            return multiple == Jacobian<F>(next_part(q));
        }
    };

    [[nodiscard]] static constexpr Affine<F2> psi(const Affine<F2>& q) noexcept {
        constexpr F2 x_coefficient = F2::from_text( // 1 / xi^((p - 1) / 3)
            "0", "1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad");
        constexpr F2 y_coefficient = F2::from_text( // 1 / xi^((p - 1) / 2)
            "135203e60180a68ee2e9c448d77a2cd91c3dedd930b1cf60ef396489f61eb45e304466cf3e67fa0af1ee7b04121bdea2",
            "6af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09");
        return {q.x.conjugate() * x_coefficient, q.y.conjugate() * y_coefficient, q.infinity};
    }

    /// Exponent 3 (p^4 - p^2 + 1) / r = (x - 1)^2 (x + p) (x^2 + p^2 - 1) + 3: D. Hayashida, K. Hayasaka, T. Teruya,
    /// "Efficient final exponentiation via cyclotomic structure for pairings over families of elliptic curves", 2020.
    [[nodiscard]] static constexpr Fp12<Curve> hard_part(const Fp12<Curve>& f) noexcept {
        const auto to_x = [](const Fp12<Curve>& g) { return cyclotomic_power(g, x_magnitude).conjugate(); };
        const auto to_x_minus_1 = [&](const Fp12<Curve>& g) { return to_x(g) * g.conjugate(); };
        const Fp12<Curve> a = to_x_minus_1(to_x_minus_1(f));
        const Fp12<Curve> b = to_x(a) * a.frobenius();
        const Fp12<Curve> c = to_x(to_x(b)) * b.frobenius_2() * b.conjugate();
        return c * f.cyclotomic_square() * f;
    }
};

} // namespace rvm::curves::bls12_381
