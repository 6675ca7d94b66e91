// One storage slot of one account, as the world keeps it in memory.
#pragma once

#include <rvm/plugin.h>

#include <cstdint>

namespace rvm::state {

/// Epoch fields hold a transaction, snapshot or commit number; a mark is set when its field equals the current number,
/// so starting a transaction resets every mark of every slot for free. Numbers start at 1; 0 never matches.
struct alignas(64) Slot {
    rvm_u256 key;
    rvm_u256 current;          ///< meaningful when `generation` is the account's
    std::uint64_t generation;  ///< of the account's storage that `current` belongs to; 0: never loaded
    std::uint64_t touched_tx;  ///< transaction for which `original` is valid
    std::uint64_t warm_tx;     ///< EIP-2929
    std::uint64_t saved_epoch; ///< snapshot epoch in which the journal got the old value
    rvm_u256 original;         ///< value at the start of transaction `touched_tx`
    rvm_u256 committed;        ///< value in the store, when `generation` is the account's committed one
    Slot* next_in_tx;          ///< list of slots written in transaction `written_tx`
    Slot* next_dirty;          ///< list of slots written since commit `dirty_commit`
    std::uint64_t written_tx;
    std::uint64_t dirty_commit;
};
static_assert(sizeof(Slot) == 192, "three cache lines: a warm read needs the first two");

} // namespace rvm::state
