// The difficulty of proof-of-work blocks (yellow paper, section 4.3.4; EIP-2, 100, 649, 1234, 2384, 3554, 4345, 5133).
#pragma once

#include "base/types.hpp"
#include "rules/fork.hpp"

namespace rvm::ledger {

/// What the difficulty of a block depends on, beside its own number and time.
struct DifficultyParent {
    U256 difficulty;
    std::uint64_t timestamp = 0;
    bool has_ommers = false; ///< counts since Byzantium
};

/// The difficulty that block `number` with `timestamp`, above the parent's, must have. `fork` is one before Paris.
[[nodiscard]] U256 expected_difficulty(const Fork& fork, const DifficultyParent& parent, std::uint64_t number,
                                       std::uint64_t timestamp) noexcept;

} // namespace rvm::ledger
