// What vector instructions do to single lanes (core specification 4.3.2, 4.3.3). Results that are not numbers are the
// positive canonical NaN, except where the instruction only moves bits.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>

#include "engine/numeric.hpp"

namespace rvm::wasm::vectors {

using i8 = std::int8_t;
using i16 = std::int16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

inline constexpr auto complement = [](u64 a) { return ~a; };
inline constexpr auto bit_and = [](u64 a, u64 b) { return a & b; };
inline constexpr auto bit_and_not = [](u64 a, u64 b) { return a & ~b; };
inline constexpr auto bit_or = [](u64 a, u64 b) { return a | b; };
inline constexpr auto bit_xor = [](u64 a, u64 b) { return a ^ b; };

inline constexpr auto equal = [](auto a, auto b) { return a == b; };
inline constexpr auto not_equal = [](auto a, auto b) { return a != b; };
inline constexpr auto less = [](auto a, auto b) { return a < b; };
inline constexpr auto greater = [](auto a, auto b) { return a > b; };
inline constexpr auto at_most = [](auto a, auto b) { return a <= b; };
inline constexpr auto at_least = [](auto a, auto b) { return a >= b; };

inline constexpr auto left = [](auto a, unsigned count) { return static_cast<u64>(a) << count; };
inline constexpr auto right = [](auto a, unsigned count) { return a >> count; };

// On unsigned lanes: wrapping.
inline constexpr auto add = [](auto a, auto b) { return static_cast<u64>(a) + b; };
inline constexpr auto sub = [](auto a, auto b) { return static_cast<u64>(a) - b; };
inline constexpr auto mul = [](auto a, auto b) { return static_cast<u64>(a) * b; };
inline constexpr auto negative = [](auto a) { return u64{0} - a; };
inline constexpr auto ones = [](u8 a) { return std::popcount(a); };
inline constexpr auto magnitude = [](auto a) {
    return a < 0 ? u64{0} - static_cast<u64>(static_cast<i64>(a)) : static_cast<u64>(static_cast<i64>(a));
};
inline constexpr auto smaller = [](auto a, auto b) { return b < a ? b : a; };
inline constexpr auto larger = [](auto a, auto b) { return a < b ? b : a; };
inline constexpr auto average = [](auto a, auto b) { return (u32{a} + u32{b} + 1) / 2; };
inline constexpr auto same = [](auto a) { return a; };

/// Signed saturation to a narrow lane.
template <class Lane>
inline constexpr auto clamp_to = [](auto a) {
    constexpr i64 low = std::numeric_limits<Lane>::min();
    constexpr i64 high = std::numeric_limits<Lane>::max();
    return std::clamp<i64>(a, low, high);
};
template <class Lane>
inline constexpr auto add_clamped = [](auto a, auto b) { return clamp_to<Lane>(i64{a} + i64{b}); };
template <class Lane>
inline constexpr auto sub_clamped = [](auto a, auto b) { return clamp_to<Lane>(i64{a} - i64{b}); };
inline constexpr auto q15_product = [](i16 a, i16 b) { return clamp_to<i16>((i64{a} * b + 0x4000) >> 15); };

inline constexpr auto float_add = [](auto a, auto b) { return engine::canonical(a + b); };
inline constexpr auto float_sub = [](auto a, auto b) { return engine::canonical(a - b); };
inline constexpr auto float_mul = [](auto a, auto b) { return engine::canonical(a * b); };
inline constexpr auto float_div = [](auto a, auto b) { return engine::canonical(a / b); };
inline constexpr auto float_minimum = [](auto a, auto b) { return engine::float_min(a, b); };
inline constexpr auto float_maximum = [](auto a, auto b) { return engine::float_max(a, b); };
inline constexpr auto pseudo_minimum = [](auto a, auto b) { return b < a ? b : a; };
inline constexpr auto pseudo_maximum = [](auto a, auto b) { return a < b ? b : a; };
inline constexpr auto float_ceil = [](auto a) { return engine::canonical(std::ceil(a)); };
inline constexpr auto float_floor = [](auto a) { return engine::canonical(std::floor(a)); };
inline constexpr auto float_trunc = [](auto a) { return engine::canonical(std::trunc(a)); };
inline constexpr auto float_nearest = [](auto a) { return engine::canonical(std::nearbyint(a)); };
inline constexpr auto float_sqrt = [](auto a) { return engine::canonical(std::sqrt(a)); };
/// On the bits.
inline constexpr auto without_sign = [](auto a) { return a & static_cast<decltype(a)>(~decltype(a){0} >> 1); };
inline constexpr auto other_sign = [](auto a) { return a ^ static_cast<decltype(a)>(~(~decltype(a){0} >> 1)); };

inline constexpr auto demote = [](double a) { return engine::canonical(static_cast<float>(a)); };
inline constexpr auto promote = [](float a) { return engine::canonical(static_cast<double>(a)); };
template <class Integer>
inline constexpr auto to_integer = [](auto a) { return engine::saturated<Integer>(a); };
template <class Float>
inline constexpr auto same_as = [](auto a) { return static_cast<Float>(a); };

} // namespace rvm::wasm::vectors
