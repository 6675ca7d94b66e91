#include "state/validation.hpp"

#include <algorithm>

#include "rules/blob_fee.hpp"

namespace rvm::ledger {
namespace {

constexpr std::uint64_t max_blobs_per_tx = 6;                    // EIP-7594
constexpr std::uint8_t versioned_hash_kzg = 0x01;                // EIP-4844
constexpr std::uint8_t delegation_prefix[] = {0xef, 0x01, 0x00}; // EIP-7702

bool exists(TxType type, const Fork& fork) noexcept {
    switch (type) {
    case TxType::legacy:
        return true;
    case TxType::access_list:
        return fork.has(Revision::berlin);
    case TxType::dynamic_fee:
        return fork.has(Revision::london);
    case TxType::blob:
        return fork.has(Revision::cancun);
    case TxType::set_code:
        return fork.has(Revision::prague);
    }
    return false;
}

Rejection check_blobs(const Transaction& tx, const Fork& fork) noexcept {
    if (tx.is_create()) return Rejection::no_recipient;
    if (tx.blob_hashes.empty()) return Rejection::no_blobs;
    const std::uint64_t most = fork.has(Revision::osaka) ? max_blobs_per_tx : fork.blobs.max;
    if (tx.blob_hashes.size() > most) return Rejection::too_many_blobs;
    const bool known =
        std::ranges::all_of(tx.blob_hashes, [](const Hash& hash) { return hash.bytes[0] == versioned_hash_kzg; });
    return known ? Rejection::none : Rejection::blob_hash_version;
}

/// value + gas_limit * max_fee + blob gas * max_fee_per_blob_gas; false when it exceeds 2^256 - 1.
bool most_cost(const Transaction& tx, U256& out) noexcept {
    const u256::U512 gas = u256::multiply_wide(tx.max_fee, tx.gas_limit);
    const u256::U512 blobs = u256::multiply_wide(tx.max_fee_per_blob_gas, tx.blob_hashes.size() * gas_per_blob);
    if (gas.limbs[4] != 0 || blobs.limbs[4] != 0) return false; // one factor has 64 bits
    out = tx.value;
    for (const u256::U512& part : {gas, blobs}) {
        const auto [sum, overflows] =
            u256::add_carry(out, {part.limbs[0], part.limbs[1], part.limbs[2], part.limbs[3]});
        if (overflows) return false;
        out = sum;
    }
    return true;
}

} // namespace

bool is_delegation(Bytes code) noexcept {
    return code.size() == sizeof delegation_prefix + sizeof(Address) &&
           std::ranges::equal(code.first(sizeof delegation_prefix), delegation_prefix);
}

Rejection check_form(const Transaction& tx, const Fork& fork, const IntrinsicGas& gas) noexcept {
    if (!exists(tx.type, fork)) return Rejection::type_not_supported;
    if (tx.nonce == UINT64_MAX) return Rejection::nonce_at_limit; // EIP-2681
    if (tx.max_priority_fee > tx.max_fee) return Rejection::priority_above_fee;
    if (u256::multiply_wide(tx.max_fee, tx.gas_limit).limbs[4] != 0) return Rejection::cost_too_large;
    if (tx.type == TxType::blob) {
        if (const Rejection rejection = check_blobs(tx, fork); rejection != Rejection::none) return rejection;
    }
    if (tx.type == TxType::set_code) {
        if (tx.is_create()) return Rejection::no_recipient;
        if (tx.authorizations.empty()) return Rejection::no_authorizations;
    }
    if (tx.is_create() && fork.has(Revision::shanghai) && tx.data.size() > max_init_code_size)
        return Rejection::init_code_too_large;                                                        // EIP-3860
    if (fork.has(Revision::osaka) && tx.gas_limit > max_tx_gas) return Rejection::gas_limit_too_high; // EIP-7825
    if (tx.gas_limit < gas.intrinsic) return Rejection::intrinsic_gas;
    if (tx.gas_limit < gas.floor) return Rejection::floor_gas; // EIP-7623
    return Rejection::none;
}

Rejection check_block(const Transaction& tx, const BlockContext& block, const BlockRoom& room) noexcept {
    if (tx.chain_id && *tx.chain_id != block.chain_id) return Rejection::wrong_chain;
    if (tx.gas_limit > room.gas || tx.gas_limit > INT64_MAX) return Rejection::block_gas; // no header allows 2^63
    if (tx.max_fee < block.base_fee) return Rejection::fee_below_base_fee;                // EIP-1559
    if (tx.type == TxType::blob) {
        if (tx.blob_hashes.size() * gas_per_blob > room.blob_gas) return Rejection::block_blob_gas;
        if (tx.max_fee_per_blob_gas < block.blob_base_fee) return Rejection::blob_fee_below_base_fee;
    }
    return Rejection::none;
}

Rejection check_sender(const Transaction& tx, const Address& sender, World& world) {
    rvm_account* account = world.account(sender, RVM_WANT_NONCE | RVM_WANT_BALANCE | RVM_WANT_CODE_HASH);
    if (tx.nonce < account->nonce) return Rejection::nonce_too_low;
    if (tx.nonce > account->nonce) return Rejection::nonce_too_high;
    if (account->code_hash != nullptr && !is_delegation(world.code(account)))
        return Rejection::sender_has_code; // EIP-3607
    U256 cost;
    if (!most_cost(tx, cost) || cost > from_abi(account->balance)) return Rejection::insufficient_funds;
    return Rejection::none;
}

} // namespace rvm::ledger
