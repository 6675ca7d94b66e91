// Optimal ate pairings (F. Vercauteren, 2010) on curves with a sextic twist; products of pairings share the squarings.
//
// `Curve` gives, besides what tower.hpp needs:
//   d_type            twist y^2 = x^3 + b / xi (true) or y^2 = x^3 + b xi (false)
//   loop_digits       the loop's parameter, digits -1, 0, 1, lowest first; the top digit is 1
//   loop_negative     the parameter is negative
//   frobenius_steps   whether psi(Q) and -psi^2(Q) are added at the end (Barreto-Naehrig curves)
//   psi(Q)            untwist, Frobenius, twist
//   hard_part(f)      f to a multiple, prime to the order, of (p^4 - p^2 + 1) / r, f in the cyclotomic subgroup
#pragma once

#include <span>
#include <vector>

#include "curves/group.hpp"
#include "curves/tower.hpp"

namespace rvm::curves {

/// A line through points of the twist, not yet evaluated: a + b x_P + c y_P, each at its power of w.
template <class Curve>
struct Line {
    using F2 = Fp2<typename Curve::Fp>;
    F2 a;
    F2 b;
    F2 c;
};

namespace detail {

/// t <- 2 t; the tangent at t, scaled by 2 Y Z^3: slope 3 X^2 / (2 Y Z).
template <class Curve>
Line<Curve> double_step(Jacobian<Fp2<typename Curve::Fp>>& t) noexcept {
    const auto a = t.x.square();
    const auto b = t.y.square();
    const auto c = b.square();
    const auto d = ((t.x + b).square() - a - c).twice();
    const auto e = a.twice() + a;
    const auto zz = t.z.square();
    const auto x3 = e.square() - d.twice();
    const auto z3 = (t.y + t.z).square() - b - zz;
    const Line<Curve> line{e * t.x - b.twice(), -(e * zz), z3 * zz};
    t = {x3, e * (d - x3) - c.twice().twice().twice(), z3};
    return line;
}

/// t <- t + q for t other than q, -q and infinity; the line through both, scaled by the new Z.
template <class Curve>
Line<Curve> add_step(Jacobian<Fp2<typename Curve::Fp>>& t, const Affine<Fp2<typename Curve::Fp>>& q) noexcept {
    const auto zz = t.z.square();
    const auto h = q.x * zz - t.x;
    const auto r = q.y * t.z * zz - t.y;
    const auto hh = h.square();
    const auto hhh = hh * h;
    const auto v = t.x * hh;
    const auto z3 = t.z * h;
    const auto x3 = r.square() - hhh - v.twice();
    t = {x3, r * (v - x3) - t.y * hhh, z3};
    return {r * q.x - q.y * z3, -r, z3};
}

/// The lines of one Q in the order that the loop asks for them: computed, or read from a table.
template <class Curve>
class LineSource {
  public:
    using F2 = Fp2<typename Curve::Fp>;
    explicit LineSource(const Affine<F2>& q) noexcept : q_(q), t_(q) {}
    explicit LineSource(std::span<const Line<Curve>> table) noexcept : table_(table.data()) {}

    Line<Curve> doubled() noexcept { return table_ != nullptr ? *table_++ : double_step<Curve>(t_); }
    Line<Curve> added(int digit) noexcept {
        if (table_ != nullptr) return *table_++;
        return add_step<Curve>(t_, digit > 0 ? q_ : -q_);
    }
    Line<Curve> added_psi() noexcept { return table_ != nullptr ? *table_++ : add_step<Curve>(t_, Curve::psi(q_)); }
    Line<Curve> subtracted_psi_2() noexcept {
        return table_ != nullptr ? *table_++ : add_step<Curve>(t_, -Curve::psi(Curve::psi(q_)));
    }

    [[nodiscard]] const Affine<F2>& start() const noexcept { return q_; }
    /// The multiple of q that the loop's parameter makes, once it has ended.
    [[nodiscard]] const Jacobian<F2>& end() const noexcept { return t_; }

