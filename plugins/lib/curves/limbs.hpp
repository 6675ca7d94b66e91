// Fixed-width unsigned integers on 64-bit limbs, least significant first: what constants, scalars and the fields need.
// Everything is constexpr. The moduli here leave spare bits at the top, so that sums of two residues never carry out.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rvm::curves {

__extension__ using Uint128 = unsigned __int128;

template <std::size_t N>
using Limbs = std::array<std::uint64_t, N>;

inline constexpr unsigned limb_bits = 64;

constexpr std::uint64_t low64(Uint128 v) noexcept { return static_cast<std::uint64_t>(v); }
constexpr std::uint64_t high64(Uint128 v) noexcept { return static_cast<std::uint64_t>(v >> limb_bits); }

/// a += b; returns the carry.
template <std::size_t N>
constexpr std::uint64_t add_to(Limbs<N>& a, const Limbs<N>& b) noexcept {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const Uint128 sum = Uint128{a[i]} + b[i] + carry;
        a[i] = low64(sum);
        carry = high64(sum);
    }
    return carry;
}

/// a -= b; returns the borrow.
template <std::size_t N>
constexpr std::uint64_t subtract_from(Limbs<N>& a, const Limbs<N>& b) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const Uint128 difference = Uint128{a[i]} - b[i] - borrow;
        a[i] = low64(difference);
        borrow = high64(difference) & 1u;
    }
    return borrow;
}

template <std::size_t N>
constexpr bool is_zero(const Limbs<N>& a) noexcept {
    std::uint64_t any = 0;
    for (const std::uint64_t limb : a) {
        any |= limb;
    }
    return any == 0;
}

template <std::size_t N>
constexpr bool less(const Limbs<N>& a, const Limbs<N>& b) noexcept {
    for (std::size_t i = N; i-- > 0;) {
        if (a[i] != b[i]) return a[i] < b[i];
    }
    return false;
}

template <std::size_t N>
constexpr bool bit(const Limbs<N>& a, unsigned index) noexcept {
    return ((a[index / limb_bits] >> (index % limb_bits)) & 1u) != 0;
}

/// Position of the highest set bit plus one; 0 for zero.
template <std::size_t N>
constexpr unsigned bit_length(const Limbs<N>& a) noexcept {
    for (std::size_t i = N; i-- > 0;) {
        if (a[i] != 0) return static_cast<unsigned>(i * limb_bits) + static_cast<unsigned>(std::bit_width(a[i]));
    }
    return 0;
}

/// a >> shift for 0 < shift < 64.
template <std::size_t N>
constexpr Limbs<N> shift_right(const Limbs<N>& a, unsigned shift) noexcept {
    Limbs<N> result{};
    for (std::size_t i = 0; i < N; ++i) {
        result[i] = a[i] >> shift;
        if (i + 1 < N) result[i] |= a[i + 1] << (limb_bits - shift);
    }
    return result;
}

/// a * b in full.
template <std::size_t N, std::size_t M>
constexpr Limbs<N + M> multiply(const Limbs<N>& a, const Limbs<M>& b) noexcept {
    Limbs<N + M> result{};
    for (std::size_t i = 0; i < N; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < M; ++j) {
            const Uint128 t = Uint128{a[i]} * b[j] + result[i + j] + carry;
            result[i + j] = low64(t);
            carry = high64(t);
        }
        result[i + M] = carry;
    }
    return result;
}

/// The low limbs of a wider or narrower number.
template <std::size_t M, std::size_t N>
constexpr Limbs<M> resize(const Limbs<N>& a) noexcept {
    Limbs<M> result{};
    for (std::size_t i = 0; i < (M < N ? M : N); ++i) {
        result[i] = a[i];
    }
    return result;
}

/// Hex digits, most significant first, without prefix. At compile time only, for constants: a digit too many or a
/// character that is no digit does not compile.
template <std::size_t N>
consteval Limbs<N> from_hex(std::string_view text) {
    Limbs<N> result{};
    std::size_t position = 0;
    for (std::size_t i = text.size(); i-- > 0; ++position) {
        const char c = text[i];
        std::uint64_t digit = 0;
        if (c >= '0' && c <= '9')
            digit = static_cast<std::uint64_t>(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = static_cast<std::uint64_t>(c - 'a') + 10;
        else
            throw "not a hex digit";
        result.at(position / 16) |= digit << (4 * (position % 16));
    }
    return result;
}

/// Big-endian bytes, exactly 8 * N of them.
template <std::size_t N>
constexpr Limbs<N> from_bytes(const std::uint8_t* bytes) noexcept {
    Limbs<N> result{};
    for (std::size_t i = 0; i < 8 * N; ++i) {
        std::uint64_t& limb = result[N - 1 - i / 8];
        limb = limb << 8u | bytes[i];
    }
    return result;
}

template <std::size_t N>
constexpr void to_bytes(const Limbs<N>& a, std::uint8_t* bytes) noexcept {
    for (std::size_t i = 0; i < 8 * N; ++i) {
        bytes[i] = static_cast<std::uint8_t>(a[N - 1 - i / 8] >> (8 * (7 - i % 8)));
    }
}

} // namespace rvm::curves
