// The root of the state (yellow paper, section 4.1): a trie of accounts under their hashed addresses, each with the
// root of a trie of its slots under their hashed keys.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "base/types.hpp"
#include "trie/trie.hpp"

namespace rvm::ledger {

/// Root of everything in `world`, from scratch. Reads outside of transactions only. A negative status is the host's.
[[nodiscard]] rvm_status state_root(const rvm_host_world& host, rvm_world* world, Hash& out);

class History;

/// Where a state that began as a root gets its nodes. As trie::NodeSource, for many tries.
class StateNodes {
  public:
    StateNodes() = default;
    StateNodes(const StateNodes&) = delete;
    StateNodes& operator=(const StateNodes&) = delete;
    virtual ~StateNodes() = default;

    /// A node of the trie of accounts (`account` nullptr), or of that account's slots.
    [[nodiscard]] virtual Bytes node(const Address* account, const trie::Hash& hash, Bytes key,
                                     std::size_t nibbles) = 0;
};

/// Hears of what a StateTrie is about to do.
class StateListener {
  public:
    StateListener() = default;
    StateListener(const StateListener&) = delete;
    StateListener& operator=(const StateListener&) = delete;
    virtual ~StateListener() = default;

    virtual void before_apply(std::span<const rvm_account_change> changes) = 0;
    virtual void before_root() = 0;
};

/// The root kept along a chain: fed with every change set since the world was empty, it hashes only what they changed.
/// Or since a state of which only the root is known: it asks for the nodes that it needs, and its functions throw
/// trie::NodeError when one is missing or malformed. One thread at a time.
class StateTrie {
  public:
    StateTrie() = default;
    /// The state with this root. `nodes` outlives it.
    StateTrie(StateNodes& nodes, const Hash& root);
    StateTrie(const StateTrie&) = delete;
    StateTrie& operator=(const StateTrie&) = delete;

    /// The accounts of a change set, as rvm_host_world.changes gives them. Sets come in the order of their
    /// transactions.
    void apply(std::span<const rvm_account_change> changes);
    /// The same for one change that takes others back: `after` is what the account was, `before` does not count.
    void restore(const rvm_account_change& change) { apply(change); }
    /// Who hears of every change before apply() takes it; nullptr: nobody. It must outlive this object.
    void set_history(History* history) noexcept { history_ = history; }
    /// The same for what is more than changes.
    void set_listener(StateListener* listener) noexcept { listener_ = listener; }

    /// The account as it is now; nullptr when it does not exist. Valid until the next change.
    [[nodiscard]] const rvm_account_state* find(const Address& address);
    /// The value of a slot; zero when there is none.
    [[nodiscard]] U256 slot(const Address& address, const U256& key);
    [[nodiscard]] bool has_slots(const Address& address);
    /// Nothing is left of the storage that the account had when this state began; true as well when it had no account.
    [[nodiscard]] bool is_wiped(const Address& address);
    [[nodiscard]] Hash root();
    /// Root of one account's slots; the empty root when there is no such account.
    [[nodiscard]] Hash storage_root(const Address& address);
    /// The encoding of a node, as trie::Trie::node; `account` as in StateNodes. Accounts are as at the last root().
    [[nodiscard]] std::optional<Bytes> node(const Address* account, Bytes key, std::size_t nibbles);

  private:
    /// The nodes of one trie.
    class Source final : public trie::NodeSource {
      public:
        Source(StateNodes& nodes, const Address* account) : nodes_(nodes), account_(account) {}
        [[nodiscard]] trie::View node(const trie::Hash& hash, trie::View key, std::size_t nibbles) override {
            return nodes_.node(account_, hash, key, nibbles);
        }

      private:
        StateNodes& nodes_;
        const Address* account_; ///< nullptr: the trie of accounts
    };

    struct Account {
        trie::Hash key; ///< hashed address
        rvm_account_state state{};
        std::unique_ptr<Source> source; ///< of the storage that the account had at first; null: it is all here
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
    using Accounts = std::unordered_map<Address, Account, AddressHash, AddressEqual>;

    Accounts::value_type& at(const Address& address);
    Account* present(const Address& address);
    void read_record(Bytes record, const Address& address, Account& out);
    void apply(const rvm_account_change& change);

    StateNodes* nodes_ = nullptr;    ///< nullptr: everything is here
    std::unique_ptr<Source> source_; ///< of trie_
    Accounts accounts_;              ///< with nodes_ also those that do not exist, once somebody has asked
    std::vector<Accounts::value_type*> changed_;
    trie::Trie trie_;
    History* history_ = nullptr;
    StateListener* listener_ = nullptr;
};

} // namespace rvm::ledger
