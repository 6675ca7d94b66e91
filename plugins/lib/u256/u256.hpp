// 256-bit words: addition, multiplication, comparison, bits and bytes. divide.hpp divides, text.hpp reads and writes.
//
// All arithmetic is modulo 2^256; signed operations read the word as two's complement. Everything is constexpr and
// noexcept. Where the EVM gives an operation a meaning (Ethereum yellow paper, appendix H), that meaning is used:
// division by zero is zero, a shift by 256 or more is zero (or all sign bits).
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace rvm::u256 {

__extension__ using Uint128 = unsigned __int128;

/// A 256-bit word. Same layout as rvm_u256: limbs[0] is the least significant.
struct U256 {
    std::uint64_t limbs[4]{};

    constexpr U256() noexcept = default;
    constexpr U256(std::uint64_t low) noexcept : limbs{low, 0, 0, 0} {} // NOLINT: small numbers convert
    /// Limbs from the least significant up.
    constexpr U256(std::uint64_t l0, std::uint64_t l1, std::uint64_t l2, std::uint64_t l3) noexcept
        : limbs{l0, l1, l2, l3} {}

    constexpr explicit operator bool() const noexcept { return (limbs[0] | limbs[1] | limbs[2] | limbs[3]) != 0; }
    [[nodiscard]] constexpr bool negative() const noexcept { return (limbs[3] >> 63u) != 0; }
    /// True when the value is below 2^64.
    [[nodiscard]] constexpr bool fits_64() const noexcept { return (limbs[1] | limbs[2] | limbs[3]) == 0; }
};
static_assert(sizeof(U256) == 32 && std::is_trivially_copyable_v<U256>);

inline constexpr unsigned word_bits = 256;
inline constexpr U256 max_value{~0ull, ~0ull, ~0ull, ~0ull};
/// -2^255, the least signed value.
inline constexpr U256 min_signed{0, 0, 0, 1ull << 63u};

// ---- Sums ----------------------------------------------------------------------------------------------------------

/// a + b and the carry out (0 or 1).
struct Sum {
    U256 value;
    bool carry;
};

namespace detail {

/// Portable carry chain, also what constant evaluation uses.
constexpr Sum add_limbs(const U256& a, const U256& b) noexcept {
    Sum sum{};
    Uint128 carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += Uint128{a.limbs[i]} + b.limbs[i];
        sum.value.limbs[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64u;
    }
    sum.carry = carry != 0;
    return sum;
}

constexpr Sum subtract_limbs(const U256& a, const U256& b) noexcept {
    Sum difference{};
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const Uint128 limb = Uint128{a.limbs[i]} - b.limbs[i] - borrow;
        difference.value.limbs[i] = static_cast<std::uint64_t>(limb);
        borrow = static_cast<std::uint64_t>(limb >> 64u) & 1u;
    }
    difference.carry = borrow != 0;
    return difference;
}

} // namespace detail

// g++ 12 has no way in C++ to a chain of four ADC: its 128-bit sums cost a SETC and a second addition for each pair.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RVM_U256_ASM 1
#endif

[[nodiscard]] constexpr Sum add_carry(const U256& a, const U256& b) noexcept {
#ifdef RVM_U256_ASM
    if (!std::is_constant_evaluated()) {
        Sum sum{a, false};
        __asm__("addq %5, %0\n\tadcq %6, %1\n\tadcq %7, %2\n\tadcq %8, %3"
                : "+&r"(sum.value.limbs[0]), "+&r"(sum.value.limbs[1]), "+&r"(sum.value.limbs[2]),
                  "+&r"(sum.value.limbs[3]), "=@ccc"(sum.carry)
                : "rme"(b.limbs[0]), "rme"(b.limbs[1]), "rme"(b.limbs[2]), "rme"(b.limbs[3]));
        return sum;
    }
#endif
    return detail::add_limbs(a, b);
}

/// a - b; `carry` is the borrow: a < b.
[[nodiscard]] constexpr Sum subtract_borrow(const U256& a, const U256& b) noexcept {
#ifdef RVM_U256_ASM
    if (!std::is_constant_evaluated()) {
        Sum difference{a, false};
        __asm__("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3"
                : "+&r"(difference.value.limbs[0]), "+&r"(difference.value.limbs[1]), "+&r"(difference.value.limbs[2]),
                  "+&r"(difference.value.limbs[3]), "=@ccc"(difference.carry)
                : "rme"(b.limbs[0]), "rme"(b.limbs[1]), "rme"(b.limbs[2]), "rme"(b.limbs[3]));
        return difference;
    }
#endif
    return detail::subtract_limbs(a, b);
}

