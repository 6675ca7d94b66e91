// Opening, closing, snapshots, reads.
#include "state/world_state.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace rvm::state {

rvm_status WorldState::open(const rvm_storage& engine, rvm_store& store, CodeTable& codes, std::uint32_t flags,
                            std::unique_ptr<WorldState>* out, rvm_error* error) {
    std::unique_ptr<WorldState> world(new WorldState(codes, flags));
    if (const rvm_status status = world->reader_.open(engine, store, error); status != RVM_OK) return status;
    *out = std::move(world);
    return RVM_OK;
}

WorldState::~WorldState() {
    account_slab_.each([](Account& account) { account.slots.release(); });
}

rvm_status WorldState::refusal() const noexcept { return failure_ != RVM_OK ? failure_ : RVM_E_INVALID_ARGUMENT; }

rvm_status WorldState::revert(Mark mark) noexcept {
    const Mark size = mark & ((Mark{1} << mark_bits) - 1);
    if (!in_tx_ || (mark ^ (tx_ << mark_bits)) != size || size > journal_.size()) return RVM_E_INVALID_ARGUMENT;
    ++epoch_;
    journal_.revert(size, logs_);
    return RVM_OK;
}

void WorldState::observe_change(std::uint32_t kind, const Account& account, const rvm_u256& key, const rvm_u256& before,
                                const rvm_u256& after) const noexcept {
    const rvm_state_event event{sizeof(rvm_state_event), kind, account.visible.address, 0, key, before, after};
    observer_->state(event);
}

std::span<const rvm_read> WorldState::reads() {
    reads_.clear();
    for (const Account* account : read_accounts_)
        reads_.push_back({account->visible.address, account->read_fields, zero_u256});
    for (const SlotRead& read : read_slots_)
        reads_.push_back({read.account->visible.address, RVM_READ_SLOT, read.slot->key});
    const auto is_slot = [](const rvm_read& read) { return (read.fields & RVM_READ_SLOT) != 0; };
    std::sort(reads_.begin(), reads_.end(), [&](const rvm_read& a, const rvm_read& b) {
        if (!equal(a.address, b.address)) return less(a.address, b.address);
        if (is_slot(a) != is_slot(b)) return is_slot(b);
        return less(a.key, b.key);
    });
    // A slot is noted again after a revert took its storage back to an earlier generation.
    const auto same = [](const rvm_read& a, const rvm_read& b) {
        return equal(a.address, b.address) && a.fields == b.fields && equal(a.key, b.key);
    };
    reads_.erase(std::unique(reads_.begin(), reads_.end(), same), reads_.end());
    return reads_;
}

std::span<const rvm_address> WorldState::touched() {
    touched_.clear();
    for (const Account* account : ended_accounts_)
        if (is_touched(*account) || !is_zero(account->tx_credit)) touched_.push_back(account->visible.address);
    std::sort(touched_.begin(), touched_.end(), [](const auto& a, const auto& b) { return less(a, b); });
    return touched_;
}

} // namespace rvm::state
