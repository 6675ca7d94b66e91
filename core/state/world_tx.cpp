// Beginning and ending transactions; what they changed.
#include "state/limbs.hpp"
#include "state/world_state.hpp"

#include <algorithm>

namespace rvm::state {

namespace {

rvm_account_state state_of(const AccountImage& image) noexcept { return {image.balance, image.nonce, image.code_hash}; }

bool same_but_storage(const AccountImage& a, const AccountImage& b) noexcept {
    return equal(a.balance, b.balance) && a.nonce == b.nonce && a.format == b.format && equal(a.code_hash, b.code_hash);
}

std::uint32_t existence_flags(bool before, bool after) noexcept {
    if (before) return after ? 0 : RVM_CHANGE_REMOVED;
    return after ? RVM_CHANGE_CREATED : change_absent;
}

void list_delta(const rvm_address& address, const rvm_u256& amount, ChangeSetBuilder& builder) {
    rvm_account_change change{};
    change.address = address;
    change.flags = RVM_CHANGE_DELTA;
    change.after.balance = amount;
    builder.account(change);
}

/// Everything but the slots.
void list_full(const Account& account, std::uint32_t flags, const AccountImage& before, const AccountImage& after,
               ChangeSetBuilder& builder) {
    rvm_account_change change{};
    change.address = account.visible.address;
    change.flags = flags | existence_flags(before.exists, after.exists);
    change.before = state_of(before);
    change.after = state_of(after);
    builder.account(change);
    if ((flags & RVM_CHANGE_CODE) != 0 && after.format != nullptr)
        builder.code(account.code->bytes(), after.format->id);
}

} // namespace

rvm_status WorldState::begin_tx() {
    if (in_tx_ || failure_ != RVM_OK) return refusal();
    logs_.clear();
    read_accounts_.clear();
    read_slots_.clear();
    forget_ended_tx();
    ++tx_;
    ++epoch_;
    warm_epoch_ = tx_;
    in_tx_ = true;
    return RVM_OK;
}

rvm_status WorldState::end_tx(std::uint32_t flags, ChangeSet* out) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    settle_removals(flags);
    ChangeSetBuilder builder;
    for (Account* account : tx_accounts_)
        list_tx_change(*account, builder);
    ChangeSet changes = builder.build();
    for (Account* account : tx_accounts_)
        settle_tx(*account);
    ended_accounts_.swap(tx_accounts_);
    close_tx();
    if (out != nullptr) *out = std::move(changes);
    return RVM_OK;
}

void WorldState::abort_tx() noexcept {
    if (!in_tx_) return;
    journal_.revert(0, logs_);
    logs_.clear();
    close_tx();
}

void WorldState::forget_ended_tx() noexcept {
    ended_accounts_.clear();
    destroyed_.clear();
}

void WorldState::close_tx() noexcept {
    journal_.clear();
    transient_.clear();
    tx_accounts_.clear();
    warm_epoch_ = no_tx;
    in_tx_ = false;
}

void WorldState::settle_removals(std::uint32_t flags) {
    for (Account* account : tx_accounts_) {
        if (!account->loaded) continue; // only credited
        const rvm_account& visible = account->visible;
        const bool destroyed = (visible.flags & RVM_ACCOUNT_DESTROYED) != 0;
        const bool dead =
            (flags & RVM_TX_REMOVE_EMPTY_TOUCHED) != 0 && is_touched(*account) && rvm_account_is_empty(&visible) != 0;
        if (destroyed) destroyed_.push_back(visible.address);
        if (destroyed || (dead && (visible.flags & RVM_ACCOUNT_EXISTS) != 0)) remove(*account);
    }
    std::sort(destroyed_.begin(), destroyed_.end(), [](const auto& a, const auto& b) { return less(a, b); });
}

void WorldState::remove(Account& account) {
    AccountImage gone{};
    gone.generation = ++generation_;
    gone.slot_count = account.slot_count; // until the transaction is settled
    show(account, gone);
    account.tx_credit = zero_u256; // burnt with the rest
}

