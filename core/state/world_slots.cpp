// Persistent slots, transient slots, logs.
#include "state/limbs.hpp"
#include "state/world_state.hpp"

namespace rvm::state {

namespace {

/// The nine outcomes, by original -> current -> value.
std::uint32_t change_of(const rvm_u256& original, const rvm_u256& current, const rvm_u256& value) noexcept {
    if (equal(current, value)) return RVM_SLOT_ASSIGNED;
    if (equal(original, current)) {
        if (is_zero(current)) return RVM_SLOT_ADDED;
        return is_zero(value) ? RVM_SLOT_DELETED : RVM_SLOT_MODIFIED;
    }
    if (is_zero(original)) return is_zero(value) ? RVM_SLOT_ADDED_DELETED : RVM_SLOT_ASSIGNED;
    if (is_zero(current)) return equal(value, original) ? RVM_SLOT_DELETED_RESTORED : RVM_SLOT_DELETED_ADDED;
    if (is_zero(value)) return RVM_SLOT_MODIFIED_DELETED;
    return equal(value, original) ? RVM_SLOT_MODIFIED_RESTORED : RVM_SLOT_ASSIGNED;
}

} // namespace

Slot& WorldState::make_slot(Account& account, const rvm_u256& key) {
    Slot* const slot = slot_slab_.allocate();
    slot->key = key;
    account.slots.insert(accounts_.hash(), slot);
    return *slot;
}

void WorldState::warm_slot(Slot& slot) {
    if (slot.warm_tx == tx_) return;
    journal_.push(Undo::slot_warm, &slot);
    slot.warm_tx = tx_;
}

// The slot's value belongs to another storage generation than the account's, or to none. Unless the account was wiped
// since the last commit, the store has the value. A revert may bring the other generation back: its value is saved.
rvm_status WorldState::load_slot(const Account& account, Slot& slot) {
    const bool from_store = account.generation == account.committed.generation;
    rvm_u256 value{};
    if (from_store && account.committed.slot_count != 0) {
        const rvm_status status = reader_.slot(account.visible.address, account.incarnation, slot.key, &value);
        if (status != RVM_OK) return fail(status);
    }
    if (in_tx_ && slot.generation != 0) {
        journal_.push(Undo::slot_value, &slot, slot.current);
        journal_.push(Undo::slot_original, &slot, slot.original);
        journal_.push(Undo::slot_generation, &slot, {{slot.generation, slot.touched_tx, 0, 0}});
    }
    if (from_store) slot.committed = value;
    slot.current = value;
    slot.generation = account.generation;
    slot.touched_tx = 0;
    return RVM_OK;
}

rvm_status WorldState::ready_slot(Account& account, Slot& slot) {
    if (is_ready(account, slot)) return RVM_OK;
    if (failure_ != RVM_OK) return failure_;
    if (slot.generation != account.generation) {
        if (const rvm_status status = load_slot(account, slot); status != RVM_OK) return status;
    }
    if (!in_tx_) return RVM_OK;
    // A storage that was wiped in this transaction is zero whatever it was before.
    const bool depends = account.dirty_tx != tx_ || account.before.generation == account.generation;
    if (recording_ && depends) read_slots_.push_back({&account, &slot});
    slot.original = slot.current;
    slot.touched_tx = tx_;
    return RVM_OK;
}

// Leaves no trace: neither the slot's marks nor the read set may tell that somebody looked.
rvm_status WorldState::peek_slot(const Account& account, const rvm_u256& key, SlotPeek* out) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    const Slot* const slot = account.slots.find(accounts_.hash(), key);
    *out = {zero_u256, zero_u256, slot == nullptr || slot->warm_tx != tx_};
    if (slot != nullptr && slot->generation == account.generation) {
        out->current = slot->current;
    } else if (account.generation == account.committed.generation && account.committed.slot_count != 0) {
        const rvm_status status = reader_.slot(account.visible.address, account.incarnation, key, &out->current);
        if (status != RVM_OK) return fail(status);
    }
    out->original = slot != nullptr && is_ready(account, *slot) ? slot->original : out->current;
    return RVM_OK;
}

rvm_status WorldState::sload_slow(Account& account, const rvm_u256& key, std::uint32_t want, rvm_u256* out,
                                  std::uint32_t* access) {
    *out = zero_u256;
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if ((want & RVM_WANT_PEEK) != 0) {
        SlotPeek peek;
        if (const rvm_status status = peek_slot(account, key, &peek); status != RVM_OK) return status;
        *out = peek.current;
        if (access != nullptr) *access = peek.cold ? RVM_ACCESS_COLD : 0;
        return RVM_OK;
    }
    Slot* const found = account.slots.find(accounts_.hash(), key);
    const bool cold = found == nullptr || found->warm_tx != tx_;
    if (cold && (want & RVM_WANT_NO_COLD) != 0) {
        if (access != nullptr) *access = RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED;
        return RVM_OK;
    }
    Slot& slot = found != nullptr ? *found : make_slot(account, key);
    if (const rvm_status status = ready_slot(account, slot); status != RVM_OK) return status;
    warm_slot(slot);
    *out = slot.current;
    if (access != nullptr) *access = cold ? RVM_ACCESS_COLD : 0;
    return RVM_OK;
}

