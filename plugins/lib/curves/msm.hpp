// Sums of multiples of points: sum of k_i P_i, from one point to thousands.
//
// `Group` describes a group of prime order with a fast endomorphism: `F` (coordinates), `Scalar` reduction and
//   parts             how many short scalars one scalar becomes
//   split(k)          these scalars: k P = sum of part_i * E^i(P)
//   next_part(P)      E(P)
// (R. P. Gallant, R. J. Lambert, S. A. Vanstone, "Faster point multiplication on elliptic curves with efficient
// endomorphisms", 2001; in more dimensions S. Galbraith, X. Lin, M. Scott, 2009.)
#pragma once

#include <span>
#include <vector>

#include "curves/group.hpp"
#include "curves/naf.hpp"

namespace rvm::curves {

/// Any 256-bit number; groups reduce it modulo their order.
using Scalar = Limbs<4>;

/// The part of a number in two's complement, of at most 192 bits.
constexpr Part signed_part(Scalar k) noexcept {
    const bool negative = bit(k, 255);
    if (negative) {
        Scalar magnitude{};
        subtract_from(magnitude, k);
        k = magnitude;
    }
    return {resize<3>(k), negative};
}

/// k modulo the order. 2^256 is below six times the order of either curve.
constexpr Scalar reduce_scalar(Scalar k, const Scalar& order) noexcept {
    while (!less(k, order)) {
        subtract_from(k, order);
    }
    return k;
}

namespace detail {

/// Width of the window for few points: digits are odd and below 2^(width - 1), tables have 2^(width - 2) points.
inline constexpr unsigned naf_width = 5;
inline constexpr std::size_t naf_table = std::size_t{1} << (naf_width - 2);

/// Few points: one chain of doublings for all, with a table of odd multiples a point (E. G. Straus, 1964).
template <class Group>
[[nodiscard]] Jacobian<typename Group::F> sum_interleaved(std::span<const Affine<typename Group::F>> points,
                                                          std::span<const Scalar> scalars) {
    using F = typename Group::F;
    std::vector<Jacobian<F>> multiples; // P, 3 P, 5 P, ... of each point
    multiples.reserve(points.size() * naf_table);
    for (const Affine<F>& p : points) {
        const Jacobian<F> twice = Jacobian<F>(p).twice();
        multiples.push_back(Jacobian<F>(p));
        for (std::size_t i = 1; i < naf_table; ++i) {
            multiples.push_back(multiples.back() + twice);
        }
    }
    std::vector<Affine<F>> tables = to_affine(multiples);
    std::vector<Naf<naf_width>> nafs;
    nafs.reserve(points.size() * Group::parts);
    for (const Scalar& k : scalars) {
        for (const Part& part : Group::split(k)) {
            nafs.emplace_back(part);
        }
    }
    // The tables of the other parts follow from the first by the endomorphism: part j of point i is at j n + i.
    const std::size_t stride = tables.size();
    tables.reserve(stride * Group::parts);
    for (std::size_t i = 0; i < stride * (Group::parts - 1); ++i) {
        tables.push_back(Group::next_part(tables[i]));
    }
    unsigned length = 0;
    for (const Naf<naf_width>& naf : nafs) {
        length = naf.length > length ? naf.length : length;
    }
    Jacobian<F> result;
    for (unsigned position = length; position-- > 0;) {
        result = result.twice();
        for (std::size_t i = 0; i < points.size(); ++i) {
            for (std::size_t part = 0; part < Group::parts; ++part) {
                const int digit = nafs[i * Group::parts + part].digits[position];
                if (digit == 0) continue;
                const std::size_t index = static_cast<std::size_t>(digit > 0 ? digit : -digit) / 2;
                const Affine<F>& multiple = tables[part * stride + i * naf_table + index];
                result += digit > 0 ? multiple : -multiple;
            }
        }
    }
    return result;
}

/// Additions that a bucket sum with this width costs, in mixed additions: a full addition costs about 1.5 of them.
constexpr std::size_t bucket_cost(std::size_t points, unsigned bits, unsigned width) noexcept {
    return (bits / width + 1) * (points + (std::size_t{3} << (width - 1)));
}

/// Many points: per window of `width` bits, points go to the bucket of their digit; running sums weigh the buckets
/// (N. Pippenger, 1976; D. J. Bernstein, J. Doumen, T. Lange, J.-J. Oosterwijk, 2012). Digits are signed, which halves
/// the buckets.
template <class Group>
[[nodiscard]] Jacobian<typename Group::F> sum_buckets(std::span<const Affine<typename Group::F>> points,
                                                      std::span<const Scalar> scalars) {
    using F = typename Group::F;
    std::vector<Affine<F>> all;
    std::vector<Limbs<3>> magnitudes;
    all.reserve(points.size() * Group::parts);
    magnitudes.reserve(points.size() * Group::parts);
    unsigned bits = 1;
    for (std::size_t i = 0; i < points.size(); ++i) {
        Affine<F> p = points[i];
        const auto split = Group::split(scalars[i]);
        for (std::size_t j = 0; j < split.size(); ++j) {
            if (j != 0) p = Group::next_part(p);
            all.push_back(split[j].negative ? -p : p);
            magnitudes.push_back(split[j].magnitude);
            const unsigned length = bit_length(split[j].magnitude);
            bits = length > bits ? length : bits;
        }
    }
    constexpr unsigned max_width = 15; // 16384 buckets
    unsigned width = 2;
    for (unsigned w = 3; w <= max_width; ++w) {
        if (bucket_cost(all.size(), bits, w) < bucket_cost(all.size(), bits, width)) width = w;
    }
    const std::size_t buckets = std::size_t{1} << (width - 1);
    const unsigned windows = bits / width + 1; // the last one takes the carry of the signed digits
    std::vector<std::int16_t> digits(all.size() * windows);
    for (std::size_t i = 0; i < all.size(); ++i) {
        int carry = 0;
        for (unsigned w = 0; w < windows; ++w) {
            int digit = carry;
            for (unsigned b = 0; b < width && w * width + b < 3 * limb_bits; ++b) {
                digit += bit(magnitudes[i], w * width + b) ? 1 << b : 0;
            }
            carry = digit > static_cast<int>(buckets) ? 1 : 0;
            digits[i * windows + w] = static_cast<std::int16_t>(digit - (carry << width));
        }
    }
    Jacobian<F> result;
    std::vector<Jacobian<F>> bucket(buckets);
    for (unsigned w = windows; w-- > 0;) {
        for (unsigned i = 0; i < width; ++i) {
            result = result.twice();
        }
        bucket.assign(buckets, Jacobian<F>{});
        for (std::size_t i = 0; i < all.size(); ++i) {
            const int digit = digits[i * windows + w];
            if (digit > 0) bucket[static_cast<std::size_t>(digit) - 1] += all[i];
            if (digit < 0) bucket[static_cast<std::size_t>(-digit) - 1] += -all[i];
        }
        Jacobian<F> running;
        Jacobian<F> weighted;
        for (std::size_t i = buckets; i-- > 0;) {
            running += bucket[i];
            weighted += running;
        }
        result += weighted;
    }
    return result;
}

} // namespace detail

/// Up to so many short scalars one chain of doublings with tables costs less than buckets: measured, 48 points in G1
/// and 24 in G2 of BLS12-381.
inline constexpr std::size_t interleaved_limit = 96;

/// Sum of scalars[i] * points[i]; the spans have one length. Every point must be in the group (of prime order): the
/// endomorphism means nothing elsewhere.
template <class Group>
[[nodiscard]] Jacobian<typename Group::F> multiply_sum(std::span<const Affine<typename Group::F>> points,
                                                       std::span<const Scalar> scalars) {
    return points.size() * Group::parts <= interleaved_limit ? detail::sum_interleaved<Group>(points, scalars)
                                                             : detail::sum_buckets<Group>(points, scalars);
}

/// k * p for p in the group.
template <class Group>
[[nodiscard]] Jacobian<typename Group::F> multiply(const Affine<typename Group::F>& p, const Scalar& k) {
    return detail::sum_interleaved<Group>({&p, 1}, {&k, 1});
}

} // namespace rvm::curves
