// 256-bit arithmetic and conversions for the formats and tests of this folder: short and plain, not fast.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <rvm/plugin.h>

namespace rvm::conformance {

using Word = rvm_u256;
__extension__ using Wide = unsigned __int128;

constexpr unsigned kWordBits = 256;
constexpr unsigned kLimbBits = 64;

constexpr Word word(std::uint64_t low) { return Word{{low, 0, 0, 0}}; }
constexpr bool is_zero(const Word& a) { return (a.limbs[0] | a.limbs[1] | a.limbs[2] | a.limbs[3]) == 0; }
constexpr bool fits_64(const Word& a) { return (a.limbs[1] | a.limbs[2] | a.limbs[3]) == 0; }
/// The value, or the largest 64-bit number when it is larger.
constexpr std::uint64_t saturate(const Word& a) { return fits_64(a) ? a.limbs[0] : UINT64_MAX; }

constexpr bool equal(const Word& a, const Word& b) {
    return a.limbs[0] == b.limbs[0] && a.limbs[1] == b.limbs[1] && a.limbs[2] == b.limbs[2] && a.limbs[3] == b.limbs[3];
}

constexpr bool less(const Word& a, const Word& b) {
    for (unsigned i = 4; i-- > 0;) {
        if (a.limbs[i] != b.limbs[i]) return a.limbs[i] < b.limbs[i];
    }
    return false;
}

constexpr Word add(const Word& a, const Word& b) {
    Word sum{};
    Wide carry = 0;
    for (unsigned i = 0; i < 4; ++i) {
        carry += static_cast<Wide>(a.limbs[i]) + b.limbs[i];
        sum.limbs[i] = static_cast<std::uint64_t>(carry);
        carry >>= kLimbBits;
    }
    return sum;
}

constexpr Word invert(const Word& a) { return Word{{~a.limbs[0], ~a.limbs[1], ~a.limbs[2], ~a.limbs[3]}}; }
constexpr Word sub(const Word& a, const Word& b) { return add(add(a, invert(b)), word(1)); }

constexpr Word mul(const Word& a, const Word& b) {
    Word product{};
    for (unsigned i = 0; i < 4; ++i) {
        Wide carry = 0;
        for (unsigned j = 0; i + j < 4; ++j) {
            carry += static_cast<Wide>(a.limbs[i]) * b.limbs[j] + product.limbs[i + j];
            product.limbs[i + j] = static_cast<std::uint64_t>(carry);
            carry >>= kLimbBits;
        }
    }
    return product;
}

/// `bits` of kWordBits or more give zero.
constexpr Word shift_left(const Word& a, std::uint64_t bits) {
    Word out{};
    if (bits >= kWordBits) return out;
    const auto limbs = static_cast<unsigned>(bits / kLimbBits), rest = static_cast<unsigned>(bits % kLimbBits);
    for (unsigned i = limbs; i < 4; ++i) {
        out.limbs[i] = a.limbs[i - limbs] << rest;
        if (rest != 0 && i > limbs) out.limbs[i] |= a.limbs[i - limbs - 1] >> (kLimbBits - rest);
    }
    return out;
}

constexpr Word shift_right(const Word& a, std::uint64_t bits) {
    Word out{};
    if (bits >= kWordBits) return out;
    const auto limbs = static_cast<unsigned>(bits / kLimbBits), rest = static_cast<unsigned>(bits % kLimbBits);
    for (unsigned i = 0; i + limbs < 4; ++i) {
        out.limbs[i] = a.limbs[i + limbs] >> rest;
        if (rest != 0 && i + limbs + 1 < 4) out.limbs[i] |= a.limbs[i + limbs + 1] << (kLimbBits - rest);
    }
    return out;
}

/// Zero when `b` is zero, as the EVM's DIV.
constexpr Word divide(const Word& a, const Word& b) {
    Word quotient{}, rest{};
    if (is_zero(b)) return quotient;
    for (unsigned bit = kWordBits; bit-- > 0;) {
        const bool carry = (rest.limbs[3] >> (kLimbBits - 1)) != 0;
        rest = shift_left(rest, 1);
        rest.limbs[0] |= a.limbs[bit / kLimbBits] >> (bit % kLimbBits) & 1;
        if (carry || !less(rest, b)) {
            rest = sub(rest, b);
            quotient.limbs[bit / kLimbBits] |= std::uint64_t{1} << (bit % kLimbBits);
        }
    }
    return quotient;
}

inline Word from_address(const rvm_address& address) {
    return rvm_u256_from_bytes(address.bytes, sizeof address.bytes);
}
inline rvm_address to_address(const Word& value) {
    rvm_address out{};
    rvm_u256_to_bytes(&value, out.bytes, sizeof out.bytes);
    return out;
}
inline Word from_hash(const rvm_bytes32& hash) { return rvm_u256_from_bytes(hash.bytes, sizeof hash.bytes); }
inline rvm_bytes32 to_bytes32(const Word& value) {
    rvm_bytes32 out{};
    rvm_u256_to_bytes(&value, out.bytes, sizeof out.bytes);
    return out;
}

/// Copies `source` from `offset` on; what lies behind its end counts as zero.
inline void copy_padded(std::uint8_t* to, std::uint64_t size, rvm_view source, std::uint64_t offset) {
    const std::uint64_t there = offset < source.size ? std::min(size, source.size - offset) : 0;
    if (there != 0) std::memcpy(to, source.data + offset, there);
    if (size != there) std::memset(to + there, 0, size - there);
}

} // namespace rvm::conformance
