// Which fork a block belongs to: activations by block number, by total difficulty (the merge) and by time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.hpp"
#include "rules/fork.hpp"

namespace rvm::ledger {

/// A chain's plan of forks. The forks are copies, so that a chain may have blob parameters of its own (EIP-7892).
class ForkSchedule {
  public:
    /// One fork from the genesis block on.
    explicit ForkSchedule(const Fork& fork);
    /// By the names of fixtures: one of the fork table ("Cancun"), or a transition: "BerlinToLondonAt5" (block),
    /// "CancunToPragueAtTime15k" (time; k: thousands), "ArrowGlacierToParisAtDiffC0000" (total difficulty, hex digits),
    /// "HomesteadToDaoAt5" (EIP-779). nullopt: none of these.
    [[nodiscard]] static std::optional<ForkSchedule> named(std::string_view network);

    /// From block `number` on; forks before the merge. Calls ascend by number.
    void add_at_block(const Fork& fork, std::uint64_t number);
    /// From the first block at or after `timestamp` on; forks after the merge. Calls ascend by time.
    void add_at_time(const Fork& fork, std::uint64_t timestamp);
    /// EIP-3675: Paris begins with the child of the first block whose total difficulty reaches this.
    void merge_at(const U256& total_difficulty) { terminal_total_difficulty_ = total_difficulty; }
    /// EIP-779.
    void set_dao_fork(std::uint64_t number) { dao_fork_ = number; }
    /// Other blob parameters for a fork of this schedule; false when it has no fork of that name.
    bool set_blobs(std::string_view fork, const BlobSchedule& blobs);

    /// Whether the child of a block with this total difficulty is a block of the merged chain.
    [[nodiscard]] bool is_merged(const U256& parent_total_difficulty) const noexcept;
    /// The fork of a block. Valid as long as this object is not changed.
    [[nodiscard]] const Fork& at(std::uint64_t number, std::uint64_t timestamp, bool merged) const noexcept;

    [[nodiscard]] std::optional<std::uint64_t> dao_fork() const noexcept { return dao_fork_; }

  private:
    struct Step {
        Fork fork;
        std::uint64_t from; ///< block number or Unix seconds
    };

    std::vector<Step> by_block_; ///< the first has number 0
    Fork paris_;                 ///< the first fork of the merged chain
    std::vector<Step> by_time_;
    std::optional<U256> terminal_total_difficulty_;
    std::optional<std::uint64_t> dao_fork_;
};

} // namespace rvm::ledger
