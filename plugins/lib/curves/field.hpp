// Prime fields: residues in Montgomery form. `Parameters` names the modulus, `path` the code that multiplies.
#pragma once

#include <span>
#include <type_traits>

#include "curves/inverse.hpp"
#include "curves/montgomery.hpp"
#include "curves/montgomery_adx.hpp"
#include "curves/montgomery_sums.hpp"
#include "curves/path.hpp"

namespace rvm::curves {

/// An element of Z/p: value * R mod p, always below p. `Parameters` has `limbs` and `modulus`, a Modulus<limbs>.
/// Variable time: nothing here is fit for secrets.
template <class Parameters, Path path>
class Field {
  public:
    static constexpr std::size_t limbs = Parameters::limbs;
    static constexpr std::size_t byte_size = 8 * limbs;
    static constexpr const Modulus<limbs>& modulus = Parameters::modulus;
    using Number = Limbs<limbs>;
    using Wide = Limbs<2 * limbs>;
    static_assert(bit_length(modulus.p) <= limb_bits * limbs - 2, "sums of residues need spare bits");

    constexpr Field() noexcept = default;

    /// `number` must be below p.
    [[nodiscard]] static constexpr Field from_number(const Number& number) noexcept {
        return Field(multiply_limbs(number, modulus.r_squared));
    }
    [[nodiscard]] static constexpr Field from_small(std::uint64_t small) noexcept { return from_number(Number{small}); }
    [[nodiscard]] static consteval Field from_text(std::string_view hex) {
        return from_number(curves::from_hex<limbs>(hex));
    }
    [[nodiscard]] static constexpr Field one() noexcept { return Field(modulus.one); }
    [[nodiscard]] static constexpr Field zero() noexcept { return Field(); }

    /// Big-endian; false, with `out` unchanged, when the number is p or more.
    [[nodiscard]] static bool from_bytes(const std::uint8_t* bytes, Field& out) noexcept {
        const Number number = curves::from_bytes<limbs>(bytes);
        if (!less(number, modulus.p)) return false;
        out = from_number(number);
        return true;
    }
    void to_bytes(std::uint8_t* bytes) const noexcept { curves::to_bytes(number(), bytes); }

    /// The residue itself, out of Montgomery form.
    [[nodiscard]] constexpr Number number() const noexcept { return multiply_limbs(value_, Number{1}); }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return curves::is_zero(value_); }
    [[nodiscard]] constexpr bool is_odd() const noexcept { return (number()[0] & 1u) != 0; }
    constexpr bool operator==(const Field&) const noexcept = default;

    friend constexpr Field operator+(const Field& a, const Field& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Field(adx::add(a.value_, b.value_, modulus));
        }
#endif
        return Field(portable::add(a.value_, b.value_, modulus));
    }
    friend constexpr Field operator-(const Field& a, const Field& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Field(adx::subtract(a.value_, b.value_, modulus));
        }
