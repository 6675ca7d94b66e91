// The field of secp256k1: integers modulo p = 2^256 - 2^32 - 977 (SEC 2, section 2.4.1). Not Montgomery's form: this p
// is so near a power of two that a product is folded instead, and it leaves no spare bits for sums.
#pragma once

#include "curves/inverse.hpp"
#include "curves/limbs.hpp"
#include "curves/montgomery.hpp"
#include "curves/path.hpp"
#include "curves/secp256k1_adx.hpp"

namespace rvm::curves::secp256k1 {

/// A residue as any of its representatives below 2^256. Variable time: nothing here is fit for secrets.
template <Path path>
class Fp {
  public:
    using Number = Limbs<4>;
    static constexpr Number p = from_hex<4>("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    /// 2^256 modulo p.
    static constexpr std::uint64_t fold = (std::uint64_t{1} << 32u) + 977;

    constexpr Fp() noexcept = default;

    /// Any number below 2^256.
    [[nodiscard]] static constexpr Fp from_number(const Number& number) noexcept { return Fp(number); }
    [[nodiscard]] static constexpr Fp from_small(std::uint64_t small) noexcept { return Fp(Number{small}); }
    [[nodiscard]] static consteval Fp from_text(std::string_view hex) { return Fp(from_hex<4>(hex)); }
    [[nodiscard]] static constexpr Fp one() noexcept { return from_small(1); }
    [[nodiscard]] static constexpr Fp zero() noexcept { return Fp(); }

    /// The residue, below p.
    [[nodiscard]] constexpr Number number() const noexcept {
        Number least = value_;
        if (!less(least, p)) subtract_from(least, p);
        return least;
    }
    void to_bytes(std::uint8_t* bytes) const noexcept { curves::to_bytes(number(), bytes); }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return curves::is_zero(value_) || value_ == p; }
    [[nodiscard]] constexpr bool is_odd() const noexcept { return (number()[0] & 1u) != 0; }
    friend constexpr bool operator==(const Fp& a, const Fp& b) noexcept { return (a - b).is_zero(); }

    friend constexpr Fp operator+(const Fp& a, const Fp& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Fp(adx::add(a.value_, b.value_, fold));
        }
#endif
        Number sum = a.value_;
        if (add_to(sum, b.value_) != 0 && add_to(sum, Number{fold}) != 0) sum[0] += fold; // sum was below fold
        return Fp(sum);
    }
    friend constexpr Fp operator-(const Fp& a, const Fp& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Fp(adx::subtract(a.value_, b.value_, fold));
        }
#endif
        Number difference = a.value_;
        if (subtract_from(difference, b.value_) != 0 && subtract_from(difference, Number{fold}) != 0) {
            difference[0] -= fold; // difference was 2^256 - fold or more
        }
        return Fp(difference);
    }
    constexpr Fp operator-() const noexcept { return zero() - *this; }
    friend constexpr Fp operator*(const Fp& a, const Fp& b) noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Fp(adx::multiply(a.value_, b.value_, fold));
        }
#endif
        return Fp(folded(curves::multiply(a.value_, b.value_)));
    }
    constexpr Fp& operator+=(const Fp& b) noexcept { return *this = *this + b; }
    constexpr Fp& operator-=(const Fp& b) noexcept { return *this = *this - b; }
    constexpr Fp& operator*=(const Fp& b) noexcept { return *this = *this * b; }
    [[nodiscard]] constexpr Fp square() const noexcept {
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) return Fp(adx::square(value_, fold));
        }
#endif
        return *this * *this;
    }
    [[nodiscard]] constexpr Fp twice() const noexcept { return *this + *this; }

    /// a / 2.
    [[nodiscard]] constexpr Fp half() const noexcept {
        Number result = shift_right(value_, 1);
        // An odd number has (a - 1) / 2 + (p + 1) / 2, below 2^256.
        constexpr Number half_of_one = from_hex<4>("7fffffffffffffffffffffffffffffffffffffffffffffffffffffff7ffffe18");
        const std::uint64_t odd = 0 - (value_[0] & 1u);
        const Number more{half_of_one[0] & odd, half_of_one[1] & odd, half_of_one[2] & odd, half_of_one[3] & odd};
#if RVM_CURVES_ADX
        if constexpr (path == Path::adx) {
            if (!std::is_constant_evaluated()) {
                curves::adx::add_to(result, more);
                return Fp(result);
            }
        }
#endif
        add_to(result, more);
        return Fp(result);
    }

    /// 1 / a; zero for zero.
    [[nodiscard]] constexpr Fp inverse() const noexcept {
        return Fp(invert<4>(number(), p, negated_inverse_64(p[0])));
    }

    /// False when there is no root. The root is a^((p + 1) / 4), whose exponent is 2^254 - 2^30 - 244: ones at 223, 22 and
    /// 2 places in a row, which the powers a^(2^n - 1) make with 253 squarings and 13 products.
    [[nodiscard]] constexpr bool square_root(Fp& root) const noexcept {
        const Fp& x1 = *this;
        const Fp x2 = x1.squared(1) * x1;
        const Fp x3 = x2.squared(1) * x1;
        const Fp x6 = x3.squared(3) * x3;
        const Fp x9 = x6.squared(3) * x3;
        const Fp x11 = x9.squared(2) * x2;
        const Fp x22 = x11.squared(11) * x11;
        const Fp x44 = x22.squared(22) * x22;
        const Fp x88 = x44.squared(44) * x44;
        const Fp x176 = x88.squared(88) * x88;
        const Fp x220 = x176.squared(44) * x44;
        const Fp x223 = x220.squared(3) * x3;
        const Fp candidate = ((x223.squared(23) * x22).squared(6) * x2).squared(2);
        if (candidate.square() != *this) return false;
        root = candidate;
        return true;
    }

  private:
    constexpr explicit Fp(const Number& value) noexcept : value_(value) {}

    /// a^(2^times).
    [[nodiscard]] constexpr Fp squared(int times) const noexcept {
        Fp result = *this;
        for (int i = 0; i < times; ++i) {
            result = result.square();
        }
        return result;
    }

    static constexpr Number folded(const Limbs<8>& wide) noexcept {
        Number low{};
        std::uint64_t above = 0;
        for (std::size_t i = 0; i < low.size(); ++i) {
            const Uint128 sum = Uint128{wide[4 + i]} * fold + wide[i] + above;
            low[i] = low64(sum);
            above = high64(sum);
        }
        const Uint128 rest = Uint128{above} * fold; // of 67 bits
        if (add_to(low, Number{low64(rest), high64(rest)}) != 0) add_to(low, Number{fold});
        return low;
    }

    Number value_{};
};

} // namespace rvm::curves::secp256k1
