// Vectors as lanes, and leaves made from operations on lanes.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "engine/context.hpp"

namespace rvm::wasm::vectors {

using engine::Cell;
using engine::Context;
using engine::Trap;

template <class Lane>
using Vector = std::array<Lane, 16 / sizeof(Lane)>;

static_assert(std::endian::native == std::endian::little, "lane 0 is in the lowest bits of the first cell");

template <class Lane>
[[nodiscard]] inline Vector<Lane> lanes(const Cell* cells) noexcept {
    Vector<Lane> out;
    std::memcpy(out.data(), cells, sizeof out);
    return out;
}
template <class Lane>
inline void put(Cell* cells, const Vector<Lane>& value) noexcept {
    std::memcpy(cells, value.data(), sizeof value);
}

template <class Lane, auto Operation>
Trap unary(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    Vector<Lane> x = lanes<Lane>(a);
    for (Lane& lane : x) {
        lane = static_cast<Lane>(Operation(lane));
    }
    put(out, x);
    return Trap::none;
}

template <class Lane, auto Operation>
Trap binary(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    Vector<Lane> x = lanes<Lane>(a);
    const Vector<Lane> y = lanes<Lane>(b);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<Lane>(Operation(x[i], y[i]));
    }
    put(out, x);
    return Trap::none;
}

template <std::size_t Bytes>
using UnsignedOf = std::conditional_t<
    Bytes == 1, std::uint8_t,
    std::conditional_t<Bytes == 2, std::uint16_t, std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t>>>;

/// All ones where the operation holds.
template <class Lane, auto Operation>
Trap compare(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    using Mask = UnsignedOf<sizeof(Lane)>;
    const Vector<Lane> x = lanes<Lane>(a);
    const Vector<Lane> y = lanes<Lane>(b);
    Vector<Mask> mask;
    for (std::size_t i = 0; i < x.size(); ++i) {
        mask[i] = Operation(x[i], y[i]) ? static_cast<Mask>(~Mask{0}) : Mask{0};
    }
    put(out, mask);
    return Trap::none;
}

/// Counts are taken modulo the lane's width.
template <class Lane, auto Operation>
Trap shift(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    Vector<Lane> x = lanes<Lane>(a);
    const auto count = static_cast<unsigned>(*b % (8 * sizeof(Lane)));
    for (Lane& lane : x) {
        lane = static_cast<Lane>(Operation(lane, count));
    }
    put(out, x);
    return Trap::none;
}

template <class Lane>
Trap splat(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    Vector<Lane> x;
    Lane value;
    std::memcpy(&value, a, sizeof value);
    x.fill(value);
    put(out, x);
    return Trap::none;
}

/// `Wide`: what the lane becomes in its cell.
template <class Lane, class Wide>
Trap extract(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t lane) noexcept {
    *out = static_cast<Cell>(static_cast<Wide>(lanes<Lane>(a)[lane]));
    return Trap::none;
}

template <class Lane>
Trap replace(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t lane) noexcept {
    Vector<Lane> x = lanes<Lane>(a);
    std::memcpy(&x[lane], b, sizeof(Lane));
    put(out, x);
    return Trap::none;
}

/// Lanes [First, First + as many as fit) of a, converted.
template <class From, class To, std::size_t First, auto Operation>
Trap widen(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    const Vector<From> x = lanes<From>(a);
    Vector<To> y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = static_cast<To>(Operation(x[First + i]));
    }
    put(out, y);
    return Trap::none;
}

/// Lanes of a converted, then those of b, or zeros when `OnlyA`.
template <class From, class To, bool OnlyA, auto Operation>
Trap narrow(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    const Vector<From> x = lanes<From>(a);
    Vector<To> z{};
    for (std::size_t i = 0; i < x.size(); ++i) {
        z[i] = static_cast<To>(Operation(x[i]));
    }
    if constexpr (!OnlyA) {
        const Vector<From> y = lanes<From>(b);
        for (std::size_t i = 0; i < y.size(); ++i) {
            z[x.size() + i] = static_cast<To>(Operation(y[i]));
        }
    }
    put(out, z);
    return Trap::none;
}

/// Products of the wider type.
template <class From, class To, std::size_t First>
Trap extended_product(Context&, Cell* out, const Cell* a, const Cell* b, const Cell*, std::uint64_t) noexcept {
    const Vector<From> x = lanes<From>(a);
    const Vector<From> y = lanes<From>(b);
    using Unsigned = std::make_unsigned_t<To>;
    Vector<Unsigned> z;
    for (std::size_t i = 0; i < z.size(); ++i) {
        const auto left = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<To>(x[First + i])));
        const auto right = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<To>(y[First + i])));
        z[i] = static_cast<Unsigned>(left * right);
    }
    put(out, z);
    return Trap::none;
}

/// Sums of neighbours, in the wider type.
template <class From, class To>
Trap pairwise_sum(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    const Vector<From> x = lanes<From>(a);
    Vector<To> y;
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = static_cast<To>(To{x[2 * i]} + To{x[2 * i + 1]});
    }
    put(out, y);
    return Trap::none;
}

template <class Lane>
Trap all_true(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    bool all = true;
    for (const Lane lane : lanes<Lane>(a)) {
        all = all && lane != 0;
    }
    *out = all ? 1 : 0;
    return Trap::none;
}

template <class Lane>
Trap bitmask(Context&, Cell* out, const Cell* a, const Cell*, const Cell*, std::uint64_t) noexcept {
    Cell mask = 0;
    const Vector<Lane> x = lanes<Lane>(a);
    for (std::size_t i = 0; i < x.size(); ++i) {
        mask |= static_cast<Cell>(x[i] < 0 ? 1 : 0) << i;
    }
    *out = mask;
    return Trap::none;
}

} // namespace rvm::wasm::vectors