void WorldState::list_tx_change(Account& account, ChangeSetBuilder& builder) {
    const bool credited = !is_zero(account.tx_credit);
    const auto delta = [&] {
        if (!credited) return;
        if (!account.listed_full && is_zero(account.listed_credit)) account.listed_delta_first = true;
        account.listed_credit = add(account.listed_credit, account.tx_credit);
        list_delta(account.visible.address, account.tx_credit, builder);
    };
    if (!account.loaded) return delta();

    const AccountImage& before = account.before;
    const AccountImage after = image_of(account);
    if (!before.exists && !after.exists) return;
    // A slot that is not ready was written in a storage generation that was reverted: nothing happened to it.
    const auto each_slot = [&](auto&& visit) {
        for (const Slot* slot = account.tx_slots; slot != nullptr; slot = slot->next_in_tx)
            if (is_ready(account, *slot) && !equal(slot->original, slot->current)) visit(*slot);
    };
    bool slots_changed = false;
    each_slot([&](const Slot&) { slots_changed = true; });
    const bool wiped = after.generation != before.generation && before.slot_count != 0;

    AccountImage uncredited = after;
    uncredited.balance = sub(after.balance, account.tx_credit);
    const bool exists_alike = before.exists == after.exists || (credited && after.exists);
    if (!slots_changed && !wiped && exists_alike && same_but_storage(before, uncredited)) return delta();

    std::uint32_t flags = wiped ? RVM_CHANGE_WIPED : 0;
    if (before.format != after.format || !equal(before.code_hash, after.code_hash)) flags |= RVM_CHANGE_CODE;
    list_full(account, flags, before, after, builder);
    each_slot([&](const Slot& slot) { builder.slot({slot.key, slot.original, slot.current}); });
    account.listed_full = true;
    account.wiped = account.wiped || wiped;
    account.recoded = account.recoded || (flags & RVM_CHANGE_CODE) != 0;
}

void WorldState::settle_tx(Account& account) const noexcept {
    if (!account.loaded) return;
    std::uint64_t count = account.generation == account.before.generation ? account.slot_count : 0;
    for (const Slot* slot = account.tx_slots; slot != nullptr; slot = slot->next_in_tx) {
        if (!is_ready(account, *slot)) continue;
        if (!is_zero(slot->original)) --count;
        if (!is_zero(slot->current)) ++count;
    }
    account.slot_count = count;
    account.visible.flags &= ~(RVM_ACCOUNT_NEW_IN_TX | RVM_ACCOUNT_DESTROYED | RVM_ACCOUNT_HAS_STORAGE);
    if (count != 0) account.visible.flags |= RVM_ACCOUNT_HAS_STORAGE;
}

rvm_status WorldState::changes_since_commit(ChangeSet* out) {
    if (in_tx_ || failure_ != RVM_OK) return refusal();
    ChangeSetBuilder builder;
    for (const Account* account : dirty_accounts_)
        list_commit_change(*account, builder);
    *out = builder.build();
    return RVM_OK;
}

// Gives what merging the transactions' change sets gives, see change_merge.cpp.
void WorldState::list_commit_change(const Account& account, ChangeSetBuilder& builder) const {
    if (!account.listed_full) {
        if (!is_zero(account.listed_credit)) list_delta(account.visible.address, account.listed_credit, builder);
        return;
    }
    AccountImage before = account.committed;
    const AccountImage after = image_of(account);
    before.exists = before.exists || account.listed_delta_first;
    std::uint32_t flags = account.wiped ? RVM_CHANGE_WIPED : 0;
    if (account.recoded && (before.format != nullptr || after.format != nullptr)) flags |= RVM_CHANGE_CODE;
    list_full(account, flags, before, after, builder);
    for (const Slot* slot = account.dirty_slots; slot != nullptr; slot = slot->next_dirty) {
        const rvm_u256 old = account.wiped ? zero_u256 : slot->committed;
        const rvm_u256 now = slot->generation == account.generation ? slot->current : zero_u256;
        if (!equal(old, now)) builder.slot({slot->key, old, now});
    }
}

} // namespace rvm::state
