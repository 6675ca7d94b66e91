// Quadratic extension F[u] / (u^2 + 1).
#pragma once

#include "curves/field.hpp"

namespace rvm::curves {

/// real + imaginary * u. Products are sums of products where the field has them (montgomery_sums.hpp), else they follow
/// Karatsuba with three wide products and two reductions (lazy reduction: Aranha, Karabina, Longa, Gebotys, López,
/// "Faster explicit formulas for computing pairings over ordinary curves", 2011).
template <class Base>
struct Fp2 {
    using BaseField = Base;
    Base real;
    Base imaginary;

    static constexpr std::size_t byte_size = 2 * Base::byte_size;

    [[nodiscard]] static constexpr Fp2 one() noexcept { return {Base::one(), Base::zero()}; }
    [[nodiscard]] static constexpr Fp2 zero() noexcept { return {}; }
    [[nodiscard]] static constexpr Fp2 from_small(std::uint64_t a, std::uint64_t b = 0) noexcept {
        return {Base::from_small(a), Base::from_small(b)};
    }
    [[nodiscard]] static consteval Fp2 from_text(std::string_view a, std::string_view b) {
        return {Base::from_text(a), Base::from_text(b)};
    }

    /// The second factor b of a product in sums: a b = (a.real b.real - a.imaginary b.imaginary) + (a.real b.imaginary
    /// + a.imaginary b.real) u. Refers to b.
    class Factor {
      public:
        explicit Factor(const Fp2& b) noexcept : b_(b), negated_(-b.imaginary) {}
        /// What a.real (0) and a.imaginary (1) are multiplied by.
        [[nodiscard]] const typename Base::Number* for_real(int part) const noexcept {
            return part == 0 ? &b_.real.raw() : &negated_.raw();
        }
        [[nodiscard]] const typename Base::Number* for_imaginary(int part) const noexcept {
            return part == 0 ? &b_.imaginary.raw() : &b_.real.raw();
        }

      private:
        const Fp2& b_;
        Base negated_;
    };

    [[nodiscard]] constexpr bool is_zero() const noexcept { return real.is_zero() && imaginary.is_zero(); }
    constexpr bool operator==(const Fp2&) const noexcept = default;

    friend constexpr Fp2 operator+(const Fp2& a, const Fp2& b) noexcept {
        return {a.real + b.real, a.imaginary + b.imaginary};
    }
    friend constexpr Fp2 operator-(const Fp2& a, const Fp2& b) noexcept {
        return {a.real - b.real, a.imaginary - b.imaginary};
    }
    constexpr Fp2 operator-() const noexcept { return {-real, -imaginary}; }
    static Fp2 multiply_by_sums(const Fp2& a, const Fp2& b) noexcept {
        const Factor factor(b);
        const typename Base::Number* const pointers[] = {factor.for_real(0), factor.for_real(1),
                                                         factor.for_imaginary(0), factor.for_imaginary(1)};
        return {Base::template sum_of_products<2>(&a.real.raw(), pointers),
                Base::template sum_of_products<2>(&a.real.raw(), pointers + 2)};
    }
    friend constexpr Fp2 operator*(const Fp2& a, const Fp2& b) noexcept {
        if constexpr (Base::has_sums) {
            if (!std::is_constant_evaluated()) return multiply_by_sums(a, b);
        }
        auto v0 = Base::multiply_wide(a.real.raw(), b.real.raw());
        const auto v1 = Base::multiply_wide(a.imaginary.raw(), b.imaginary.raw());
        auto cross = Base::multiply_wide(Base::add_unreduced(a.real, a.imaginary),
                                         Base::add_unreduced(b.real, b.imaginary)); // below 4 p^2 < p R
        Base::subtract_wide_from(cross, v0);
        Base::subtract_wide_from(cross, v1);
        Base::subtract_wide(v0, v1);
        return {Base::reduce(v0), Base::reduce(cross)};
    }
    friend constexpr Fp2 operator*(const Fp2& a, const Base& b) noexcept { return {a.real * b, a.imaginary * b}; }
    constexpr Fp2& operator+=(const Fp2& b) noexcept { return *this = *this + b; }
    constexpr Fp2& operator-=(const Fp2& b) noexcept { return *this = *this - b; }
    constexpr Fp2& operator*=(const Fp2& b) noexcept { return *this = *this * b; }

    /// (a + b)(a - b) + 2 a b u.
    [[nodiscard]] constexpr Fp2 square() const noexcept {
        return {Base::multiply_unreduced(Base::add_unreduced(real, imaginary), (real - imaginary).raw()),
                Base::multiply_unreduced(Base::add_unreduced(real, real), imaginary.raw())};
    }
    [[nodiscard]] constexpr Fp2 twice() const noexcept { return {real.twice(), imaginary.twice()}; }
    /// The p-th power.
    [[nodiscard]] constexpr Fp2 conjugate() const noexcept { return {real, -imaginary}; }
    [[nodiscard]] constexpr Base norm() const noexcept { return real.square() + imaginary.square(); }
    /// 1 / a; zero for zero.
    [[nodiscard]] constexpr Fp2 inverse() const noexcept {
        const Base factor = norm().inverse();
        return {real * factor, -(imaginary * factor)};
    }

    template <std::size_t M>
    [[nodiscard]] constexpr Fp2 power(const Limbs<M>& exponent) const noexcept {
        Fp2 result = one();
        for (unsigned i = bit_length(exponent); i-- > 0;) {
            result = result.square();
            if (bit(exponent, i)) result *= *this;
        }
        return result;
    }

    /// False when there is no root. With s^2 = norm, the real part r of a root has r^2 = (a + s) / 2 or (a - s) / 2.
    [[nodiscard]] constexpr bool square_root(Fp2& root) const noexcept {
        if (imaginary.is_zero()) {
            Base r;
            if (real.square_root(r)) {
                root = {r, Base::zero()};
                return true;
            }
            // -1 is no square modulo p, so exactly one of a and -a is one.
            if (!(-real).square_root(r)) return false;
            root = {Base::zero(), r};
            return true;
        }
        Base s;
        if (!norm().square_root(s)) return false;
        constexpr Base half = Base::from_small(2).inverse();
        Base r;
        if (!((real + s) * half).square_root(r) && !((real - s) * half).square_root(r)) return false;
        root = {r, imaginary * half * r.inverse()};
        return true;
    }

    /// sgn0 of RFC 9380, section 4.1, for extension degree 2.
    [[nodiscard]] constexpr bool sign() const noexcept { return real.is_zero() ? imaginary.is_odd() : real.is_odd(); }
};

/// sgn0 of RFC 9380, section 4.1.
template <class Parameters, Path path>
constexpr bool sign(const Field<Parameters, path>& a) noexcept {
    return a.is_odd();
}
template <class Base>
constexpr bool sign(const Fp2<Base>& a) noexcept {
    return a.sign();
}

} // namespace rvm::curves
