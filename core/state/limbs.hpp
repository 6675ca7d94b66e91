// Arithmetic on rvm_u256 as the state needs it: comparison, wrapping addition and subtraction, byte order.
#pragma once

#include <rvm/plugin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rvm::state {

inline constexpr rvm_u256 zero_u256{};

[[nodiscard]] inline bool is_zero(const rvm_u256& a) noexcept {
    return (a.limbs[0] | a.limbs[1] | a.limbs[2] | a.limbs[3]) == 0;
}

[[nodiscard]] inline bool equal(const rvm_u256& a, const rvm_u256& b) noexcept {
    return ((a.limbs[0] ^ b.limbs[0]) | (a.limbs[1] ^ b.limbs[1]) | (a.limbs[2] ^ b.limbs[2]) |
            (a.limbs[3] ^ b.limbs[3])) == 0;
}

/// a < b as numbers.
[[nodiscard]] inline bool less(const rvm_u256& a, const rvm_u256& b) noexcept {
    for (std::size_t i = 4; i-- > 0;)
        if (a.limbs[i] != b.limbs[i]) return a.limbs[i] < b.limbs[i];
    return false;
}

/// a + b modulo 2^256. `carry`, when given, is set to whether the sum wrapped.
[[nodiscard]] inline rvm_u256 add(const rvm_u256& a, const rvm_u256& b, bool* carry = nullptr) noexcept {
    rvm_u256 sum;
    unsigned c = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t partial = a.limbs[i] + b.limbs[i];
        const unsigned c1 = partial < a.limbs[i];
        sum.limbs[i] = partial + c;
        c = c1 | static_cast<unsigned>(sum.limbs[i] < partial);
    }
    if (carry != nullptr) *carry = c != 0;
    return sum;
}

/// a - b modulo 2^256.
[[nodiscard]] inline rvm_u256 sub(const rvm_u256& a, const rvm_u256& b) noexcept {
    rvm_u256 difference;
    unsigned borrow = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t partial = a.limbs[i] - b.limbs[i];
        const unsigned b1 = a.limbs[i] < b.limbs[i];
        difference.limbs[i] = partial - borrow;
        borrow = b1 | static_cast<unsigned>(partial < borrow);
    }
    return difference;
}

/// Writes 8 bytes, most significant first.
inline void store_be64(std::uint8_t* out, std::uint64_t value) noexcept {
    for (std::size_t i = 0; i < 8; ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
}

/// Writes 32 bytes, most significant first: byte order is then numeric order.
inline void store_be256(std::uint8_t* out, const rvm_u256& value) noexcept {
    for (std::size_t i = 0; i < 4; ++i)
        store_be64(out + 8 * i, value.limbs[3 - i]);
}

[[nodiscard]] inline std::uint64_t load_be64(const std::uint8_t* in) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value = (value << 8) | in[i];
    return value;
}

[[nodiscard]] inline rvm_u256 load_be256(const std::uint8_t* in) noexcept {
    rvm_u256 value;
    for (std::size_t i = 0; i < 4; ++i)
        value.limbs[3 - i] = load_be64(in + 8 * i);
    return value;
}

[[nodiscard]] inline bool equal(const rvm_address& a, const rvm_address& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

[[nodiscard]] inline bool less(const rvm_address& a, const rvm_address& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
}

[[nodiscard]] inline bool equal(const rvm_bytes32& a, const rvm_bytes32& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

} // namespace rvm::state
