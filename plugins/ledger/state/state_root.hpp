// The root of the state (yellow paper, section 4.1): a trie of accounts under their hashed addresses, each with the
// root of a trie of its slots under their hashed keys.
#pragma once

#include <memory>
#include <unordered_map>

#include "base/types.hpp"
#include "trie/trie.hpp"

namespace rvm::ledger {

/// Root of everything in `world`, from scratch. Reads outside of transactions only. A negative status is the host's.
[[nodiscard]] rvm_status state_root(const rvm_host_world& host, rvm_world* world, Hash& out);

class History;

/// The root kept along a chain: fed with every change set since the world was empty, it hashes only what they changed.
/// One thread at a time.
class StateTrie {
  public:
    /// The accounts of a change set, as rvm_host_world.changes gives them. Sets come in the order of their
    /// transactions.
    void apply(std::span<const rvm_account_change> changes);
    /// The same for one change that takes others back: `after` is what the account was, `before` does not count.
    void restore(const rvm_account_change& change) { apply(change); }
    /// Who hears of every change before apply() takes it; nullptr: nobody. It must outlive this object.
    void set_history(History* history) noexcept { history_ = history; }

    /// The account as it is now; nullptr when it does not exist. Valid until the next change.
    [[nodiscard]] const rvm_account_state* find(const Address& address) const;
    /// The value of a slot; zero when there is none.
    [[nodiscard]] U256 slot(const Address& address, const U256& key) const;
    [[nodiscard]] Hash root();
    /// Root of one account's slots; the empty root when there is no such account.
    [[nodiscard]] Hash storage_root(const Address& address);

  private:
    struct Account {
        trie::Hash key; ///< hashed address
        rvm_account_state state{};
        trie::Trie storage;
        bool exists = false;
        bool changed = false; ///< listed in changed_
    };
    struct AddressHash {
        std::size_t operator()(const Address& address) const noexcept;
    };
    struct AddressEqual {
        bool operator()(const Address& a, const Address& b) const noexcept { return same(a, b); }
    };

    void apply(const rvm_account_change& change);

    std::unordered_map<Address, Account, AddressHash, AddressEqual> accounts_;
    std::vector<std::pair<const Address, Account>*> changed_;
    trie::Trie trie_;
    History* history_ = nullptr;
};

} // namespace rvm::ledger
