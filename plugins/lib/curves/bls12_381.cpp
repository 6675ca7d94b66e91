#include "curves/bls12_381.hpp"

#include "curves/bls12_381_codec.hpp"
#include "curves/map_to_curve.hpp"

namespace rvm::curves::bls12_381 {
namespace {

template <class C, class Group>
Status add_on(Bytes input, std::uint8_t* out) {
    using F = typename Group::F;
    const std::size_t size = input.size() / 2;
    Affine<F> a;
    Affine<F> b;
    if (const Status s = Codec<C>::template read_point<Group>(input.data(), a); s != Status::ok) return s;
    if (const Status s = Codec<C>::template read_point<Group>(input.data() + size, b); s != Status::ok) return s;
    Codec<C>::write(Jacobian<F>(a) + b, out);
    return Status::ok;
}

template <class C, class Group>
Status multiply_sum_on(Bytes input, std::size_t point_size, std::uint8_t* out) {
    using F = typename Group::F;
    const std::size_t size = point_size + scalar_size;
    std::vector<Affine<F>> points(input.size() / size);
    std::vector<Scalar> scalars(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::uint8_t* in = input.data() + i * size;
        if (const Status s = Codec<C>::template read_member<Group>(in, points[i]); s != Status::ok) return s;
        scalars[i] = from_bytes<4>(in + point_size);
    }
    Codec<C>::write(multiply_sum<Group>(points, scalars), out);
    return Status::ok;
}

template <class C>
Status check_on(Bytes input, bool& is_one) {
    std::vector<PairingInput<C>> pairs(input.size() / pair_size);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const std::uint8_t* in = input.data() + i * pair_size;
        Status s = Codec<C>::template read_member<typename C::G1>(in, pairs[i].p);
        if (s == Status::ok) s = Codec<C>::template read_point<typename C::G2>(in + g1_size, pairs[i].q);
        if (s != Status::ok) return s;
    }
    Fp12<C> product;
    if (!miller_loop_in_group<C>(pairs, product)) return Status::not_in_subgroup;
    is_one = final_exponentiation(product) == Fp12<C>::one();
    return Status::ok;
}

template <class C>
Status map_fp_on(Bytes input, std::uint8_t* out) {
    typename C::Fp u;
    if (const Status s = Codec<C>::read(input.data(), u); s != Status::ok) return s;
    Codec<C>::write(map_to_g1<C>(u), out);
    return Status::ok;
}

template <class C>
Status map_fp2_on(Bytes input, std::uint8_t* out) {
    typename C::F2 u;
    if (const Status s = Codec<C>::read(input.data(), u); s != Status::ok) return s;
    Codec<C>::write(map_to_g2<C>(u), out);
    return Status::ok;
}

using Adx = Curve<Path::adx>;
using Portable = Curve<Path::portable>;

bool whole_elements(Bytes input, std::size_t size) noexcept { return !input.empty() && input.size() % size == 0; }

} // namespace

Status add_g1(Bytes input, G1Bytes sum, Path path) {
    if (input.size() != 2 * g1_size) return Status::bad_length;
    return path == Path::adx ? add_on<Adx, Adx::G1>(input, sum.data())
                             : add_on<Portable, Portable::G1>(input, sum.data());
}

Status add_g2(Bytes input, G2Bytes sum, Path path) {
    if (input.size() != 2 * g2_size) return Status::bad_length;
    return path == Path::adx ? add_on<Adx, Adx::G2>(input, sum.data())
                             : add_on<Portable, Portable::G2>(input, sum.data());
}

Status multiply_sum_g1(Bytes input, G1Bytes sum, Path path) {
    if (!whole_elements(input, g1_size + scalar_size)) return Status::bad_length;
    return path == Path::adx ? multiply_sum_on<Adx, Adx::G1>(input, g1_size, sum.data())
                             : multiply_sum_on<Portable, Portable::G1>(input, g1_size, sum.data());
}

Status multiply_sum_g2(Bytes input, G2Bytes sum, Path path) {
    if (!whole_elements(input, g2_size + scalar_size)) return Status::bad_length;
    return path == Path::adx ? multiply_sum_on<Adx, Adx::G2>(input, g2_size, sum.data())
                             : multiply_sum_on<Portable, Portable::G2>(input, g2_size, sum.data());
}

Status pairing_check(Bytes input, bool& is_one, Path path) {
    if (!whole_elements(input, pair_size)) return Status::bad_length;
    return path == Path::adx ? check_on<Adx>(input, is_one) : check_on<Portable>(input, is_one);
}

Status map_fp_to_g1(Bytes input, G1Bytes point, Path path) {
    if (input.size() != fp_size) return Status::bad_length;
    return path == Path::adx ? map_fp_on<Adx>(input, point.data()) : map_fp_on<Portable>(input, point.data());
}

Status map_fp2_to_g2(Bytes input, G2Bytes point, Path path) {
    if (input.size() != fp2_size) return Status::bad_length;
    return path == Path::adx ? map_fp2_on<Adx>(input, point.data()) : map_fp2_on<Portable>(input, point.data());
}

} // namespace rvm::curves::bls12_381