// On scalars, not through Sum: inlined into a large function, g++ 12 keeps the aggregate in memory.
[[nodiscard]] constexpr U256 operator+(const U256& a, const U256& b) noexcept {
#ifdef RVM_U256_ASM
    if (!std::is_constant_evaluated()) {
        std::uint64_t r0 = a.limbs[0], r1 = a.limbs[1], r2 = a.limbs[2], r3 = a.limbs[3];
        __asm__("addq %4, %0\n\tadcq %5, %1\n\tadcq %6, %2\n\tadcq %7, %3"
                : "+&r"(r0), "+&r"(r1), "+&r"(r2), "+r"(r3)
                : "rme"(b.limbs[0]), "rme"(b.limbs[1]), "rme"(b.limbs[2]), "rme"(b.limbs[3])
                : "cc");
        return {r0, r1, r2, r3};
    }
#endif
    return detail::add_limbs(a, b).value;
}
[[nodiscard]] constexpr U256 operator-(const U256& a, const U256& b) noexcept {
#ifdef RVM_U256_ASM
    if (!std::is_constant_evaluated()) {
        std::uint64_t r0 = a.limbs[0], r1 = a.limbs[1], r2 = a.limbs[2], r3 = a.limbs[3];
        __asm__("subq %4, %0\n\tsbbq %5, %1\n\tsbbq %6, %2\n\tsbbq %7, %3"
                : "+&r"(r0), "+&r"(r1), "+&r"(r2), "+r"(r3)
                : "rme"(b.limbs[0]), "rme"(b.limbs[1]), "rme"(b.limbs[2]), "rme"(b.limbs[3])
                : "cc");
        return {r0, r1, r2, r3};
    }
#endif
    return detail::subtract_limbs(a, b).value;
}
[[nodiscard]] constexpr U256 operator-(const U256& a) noexcept { return U256{} - a; }

// ---- Comparison ----------------------------------------------------------------------------------------------------

[[nodiscard]] constexpr bool operator==(const U256& a, const U256& b) noexcept {
    return ((a.limbs[0] ^ b.limbs[0]) | (a.limbs[1] ^ b.limbs[1]) | (a.limbs[2] ^ b.limbs[2]) |
            (a.limbs[3] ^ b.limbs[3])) == 0;
}
/// Unsigned order, without a branch.
[[nodiscard]] constexpr bool operator<(const U256& a, const U256& b) noexcept {
#ifdef RVM_U256_ASM
    if (!std::is_constant_evaluated()) {
        std::uint64_t rest = a.limbs[1];
        bool borrow = false;
        __asm__("cmpq %3, %2\n\tsbbq %4, %0\n\tmovq %5, %0\n\tsbbq %6, %0\n\tmovq %7, %0\n\tsbbq %8, %0"
                : "+&r"(rest), "=@ccc"(borrow)
                : "r"(a.limbs[0]), "rme"(b.limbs[0]), "rme"(b.limbs[1]), "rm"(a.limbs[2]), "rme"(b.limbs[2]),
                  "rm"(a.limbs[3]), "rme"(b.limbs[3]));
        return borrow;
    }
#endif
    return detail::subtract_limbs(a, b).carry;
}
[[nodiscard]] constexpr bool operator>(const U256& a, const U256& b) noexcept { return b < a; }
[[nodiscard]] constexpr bool operator<=(const U256& a, const U256& b) noexcept { return !(b < a); }
[[nodiscard]] constexpr bool operator>=(const U256& a, const U256& b) noexcept { return !(a < b); }
/// Signed order: with the sign bits flipped it is the unsigned one.
[[nodiscard]] constexpr bool signed_less(const U256& a, const U256& b) noexcept {
    constexpr std::uint64_t sign = 1ull << 63u;
    return U256{a.limbs[0], a.limbs[1], a.limbs[2], a.limbs[3] ^ sign} <
           U256{b.limbs[0], b.limbs[1], b.limbs[2], b.limbs[3] ^ sign};
}

// ---- Bits ----------------------------------------------------------------------------------------------------------

