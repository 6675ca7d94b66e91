// Which ommers a block may include (yellow paper, sections 4.3.2 and 11.1).
#pragma once

#include "block/block.hpp"
#include "block/header_rules.hpp"
#include "rules/schedule.hpp"

namespace rvm::ledger {

inline constexpr std::size_t max_ommers = 2;
/// An ommer's parent is one of this many ancestors, the block's parent not counted as one of them.
inline constexpr std::size_t ommer_ancestors = 7;

/// A block on the way back from the one that is judged.
struct Ancestor {
    const Header* header = nullptr;
    Hash hash{};
    const Fork* fork = nullptr;
    std::span<const Hash> ommers; ///< hashes of those it included
};

/// `ancestors`: parent first, as many as there are up to ommer_ancestors. Checks each ommer's own header too.
[[nodiscard]] Refusal check_ommers(const Block& block, const ForkSchedule& schedule,
                                   std::span<const Ancestor> ancestors);

} // namespace rvm::ledger