#endif
        return Field(portable::subtract(a.value_, b.value_, modulus));
    }
    constexpr Field operator-() const noexcept { return zero() - *this; }
    friend constexpr Field operator*(const Field& a, const Field& b) noexcept {
        return Field(multiply_limbs(a.value_, b.value_));
    }
    constexpr Field& operator+=(const Field& b) noexcept { return *this = *this + b; }
    constexpr Field& operator-=(const Field& b) noexcept { return *this = *this - b; }
    constexpr Field& operator*=(const Field& b) noexcept { return *this = *this * b; }
    [[nodiscard]] constexpr Field square() const noexcept { return *this * *this; }
    [[nodiscard]] constexpr Field twice() const noexcept { return *this + *this; }

    /// 1 / a; zero for zero.
    [[nodiscard]] constexpr Field inverse() const noexcept {
        const Number plain = invert<limbs>(value_, modulus.p, modulus.negated_inverse); // 1 / (a R)
        return Field(multiply_limbs(multiply_limbs(plain, modulus.r_squared), modulus.r_squared));
    }

    /// a^exponent, four bits of the exponent at a time.
    template <std::size_t M>
    [[nodiscard]] constexpr Field power(const Limbs<M>& exponent) const noexcept {
        constexpr unsigned window = 4;
        Field table[1u << window];
        table[0] = one();
        for (unsigned i = 1; i < (1u << window); ++i) {
            table[i] = table[i - 1] * *this;
        }
        Field result = one();
        const unsigned length = bit_length(exponent);
        for (unsigned i = (length + window - 1) / window; i-- > 0;) {
            if (i + 1 < (length + window - 1) / window) {
                for (unsigned j = 0; j < window; ++j) {
                    result = result.square();
                }
            }
            const unsigned position = i * window;
            const auto digit = static_cast<unsigned>(exponent[position / limb_bits] >> (position % limb_bits)) & 15u;
            if (digit != 0) result *= table[digit];
        }
        return result;
    }

    /// False when there is no root. For p = 3 mod 4, as both curves have: a^((p + 1) / 4).
    [[nodiscard]] constexpr bool square_root(Field& root) const noexcept {
        static_assert((modulus.p[0] & 3u) == 3);
        Number exponent = modulus.p;
        curves::add_to(exponent, Number{1});
        const Field candidate = power(shift_right(exponent, 2));
        if (candidate.square() != *this) return false;
        root = candidate;
        return true;
    }

    // Products that are reduced later: towers add and subtract them first.

    /// a * b for a * b < p * R; sums of two residues are allowed.
    [[nodiscard]] static constexpr Wide multiply_wide(const Number& a, const Number& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return adx::multiply_wide(a, b);
        }
#endif
        return portable::multiply_wide(a, b);
    }
    /// a -= b, plus p * R if that is negative.
    static constexpr void subtract_wide(Wide& a, const Wide& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return adx::subtract_wide<limbs>(a, b, modulus);
        }
#endif
        portable::subtract_wide<limbs>(a, b, modulus);
    }
    /// a -= b for a >= b.
    static constexpr void subtract_wide_from(Wide& a, const Wide& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return adx::subtract_wide_from(a, b);
        }
#endif
        curves::subtract_from(a, b);
    }
    /// wide / R, for wide < p * R.
    [[nodiscard]] static constexpr Field reduce(const Wide& wide) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Field(adx::reduce(wide, modulus));
        }
#endif
        return Field(portable::reduce<limbs>(wide, modulus));
    }
    /// a + b without reduction, below 2 p.
    [[nodiscard]] static constexpr Number add_unreduced(const Field& a, const Field& b) noexcept {
        Number sum = a.value_;
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) {
                adx::add_to(sum, b.value_);
                return sum;
            }
        }
#endif
        curves::add_to(sum, b.value_);
        return sum;
    }
    /// a * b for a * b < p * R.
    [[nodiscard]] static constexpr Field multiply_unreduced(const Number& a, const Number& b) noexcept {
        return Field(multiply_limbs(a, b));
    }

    // Sums of products, where they are faster than Karatsuba's formulas: towers ask for it. Factors a lie side by side.

#if RVM_CURVES_ADX
    static constexpr bool has_sums = path == Path::adx && limbs == 6;
#else
    static constexpr bool has_sums = false;
#endif
    /// a[0] b[0] + a[1] b[1] + ..., for a sum below p * R; of four products the last two are those of a[Second] and
    /// a[Second + 1].
    template <int Count, int Second = 2>
    [[nodiscard]] static Field sum_of_products(const Number* a, const Number* const* b) noexcept {
        static_assert(has_sums && (Count == 2 || Count == 3 || Count == 4 || Count == 6));
#if RVM_CURVES_ADX
        if constexpr (Count == 2)
            return Field(adx::sum_of_2(a, b, modulus));
        else if constexpr (Count == 3)
            return Field(adx::sum_of_3(a, b, modulus));
        else if constexpr (Count == 4)
            return Field(adx::sum_of_4<Second>(a, b, modulus));
        else
            return Field(adx::sum_of_6(a, b, modulus));
#endif
    }

    /// The Montgomery form.
    [[nodiscard]] constexpr const Number& raw() const noexcept { return value_; }

  private:
    constexpr explicit Field(const Number& value) noexcept : value_(value) {}

    static constexpr Number multiply_limbs(const Number& a, const Number& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return adx::multiply(a, b, modulus);
        }
#endif
        return portable::multiply(a, b, modulus);
    }

    Number value_{};
};

} // namespace rvm::curves
