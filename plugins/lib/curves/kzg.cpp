// verify_kzg_proof of EIP-4844: consensus-specs, deneb/polynomial-commitments.md.
#include "curves/bls12_381.hpp"

#include "curves/bls12_381_codec.hpp"

namespace rvm::curves::bls12_381 {
namespace {

/// [tau]G2, compressed: g2_monomial[1] of the KZG ceremony's trusted setup (consensus-specs,
/// presets/mainnet/trusted_setups/trusted_setup_4096.json).
constexpr auto tau_g2 =
    from_hex<12>("b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72"
                 "185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2");

/// The lines of the two points of G2 that every proof is checked against.
template <class C>
struct Setup {
    std::vector<Line<C>> minus_generator;
    std::vector<Line<C>> tau;

    Setup() : minus_generator(prepare_lines<C>(-C::G2::generator)) {
        std::array<std::uint8_t, sizeof tau_g2> bytes{};
        to_bytes(tau_g2, bytes.data());
        Affine<typename C::F2> point;
        // A constant: it is a point of the group, as the vectors confirm.
        static_cast<void>(Codec<C>::template read_compressed<typename C::G2>(bytes.data(), point));
        tau = prepare_lines<C>(point);
    }
};

template <class C>
Status verify_on(const std::uint8_t* commitment, const Scalar& z, const Scalar& y, const std::uint8_t* proof,
                 bool& valid) {
    using G1 = typename C::G1;
    using Fp = typename C::Fp;
    Affine<Fp> c;
    Affine<Fp> pi;
    if (const Status s = Codec<C>::template read_compressed<G1>(commitment, c); s != Status::ok) return s;
    if (!less(z, order) || !less(y, order)) return Status::not_in_field;
    if (const Status s = Codec<C>::template read_compressed<G1>(proof, pi); s != Status::ok) return s;

    // e(C - y G1, G2) = e(pi, [tau]G2 - z G2), with the multiple of z moved to G1 so that both points of G2 are
    // constants: e(C - y G1 + z pi, -G2) e(pi, [tau]G2) = 1.
    static const Setup<C> setup;
    const Affine<Fp> points[] = {-G1::generator, pi};
    const Scalar scalars[] = {y, z};
    const Affine<Fp> left = (multiply_sum<G1>(points, scalars) + c).affine();
    const PairingInput<C> pairs[] = {{left, {}, setup.minus_generator}, {pi, {}, setup.tau}};
    valid = pairing_product<C>(pairs) == Fp12<C>::one();
    return Status::ok;
}

} // namespace

Status verify_kzg_proof(std::span<const std::uint8_t, compressed_g1_size> commitment,
                        std::span<const std::uint8_t, scalar_size> z, std::span<const std::uint8_t, scalar_size> y,
                        std::span<const std::uint8_t, compressed_g1_size> proof, bool& valid, Path path) {
    const Scalar z_value = from_bytes<4>(z.data());
    const Scalar y_value = from_bytes<4>(y.data());
    return path == Path::adx
               ? verify_on<Curve<Path::adx>>(commitment.data(), z_value, y_value, proof.data(), valid)
               : verify_on<Curve<Path::portable>>(commitment.data(), z_value, y_value, proof.data(), valid);
}

} // namespace rvm::curves::bls12_381
