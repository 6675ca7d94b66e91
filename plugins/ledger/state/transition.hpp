// The state transition of one transaction (yellow paper, section 6.2), through the host: whichever format the target
// has.
#pragma once

#include "state/block_context.hpp"
#include "state/rejection.hpp"
#include "state/validation.hpp"
#include "state/world.hpp"
#include "transaction/sender.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// What a transaction did. With a rejection nothing happened and the rest is zero.
struct Applied {
    Rejection rejection = Rejection::none;
    rvm_status status = RVM_OK;   ///< of the message: RVM_OK or a trap
    std::uint32_t detail = 0;     ///< the format's own fault code
    std::uint64_t gas_used = 0;   ///< after refund and floor
    std::uint64_t gas_refund = 0; ///< what was given back of it
    std::uint64_t blob_gas_used = 0;
    Address created{}; ///< a creation that succeeded
    Bytes output;      ///< of the message; valid until the world's next execution
    Changes changes;

    [[nodiscard]] bool accepted() const noexcept { return rejection == Rejection::none; }
    [[nodiscard]] bool succeeded() const noexcept { return status == RVM_OK; }
};

/// Applies transactions of a block to a world, one after another. Logs of the last one are the world's until the next.
/// One thread at a time. Throws sdk::Failure for host failures.
class Transition {
  public:
    /// All three must outlive this object.
    Transition(World& world, const EnvKeys& keys, const SignerRecovery& signers)
        : world_(world), environment_(keys), signers_(signers) {}

    [[nodiscard]] World& world() noexcept { return world_; }

    /// Before the first transaction of a block. `block` must outlive its transactions.
    void begin_block(const BlockContext& block);

    /// Validates and runs; ends the world's transaction. `sender` is who signed. The world has no open transaction.
    [[nodiscard]] Applied apply(const Transaction& tx, const Address& sender, const BlockRoom& room);

    /// Flags for tx_end of everything in the block: EIP-161 since EIP158.
    [[nodiscard]] std::uint32_t end_flags() const noexcept;
    /// Environment of a transaction of the system: origin and gas price as given, no blobs.
    [[nodiscard]] rvm_tx_env system_env(const Address& origin);

  private:
    void warm_accesses(const Transaction& tx, const Address& sender);
    [[nodiscard]] rvm_result run(const Transaction& tx, const Address& sender, std::uint64_t gas);
    void pay_miner(const U256& amount);

    World& world_;
    Environment environment_;
    const SignerRecovery& signers_;
    const BlockContext* block_ = nullptr;
};

} // namespace rvm::ledger
