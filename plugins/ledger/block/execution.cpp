#include "block/execution.hpp"

#include <algorithm>

#include "block/dao_fork.hpp"
#include "rules/blob_fee.hpp"
#include "trie/root.hpp"
#include "u256/divide.hpp"

namespace rvm::ledger {
namespace {

/// Who calls the system contracts (EIP-4788).
constexpr Address system_address{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}};
constexpr std::int64_t system_call_gas = 30'000'000;

/// EIP-4788
constexpr Address beacon_roots_contract{{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80, 0x7e, 0xf1, 0x31,
                                         0x9f, 0xb7, 0xb8, 0xbb, 0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
/// EIP-2935
constexpr Address history_contract{{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb,
                                    0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};
/// EIP-7002
constexpr Address withdrawal_contract{{0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e, 0xb5, 0x5e, 0x80,
                                       0xd1, 0x9a, 0xd8, 0x35, 0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}};
/// EIP-7251
constexpr Address consolidation_contract{{0x00, 0x00, 0xbb, 0xdd, 0xc7, 0xce, 0x48, 0x86, 0x42, 0xfb,
                                          0x57, 0x9f, 0x8b, 0x00, 0xf3, 0xa5, 0x90, 0x00, 0x72, 0x51}};

constexpr std::uint64_t wei_per_gwei = 1'000'000'000;
constexpr std::uint64_t wei_per_milliether = 1'000'000'000'000'000;
constexpr std::uint64_t ommer_share = 32;      // the miner's part for an ommer: 1/32 of the reward
constexpr std::uint64_t ommer_generations = 8; // an ommer's own part: (8 - distance) / 8

} // namespace

std::optional<U256> block_reward(const Fork& fork) {
    if (fork.has(Revision::paris)) return std::nullopt; // EIP-3675
    return U256{fork.block_reward} * U256{wei_per_milliether};
}

BlockExecution::BlockExecution(Transition& transition, StateTrie& state, const BlockContext& block)
    : transition_(transition), world_(transition.world()), state_(state), block_(block) {
    transition_.begin_block(block);
}

void BlockExecution::open_system_transaction(const Address& origin) {
    rvm_tx_env env = transition_.system_env(origin);
    env.tracer = nullptr; // traces are of the block's transactions
    world_.begin(env);
}

void BlockExecution::close_system_transaction() { state_.apply(world_.end(transition_.end_flags()).accounts()); }

/// False when there is no code at `contract`: nothing happens then.
bool BlockExecution::call_system_contract(const Address& contract, Bytes input, Buffer* output, rvm_status* status) {
    rvm_account* account = world_.account(contract, RVM_WANT_CODE_SIZE);
    if (account->code_hash == nullptr) return false;
    open_system_transaction(system_address);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CALL;
    message.gas = system_call_gas;
    message.sender = system_address;
    message.recipient = contract;
    message.code_address = contract;
    message.input = sdk::view(input);
    const rvm_result result = world_.execute(message);
    if (status != nullptr) *status = result.status;
    if (output != nullptr) output->assign(result.output.data, result.output.data + result.output.size);
    close_system_transaction();
    return true;
}

void BlockExecution::begin(const BlockStart& start) {
    const Fork& fork = *block_.fork;
    if (start.dao_fork) {
        open_system_transaction({});
        move_dao_balances(world_);
        close_system_transaction();
    }
    if (fork.has(Revision::cancun) && start.parent_beacon_root) {
        static_cast<void>(
            call_system_contract(beacon_roots_contract, bytes(*start.parent_beacon_root), nullptr, nullptr));
    }
    if (fork.has(Revision::prague) && start.parent_hash) {
        static_cast<void>(call_system_contract(history_contract, bytes(*start.parent_hash), nullptr, nullptr));
    }
}

Applied BlockExecution::apply(const Transaction& tx, const Address& sender) {
    const Fork& fork = *block_.fork;
    const BlockRoom room{block_.gas_limit - gas_used_, fork.blobs.max * gas_per_blob - blob_gas_used_};
    Applied applied = transition_.apply(tx, sender, room);
    if (!applied.accepted()) return applied;
    gas_used_ += applied.gas_used;
    blob_gas_used_ += applied.blob_gas_used;
    state_.apply(applied.changes.accounts());

    Receipt receipt;
    receipt.type = tx.type;
    receipt.succeeded = applied.succeeded();
    receipt.cumulative_gas_used = gas_used_;
    if (receipt.succeeded) receipt.logs = world_.logs();
    for (const rvm_log& log : receipt.logs)
        receipt.bloom.add(log);
    Hash root{};
    if (!fork.has(Revision::byzantium)) { // EIP-658 replaced it
        root = state_.root();
        receipt.post_root = &root;
    }
    encode_receipt(receipt, receipts_.emplace_back());
    bloom_.add(receipt.bloom);
    if (fork.has(Revision::prague)) {
        deposits_malformed_ |= !requests_.add_deposits(receipt.logs, deposit_contract_);
    }
    return applied;
}

Refusal BlockExecution::collect_requests(RequestType type, const Address& contract, const char* what) {
    Buffer output;
    rvm_status status = RVM_OK;
    if (!call_system_contract(contract, {}, &output, &status)) {
        return refuse(BlockFault::no_system_contract,
                      std::string("there is no code at the system contract for ") + what);
    }
    if (status != RVM_OK) {
        return refuse(BlockFault::system_contract,
                      std::string("the system contract for ") + what + " failed with trap " + std::to_string(status));
    }
    requests_.add(type, output);
    return std::nullopt;
}

Refusal BlockExecution::end(const BlockEnd& end) {
    if (end.reward) {
        const U256 reward = *end.reward;
        open_system_transaction({});
        U256 miner = reward;
        for (const OmmerReward& ommer : end.ommers) {
            miner = miner + reward / U256{ommer_share};
            const U256 part = reward * U256{ommer_generations - ommer.distance} / U256{ommer_generations};
            world_.add_balance(world_.account(ommer.beneficiary, RVM_WANT_BALANCE), part);
        }
        world_.add_balance(world_.account(block_.coinbase, RVM_WANT_BALANCE), miner);
        close_system_transaction();
    }
    if (!end.withdrawals.empty()) {
        open_system_transaction({});
        for (const Withdrawal& withdrawal : end.withdrawals) {
            rvm_account* account = world_.account(withdrawal.address, RVM_WANT_BALANCE | RVM_WANT_EXISTS);
            world_.add_balance(account, U256{withdrawal.amount} * U256{wei_per_gwei});
        }
        close_system_transaction();
    }
    if (!block_.fork->has(Revision::prague)) return std::nullopt;
    if (deposits_malformed_) return refuse(BlockFault::deposit, "a log of the deposit contract is no deposit");
    if (Refusal refusal = collect_requests(RequestType::withdrawal, withdrawal_contract, "withdrawals")) return refusal;
    return collect_requests(RequestType::consolidation, consolidation_contract, "consolidations");
}

Hash BlockExecution::receipts_root() const {
    const std::vector<Bytes> views(receipts_.begin(), receipts_.end());
    Hash out;
    std::ranges::copy(trie::root_of_list(views), out.bytes);
    return out;
}

} // namespace rvm::ledger
