// A chain of blocks over a world of its own: what is imported, which branch counts, and the state at its end.
#pragma once

#include <functional>
#include <unordered_map>

#include "block/block.hpp"
#include "block/branch_hashes.hpp"
#include "block/execution.hpp"
#include "block/header_rules.hpp"
#include "block/ommers.hpp"
#include "rules/schedule.hpp"
#include "state/history.hpp"
#include "witness/witness.hpp"

namespace rvm::ledger {

/// What a chain needs of the host. Everything outlives it.
struct ChainTools {
    World& world; ///< the chain's alone: it discards whatever is there, and commits nothing
    const EnvKeys& keys;
    const SignerRecovery& signers;
    rvm_hash_ref sha256; ///< the primitive of that name
};

struct ChainSettings {
    ForkSchedule schedule;
    U256 chain_id = 1;
    Address deposit_contract = mainnet_deposit_contract; ///< EIP-6110
    const char* tracer = nullptr;                        ///< of the blocks' transactions
    std::function<void(std::string_view)> trace{};       ///< gets what the tracer collected, one transaction at a time
    /// Gets what each block needs to run without the state, when it was run and not refused. The world was then opened
    /// with RVM_WORLD_RECORD_READS.
    std::function<void(const Block&, Bytes encoded, Witness&&)> witness{};
};

/// Before the merge the branch of most total difficulty counts, and of two equal ones the first; afterwards the block
/// that was imported last. One thread at a time. Throws sdk::Failure for host failures; the chain is then good for
/// nothing.
class Chain {
  public:
    /// Fills a world with the state of the genesis block, in an open transaction.
    using Allocation = std::function<void(World&)>;

    Chain(const ChainTools& tools, ChainSettings settings);

    /// Begins the chain. Refused when the allocation has not the header's state root.
    [[nodiscard]] Refusal start(const Header& genesis, const Allocation& allocation);

    /// Validates, executes and adds a block whose parent is known. A refusal leaves the chain as it was.
    [[nodiscard]] Refusal import(Bytes encoded);

    /// The end of the branch that counts.
    [[nodiscard]] const Hash& head() const noexcept { return head_; }
    [[nodiscard]] const Header& header(const Hash& known) const { return blocks_.at(known).header; }
    [[nodiscard]] bool knows(const Hash& block) const { return blocks_.contains(block); }
    /// The world after the head's block; valid until the next import.
    [[nodiscard]] World& world();

  private:
    struct Entry {
        Header header;
        Hash hash{};
        U256 total_difficulty;
        const Fork* fork = nullptr;
        Buffer encoded; ///< empty for the genesis block
        Undo undo;      ///< what takes it back, while the state is that of it or of a descendant
        std::vector<Hash> ommers;
    };
    struct HashHash {
        std::size_t operator()(const Hash& hash) const noexcept;
    };
    struct HashEqual {
        bool operator()(const Hash& a, const Hash& b) const noexcept { return same(a, b); }
    };
    struct FindHeader {
        const Chain* chain;
        [[nodiscard]] const Header* operator()(const Hash& hash) const;
    };
    /// What the world holds.
    struct State {
        State() : at{} {} // not by an initializer: std::optional asks before those of a nested class are complete

        History history;
        StateTrie trie;
        Hash at; ///< the block it is the state of
    };

    [[nodiscard]] const Entry* find(const Hash& hash) const;
    [[nodiscard]] std::vector<Ancestor> ancestors_of(const Block& block) const;
    void allocate(const Allocation& allocation);
    void move_to(const Entry& target);
    [[nodiscard]] Refusal execute(const Block& block, Bytes encoded, const Fork& fork, Undo& undo);
    [[nodiscard]] Refusal run(const Block& block, const Fork& fork, BranchHashes<FindHeader>& hashes);
    [[nodiscard]] Refusal run_recorded(const Block& block, Bytes encoded, const Fork& fork,
                                       BranchHashes<FindHeader>& hashes);

    ChainTools tools_;
    ChainSettings settings_;
    std::unordered_map<Hash, Entry, HashHash, HashEqual> blocks_;
    Hash genesis_{};
    Hash head_{};
    Transition transition_;
    std::optional<State> state_; ///< nullopt: before start()
};

} // namespace rvm::ledger
