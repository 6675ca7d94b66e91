// The forks of Ethereum's execution layer as data: one table, and no other place compares fork names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "forks/revision.hpp"

namespace rvm::ledger {

/// Forks that change parameters only (BPO1 ...) share a revision.
using Revision = forks::Revision;

/// Blob parameters (EIP-4844, 7691, 7892): blobs in a block, and how fast their price moves.
struct BlobSchedule {
    std::uint64_t target = 0;
    std::uint64_t max = 0; ///< 0: the fork has no blobs
    std::uint64_t base_fee_update_fraction = 1;
};

/// One line of the table.
struct Fork {
    std::string_view name; ///< as fixtures and genesis files write it: "Cancun"
    Revision revision;
    BlobSchedule blobs;
    std::uint64_t block_reward; ///< in milliether to the miner (EIP-649, 1234); 0 since the merge (EIP-3675)
    std::uint64_t bomb_delay;   ///< blocks by which the difficulty bomb is late (EIP-649, 1234, 2384, 3554, 4345, 5133)

    /// Rule set of the format `evm`: "evm/cancun".
    [[nodiscard]] constexpr const char* evm_rules() const noexcept { return forks::evm_rules(revision); }
    [[nodiscard]] constexpr bool has(Revision since) const noexcept { return revision >= since; }
};

/// All forks, ascending.
[[nodiscard]] std::span<const Fork> forks() noexcept;
/// By name, ignoring case; also by the alternative names fixtures use ("ConstantinopleFix", "Merge",
/// "TangerineWhistle"). nullptr when unknown.
[[nodiscard]] const Fork* find_fork(std::string_view name) noexcept;

} // namespace rvm::ledger
