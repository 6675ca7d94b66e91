// The way back: what a block changed, as it was before.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "state/state_root.hpp"
#include "state/world.hpp"

namespace rvm::ledger {

/// An account before a block, as far as the block changed it.
struct AccountBefore {
    bool existed = false;
    rvm_account_state state{};
    std::map<U256, U256> slots; ///< by key; zero: there was none
};

/// Everything that a block changed.
using Undo = std::map<Address, AccountBefore, AddressLess>;

/// Listens to the changes that reach a StateTrie and knows how to take them back, in the trie and in the world. It must
/// listen from the empty state on: a change set that wipes a storage does not list what was in it, and code that
/// vanishes has to be put back. Costs one key a slot that was ever written, and each code once. One thread at a time.
class History {
  public:
    History() = default;
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    /// From now on changes are gathered, those until finish().
    void start() { undo_.clear(); }
    /// What has changed since start().
    [[nodiscard]] Undo finish() { return std::move(undo_); }

    /// A change that `trie` is about to take. Called by it.
    void note(const rvm_account_change& change, StateTrie& trie);

    /// Makes trie and world what they were before `undo`, whose changes were the last ones. The world has no open
    /// transaction. Throws sdk::Failure for host failures.
    void take_back(const Undo& undo, StateTrie& trie, World& world);

    /// Code that some account had at some time.
    [[nodiscard]] Bytes code(const Hash& hash) const { return codes_.at(hash).bytes; }
    /// The key of any slot of an account that has some in `trie`, which this object listens to.
    [[nodiscard]] U256 any_slot(const Address& address, StateTrie& trie) const;

  private:
    struct Code {
        Buffer bytes;
        std::string format;
    };
    /// Keys of one account's slots; some may stand there twice or have no value any more.
    struct Keys {
        std::vector<U256> list;
        std::size_t limit = 16; ///< tidied up when it gets longer
    };

    void tidy(const Address& address, Keys& keys, StateTrie& trie) const;
    void restore(const Address& address, const AccountBefore& before, World& world) const;

    Undo undo_;
    std::map<Address, Keys, AddressLess> keys_;
    std::map<Hash, Code, HashLess> codes_;
};

} // namespace rvm::ledger
