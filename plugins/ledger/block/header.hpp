// Block headers of every fork (yellow paper, section 4.3; EIP-1559, 4895, 4844, 4788, 7685).
#pragma once

#include <array>
#include <optional>

#include "base/types.hpp"
#include "rlp/decode.hpp"

namespace rvm::ledger {

/// keccak256 of the empty list in RLP: the ommers hash of a block without ommers.
inline constexpr Hash empty_ommers_hash{{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5,
                                         0x67, 0xb6, 0xcc, 0xd4, 0x1a, 0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a,
                                         0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};

/// The fields in the order of their encoding. Those of later forks end it: one that is present needs all before it.
struct Header {
    Hash parent_hash{};
    Hash ommers_hash = empty_ommers_hash;
    Address beneficiary{};
    Hash state_root{};
    Hash transactions_root{};
    Hash receipts_root{};
    std::array<std::uint8_t, 256> logs_bloom{};
    U256 difficulty;
    std::uint64_t number = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_used = 0;
    std::uint64_t timestamp = 0; ///< Unix seconds
    Buffer extra_data;
    Hash prev_randao{}; ///< before the merge: the mix hash
    std::array<std::uint8_t, 8> nonce{};
    std::optional<U256> base_fee;                 ///< wei a gas; since London
    std::optional<Hash> withdrawals_root;         ///< since Shanghai
    std::optional<std::uint64_t> blob_gas_used;   ///< since Cancun
    std::optional<std::uint64_t> excess_blob_gas; ///< since Cancun
    std::optional<Hash> parent_beacon_root;       ///< since Cancun
    std::optional<Hash> requests_hash;            ///< since Prague

    [[nodiscard]] bool has_ommers() const noexcept { return !same(ommers_hash, empty_ommers_hash); }
};

/// Reads the fields of a header's list; the caller judges the status and whether anything is left. Which fields a fork
/// must have is for the header rules.
[[nodiscard]] Header decode_header(rlp::Reader& fields);

void encode_header(const Header& header, Buffer& out);
[[nodiscard]] Hash hash_of(const Header& header);

} // namespace rvm::ledger
