#include "curves/bn254.hpp"

#include "curves/bn254_curve.hpp"

namespace rvm::curves::bn254 {
namespace {

template <class C>
struct Codec {
    using Fp = typename C::Fp;
    using F2 = typename C::F2;

    static Status read_g1(const std::uint8_t* in, Affine<Fp>& out) noexcept {
        Affine<Fp> p;
        if (!Fp::from_bytes(in, p.x) || !Fp::from_bytes(in + coordinate_size, p.y)) return Status::not_in_field;
        p.infinity = p.x.is_zero() && p.y.is_zero();
        if (!p.on_curve(C::G1::b)) return Status::not_on_curve;
        out = p;
        return Status::ok;
    }

    static Status read_g2(const std::uint8_t* in, Affine<F2>& out) noexcept {
        Affine<F2> q;
        if (!Fp::from_bytes(in, q.x.imaginary) || !Fp::from_bytes(in + coordinate_size, q.x.real) ||
            !Fp::from_bytes(in + 2 * coordinate_size, q.y.imaginary) ||
            !Fp::from_bytes(in + 3 * coordinate_size, q.y.real)) {
            return Status::not_in_field;
        }
        q.infinity = q.x.is_zero() && q.y.is_zero();
        if (!q.on_curve(C::G2::b)) return Status::not_on_curve;
        if (!C::in_subgroup(q)) return Status::not_in_subgroup;
        out = q;
        return Status::ok;
    }

    static void write_g1(const Jacobian<Fp>& point, std::uint8_t* out) noexcept {
        const Affine<Fp> p = point.affine(); // infinity has zero coordinates
        p.x.to_bytes(out);
        p.y.to_bytes(out + coordinate_size);
    }
};

template <class C>
Status add_on(const std::uint8_t* in, std::uint8_t* out) {
    Affine<typename C::Fp> a;
    Affine<typename C::Fp> b;
    if (const Status s = Codec<C>::read_g1(in, a); s != Status::ok) return s;
    if (const Status s = Codec<C>::read_g1(in + g1_size, b); s != Status::ok) return s;
    Codec<C>::write_g1(Jacobian<typename C::Fp>(a) + b, out);
    return Status::ok;
}

template <class C>
Status multiply_on(const std::uint8_t* in, std::uint8_t* out) {
    Affine<typename C::Fp> p;
    if (const Status s = Codec<C>::read_g1(in, p); s != Status::ok) return s;
    Codec<C>::write_g1(curves::multiply<typename C::G1>(p, from_bytes<4>(in + g1_size)), out);
    return Status::ok;
}

template <class C>
Status check_on(Bytes input, bool& is_one) {
    std::vector<PairingInput<C>> pairs(input.size() / pair_size);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const std::uint8_t* in = input.data() + i * pair_size;
        if (const Status s = Codec<C>::read_g1(in, pairs[i].p); s != Status::ok) return s;
        if (const Status s = Codec<C>::read_g2(in + g1_size, pairs[i].q); s != Status::ok) return s;
    }
    is_one = pairing_product<C>(pairs) == Fp12<C>::one();
    return Status::ok;
}

} // namespace

Status add(std::span<const std::uint8_t, 2 * g1_size> input, std::span<std::uint8_t, g1_size> sum, Path path) {
    return path == Path::adx ? add_on<Curve<Path::adx>>(input.data(), sum.data())
                             : add_on<Curve<Path::portable>>(input.data(), sum.data());
}

Status multiply(std::span<const std::uint8_t, g1_size + scalar_size> input, std::span<std::uint8_t, g1_size> product,
                Path path) {
    return path == Path::adx ? multiply_on<Curve<Path::adx>>(input.data(), product.data())
                             : multiply_on<Curve<Path::portable>>(input.data(), product.data());
}

Status pairing_check(Bytes input, bool& is_one, Path path) {
    if (input.size() % pair_size != 0) return Status::bad_length;
    return path == Path::adx ? check_on<Curve<Path::adx>>(input, is_one)
                             : check_on<Curve<Path::portable>>(input, is_one);
}

} // namespace rvm::curves::bn254
