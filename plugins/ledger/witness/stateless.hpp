// A state of which only a witness is known.
#pragma once

#include <map>

#include "state/state_root.hpp"
#include "state/world.hpp"
#include "witness/witness.hpp"

namespace rvm::ledger {

/// Fills a world with what a witness says, and notices when something is asked that it does not say: a run that ends
/// without an exception did what it would have done on the whole state. One thread at a time. Functions, and those of
/// state(), throw WitnessError and trie::NodeError.
class StatelessState final : StateNodes, StateListener {
  public:
    /// `world` is empty and was opened with RVM_WORLD_RECORD_READS; it must not be used after this object ends.
    /// `witness` outlives it.
    StatelessState(const Witness& witness, World& world);

    /// To be fed with the changes of the world.
    [[nodiscard]] StateTrie& state() noexcept { return state_; }
    /// The root after the run. Checks what was read since the last changes.
    [[nodiscard]] Hash root();

  private:
    [[nodiscard]] Bytes node(const Address* account, const trie::Hash& hash, Bytes key, std::size_t nibbles) override;
    void before_apply(std::span<const rvm_account_change>) override { check_reads(); }
    void before_root() override {}
    void check_reads();
    void install(const Address& address, const std::set<U256>& slots);
    [[nodiscard]] Bytes code(const Address& address, const Hash& hash) const;

    const Witness& witness_;
    World& world_;
    std::map<trie::Hash, Bytes> nodes_;
    std::map<Hash, Bytes, HashLess> codes_;
    StateTrie state_;
    AccessLog log_;
};

} // namespace rvm::ledger