[[nodiscard]] constexpr U256 operator&(const U256& a, const U256& b) noexcept {
    return {a.limbs[0] & b.limbs[0], a.limbs[1] & b.limbs[1], a.limbs[2] & b.limbs[2], a.limbs[3] & b.limbs[3]};
}
[[nodiscard]] constexpr U256 operator|(const U256& a, const U256& b) noexcept {
    return {a.limbs[0] | b.limbs[0], a.limbs[1] | b.limbs[1], a.limbs[2] | b.limbs[2], a.limbs[3] | b.limbs[3]};
}
[[nodiscard]] constexpr U256 operator^(const U256& a, const U256& b) noexcept {
    return {a.limbs[0] ^ b.limbs[0], a.limbs[1] ^ b.limbs[1], a.limbs[2] ^ b.limbs[2], a.limbs[3] ^ b.limbs[3]};
}
[[nodiscard]] constexpr U256 operator~(const U256& a) noexcept {
    return {~a.limbs[0], ~a.limbs[1], ~a.limbs[2], ~a.limbs[3]};
}

namespace detail {
constexpr Uint128 low_half(const U256& v) noexcept { return Uint128{v.limbs[1]} << 64u | v.limbs[0]; }
constexpr Uint128 high_half(const U256& v) noexcept { return Uint128{v.limbs[3]} << 64u | v.limbs[2]; }
constexpr U256 from_halves(Uint128 high, Uint128 low) noexcept {
    return {static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(low >> 64u), static_cast<std::uint64_t>(high),
            static_cast<std::uint64_t>(high >> 64u)};
}
} // namespace detail

/// value * 2^count; zero from 256 up. In halves, which compile to SHLD and conditional moves.
[[nodiscard]] constexpr U256 operator<<(const U256& value, std::uint64_t count) noexcept {
    const Uint128 low = detail::low_half(value);
    if (count < 128) {
        // Two shifts: a single one by 128 is undefined when count is 0.
        return detail::from_halves((detail::high_half(value) << count) | ((low >> 1u) >> (127 - count)), low << count);
    }
    return count < word_bits ? detail::from_halves(low << (count - 128), 0) : U256{};
}

/// value / 2^count, rounded down; zero from 256 up.
[[nodiscard]] constexpr U256 operator>>(const U256& value, std::uint64_t count) noexcept {
    const Uint128 high = detail::high_half(value);
    if (count < 128) {
        return detail::from_halves(high >> count, (detail::low_half(value) >> count) | ((high << 1u) << (127 - count)));
    }
    return count < word_bits ? detail::from_halves(0, high >> (count - 128)) : U256{};
}

// Shift counts that are words themselves (EIP-145): anything of 256 and more counts as 256.
[[nodiscard]] constexpr std::uint64_t shift_count(const U256& count) noexcept {
    return count.fits_64() && count.limbs[0] < word_bits ? count.limbs[0] : word_bits;
}
[[nodiscard]] constexpr U256 shift_left(const U256& value, const U256& count) noexcept {
    return value << shift_count(count);
}
[[nodiscard]] constexpr U256 shift_right(const U256& value, const U256& count) noexcept {
    return value >> shift_count(count);
}
/// Fills with the sign bit.
[[nodiscard]] constexpr U256 shift_right_signed(const U256& value, const U256& count) noexcept {
    const std::uint64_t n = shift_count(count);
    if (!value.negative()) return value >> n;
    return ~(~value >> n);
}

/// Zero bits above the highest set bit; 256 for zero.
[[nodiscard]] constexpr unsigned count_leading_zeros(const U256& value) noexcept {
    for (std::size_t i = 4; i-- > 0;) {
        if (value.limbs[i] != 0) {
            return static_cast<unsigned>(64 * (3 - i)) + static_cast<unsigned>(std::countl_zero(value.limbs[i]));
        }
    }
    return word_bits;
}
/// Bits needed to write the value; 0 for zero.
[[nodiscard]] constexpr unsigned bit_width(const U256& value) noexcept {
    return word_bits - count_leading_zeros(value);
}

// ---- Products ------------------------------------------------------------------------------------------------------

