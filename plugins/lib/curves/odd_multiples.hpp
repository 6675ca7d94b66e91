// Odd multiples of a point over one common denominator, found without an inversion.
#pragma once

#include "curves/group.hpp"

namespace rvm::curves {

/// P, 3 P, 5 P, ...: the point (x, y) stands for (x / z^2, y / z^3). Such points are affine points of an isomorphic
/// curve, y^2 = x^3 + b z^6, on which the formulas of group.hpp hold as they are; a result there has its z multiplied
/// by this one to come back.
template <class F, std::size_t count>
struct OddMultiples {
    std::array<Affine<F>, count> points;
    F z;

    /// p is not infinity and its order is above 2 * count.
    constexpr explicit OddMultiples(const Affine<F>& p) noexcept {
        // On the curve where 2 P is affine, P is (x z^2, y z^3), and each next multiple is a sum with an affine point.
        const Jacobian<F> twice = Jacobian<F>(p).twice();
        const Affine<F> step = Affine<F>::at(twice.x, twice.y);
        const F zz = twice.z.square();
        std::array<F, count> ratios; // of the denominator of each multiple to the one before
        Jacobian<F> multiple(p.x * zz, p.y * zz * twice.z, F::one());
        points[0] = Affine<F>::at(multiple.x, multiple.y);
        for (std::size_t i = 1; i < count; ++i) {
            multiple = Jacobian<F>::sum_of_distinct(multiple, step, ratios[i]);
            points[i] = Affine<F>::at(multiple.x, multiple.y);
        }
        z = multiple.z * twice.z;
        // All get the denominator of the last.
        F factor = F::one();
        for (std::size_t i = count - 1; i-- > 0;) {
            factor *= ratios[i + 1];
            const F squared = factor.square();
            points[i].x *= squared;
            points[i].y *= squared * factor;
        }
    }
};

} // namespace rvm::curves
