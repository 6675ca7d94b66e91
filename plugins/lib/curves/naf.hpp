// Non-adjacent forms with windows: signed digits, odd or zero, of which few are not zero.
#pragma once

#include <bit>
#include <type_traits>

#include "curves/limbs.hpp"

namespace rvm::curves {

/// A short scalar with its sign.
struct Part {
    Limbs<3> magnitude{};
    bool negative = false;
};

/// The digits of a Part below 2^191: odd and below 2^(width - 1), at least width - 1 zeroes between two of them.
template <unsigned width>
struct Naf {
    using Digit = std::conditional_t<width <= 8, std::int8_t, std::int16_t>;
    static constexpr std::size_t max_length = 3 * limb_bits + 1;

    std::array<Digit, max_length> digits{};
    unsigned length = 0; ///< all digits from here on are zero

    constexpr explicit Naf(const Part& part) noexcept {
        const unsigned end = bit_length(part.magnitude) + 1; // the carry of the last window has a place
        unsigned carry = 0;
        for (unsigned position = 0; position < end;) {
            const std::uint64_t bits = bits_from(part.magnitude, position);
            // Bits that equal the carry give zeroes.
            const auto zeroes = static_cast<unsigned>(std::countr_zero(carry != 0 ? ~bits : bits));
            if (zeroes != 0) {
                position += zeroes;
                continue;
            }
            int digit = static_cast<int>((bits & ((1u << width) - 1)) + carry);
            carry = static_cast<unsigned>(digit) >> (width - 1);
            if (carry != 0) digit -= 1 << width;
            digits[position] = static_cast<Digit>(part.negative ? -digit : digit);
            length = position + 1;
            position += width;
        }
    }

  private:
    static constexpr std::uint64_t bits_from(const Limbs<3>& k, unsigned position) noexcept {
        const unsigned limb = position / limb_bits;
        const unsigned shift = position % limb_bits;
        std::uint64_t bits = k[limb] >> shift;
        if (shift != 0 && limb + 1 < k.size()) bits |= k[limb + 1] << (limb_bits - shift);
        return bits;
    }
};

} // namespace rvm::curves
