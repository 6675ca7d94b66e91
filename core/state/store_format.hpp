// How accounts, slots and code are written in a store: fixed encodings, documented in README.md of this folder.
#pragma once

#include <rvm/plugin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::state {

/// Version of the encodings below. A reader refuses any other.
inline constexpr std::uint32_t record_version = 3;
/// Keyspace of change sets by height (store_history.hpp). Those below RVM_KEYSPACE_CALLER are the host's.
inline constexpr std::uint32_t keyspace_changes = 4;
/// Longest format id (plugin.h R7).
inline constexpr std::size_t format_id_limit = 64;

/// Record of RVM_KEYSPACE_ACCOUNTS, key: the address.
struct AccountRecord {
    bool exists = false; ///< false: a tombstone, kept so that `incarnation` is never used twice
    std::uint64_t nonce = 0;
    rvm_u256 balance{};
    std::uint64_t incarnation = 0; ///< raised when a storage with slots in it is wiped; part of every slot's key
    std::uint64_t slot_count = 0;  ///< slots under this incarnation, none of them zero
    rvm_bytes32 code_hash{};
    std::string format; ///< id of the format that runs the code; empty: no code
};

using SlotKey = std::array<std::uint8_t, 20 + 8 + 32>; ///< address, incarnation, key; integers big-endian

/// Whether a text is a format id: [a-z0-9._/-]{1,64}.
[[nodiscard]] bool valid_format_id(std::string_view text) noexcept;

[[nodiscard]] std::vector<std::uint8_t> encode(const AccountRecord& record);
/// False: the bytes are not a record.
[[nodiscard]] bool decode(rvm_view bytes, AccountRecord* out);

[[nodiscard]] SlotKey slot_key(const rvm_address& address, std::uint64_t incarnation, const rvm_u256& key) noexcept;
[[nodiscard]] std::array<std::uint8_t, 32> encode_slot(const rvm_u256& value) noexcept;
/// False: not 32 bytes, or zero (zero slots are not stored).
[[nodiscard]] bool decode_slot(rvm_view bytes, rvm_u256* out) noexcept;

/// Bytes as the value of a write: one that has no data is an erasure, also when it is empty. Points into `bytes`.
[[nodiscard]] inline rvm_view value_of(const std::vector<std::uint8_t>& bytes) noexcept {
    static constexpr std::uint8_t nothing = 0;
    return {bytes.empty() ? &nothing : bytes.data(), bytes.size()};
}

/// Key of RVM_KEYSPACE_CODE: hash, then format id. The value is the code.
[[nodiscard]] std::vector<std::uint8_t> code_key(const rvm_bytes32& hash, std::string_view format);

} // namespace rvm::state
