// Whether a block's body is what its header promises, before anything runs.
#pragma once

#include "block/block.hpp"
#include "block/header_rules.hpp"

namespace rvm::ledger {

/// EIP-7934: bytes of a block's RLP at most, since Osaka: 10 MiB less 2 MiB for the consensus layer's part.
inline constexpr std::size_t max_block_size = (10u - 2u) * 1024u * 1024u;

/// Size, roots and hashes of transactions, ommers and withdrawals.
[[nodiscard]] Refusal check_body(const Block& block, const Fork& fork);

/// `what` "is FOUND, expected EXPECTED" when they differ.
[[nodiscard]] Refusal check_hash(BlockFault fault, const char* what, const Hash& found, const Hash& expected);

} // namespace rvm::ledger
