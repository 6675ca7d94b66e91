// Balances, nonces, code, existence, creation and destruction.
#include "state/limbs.hpp"
#include "state/world_state.hpp"

#include <cstring>

namespace rvm::state {

namespace {

rvm_u256 number(std::uint64_t value) noexcept { return {{value, 0, 0, 0}}; }

} // namespace

void WorldState::begin_change_slow(Account& account) {
    if (account.dirty_commit != commit_) {
        dirty_accounts_.push_back(&account);
        account.dirty_commit = commit_;
        account.dirty_slots = nullptr;
        account.listed_credit = zero_u256;
        account.listed_full = account.listed_delta_first = account.wiped = account.recoded = false;
    }
    tx_accounts_.push_back(&account);
    account.dirty_tx = tx_;
    account.tx_slots = nullptr;
    account.tx_credit = zero_u256;
    if (account.loaded) account.before = image_of(account);
}

void WorldState::begin_write(Account& account) {
    begin_change(account);
    mark_touched(account);
    // What a change set says about the account depends on whether it existed.
    if (recording_) note_account(account, RVM_WANT_EXISTS);
}

void WorldState::set_flags(Account& account, std::uint32_t flags) {
    if (account.visible.flags == flags) return;
    journal_.push(Undo::flags, &account, number(account.visible.flags));
    account.visible.flags = flags;
}

void WorldState::make_exist(Account& account) { set_flags(account, account.visible.flags | RVM_ACCOUNT_EXISTS); }

void WorldState::set_balance(Account& account, const rvm_u256& balance) {
    const rvm_u256 old = account.visible.balance;
    if (equal(old, balance)) return;
    journal_.push(Undo::balance, &account, old);
    account.visible.balance = balance;
    report(RVM_STATE_BALANCE, account, zero_u256, old, balance);
}

rvm_status WorldState::transfer(Account& from, Account& to, const rvm_u256& amount) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if (recording_) {
        note_account(from, RVM_WANT_BALANCE);
        note_account(to, RVM_WANT_BALANCE);
    }
    if (less(from.visible.balance, amount)) return RVM_TRAP_BALANCE;
    begin_write(from);
    begin_write(to);
    make_exist(to);
    if (&from == &to || is_zero(amount)) return RVM_OK;
    set_balance(from, sub(from.visible.balance, amount));
    set_balance(to, add(to.visible.balance, amount));
    return RVM_OK;
}

rvm_status WorldState::add_balance(Account& account, const rvm_u256& amount) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    bool overflow = false;
    const rvm_u256 sum = add(account.visible.balance, amount, &overflow);
    if (overflow) return RVM_E_INVALID_ARGUMENT;
    if (recording_) note_account(account, RVM_WANT_BALANCE);
    begin_write(account);
    make_exist(account);
    set_balance(account, sum);
    return RVM_OK;
}

rvm_status WorldState::sub_balance(Account& account, const rvm_u256& amount) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if (recording_) note_account(account, RVM_WANT_BALANCE);
    if (less(account.visible.balance, amount)) return RVM_TRAP_BALANCE;
    begin_write(account);
    set_balance(account, sub(account.visible.balance, amount));
    return RVM_OK;
}

rvm_status WorldState::credit(const rvm_address& address, const rvm_u256& amount) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if (is_zero(amount)) return RVM_OK;
    Account* const found = accounts_.find(address);
    Account& account = found != nullptr ? *found : make_account(address);
    begin_change(account);
    bool overflow = false;
    const rvm_u256 credits = add(account.tx_credit, amount, &overflow);
    if (overflow) return RVM_E_INVALID_ARGUMENT;
    if (!account.loaded) {
        journal_.push(Undo::pending_credit, &account, amount);
        account.pending_credit = add(account.pending_credit, amount);
    } else {
        journal_.push(Undo::credit, &account, amount);
    }
    account.tx_credit = credits;
    if (account.loaded) {
        make_exist(account);
        set_balance(account, add(account.visible.balance, amount));
    }
    return RVM_OK;
}

