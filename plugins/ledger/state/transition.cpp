#include "state/transition.hpp"

#include <algorithm>

#include "rules/blob_fee.hpp"
#include "state/authorization.hpp"
#include "transaction/gas.hpp"

namespace rvm::ledger {
namespace {

constexpr const char* creation_format = "evm"; // init code of a transaction

constexpr std::uint64_t refund_quotient_frontier = 2;
constexpr std::uint64_t refund_quotient_london = 5; // EIP-3529

/// wei a gas that the sender pays (EIP-1559).
U256 effective_gas_price(const Transaction& tx, const U256& base_fee) noexcept {
    const U256 room = tx.max_fee - base_fee;
    return base_fee + std::min(tx.max_priority_fee, room);
}

} // namespace

void Transition::begin_block(const BlockContext& block) {
    block_ = &block;
    environment_.set_block(block);
}

std::uint32_t Transition::end_flags() const noexcept {
    return block_->fork->has(Revision::eip158) ? RVM_TX_REMOVE_EMPTY_TOUCHED : 0;
}

rvm_tx_env Transition::system_env(const Address& origin) {
    environment_.set_transaction(origin, {}, {});
    return environment_.tx_env(*block_);
}

void Transition::warm_accesses(const Transaction& tx, const Address& sender) {
    const Fork& fork = *block_->fork;
    if (!fork.has(Revision::berlin)) return; // EIP-2929
    world_.warm(sender);
    if (tx.to) world_.warm(*tx.to);
    if (fork.has(Revision::shanghai)) world_.warm(block_->coinbase); // EIP-3651
    for (const AccessEntry& entry : tx.access_list)
        world_.warm(entry.address, entry.keys);
}

rvm_result Transition::run(const Transaction& tx, const Address& sender, std::uint64_t gas) {
    rvm_message message{};
    message.struct_size = sizeof message;
    message.gas = static_cast<std::int64_t>(gas);
    message.sender = sender;
    message.value = to_abi(tx.value);
    if (tx.is_create()) {
        message.kind = RVM_CALL_CREATE;
        message.init_code = sdk::view(tx.data);
        message.format = creation_format;
        return world_.execute(message);
    }
    message.kind = RVM_CALL_CALL;
    message.recipient = *tx.to;
    message.code_address = *tx.to;
    message.input = sdk::view(tx.data);
    if (block_->fork->has(Revision::prague)) { // EIP-7702: the target of the destination's delegation is warm
        const rvm_account* target = world_.account(*tx.to, RVM_WANT_CODE);
        if (target->delegate != nullptr) world_.warm(*target->delegate);
    }
    return world_.execute(message);
}

void Transition::pay_miner(const U256& amount) {
    if (amount != U256{}) return world_.credit(block_->coinbase, amount);
    world_.touch(world_.account(block_->coinbase, RVM_WANT_EXISTS | RVM_WANT_BALANCE));
}

Applied Transition::apply(const Transaction& tx, const Address& sender, const BlockRoom& room) {
    const BlockContext& block = *block_;
    const Fork& fork = *block.fork;
    const IntrinsicGas costs = intrinsic_gas(tx, fork);
    Applied out;
    out.rejection = check_form(tx, fork, costs);
    if (out.accepted()) out.rejection = check_block(tx, block, room);
    if (out.accepted()) out.rejection = check_sender(tx, sender, world_);
    if (!out.accepted()) return out;

    const U256 price = effective_gas_price(tx, block.base_fee);
    out.blob_gas_used = tx.blob_hashes.size() * gas_per_blob;
    environment_.set_transaction(sender, price, tx.blob_hashes);
    world_.begin(environment_.tx_env(block));

    // The gas is bought and the nonce raised first: neither comes back when the message fails.
    rvm_account* payer = world_.account(sender, RVM_WANT_BALANCE | RVM_WANT_NONCE);
    world_.sub_balance(payer, price * U256{tx.gas_limit} + block.blob_base_fee * U256{out.blob_gas_used});
    if (!tx.is_create()) world_.set_nonce(payer, tx.nonce + 1); // a creation raises it itself
    warm_accesses(tx, sender);
    std::int64_t refund = apply_authorizations(tx.authorizations, block.chain_id, signers_, world_);

    const rvm_result result = run(tx, sender, tx.gas_limit - costs.intrinsic);
    out.status = result.status;
    out.detail = result.detail;
    out.created = result.created;
    out.output = sdk::bytes(result.output);
    refund += result.refund;

    const std::uint64_t quotient = fork.has(Revision::london) ? refund_quotient_london : refund_quotient_frontier;
    const std::uint64_t spent = tx.gas_limit - static_cast<std::uint64_t>(result.gas_left);
    out.gas_refund = std::min(spent / quotient, static_cast<std::uint64_t>(std::max<std::int64_t>(refund, 0)));
    out.gas_used = std::max(spent - out.gas_refund, costs.floor);

    if (const U256 rest = price * U256{tx.gas_limit - out.gas_used}; rest != U256{}) world_.add_balance(payer, rest);
    pay_miner((price - block.base_fee) * U256{out.gas_used});
    out.changes = world_.end(end_flags());
    return out;
}

} // namespace rvm::ledger