/// The low 256 bits of a * b: ten partial products, the four that only reach the top limb as plain 64-bit ones.
[[nodiscard]] constexpr U256 operator*(const U256& a, const U256& b) noexcept {
    const auto low = [](Uint128 v) { return static_cast<std::uint64_t>(v); };
    const auto high = [](Uint128 v) { return static_cast<std::uint64_t>(v >> 64u); };
    const std::uint64_t* x = a.limbs;
    const std::uint64_t* y = b.limbs;
    U256 r;
    // Row by row; x * y + two limbs never exceeds 128 bits.
    Uint128 t = Uint128{x[0]} * y[0];
    r.limbs[0] = low(t);
    t = Uint128{x[0]} * y[1] + high(t);
    const std::uint64_t s1 = low(t);
    t = Uint128{x[0]} * y[2] + high(t);
    const std::uint64_t s2 = low(t);
    std::uint64_t top = x[0] * y[3] + high(t);

    t = Uint128{x[1]} * y[0] + s1;
    r.limbs[1] = low(t);
    t = Uint128{x[1]} * y[1] + s2 + high(t);
    const std::uint64_t u2 = low(t);
    top += x[1] * y[2] + high(t);

    t = Uint128{x[2]} * y[0] + u2;
    r.limbs[2] = low(t);
    top += x[2] * y[1] + high(t);
    r.limbs[3] = top + x[3] * y[0];
    return r;
}

/// A 512-bit product, least significant limb first.
struct U512 {
    std::uint64_t limbs[8]{};
};

/// a * b in full.
[[nodiscard]] constexpr U512 multiply_wide(const U256& a, const U256& b) noexcept {
    U512 r;
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const Uint128 t = Uint128{a.limbs[i]} * b.limbs[j] + r.limbs[i + j] + carry;
            r.limbs[i + j] = static_cast<std::uint64_t>(t);
            carry = static_cast<std::uint64_t>(t >> 64u);
        }
        r.limbs[i + 4] = carry;
    }
    return r;
}

/// base^exponent modulo 2^256; 0^0 is 1. Square and multiply from the top bit; a power of two is a shift.
[[nodiscard]] constexpr U256 power(const U256& base, const U256& exponent) noexcept {
    if (base == U256{2}) return shift_left(U256{1}, exponent);
    U256 result{1};
    for (unsigned bit = bit_width(exponent); bit-- > 0;) {
        result = result * result;
        if (((exponent.limbs[bit / 64] >> (bit % 64)) & 1u) != 0) result = result * base;
    }
    return result;
}

// ---- Bytes ---------------------------------------------------------------------------------------------------------

/// Byte `index` of the big-endian word (0 is the most significant); zero from 32 up (EVM BYTE).
[[nodiscard]] constexpr U256 byte_at(const U256& index, const U256& value) noexcept {
    if (!index.fits_64() || index.limbs[0] >= 32) return {};
    const std::uint64_t position = 31 - index.limbs[0];
    return {(value.limbs[position / 8] >> (8 * (position % 8))) & 0xffu};
}

/// Repeats the sign of the (index + 1)-byte number in the low bytes through the whole word (EVM SIGNEXTEND).
[[nodiscard]] constexpr U256 sign_extend(const U256& index, const U256& value) noexcept {
    if (!index.fits_64() || index.limbs[0] >= 31) return value;
    const std::uint64_t shift = 8 * (31 - index.limbs[0]);
    return shift_right_signed(value << shift, shift);
}

namespace detail {
/// Eight big-endian bytes.
[[nodiscard]] inline std::uint64_t load_limb(const std::uint8_t* bytes) noexcept {
    std::uint64_t limb;
    std::memcpy(&limb, bytes, sizeof limb);
    return std::endian::native == std::endian::little ? __builtin_bswap64(limb) : limb;
}
} // namespace detail

/// Reads 32 big-endian bytes.
[[nodiscard]] inline U256 load_be(const std::uint8_t* bytes) noexcept {
    return {detail::load_limb(bytes + 24), detail::load_limb(bytes + 16), detail::load_limb(bytes + 8),
            detail::load_limb(bytes)};
}
/// Reads `size` big-endian bytes, at most 32, as the low end of the word.
[[nodiscard]] inline U256 load_be(const std::uint8_t* bytes, std::size_t size) noexcept {
    std::uint8_t padded[32] = {};
    if (size != 0) std::memcpy(padded + 32 - size, bytes, size);
    return load_be(padded);
}
/// Writes 32 big-endian bytes.
inline void store_be(const U256& value, std::uint8_t* bytes) noexcept {
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t limb = value.limbs[3 - i];
        const std::uint64_t swapped = std::endian::native == std::endian::little ? __builtin_bswap64(limb) : limb;
        std::memcpy(bytes + 8 * i, &swapped, sizeof swapped);
    }
}

} // namespace rvm::u256
