#include "curves/bls_signature.hpp"

#include "curves/bls12_381_codec.hpp"
#include "curves/map_to_curve.hpp"
#include "curves/secret_multiple.hpp"

namespace rvm::curves::bls12_381 {
namespace {

/// 64 bytes, big-endian, modulo p (RFC 9380, section 5.2): two halves of 32 bytes, each below p.
template <class Fp>
Fp reduce_wide(const std::uint8_t* bytes) noexcept {
    constexpr Fp shift = Fp::from_number({0, 0, 0, 0, 1});
    const auto half = [](const std::uint8_t* in) { return Fp::from_number(resize<6>(from_bytes<4>(in))); };
    return half(bytes) * shift + half(bytes + 32);
}

template <class C>
Affine<typename C::F2> message_point(UniformBytes bytes) noexcept {
    using Fp = typename C::Fp;
    const auto element = [&](std::size_t at) {
        return typename C::F2{reduce_wide<Fp>(bytes.data() + at), reduce_wide<Fp>(bytes.data() + at + 64)};
    };
    return map_to_g2<C>(element(0), element(128)).affine();
}

/// 0 < secret < order, without telling by time where they differ.
bool is_secret(SecretBytes secret) noexcept {
    Limbs<4> number = from_bytes<4>(secret.data());
    std::uint64_t any = 0;
    for (const std::uint64_t limb : number) {
        any |= limb;
    }
    const bool below = subtract_from(number, order) != 0;
    wipe(number);
    return any != 0 && below;
}

template <class C>
Status public_key_on(SecretBytes secret, std::uint8_t* key) noexcept {
    Codec<C>::write_compressed(secret_multiple<typename C::G1>(C::G1::generator, secret.data()), key);
    return Status::ok;
}

template <class C>
Status sign_on(SecretBytes secret, UniformBytes message, std::uint8_t* signature) noexcept {
    const auto point = message_point<C>(message);
    if (point.infinity) return Status::not_in_subgroup; // nobody knows such a message
    Codec<C>::write_compressed(secret_multiple<typename C::G2>(point, secret.data()), signature);
    return Status::ok;
}

/// The sum of compressed points, none of which is the identity where `strict`.
template <class C, class Group>
Status add_on(Bytes points, bool strict, Affine<typename Group::F>& sum) {
    constexpr std::size_t size = Group::F::byte_size;
    Jacobian<typename Group::F> total;
    for (std::size_t at = 0; at < points.size(); at += size) {
        Affine<typename Group::F> point;
        const Status s = Codec<C>::template read_compressed<Group>(points.data() + at, point);
        if (s != Status::ok) return s;
        if (strict && point.infinity) return Status::bad_encoding;
        total += point;
    }
    sum = total.affine();
    return strict && sum.infinity ? Status::bad_encoding : Status::ok;
}

template <class C>
Status add_signatures_on(Bytes signatures, std::uint8_t* out) {
    Affine<typename C::F2> sum;
    const Status s = add_on<C, typename C::G2>(signatures, false, sum);
    if (s == Status::ok) Codec<C>::write_compressed(sum, out);
    return s;
}

template <class C>
Status add_keys_on(Bytes keys, std::uint8_t* out) {
    Affine<typename C::Fp> sum;
    const Status s = add_on<C, typename C::G1>(keys, true, sum);
    if (s == Status::ok) Codec<C>::write_compressed(sum, out);
    return s;
}

/// Key and message of each factor; the keys are not the identity.
template <class C>
Status read_pairs(Bytes keys, Bytes messages, std::vector<PairingInput<C>>& pairs) {
    for (std::size_t i = 0; i < keys.size() / key_size; ++i) {
        const std::uint8_t* key = keys.data() + i * key_size;
        const Status s = Codec<C>::template read_compressed<typename C::G1>(key, pairs[i].p);
        if (s != Status::ok) return s;
        if (pairs[i].p.infinity) return Status::bad_encoding;
        pairs[i].q = message_point<C>(UniformBytes(messages.data() + i * uniform_size, uniform_size));
    }
    return Status::ok;
}

/// The product of e(key, message) over all pairs is e(generator, signature).
template <class C>
Status verify_on(Bytes keys, Bytes messages, Bytes signature, bool& valid) {
    std::vector<PairingInput<C>> pairs(keys.size() / key_size + 1);
    Status s = read_pairs(keys, messages, pairs);
    if (s == Status::ok) {
        s = Codec<C>::template read_compressed<typename C::G2>(signature.data(), pairs.back().q);
    }
    if (s != Status::ok) return s;
    pairs.back().p = -C::G1::generator;
    valid = pairing_product<C>(pairs) == Fp12<C>::one();
    return Status::ok;
}

/// The product of e(c key, message) over all pairs is e(generator, sum of c signature).
template <class C>
Status verify_batch_on(Bytes keys, Bytes messages, Bytes signatures, Bytes coefficients, bool& valid) {
    const std::size_t count = keys.size() / key_size;
    std::vector<PairingInput<C>> pairs(count + 1);
    if (const Status s = read_pairs(keys, messages, pairs); s != Status::ok) return s;
    std::vector<Affine<typename C::F2>> points(count);
    std::vector<Scalar> scalars(count);
    std::vector<Jacobian<typename C::Fp>> multiples(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* signature = signatures.data() + i * signature_size;
        const Status s = Codec<C>::template read_compressed<typename C::G2>(signature, points[i]);
        if (s != Status::ok) return s;
        scalars[i] = resize<4>(from_bytes<2>(coefficients.data() + i * coefficient_size));
        multiples[i] = multiply<typename C::G1>(pairs[i].p, scalars[i]);
    }
    const auto scaled = to_affine(multiples);
    for (std::size_t i = 0; i < count; ++i) {
        pairs[i].p = scaled[i];
    }
    pairs.back() = {-C::G1::generator, multiply_sum<typename C::G2>(points, scalars).affine()};
    valid = pairing_product<C>(pairs) == Fp12<C>::one();
    return Status::ok;
}

using Adx = Curve<Path::adx>;
using Portable = Curve<Path::portable>;

bool whole(Bytes input, std::size_t size) noexcept { return !input.empty() && input.size() % size == 0; }

} // namespace

Status public_key(SecretBytes secret, KeyBytes key, Path path) {
    if (!is_secret(secret)) return Status::not_in_field;
    return path == Path::adx ? public_key_on<Adx>(secret, key.data()) : public_key_on<Portable>(secret, key.data());
}

Status sign(SecretBytes secret, UniformBytes message, SignatureBytes signature, Path path) {
    if (!is_secret(secret)) return Status::not_in_field;
    return path == Path::adx ? sign_on<Adx>(secret, message, signature.data())
                             : sign_on<Portable>(secret, message, signature.data());
}

bool secret_from_bytes(std::span<const std::uint8_t, 48> bytes, std::span<std::uint8_t, secret_size> secret) {
    // Bit by bit: remainder = 2 remainder + bit, minus the order where that is not negative.
    Limbs<4> remainder{};
    for (std::size_t i = 0; i < 8 * bytes.size(); ++i) {
        Limbs<4> doubled = remainder; // below 2^256: the order has 255 bits
        add_to(doubled, remainder);
        doubled[0] |= static_cast<std::uint64_t>(bytes[i / 8]) >> (7 - i % 8) & 1u;
        portable::subtract_once(doubled, order);
        remainder = doubled;
        wipe(doubled);
    }
    to_bytes(remainder, secret.data());
    const bool any = !is_zero(remainder);
    wipe(remainder);
    return any;
}

Status add_signatures(Bytes signatures, SignatureBytes sum, Path path) {
    if (!whole(signatures, signature_size)) return Status::bad_length;
    return path == Path::adx ? add_signatures_on<Adx>(signatures, sum.data())
                             : add_signatures_on<Portable>(signatures, sum.data());
}

Status add_keys(Bytes keys, KeyBytes sum, Path path) {
    if (!whole(keys, key_size)) return Status::bad_length;
    return path == Path::adx ? add_keys_on<Adx>(keys, sum.data()) : add_keys_on<Portable>(keys, sum.data());
}

Status verify(Bytes keys, Bytes messages, Bytes signature, bool& valid, Path path) {
    if (!whole(keys, key_size) || messages.size() != keys.size() / key_size * uniform_size ||
        signature.size() != signature_size) {
        return Status::bad_length;
    }
    return path == Path::adx ? verify_on<Adx>(keys, messages, signature, valid)
                             : verify_on<Portable>(keys, messages, signature, valid);
}

Status verify_batch(Bytes keys, Bytes messages, Bytes signatures, Bytes coefficients, bool& valid, Path path) {
    const std::size_t count = keys.size() / key_size;
    if (!whole(keys, key_size) || messages.size() != count * uniform_size ||
        signatures.size() != count * signature_size || coefficients.size() != count * coefficient_size) {
        return Status::bad_length;
    }
    return path == Path::adx ? verify_batch_on<Adx>(keys, messages, signatures, coefficients, valid)
                             : verify_batch_on<Portable>(keys, messages, signatures, coefficients, valid);
}

} // namespace rvm::curves::bls12_381
