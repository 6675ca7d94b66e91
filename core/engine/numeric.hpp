// Cells as numbers, and the numeric functions of ops.def that are more than one expression.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "engine/context.hpp"

namespace rvm::engine {

using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i32 = std::int32_t;
using i64 = std::int64_t;

/// A cell as a number of type T.
template <typename T>
[[nodiscard]] inline T from_cell(Cell cell) noexcept {
    if constexpr (std::is_same_v<T, float>)
        return std::bit_cast<float>(static_cast<u32>(cell));
    else if constexpr (std::is_same_v<T, double>)
        return std::bit_cast<double>(cell);
    else
        return static_cast<T>(cell);
}

/// A number as a cell: 32-bit ones with a zero upper half.
template <typename T>
[[nodiscard]] inline Cell to_cell(T value) noexcept {
    if constexpr (std::is_same_v<T, float>)
        return std::bit_cast<u32>(value);
    else if constexpr (std::is_same_v<T, double>)
        return std::bit_cast<u64>(value);
    else if constexpr (sizeof(T) == 4)
        return static_cast<u32>(value);
    else
        return static_cast<Cell>(value);
}

/// Memory is little-endian, and so are the machines this runs on (checked here).
static_assert(std::endian::native == std::endian::little);

template <typename T>
[[nodiscard]] inline T load_bytes(const std::uint8_t* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <typename T>
inline void store_bytes(std::uint8_t* at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

[[nodiscard]] inline u64 high_product(u64 a, u64 b) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<u64>((static_cast<Wide>(a) * b) >> 64);
}

[[nodiscard]] inline i64 wrapping_negation(i64 a) noexcept { return static_cast<i64>(u64{0} - static_cast<u64>(a)); }

/// The one NaN that arithmetic produces: positive, quiet, no payload.
template <typename T>
[[nodiscard]] inline T canonical(T value) noexcept {
    if (value != value) [[unlikely]] {
        __asm__(""); // a branch, free when predicted, rather than a conditional move by way of integer registers
        return std::is_same_v<T, float> ? static_cast<T>(std::bit_cast<float>(0x7fc00000U))
                                        : static_cast<T>(std::bit_cast<double>(0x7ff8000000000000ULL));
    }
    return value;
}

template <typename T>
using bits_of = std::conditional_t<sizeof(T) == 4, u32, u64>;
template <typename T>
inline constexpr bits_of<T> sign_bit = bits_of<T>{1} << (8 * sizeof(T) - 1);

template <typename T>
[[nodiscard]] inline T absolute(T a) noexcept {
    return std::bit_cast<T>(std::bit_cast<bits_of<T>>(a) & ~sign_bit<T>);
}
template <typename T>
[[nodiscard]] inline T negated(T a) noexcept {
    return std::bit_cast<T>(std::bit_cast<bits_of<T>>(a) ^ sign_bit<T>);
}
template <typename T>
[[nodiscard]] inline T copy_sign(T a, T b) noexcept {
    return std::bit_cast<T>((std::bit_cast<bits_of<T>>(a) & ~sign_bit<T>) |
                            (std::bit_cast<bits_of<T>>(b) & sign_bit<T>));
}

/// The smaller one; -0 is smaller than +0; NaN if either is.
template <typename T>
[[nodiscard]] inline T float_min(T a, T b) noexcept {
    if (a != a || b != b) return canonical(a + b);
    if (a == b) return std::bit_cast<T>(std::bit_cast<bits_of<T>>(a) | std::bit_cast<bits_of<T>>(b));
    return a < b ? a : b;
}
template <typename T>
[[nodiscard]] inline T float_max(T a, T b) noexcept {
    if (a != a || b != b) return canonical(a + b);
    if (a == b) return std::bit_cast<T>(std::bit_cast<bits_of<T>>(a) & std::bit_cast<bits_of<T>>(b));
    return a > b ? a : b;
}

/// Towards zero; NaN gives 0, what is out of range the nearest end of it.
template <typename I, typename F>
[[nodiscard]] inline I saturated(F a) noexcept {
    constexpr F bound = static_cast<F>(std::numeric_limits<I>::max() / 2 + 1) * 2; // one more than the largest: exact
    if (a != a) return 0;
    if (a >= bound) return std::numeric_limits<I>::max();
    if constexpr (std::is_signed_v<I>) {
        if (a < -bound) return std::numeric_limits<I>::min();
    } else {
        if (a <= F{-1}) return 0;
    }
    return static_cast<I>(a);
}

} // namespace rvm::engine
