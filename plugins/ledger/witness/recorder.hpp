// Making a witness while transactions run on a whole state.
#pragma once

#include <map>

#include "state/history.hpp"
#include "witness/witness.hpp"

namespace rvm::ledger {

/// What the tries of a state do not tell, of the state before the recording began.
class Preimages {
  public:
    Preimages() = default;
    Preimages(const Preimages&) = delete;
    Preimages& operator=(const Preimages&) = delete;
    virtual ~Preimages() = default;

    [[nodiscard]] virtual Bytes code(const Address& address, const Hash& hash) const = 0;
    /// The key of any slot of an account that has some.
    [[nodiscard]] virtual U256 any_slot(const Address& address) const = 0;
};

/// By what a history remembers.
class HistoryPreimages final : public Preimages {
  public:
    /// `history` listens to `state`.
    HistoryPreimages(const History& history, StateTrie& state) : history_(history), state_(state) {}
    [[nodiscard]] Bytes code(const Address&, const Hash& hash) const override { return history_.code(hash); }
    [[nodiscard]] U256 any_slot(const Address& address) const override { return history_.any_slot(address, state_); }

  private:
    const History& history_;
    StateTrie& state_;
};

/// Follows a StateTrie from its present state on. It keeps a second one that knows only the root, does to it what is
/// done to the first, looks up in it what the log notes, and writes down the nodes that it asks for. Those are what a
/// run over the witness alone will ask for: it takes the same steps. One thread at a time.
class WitnessRecorder final : StateNodes, StateListener {
  public:
    /// `state` has this listener until the recorder ends. `log` is that of the world that feeds it, and empty. All must
    /// outlive this object.
    WitnessRecorder(StateTrie& state, AccessLog& log, const Preimages& preimages);
    ~WitnessRecorder() override { state_.set_listener(nullptr); }

    /// What was needed so far. Headers are the caller's affair.
    [[nodiscard]] Witness finish();

  private:
    [[nodiscard]] Bytes node(const Address* account, const trie::Hash& hash, Bytes key, std::size_t nibbles) override;
    void before_apply(std::span<const rvm_account_change> changes) override;
    void before_root() override;
    void look_up();
    void look_up_account(const Address& address);

    StateTrie& state_;
    AccessLog& log_;
    const Preimages& preimages_;
    Hash root_;
    StateTrie partial_;
    StateKeys keys_;
    std::map<trie::Hash, Buffer> nodes_;
    std::map<Hash, Buffer, HashLess> codes_;
};

} // namespace rvm::ledger
