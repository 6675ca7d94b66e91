// Transient slots (EIP-1153) of one transaction, keyed by account and key.
#pragma once

#include "state/account.hpp"
#include "state/keyed_hash.hpp"
#include "state/slab.hpp"

#include <cstdint>
#include <vector>

namespace rvm::state {

struct TransientSlot {
    const Account* account;
    rvm_u256 key;
    rvm_u256 value;
    std::uint64_t saved_epoch; ///< as Slot::saved_epoch
};

/// Not thread-safe.
class TransientTable {
  public:
    /// The slot, or nullptr when it was never written in this transaction (its value is zero).
    [[nodiscard]] TransientSlot* find(const KeyedHash& hash, const Account* account,
                                      const rvm_u256& key) const noexcept;
    /// The slot, made with value zero when there is none. Its address is stable until `clear`. Throws std::bad_alloc.
    [[nodiscard]] TransientSlot& at(const KeyedHash& hash, const Account* account, const rvm_u256& key);
    /// Forgets all slots; free when there are none.
    void clear() noexcept;

  private:
    [[nodiscard]] static std::uint64_t hash_of(const KeyedHash& hash, const Account* account,
                                               const rvm_u256& key) noexcept;
    void grow(const KeyedHash& hash);

    std::vector<TransientSlot*> cells_; // a power of two, at most half full; empty before the first slot
    Slab<TransientSlot> slots_;
};

} // namespace rvm::state