  private:
    Affine<F2> q_;
    Jacobian<F2> t_;
    const Line<Curve>* table_ = nullptr;
};

/// Calls visit(line) for each line in order, and square() before each doubling but the first.
template <class Curve, class Square, class Visit>
void walk(std::span<LineSource<Curve>> sources, const Square& square, const Visit& visit) {
    constexpr std::size_t top = Curve::loop_digits.size() - 1;
    static_assert(Curve::loop_digits[top] == 1);
    for (std::size_t i = top; i-- > 0;) {
        if (i + 1 != top) square();
        for (std::size_t k = 0; k < sources.size(); ++k) {
            visit(k, sources[k].doubled());
            if (Curve::loop_digits[i] != 0) visit(k, sources[k].added(Curve::loop_digits[i]));
        }
    }
    if constexpr (Curve::frobenius_steps) {
        for (std::size_t k = 0; k < sources.size(); ++k) {
            visit(k, sources[k].added_psi());
            visit(k, sources[k].subtracted_psi_2());
        }
    }
}

} // namespace detail

/// The lines of a fixed Q, finite and in the group of prime order, for PairingInput::table.
template <class Curve>
[[nodiscard]] std::vector<Line<Curve>> prepare_lines(const Affine<Fp2<typename Curve::Fp>>& q) {
    std::vector<Line<Curve>> table;
    detail::LineSource<Curve> source(q);
    detail::walk<Curve>(
        {&source, 1}, [] {}, [&](std::size_t, const Line<Curve>& line) { table.push_back(line); });
    return table;
}

/// One factor e(p, q). p and q must be in the groups of prime order; either may be infinity.
template <class Curve>
struct PairingInput {
    Affine<typename Curve::Fp> p;
    Affine<Fp2<typename Curve::Fp>> q;
    /// The lines of q from prepare_lines(), in place of q; empty: computed.
    std::span<const Line<Curve>> table{};
};

namespace detail {

/// Product of the Miller functions; `sources` gets the walks of the pairs without infinity, which have ended then.
template <class Curve>
[[nodiscard]] Fp12<Curve> miller_loop(std::span<const PairingInput<Curve>> inputs,
                                      std::vector<LineSource<Curve>>& sources) {
    std::vector<Affine<typename Curve::Fp>> points;
    sources.reserve(inputs.size());
    points.reserve(inputs.size());
    for (const PairingInput<Curve>& input : inputs) {
        if (input.p.infinity || (input.table.empty() && input.q.infinity)) continue; // e = 1
        if (input.table.empty())
            sources.emplace_back(input.q);
        else
            sources.emplace_back(input.table);
        points.push_back(input.p);
    }
    Fp12<Curve> f = Fp12<Curve>::one();
    if (points.empty()) return f;
    walk<Curve>(
        sources, [&] { f = f.square(); },
        [&](std::size_t k, const Line<Curve>& line) {
            // On a D-type twist w^0, w^1, w^3 carry y_P, x_P and the constant; on an M-type twist, after a factor w^3
            // that the final exponentiation removes, the constant, x_P and y_P stand at w^0, w^2, w^3.
            if constexpr (Curve::d_type)
                f = f.times_034(line.c * points[k].y, line.b * points[k].x, line.a);
            else
                f = f.times_014(line.a, line.b * points[k].x, line.c * points[k].y);
        });
    return Curve::loop_negative ? f.conjugate() : f;
}

} // namespace detail

/// Product of the Miller functions, before the final exponentiation.
template <class Curve>
[[nodiscard]] Fp12<Curve> miller_loop(std::span<const PairingInput<Curve>> inputs) {
    std::vector<detail::LineSource<Curve>> sources;
    return detail::miller_loop(inputs, sources);
}

/// The same for any points q of the twist; false when one is not in the group of prime order. Where the loop's
/// parameter is that of the group's membership test, each walk has computed the test's multiple of q on the way. A
/// point whose walk met the cases that add_step() excludes has an order below the loop's parameter; its walk ends in
/// infinity.
template <class Curve>
[[nodiscard]] bool miller_loop_in_group(std::span<const PairingInput<Curve>> inputs, Fp12<Curve>& product) {
    static_assert(!Curve::frobenius_steps);
    for (const PairingInput<Curve>& input : inputs)
        if (input.p.infinity && !Curve::G2::in_subgroup(input.q)) return false; // no walk
    std::vector<detail::LineSource<Curve>> sources;
    product = detail::miller_loop(inputs, sources);
    for (const detail::LineSource<Curve>& source : sources)
        if (!Curve::G2::is_loop_multiple(source.end(), source.start())) return false;
    return true;
}

/// f^(multiple of (p^12 - 1) / r), f not zero.
template <class Curve>
[[nodiscard]] Fp12<Curve> final_exponentiation(const Fp12<Curve>& f) noexcept {
    const Fp12<Curve> g = f.conjugate() * f.inverse(); // p^6 - 1
    return Curve::hard_part(g.frobenius_2() * g);      // p^2 + 1
}

/// Product of e(p, q) over all inputs. Bilinear, not degenerate; which power of the reduced pairing it is depends on
/// Curve::hard_part.
template <class Curve>
[[nodiscard]] Fp12<Curve> pairing_product(std::span<const PairingInput<Curve>> inputs) {
    return final_exponentiation(miller_loop(inputs));
}

} // namespace rvm::curves
