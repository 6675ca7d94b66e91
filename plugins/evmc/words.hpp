// Between the 256-bit numbers of plugin.h (limbs) and those of EVMC (32 bytes, big-endian).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include <rvm/plugin.h>

namespace rvm::evmc {

inline std::uint64_t swap_bytes(std::uint64_t limb) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap64(limb) : limb;
}

inline rvm_u256 number(const rvm_bytes32& bytes) noexcept {
    rvm_u256 out;
    for (int i = 0; i < 4; ++i) {
        std::uint64_t limb;
        std::memcpy(&limb, bytes.bytes + 8 * (3 - i), sizeof limb);
        out.limbs[i] = swap_bytes(limb);
    }
    return out;
}

inline rvm_bytes32 bytes32(const rvm_u256& number) noexcept {
    rvm_bytes32 out;
    for (int i = 0; i < 4; ++i) {
        const std::uint64_t limb = swap_bytes(number.limbs[i]);
        std::memcpy(out.bytes + 8 * (3 - i), &limb, sizeof limb);
    }
    return out;
}

inline rvm_address address(const rvm_u256& number) noexcept {
    const rvm_bytes32 bytes = bytes32(number);
    rvm_address out;
    std::memcpy(out.bytes, bytes.bytes + 12, sizeof out.bytes);
    return out;
}

inline rvm_u256 number(const rvm_address& address) noexcept {
    rvm_bytes32 bytes{};
    std::memcpy(bytes.bytes + 12, address.bytes, sizeof address.bytes);
    return number(bytes);
}

inline bool is_zero(const rvm_u256& number) noexcept {
    return (number.limbs[0] | number.limbs[1] | number.limbs[2] | number.limbs[3]) == 0;
}

inline bool same(const rvm_address& a, const rvm_address& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

} // namespace rvm::evmc
