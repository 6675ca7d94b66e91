// The values of the ledger: those of plugin.h, with the arithmetic of lib/u256.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <rvm/plugin.h>

#include "keccak/keccak.hpp"
#include "u256/u256.hpp"

namespace rvm::ledger {

using Address = rvm_address;
using Hash = rvm_bytes32;
using u256::U256;
using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

[[nodiscard]] inline rvm_u256 to_abi(const U256& value) noexcept { return std::bit_cast<rvm_u256>(value); }
[[nodiscard]] inline U256 from_abi(const rvm_u256& value) noexcept { return std::bit_cast<U256>(value); }

[[nodiscard]] inline Bytes bytes(const Address& address) noexcept { return address.bytes; }
[[nodiscard]] inline Bytes bytes(const Hash& hash) noexcept { return hash.bytes; }

[[nodiscard]] inline bool same(const Address& a, const Address& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
[[nodiscard]] inline bool same(const Hash& a, const Hash& b) noexcept {
    return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
/// Order of the addresses' bytes.
struct AddressLess {
    bool operator()(const Address& a, const Address& b) const noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
    }
};

struct HashLess {
    bool operator()(const Hash& a, const Hash& b) const noexcept {
        return std::memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
    }
};

[[nodiscard]] inline Hash keccak256(Bytes input) noexcept {
    Hash out;
    keccak::keccak256(input, out.bytes);
    return out;
}

/// keccak256 of no bytes: the code hash of an account without code in the state trie.
inline constexpr Hash empty_code_hash{{0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d,
                                       0xb2, 0xdc, 0xc7, 0x03, 0xc0, 0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82,
                                       0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70}};

/// Big-endian bytes of a number, as RLP and the tries want them.
struct BigEndian {
    std::uint8_t bytes[32];

    explicit BigEndian(const U256& value) noexcept { u256::store_be(value, bytes); }
    operator Bytes() const noexcept { return bytes; } // NOLINT: a view of itself
};

} // namespace rvm::ledger
