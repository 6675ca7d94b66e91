#include "curves/secp256k1.hpp"

#include <algorithm>

#include "curves/odd_multiples.hpp"
#include "curves/secp256k1_curve.hpp"

namespace rvm::curves::secp256k1 {
namespace {

/// Window for the point that each call brings: 8 odd multiples.
constexpr unsigned point_width = 5;
/// Window for the generator, whose odd multiples are made once.
constexpr unsigned generator_width = 11;
constexpr unsigned half_bits = 128;

template <class F>
struct Coordinates {
    F x;
    F y;
};

/// Odd multiples of the generator G and of 2^128 G: a scalar's halves need one chain of 128 doublings.
template <Path path>
struct GeneratorTables {
    using F = Fp<path>;
    static constexpr std::size_t size = std::size_t{1} << (generator_width - 2);
    using Table = std::array<Coordinates<F>, size>;
    Table low;
    Table high;

    GeneratorTables() {
        Jacobian<F> point(Curve<path>::G1::generator);
        fill(low, point);
        for (unsigned i = 0; i < half_bits; ++i) {
            point = point.twice();
        }
        fill(high, point);
    }

    static const GeneratorTables& get() {
        static const GeneratorTables tables;
        return tables;
    }

  private:
    static void fill(Table& table, const Jacobian<F>& point) {
        const Jacobian<F> step = point.twice();
        std::vector<Jacobian<F>> multiples{point};
        while (multiples.size() < size) {
            multiples.push_back(multiples.back() + step);
        }
        const std::vector<Affine<F>> affine = to_affine(multiples);
        for (std::size_t i = 0; i < size; ++i) {
            table[i] = {affine[i].x, affine[i].y};
        }
    }
};

/// Adds a digit's multiple from a table of odd multiples.
template <class F, class Multiple>
void add_digit(Jacobian<F>& sum, int digit, const Multiple& multiple) {
    if (digit > 0) sum += multiple(static_cast<std::size_t>(digit) / 2);
    if (digit < 0) sum += -multiple(static_cast<std::size_t>(-digit) / 2);
}

/// g G + k P for finite P: one chain of doublings for the halves of g and the two parts of k (E. G. Straus, 1964).
template <Path path>
Jacobian<Fp<path>> combine(const Scalar& g, const Affine<Fp<path>>& p, const Scalar& k) {
    using F = Fp<path>;
    using G1 = typename Curve<path>::G1;
    const auto& tables = GeneratorTables<path>::get();
    const OddMultiples<F, std::size_t{1} << (point_width - 2)> multiples(p);
    const F zz = multiples.z.square();
    const F zzz = zz * multiples.z;

    const auto parts = G1::split(k);
    const Naf<point_width> part_0(parts[0]);
    const Naf<point_width> part_1(parts[1]);
    const Naf<generator_width> low(Part{{g[0], g[1], 0}, false});
    const Naf<generator_width> high(Part{{g[2], g[3], 0}, false});
    // On the curve of the multiples' denominator, where they are affine and G's multiples are (x z^2, y z^3).
    const auto from_table = [&](const auto& table) {
        return [&table, &zz, &zzz](std::size_t i) { return Affine<F>::at(table[i].x * zz, table[i].y * zzz); };
    };

    Jacobian<F> sum;
    for (unsigned i = std::max({part_0.length, part_1.length, low.length, high.length}); i-- > 0;) {
        sum = sum.twice();
        add_digit(sum, part_0.digits[i], [&](std::size_t j) { return multiples.points[j]; });
        add_digit(sum, part_1.digits[i], [&](std::size_t j) { return G1::next_part(multiples.points[j]); });
        add_digit(sum, low.digits[i], from_table(tables.low));
        add_digit(sum, high.digits[i], from_table(tables.high));
    }
    sum.z *= multiples.z;
    return sum;
}

/// The point whose x is r, or r plus the order, and whose y is odd or even as the recovery id says.
template <Path path>
bool point_of(Scalar x, unsigned recovery_id, Affine<Fp<path>>& out) {
    using F = Fp<path>;
    if ((recovery_id & 2u) != 0 && (add_to(x, order) != 0 || !less(x, F::p))) return false;
    const F px = F::from_number(x);
    F py;
    if (!(px.square() * px + Curve<path>::G1::b).square_root(py)) return false;
    if (py.is_odd() != ((recovery_id & 1u) != 0)) py = -py;
    out = Affine<F>::at(px, py);
    return true;
}

template <Path path>
bool recover_on(const std::uint8_t* digest, const std::uint8_t* r_bytes, const std::uint8_t* s_bytes,
                unsigned recovery_id, std::uint8_t* key) {
    const Scalar r = from_bytes<4>(r_bytes);
    const Scalar s = from_bytes<4>(s_bytes);
    if (is_zero(r) || is_zero(s) || !less(r, order) || !less(s, order)) return false;
    Affine<Fp<path>> point;
    if (!point_of<path>(r, recovery_id, point)) return false;
    // s R = digest G + r Q, so Q = (s / r) R - (digest / r) G.
    const Scalar inverse = scalars::inverse(r);
    const Scalar message = reduce_scalar(from_bytes<4>(digest), order);
    const Jacobian<Fp<path>> sum = combine<path>(scalars::negate(scalars::multiply(message, inverse)), point,
                                                 scalars::multiply(s, inverse));
    if (sum.is_infinity()) return false;
    const auto q = sum.affine();
    q.x.to_bytes(key);
    q.y.to_bytes(key + scalar_size);
    return true;
}

} // namespace

bool recover(std::span<const std::uint8_t, scalar_size> digest, std::span<const std::uint8_t, scalar_size> r,
             std::span<const std::uint8_t, scalar_size> s, unsigned recovery_id,
             std::span<std::uint8_t, key_size> key, Path path) {
    return path == Path::adx ? recover_on<Path::adx>(digest.data(), r.data(), s.data(), recovery_id, key.data())
                             : recover_on<Path::portable>(digest.data(), r.data(), s.data(), recovery_id, key.data());
}

} // namespace rvm::curves::secp256k1
