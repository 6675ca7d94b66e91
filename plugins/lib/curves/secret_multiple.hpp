// Multiples of a point by a secret scalar, in a time and with memory accesses that do not depend on the scalar.
//
// What that rests on: the fields add, subtract and multiply without branches (montgomery*.hpp correct by masks and
// CMOV); the formulas of J. Renes, C. Costello, L. Batina, "Complete addition formulas for prime order elliptic
// curves", EUROCRYPT 2016, algorithms 7 and 9 (a = 0), have no exceptional case on points of odd order; the window's
// entry is chosen by reading all of them; the last inversion is a power to a fixed exponent.
#pragma once

#include <array>
#include <bit>
#include <cstring>

#include "curves/group.hpp"

namespace rvm::curves {

/// Overwrites what a secret passed through.
template <class T>
void wipe(T& object) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    std::memset(static_cast<void*>(&object), 0, sizeof object);
    asm volatile("" : : "r"(&object) : "memory"); // the store is seen
}

namespace detail {

/// (X : Y : Z), x = X / Z; Z = 0 is infinity.
template <class F>
struct Projective {
    F x;
    F y;
    F z;
};

/// Algorithm 7; b3 = 3 b.
template <class F>
[[nodiscard]] Projective<F> add_complete(const Projective<F>& p, const Projective<F>& q, const F& b3) noexcept {
    const F xx = p.x * q.x;
    const F yy = p.y * q.y;
    const F zz = p.z * q.z;
    const F xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
    const F yz = (p.y + p.z) * (q.y + q.z) - (yy + zz);
    const F xz = b3 * ((p.x + p.z) * (q.x + q.z) - (xx + zz));
    const F bz = b3 * zz;
    const F xx3 = xx.twice() + xx;
    const F sum = yy + bz;
    const F difference = yy - bz;
    return {xy * difference - yz * xz, difference * sum + xz * xx3, sum * yz + xx3 * xy};
}

/// Algorithm 9.
template <class F>
[[nodiscard]] Projective<F> twice_complete(const Projective<F>& p, const F& b3) noexcept {
    const F yy = p.y.square();
    const F yy8 = yy.twice().twice().twice();
    const F zz = b3 * p.z.square();
    const F difference = yy - (zz.twice() + zz);
    return {(difference * (p.x * p.y)).twice(), zz * yy8 + difference * (yy + zz), p.y * p.z * yy8};
}

/// table[index], reading every entry.
template <class F, std::size_t Count>
[[nodiscard]] Projective<F> choose(const std::array<Projective<F>, Count>& table, std::uint64_t index) noexcept {
    using Words = std::array<std::uint64_t, sizeof(Projective<F>) / sizeof(std::uint64_t)>;
    Words chosen{};
    for (std::uint64_t i = 0; i < Count; ++i) {
        std::uint64_t mask = 0 - (((i ^ index) - 1) >> 63u); // all ones when they are equal
        asm("" : "+r"(mask));                                // no branch is made of it
        const Words entry = std::bit_cast<Words>(table[i]);
        for (std::size_t j = 0; j < chosen.size(); ++j) {
            chosen[j] |= entry[j] & mask;
        }
    }
    return std::bit_cast<Projective<F>>(chosen);
}

/// 1 / a by Fermat; zero for zero.
template <class Parameters, Path path>
[[nodiscard]] Field<Parameters, path> secret_inverse(const Field<Parameters, path>& a) noexcept {
    constexpr auto exponent = [] {
        auto p = Parameters::modulus.p;
        subtract_from(p, Limbs<Parameters::limbs>{2});
        return p;
    }();
    return a.power(exponent);
}
template <class Base>
[[nodiscard]] Fp2<Base> secret_inverse(const Fp2<Base>& a) noexcept {
    const Base factor = secret_inverse(a.norm());
    return {a.real * factor, -(a.imaginary * factor)};
}

} // namespace detail

/// k * p for a finite p of odd prime order and k of 32 bytes, big-endian, that is no multiple of that order.
template <class Group>
[[nodiscard]] Affine<typename Group::F> secret_multiple(const Affine<typename Group::F>& p,
                                                        const std::uint8_t* k) noexcept {
    using F = typename Group::F;
    using Point = detail::Projective<F>;
    constexpr F b3 = Group::b.twice() + Group::b;
    std::array<Point, 16> table;
    table[0] = {F{}, F::one(), F{}};
    table[1] = {p.x, p.y, F::one()};
    for (std::size_t i = 2; i < table.size(); ++i) {
        table[i] = detail::add_complete(table[i - 1], table[1], b3);
    }
    Point sum = table[0];
    for (std::size_t i = 0; i < 64; ++i) { // digits of four bits, highest first
        for (int j = 0; j < 4; ++j) {
            sum = detail::twice_complete(sum, b3);
        }
        std::uint64_t digit = static_cast<std::uint64_t>(k[i / 2]) >> (i % 2 == 0 ? 4u : 0u) & 15u;
        Point part = detail::choose(table, digit);
        sum = detail::add_complete(sum, part, b3);
        wipe(part);
        wipe(digit);
    }
    F inverse = detail::secret_inverse(sum.z);
    const auto result = Affine<F>::at(sum.x * inverse, sum.y * inverse);
    wipe(inverse);
    wipe(sum);
    return result;
}

} // namespace rvm::curves
