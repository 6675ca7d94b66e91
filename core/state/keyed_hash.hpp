// Keyed hashing for the in-memory tables: 128-bit multiply-and-fold with a secret of this process, so that nobody can
// choose addresses or slot keys that collide. Nothing observable depends on the hash: whatever is listed is sorted.
#pragma once

#include <rvm/plugin.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace rvm::state {

/// Random words drawn once per process (odd, so that no multiplication collapses).
[[nodiscard]] const std::array<std::uint64_t, 6>& hash_secret() noexcept;

[[nodiscard]] inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128; // one 64x64 -> 128 multiplication
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// A copy of the secret lives in every table: one load less than through the process-wide one.
struct KeyedHash {
    std::array<std::uint64_t, 6> secret = hash_secret();

    [[nodiscard]] std::uint64_t operator()(const rvm_u256& key) const noexcept {
        const std::uint64_t low = fold(key.limbs[0] ^ secret[0], key.limbs[1] ^ secret[1]);
        const std::uint64_t high = fold(key.limbs[2] ^ secret[2], key.limbs[3] ^ secret[3]);
        return fold(low ^ secret[4], high ^ secret[5]);
    }

    [[nodiscard]] std::uint64_t operator()(const rvm_address& address) const noexcept {
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        std::uint32_t c = 0;
        std::memcpy(&a, address.bytes, 8);
        std::memcpy(&b, address.bytes + 8, 8);
        std::memcpy(&c, address.bytes + 16, 4);
        return fold(fold(a ^ secret[0], b ^ secret[1]) ^ secret[4], c ^ secret[5]);
    }
};

} // namespace rvm::state
