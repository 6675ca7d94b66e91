// Open-addressed table key -> Slot* of one account. Slots live in the world's slab and never move.
#pragma once

#include "state/keyed_hash.hpp"
#include "state/limbs.hpp"
#include "state/slot.hpp"

#include <cstddef>
#include <cstdint>

namespace rvm::state {

/// Plain data, so that an account entry stays standard layout. Slots are never removed; `release` frees the index.
struct SlotTable {
    Slot** cells; ///< `mask + 1` cells, a power of two; nullptr before the first insertion
    std::uint64_t mask;
    std::uint64_t count;

    /// The slot of `key`, or nullptr. One probe in the common case.
    [[nodiscard]] Slot* find(const KeyedHash& hash, const rvm_u256& key) const noexcept {
        if (cells == nullptr) return nullptr;
        for (std::uint64_t at = hash(key) & mask;; at = (at + 1) & mask) {
            Slot* const slot = cells[at];
            if (slot == nullptr || equal(slot->key, key)) return slot;
        }
    }

    /// Adds a slot whose key is not in the table. Throws std::bad_alloc and leaves the table as it was.
    void insert(const KeyedHash& hash, Slot* slot);
    void release() noexcept;
};

} // namespace rvm::state
