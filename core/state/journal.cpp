#include "state/journal.hpp"

#include <cstring>

namespace rvm::state {

namespace {

Account& account(void* target) noexcept { return *static_cast<Account*>(target); }
Slot& slot(void* target) noexcept { return *static_cast<Slot*>(target); }

// The program flag is not journaled: it follows the rules in force.
void undo_flags(Account& a, const rvm_u256& old) noexcept {
    a.visible.flags = (static_cast<std::uint32_t>(old.limbs[0]) & ~RVM_ACCOUNT_PROGRAM) |
                      (a.visible.flags & RVM_ACCOUNT_PROGRAM);
}

void undo_code_hash(Account& a, const rvm_u256& old) noexcept { std::memcpy(a.hash.bytes, &old, sizeof a.hash.bytes); }

void undo_code_object(Account& a, const rvm_u256& old) noexcept {
    a.code = reinterpret_cast<const CodeObject*>(old.limbs[0]);
    a.format = reinterpret_cast<const CodeFormat*>(old.limbs[1]);
    a.visible.code_size = old.limbs[2];
    a.visible.code_hash = a.format != nullptr ? &a.hash : nullptr;
    a.visible.delegate = a.code != nullptr ? a.code->delegate() : nullptr;
}

// The account may have been loaded since; then its balance and existence took the credit in, and everything that
// happened to it after that is undone already.
void undo_pending_credit(Account& a, const rvm_u256& amount) noexcept {
    a.tx_credit = sub(a.tx_credit, amount);
    if (!a.loaded) {
        a.pending_credit = sub(a.pending_credit, amount);
        return;
    }
    a.visible.balance = sub(a.visible.balance, amount);
    if (!a.before.exists && is_zero(a.tx_credit)) a.visible.flags &= ~RVM_ACCOUNT_EXISTS;
}

} // namespace

void Journal::revert(std::size_t size, LogBook& logs) noexcept {
    while (records_.size() > size) {
        const Record& record = records_.back();
        const rvm_u256& old = record.old;
        void* const target = record.target;
        switch (record.kind) {
        case Undo::balance:
            account(target).visible.balance = old;
            break;
        case Undo::nonce:
            account(target).visible.nonce = old.limbs[0];
            break;
        case Undo::flags:
            undo_flags(account(target), old);
            break;
        case Undo::code_hash:
            undo_code_hash(account(target), old);
            break;
        case Undo::code_object:
            undo_code_object(account(target), old);
            break;
        case Undo::generation:
            account(target).generation = old.limbs[0];
            break;
        case Undo::account_warm:
            account(target).warm_tx = 0;
            break;
        case Undo::touched:
            account(target).touched_tx = 0;
            break;
        case Undo::credit:
            account(target).tx_credit = sub(account(target).tx_credit, old);
            break;
        case Undo::pending_credit:
            undo_pending_credit(account(target), old);
            break;
        case Undo::slot_value:
            slot(target).current = old;
            break;
        case Undo::slot_warm:
            slot(target).warm_tx = 0;
            break;
        case Undo::slot_original:
            slot(target).original = old;
            break;
        case Undo::slot_generation:
            slot(target).generation = old.limbs[0];
            slot(target).touched_tx = old.limbs[1];
            break;
        case Undo::transient:
            static_cast<TransientSlot*>(target)->value = old;
            break;
        case Undo::log:
            logs.pop();
            break;
        }
        records_.pop_back();
    }
}

} // namespace rvm::state
