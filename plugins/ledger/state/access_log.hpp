// What transactions asked of the state: accounts, slots, hashes of blocks.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "base/types.hpp"

namespace rvm::ledger {

/// Slots by account; an account may stand alone.
using StateKeys = std::map<Address, std::set<U256>, AddressLess>;

/// Kept by a World that has one; it adds what was read and what was changed. One thread at a time.
class AccessLog {
  public:
    void account(const Address& address) { keys_[address]; }
    void slot(const Address& address, const U256& key) { keys_[address].insert(key); }
    void reads(std::span<const rvm_read> reads);
    /// What was written is looked up as well when the state root is made.
    void changes(std::span<const rvm_account_change> changes);

    /// What was noted since the last call.
    [[nodiscard]] StateKeys take() { return std::exchange(keys_, {}); }

  private:
    StateKeys keys_;
};

} // namespace rvm::ledger