rvm_status WorldState::set_nonce(Account& account, std::uint64_t nonce) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    begin_write(account);
    make_exist(account);
    const std::uint64_t old = account.visible.nonce;
    if (old == nonce) return RVM_OK;
    journal_.push(Undo::nonce, &account, number(old));
    account.visible.nonce = nonce;
    report(RVM_STATE_NONCE, account, zero_u256, number(old), number(nonce));
    return RVM_OK;
}

rvm_status WorldState::bump_nonce(Account& account) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    if (recording_) note_account(account, RVM_WANT_NONCE);
    const std::uint64_t nonce = account.visible.nonce;
    return nonce == UINT64_MAX ? RVM_TRAP_NONCE : set_nonce(account, nonce + 1);
}

rvm_status WorldState::set_code(Account& account, const CodeFormat& format, const rvm_bytes32& hash, rvm_view code) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    const CodeObject* object = nullptr;
    if (code.size != 0) {
        if (const rvm_status status = codes_.insert(format, hash, code, &object); status != RVM_OK) return status;
    }
    begin_write(account);
    make_exist(account);
    rvm_account& visible = account.visible;
    rvm_u256 old_hash{};
    std::memcpy(&old_hash, account.hash.bytes, sizeof old_hash);
    const rvm_u256 before = account.format != nullptr ? load_be256(account.hash.bytes) : zero_u256;
    journal_.push(Undo::code_hash, &account, old_hash);
    journal_.push(Undo::code_object, &account,
                  {{reinterpret_cast<std::uintptr_t>(account.code), reinterpret_cast<std::uintptr_t>(account.format),
                    visible.code_size, 0}});
    account.code = object;
    account.format = object != nullptr ? &format : nullptr;
    account.hash = object != nullptr ? hash : rvm_bytes32{};
    visible.code_hash = object != nullptr ? &account.hash : nullptr;
    visible.code_size = code.size;
    visible.delegate = object != nullptr ? object->delegate() : nullptr;
    report(RVM_STATE_CODE, account, zero_u256, before, load_be256(account.hash.bytes));
    return RVM_OK;
}

rvm_status WorldState::touch(Account& account, std::uint32_t flags) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    begin_write(account);
    make_exist(account);
    if ((flags & RVM_TOUCH_STICKY) != 0) account.sticky_tx = tx_;
    return RVM_OK;
}

bool WorldState::collides(Account& account) {
    note_read(account, RVM_WANT_NONCE | RVM_WANT_CODE_HASH | RVM_WANT_EXISTS);
    return account.visible.nonce != 0 || account.visible.code_hash != nullptr ||
           (account.visible.flags & RVM_ACCOUNT_HAS_STORAGE) != 0;
}

rvm_status WorldState::create_account(Account& account, std::uint64_t nonce) {
    if (const rvm_status status = set_nonce(account, nonce); status != RVM_OK) return status;
    set_flags(account, account.visible.flags | RVM_ACCOUNT_NEW_IN_TX);
    journal_.push(Undo::generation, &account, number(account.generation));
    account.generation = ++generation_;
    return RVM_OK;
}

rvm_status WorldState::destroy(Account& account, Account& heir, std::uint32_t mode, bool* first_time) {
    if (first_time != nullptr) *first_time = false;
    const bool marks = mode == RVM_DESTROY_ALWAYS || (account.visible.flags & RVM_ACCOUNT_NEW_IN_TX) != 0;
    const rvm_u256 all = account.visible.balance; // a copy: transfer() changes what a reference would name
    if (const rvm_status status = transfer(account, heir, all); status != RVM_OK) return status;
    if (!marks) return RVM_OK;
    set_balance(account, zero_u256); // only when it is its own heir is there anything left to burn
    if ((account.visible.flags & RVM_ACCOUNT_DESTROYED) != 0) return RVM_OK;
    set_flags(account, account.visible.flags | RVM_ACCOUNT_DESTROYED);
    report(RVM_STATE_DESTROY, account, zero_u256, zero_u256, zero_u256);
    if (first_time != nullptr) *first_time = true;
    return RVM_OK;
}

} // namespace rvm::state
