// base^exponent mod modulus of one machine word each: GMP's set-up takes longer than such a power.
#ifndef RVM_CRYPTO_MODEXP_WORD_HPP
#define RVM_CRYPTO_MODEXP_WORD_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace rvm::crypto {

/// Arithmetic modulo odd * 2^k in its two parts side by side: the first in Montgomery's form with R = 2^64, the second
/// modulo 2^64, which costs nothing beside it. Source: Montgomery, "Modular Multiplication Without Trial Division" (1985).
class WordModulus {
  public:
    struct Residue {
        std::uint64_t odd; ///< times R
        std::uint64_t two; ///< modulo 2^64
    };

    /// `modulus` is at least 1.
    explicit WordModulus(std::uint64_t modulus) noexcept
        : shift_(static_cast<unsigned>(std::countr_zero(modulus))), odd_(modulus >> shift_), inverse_(inverse(odd_)) {}

    [[nodiscard]] Residue enter(std::uint64_t number) const noexcept {
        return {static_cast<std::uint64_t>((Wide{number % odd_} << 64u) % odd_), number};
    }
    [[nodiscard]] Residue multiply(Residue a, Residue b) const noexcept {
        return {reduce(Wide{a.odd} * b.odd), a.two * b.two};
    }
    /// The number below the modulus that agrees with both parts.
    [[nodiscard]] std::uint64_t leave(Residue residue) const noexcept {
        const std::uint64_t odd = reduce(residue.odd);
        const std::uint64_t mask = (std::uint64_t{1} << shift_) - 1;
        return odd + odd_ * (((residue.two - odd) * inverse_) & mask);
    }

  private:
    __extension__ using Wide = unsigned __int128;

    /// product / R modulo the odd part, product being below odd * R.
    [[nodiscard]] std::uint64_t reduce(Wide product) const noexcept {
        const auto high = static_cast<std::uint64_t>(product >> 64u);
        const std::uint64_t factor = static_cast<std::uint64_t>(product) * inverse_;
        const auto excess = static_cast<std::uint64_t>(Wide{factor} * odd_ >> 64u); // the low words are equal
        return high - excess + (high < excess ? odd_ : 0);
    }
    /// Of an odd number modulo 2^64, by Newton's iteration: 5 bits, then twice as many each time.
    static std::uint64_t inverse(std::uint64_t odd) noexcept {
        std::uint64_t guess = 3 * odd ^ 2u;
        for (int i = 0; i < 4; ++i) {
            guess *= 2 - odd * guess;
        }
        return guess;
    }

    unsigned shift_;
    std::uint64_t odd_;
    std::uint64_t inverse_;
};

/// base^exponent mod modulus, which is at least 1; 0^0 is 1, as EIP-198 has it.
inline std::uint64_t power_modulo_word(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) noexcept {
    if (exponent == 0) return modulus == 1 ? 0 : 1;
    const WordModulus arithmetic(modulus);
    const WordModulus::Residue one_digit = arithmetic.enter(base);
    // From the top in windows of an odd number below 8 each, between which there are only squarings.
    const WordModulus::Residue square = arithmetic.multiply(one_digit, one_digit);
    std::array<WordModulus::Residue, 4> odd_powers{one_digit};
    const auto bits = static_cast<unsigned>(std::bit_width(exponent));
    if (bits > 3) {
        for (std::size_t i = 1; i < odd_powers.size(); ++i) {
            odd_powers[i] = arithmetic.multiply(odd_powers[i - 1], square);
        }
    }
    WordModulus::Residue power = one_digit;
    unsigned left = bits - 1; // bits below those that `power` is of
    if (bits > 3) {
        const std::uint64_t digit = exponent >> (bits - 3);
        const auto even = static_cast<unsigned>(std::countr_zero(digit));
        power = odd_powers[digit >> (even + 1)];
        left = bits - 3 + even;
    }
    while (left != 0) {
        power = arithmetic.multiply(power, power);
        --left;
        if ((exponent >> left & 1u) == 0) continue;
        const unsigned width = bits > 3 ? std::min(3u, left + 1) : 1;
        const std::uint64_t digit = exponent >> (left + 1 - width) & ((1u << width) - 1);
        const auto even = static_cast<unsigned>(std::countr_zero(digit));
        for (unsigned i = 1; i < width - even; ++i) {
            power = arithmetic.multiply(power, power);
            --left;
        }
        power = arithmetic.multiply(power, odd_powers[digit >> (even + 1)]);
    }
    return arithmetic.leave(power);
}

} // namespace rvm::crypto

#endif
