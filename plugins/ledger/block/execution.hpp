// What a block does to the state (yellow paper, section 4.3 and 11; EIP-779, 2935, 4788, 4895, 6110, 7002, 7251):
// system calls, transactions, withdrawals and rewards, in this order, with the receipts and requests that come of it.
#pragma once

#include <array>

#include "block/block.hpp"
#include "block/header_rules.hpp"
#include "block/requests.hpp"
#include "state/receipt.hpp"
#include "state/state_root.hpp"
#include "state/transition.hpp"

namespace rvm::ledger {

/// What the first transaction of a block finds done.
struct BlockStart {
    std::optional<Hash> parent_hash;        ///< EIP-2935; used since Prague
    std::optional<Hash> parent_beacon_root; ///< EIP-4788; used since Cancun
    bool dao_fork = false;                  ///< EIP-779: this is the block of the fork
};

/// An ommer, as far as its reward goes.
struct OmmerReward {
    Address beneficiary{};
    std::uint64_t distance = 0; ///< blocks between it and the block that includes it, 1 to 6
};

/// What a block does after its last transaction.
struct BlockEnd {
    std::span<const Withdrawal> withdrawals;
    std::optional<U256> reward; ///< wei to the miner; nullopt: none, not even a touch
    std::span<const OmmerReward> ommers;
};

/// wei to the miner of a block; nullopt since the merge.
[[nodiscard]] std::optional<U256> block_reward(const Fork& fork);

/// One block's way through a world. begin(), apply() for each transaction, end(); then the results are complete. The
/// changes reach the state trie as they happen. One thread; throws sdk::Failure for host failures.
class BlockExecution {
  public:
    /// All must outlive this object. `transition` is not in a block.
    BlockExecution(Transition& transition, StateTrie& state, const BlockContext& block);

    void begin(const BlockStart& start);
    /// A rejected transaction leaves everything as it was.
    Applied apply(const Transaction& tx, const Address& sender);
    /// A refusal is the block's: a system contract that has to work did not, or a deposit is malformed.
    [[nodiscard]] Refusal end(const BlockEnd& end);

    [[nodiscard]] std::uint64_t gas_used() const noexcept { return gas_used_; }
    [[nodiscard]] std::uint64_t blob_gas_used() const noexcept { return blob_gas_used_; }
    /// As the receipt trie holds them.
    [[nodiscard]] std::span<const Buffer> receipts() const noexcept { return receipts_; }
    [[nodiscard]] Hash receipts_root() const;
    [[nodiscard]] const Bloom& logs_bloom() const noexcept { return bloom_; }
    [[nodiscard]] const Requests& requests() const noexcept { return requests_; }

    /// Where deposits are looked for; mainnet's unless set before the first transaction.
    void set_deposit_contract(const Address& address) noexcept { deposit_contract_ = address; }

  private:
    void open_system_transaction(const Address& origin);
    void close_system_transaction();
    [[nodiscard]] bool call_system_contract(const Address& contract, Bytes input, Buffer* output, rvm_status* status);
    [[nodiscard]] Refusal collect_requests(RequestType type, const Address& contract, const char* what);

    Transition& transition_;
    World& world_;
    StateTrie& state_;
    const BlockContext& block_;
    Address deposit_contract_ = mainnet_deposit_contract;
    std::uint64_t gas_used_ = 0;
    std::uint64_t blob_gas_used_ = 0;
    std::vector<Buffer> receipts_;
    Bloom bloom_;
    Requests requests_;
    bool deposits_malformed_ = false;
};

} // namespace rvm::ledger
