// Whether a transaction may be part of a block (yellow paper, section 6; the EIPs named in validation.cpp).
#pragma once

#include "rules/fork.hpp"
#include "state/block_context.hpp"
#include "state/rejection.hpp"
#include "state/world.hpp"
#include "transaction/gas.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// What is left for transactions in the block.
struct BlockRoom {
    std::uint64_t gas = 0;
    std::uint64_t blob_gas = 0;
};

/// What needs neither state nor block: type, form, gas limit against costs.
[[nodiscard]] Rejection check_form(const Transaction& tx, const Fork& fork, const IntrinsicGas& gas) noexcept;

/// Fees and gas against the block.
[[nodiscard]] Rejection check_block(const Transaction& tx, const BlockContext& block, const BlockRoom& room) noexcept;

/// Nonce, code and balance of the sender. Reads the world, outside a transaction or in one.
[[nodiscard]] Rejection check_sender(const Transaction& tx, const Address& sender, World& world);

/// EIP-7702: whether this is the code of an account that delegates, ef0100 and an address.
[[nodiscard]] bool is_delegation(Bytes code) noexcept;

} // namespace rvm::ledger
