// Points of short Weierstrass curves y^2 = x^3 + b.
//
// Formulas: D. J. Bernstein, T. Lange, Explicit-Formulas Database, Jacobian coordinates for a = 0 (dbl-2009-l,
// add-2007-bl, madd-2007-bl); where the field halves, doubling is by the slope 3 x^2 / 2 over y z, which needs six
// additions less. Every operation is right for every input: infinity, equal and opposite points.
#pragma once

#include <vector>

#include "curves/fp2.hpp"

namespace rvm::curves {

/// A point by its coordinates, or infinity (then the coordinates are zero).
template <class F>
struct Affine {
    F x;
    F y;
    bool infinity = true;

    [[nodiscard]] static constexpr Affine at(const F& x, const F& y) noexcept { return {x, y, false}; }
    constexpr bool operator==(const Affine&) const noexcept = default;
    constexpr Affine operator-() const noexcept { return {x, -y, infinity}; }
    [[nodiscard]] constexpr bool on_curve(const F& b) const noexcept {
        return infinity || y.square() == x.square() * x + b;
    }
};

/// (X / Z^2, Y / Z^3); Z = 0 is infinity.
template <class F>
struct Jacobian {
    F x = F::one();
    F y = F::one();
    F z{};

    constexpr Jacobian() noexcept = default;
    constexpr Jacobian(const F& px, const F& py, const F& pz) noexcept : x(px), y(py), z(pz) {}
    constexpr explicit Jacobian(const Affine<F>& p) noexcept {
        if (!p.infinity) *this = {p.x, p.y, F::one()};
    }

    [[nodiscard]] constexpr bool is_infinity() const noexcept { return z.is_zero(); }
    constexpr Jacobian operator-() const noexcept { return {x, -y, z}; }

    [[nodiscard]] constexpr Jacobian twice() const noexcept {
        if constexpr (requires { x.half(); }) {
            const F xx = x.square();
            const F slope = (xx.twice() + xx).half(); // times y
            const F yy = y.square();
            const F s = x * yy;
            const F x2 = slope.square() - s.twice();
            return {x2, slope * (s - x2) - yy.square(), y * z};
        } else {
            return twice_without_halves();
        }
    }

    friend constexpr Jacobian operator+(const Jacobian& p, const Affine<F>& q) noexcept {
        if (q.infinity) return p;
        if (p.is_infinity()) return Jacobian(q);
        const F zz = p.z.square();
        const F h = q.x * zz - p.x;
        const F r = q.y * p.z * zz - p.y;
        if (h.is_zero()) return r.is_zero() ? p.twice() : Jacobian{};
        return sum(p.x, p.y, h, r, p.z * h);
    }

    friend constexpr Jacobian operator+(const Jacobian& p, const Jacobian& q) noexcept {
        if (q.is_infinity()) return p;
        if (p.is_infinity()) return q;
        const F zz1 = p.z.square();
        const F zz2 = q.z.square();
        const F u1 = p.x * zz2;
        const F s1 = p.y * q.z * zz2;
        const F h = q.x * zz1 - u1;
        const F r = q.y * p.z * zz1 - s1;
        if (h.is_zero()) return r.is_zero() ? p.twice() : Jacobian{};
        return sum(u1, s1, h, r, p.z * q.z * h);
    }
    constexpr Jacobian& operator+=(const Jacobian& q) noexcept { return *this = *this + q; }
    constexpr Jacobian& operator+=(const Affine<F>& q) noexcept { return *this = *this + q; }

    /// Equality of points, not of coordinates.
    friend constexpr bool operator==(const Jacobian& p, const Jacobian& q) noexcept {
        if (p.is_infinity() || q.is_infinity()) return p.is_infinity() == q.is_infinity();
        const F zz1 = p.z.square();
        const F zz2 = q.z.square();
        return p.x * zz2 == q.x * zz1 && p.y * zz2 * q.z == q.y * zz1 * p.z;
    }

    [[nodiscard]] constexpr Affine<F> affine() const noexcept {
        return is_infinity() ? Affine<F>{} : affine_with(z.inverse());
    }
    [[nodiscard]] constexpr Affine<F> affine_with(const F& z_inverse) const noexcept {
        const F zz = z_inverse.square();
        return Affine<F>::at(x * zz, y * zz * z_inverse);
    }

    /// p + q for finite points that are neither equal nor opposite; `ratio` is the sum's z over p's.
    [[nodiscard]] static constexpr Jacobian sum_of_distinct(const Jacobian& p, const Affine<F>& q, F& ratio) noexcept {
        const F zz = p.z.square();
        ratio = q.x * zz - p.x;
        return sum(p.x, p.y, ratio, q.y * p.z * zz - p.y, p.z * ratio);
    }

  private:
    constexpr Jacobian twice_without_halves() const noexcept {
        const F a = x.square();
        const F b = y.square();
        const F c = b.square();
        const F d = ((x + b).square() - a - c).twice();
        const F e = a.twice() + a;
        const F x3 = e.square() - d.twice();
        return {x3, e * (d - x3) - c.twice().twice().twice(), (y * z).twice()};
    }

    /// (x1 : y1) + (x1 + h : y1 + r) over a common denominator, whose product with h is z3.
    static constexpr Jacobian sum(const F& x1, const F& y1, const F& h, const F& r, const F& z3) noexcept {
        const F hh = h.square();
        const F hhh = hh * h;
        const F v = x1 * hh;
        const F x3 = r.square() - hhh - v.twice();
        return {x3, r * (v - x3) - y1 * hhh, z3};
    }
};

/// All of them with one inversion (P. Montgomery's trick).
template <class F>
[[nodiscard]] std::vector<Affine<F>> to_affine(const std::vector<Jacobian<F>>& points) {
    std::vector<F> products; // of the z before each finite point
    products.reserve(points.size());
    F running = F::one();
    for (const Jacobian<F>& p : points) {
        products.push_back(running);
        if (!p.is_infinity()) running *= p.z;
    }
    std::vector<Affine<F>> result(points.size());
    F inverse = running.inverse();
    for (std::size_t i = points.size(); i-- > 0;) {
        if (points[i].is_infinity()) continue;
        result[i] = points[i].affine_with(inverse * products[i]);
        inverse *= points[i].z;
    }
    return result;
}

/// k * p by doubling and adding: the reference for every faster way, and the best one for sparse k.
template <class F, std::size_t N>
[[nodiscard]] constexpr Jacobian<F> multiply_plain(const Affine<F>& p, const Limbs<N>& k) noexcept {
    Jacobian<F> result;
    for (unsigned i = bit_length(k); i-- > 0;) {
        result = result.twice();
        if (bit(k, i)) result += p;
    }
    return result;
}

template <class F, std::size_t N>
[[nodiscard]] constexpr Jacobian<F> multiply_plain(const Jacobian<F>& p, const Limbs<N>& k) noexcept {
    Jacobian<F> result;
    for (unsigned i = bit_length(k); i-- > 0;) {
        result = result.twice();
        if (bit(k, i)) result += p;
    }
    return result;
}

} // namespace rvm::curves