rvm_status WorldState::sstore(Account& account, const rvm_u256& key, const rvm_u256& value, std::uint32_t want,
                              rvm_slot_write* out) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if ((want & RVM_WANT_PEEK) != 0) {
        SlotPeek peek;
        if (const rvm_status status = peek_slot(account, key, &peek); status != RVM_OK) return status;
        *out = {change_of(peek.original, peek.current, value), peek.cold ? RVM_ACCESS_COLD : 0, peek.original,
                peek.current};
        return RVM_OK;
    }
    Slot* const found = account.slots.find(accounts_.hash(), key);
    const bool cold = found == nullptr || found->warm_tx != tx_;
    if (cold && (want & RVM_WANT_NO_COLD) != 0) {
        *out = {RVM_SLOT_ASSIGNED, RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED, zero_u256, zero_u256};
        return RVM_OK;
    }
    Slot& slot = found != nullptr ? *found : make_slot(account, key);
    if (const rvm_status status = ready_slot(account, slot); status != RVM_OK) return status;
    if (cold) warm_slot(slot);
    out->change = change_of(slot.original, slot.current, value);
    out->access = cold ? RVM_ACCESS_COLD : 0;
    out->original = slot.original;
    out->current = slot.current;
    if (!equal(slot.current, value)) write_slot(account, slot, value);
    return RVM_OK;
}

rvm_status WorldState::slot(Account& account, const rvm_u256& key, rvm_u256* out) {
    if (failure_ != RVM_OK) return failure_;
    Slot* const found = account.slots.find(accounts_.hash(), key);
    Slot& slot = found != nullptr ? *found : make_slot(account, key);
    if (const rvm_status status = ready_slot(account, slot); status != RVM_OK) return status;
    *out = slot.current;
    return RVM_OK;
}

rvm_status WorldState::set_slot(Account& account, const rvm_u256& key, const rvm_u256& value) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    Slot* const found = account.slots.find(accounts_.hash(), key);
    Slot& slot = found != nullptr ? *found : make_slot(account, key);
    if (const rvm_status status = ready_slot(account, slot); status != RVM_OK) return status;
    if (!equal(slot.current, value)) write_slot(account, slot, value);
    return RVM_OK;
}

void WorldState::write_slot(Account& account, Slot& slot, const rvm_u256& value) {
    begin_write(account);
    make_exist(account);
    if (slot.dirty_commit != commit_) {
        slot.next_dirty = account.dirty_slots;
        account.dirty_slots = &slot;
        slot.dirty_commit = commit_;
    }
    if (slot.written_tx != tx_) {
        slot.next_in_tx = account.tx_slots;
        account.tx_slots = &slot;
        slot.written_tx = tx_;
    }
    if (slot.saved_epoch != epoch_) { // else an old value is in the journal that every living mark goes back beyond
        journal_.push(Undo::slot_value, &slot, slot.current);
        slot.saved_epoch = epoch_;
    }
    const rvm_u256 old = slot.current;
    slot.current = value;
    report(RVM_STATE_SLOT, account, slot.key, old, value);
}

void WorldState::tload(const Account& account, const rvm_u256& key, rvm_u256* out) const noexcept {
    const TransientSlot* const slot = transient_.find(accounts_.hash(), &account, key);
    *out = slot != nullptr ? slot->value : zero_u256;
}

rvm_status WorldState::tstore(Account& account, const rvm_u256& key, const rvm_u256& value) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    TransientSlot& slot = transient_.at(accounts_.hash(), &account, key);
    const rvm_u256 old = slot.value;
    if (slot.saved_epoch != epoch_) {
        journal_.push(Undo::transient, &slot, old);
        slot.saved_epoch = epoch_;
    }
    slot.value = value;
    report(RVM_STATE_TRANSIENT, account, key, old, value);
    return RVM_OK;
}

rvm_status WorldState::log(const Account& account, std::span<const rvm_bytes32> topics, rvm_view data) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if (topics.size() > 4) return RVM_E_INVALID_ARGUMENT;
    logs_.append(account.visible.address, topics, data);
    journal_.push(Undo::log, nullptr);
    if (observer_ != nullptr) [[unlikely]] {
        const auto count = static_cast<std::uint32_t>(topics.size());
        observer_->log({sizeof(rvm_log_event), count, topics.data(), data, account.visible.address, 0});
    }
    return RVM_OK;
}

} // namespace rvm::state
