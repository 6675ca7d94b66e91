// Account handles, loading, warmth of accounts, code.
#include "state/limbs.hpp"
#include "state/world_state.hpp"

#include <cstring>

namespace rvm::state {

rvm_status WorldState::account_slow(const rvm_address& address, Account* found, std::uint32_t want, Account** out,
                                    std::uint32_t* access) {
    *out = nullptr;
    const bool cold = found == nullptr || !is_warm(*found);
    if (cold && (want & RVM_WANT_NO_COLD) != 0) {
        if (access != nullptr) *access = RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED;
        return RVM_OK;
    }
    if (failure_ != RVM_OK) return failure_;
    Account& account = found != nullptr ? *found : make_account(address);
    if (!account.loaded) {
        if (const rvm_status status = load(account); status != RVM_OK) return fail(status);
    }
    if (recording_) note_account(account, want);
    if ((want & wants_code) != 0 && account.format != nullptr && account.code == nullptr) {
        if (const rvm_status status = load_code(account); status != RVM_OK) return status;
    }
    if (cold && in_tx_ && (want & RVM_WANT_WARM) != 0) {
        journal_.push(Undo::account_warm, &account);
        account.warm_tx = tx_;
    }
    if (access != nullptr) *access = cold ? RVM_ACCESS_COLD : 0;
    *out = &account;
    return RVM_OK;
}

rvm_status WorldState::load_code(Account& account) {
    if (failure_ != RVM_OK) return failure_;
    const CodeObject* object = codes_.find(*account.format, account.hash);
    if (object == nullptr) {
        rvm_view bytes{};
        rvm_status status = reader_.code(account.hash, account.format->id, &bytes);
        if (status == RVM_OK) status = codes_.insert(*account.format, account.hash, bytes, &object);
        if (status != RVM_OK) return fail(status);
    }
    account.code = object;
    account.visible.code_size = object->bytes().size;
    account.visible.delegate = object->delegate();
    return RVM_OK;
}

Account& WorldState::make_account(const rvm_address& address) {
    Account* const account = account_slab_.allocate();
    account->visible.address = address;
    accounts_.insert(account);
    return *account;
}

rvm_status WorldState::read_image(const rvm_address& address, AccountImage* image, std::uint64_t* incarnation) {
    AccountRecord record;
    const rvm_status status = reader_.account(address, &record);
    if (status != RVM_OK && status != RVM_E_NOT_FOUND) return status;
    *image = {};
    image->generation = first_generation;
    *incarnation = record.incarnation;
    if (!record.exists) return RVM_OK;
    image->exists = true;
    image->balance = record.balance;
    image->nonce = record.nonce;
    image->slot_count = record.slot_count;
    if (!record.format.empty()) {
        image->format = codes_.intern(record.format);
        image->code_hash = record.code_hash;
    }
    return RVM_OK;
}

rvm_status WorldState::load(Account& account) {
    AccountImage image;
    std::uint64_t incarnation = 0;
    if (const rvm_status status = read_image(account.visible.address, &image, &incarnation); status != RVM_OK)
        return status;
    account.committed = image;
    account.incarnation = incarnation;
    // Blind credits since the last commit are part of what the account is now.
    const bool in_this_tx = in_tx_ && account.dirty_tx == tx_;
    const rvm_u256 this_tx = in_this_tx ? account.tx_credit : zero_u256;
    const rvm_u256 earlier = sub(account.pending_credit, this_tx);
    image.balance = add(image.balance, earlier);
    image.exists = image.exists || !is_zero(earlier);
    if (in_this_tx) account.before = image;
    image.balance = add(image.balance, this_tx);
    image.exists = image.exists || !is_zero(this_tx);
    account.pending_credit = zero_u256;
    show(account, image);
    account.loaded = true;
    return RVM_OK;
}

void WorldState::show(Account& account, const AccountImage& image) noexcept {
    rvm_account& visible = account.visible;
    visible.balance = image.balance;
    visible.nonce = image.nonce;
    visible.code_size = 0;
    visible.delegate = nullptr;
    visible.code_hash = image.format != nullptr ? &account.hash : nullptr;
    visible.flags &= RVM_ACCOUNT_PROGRAM;
    if (image.exists) visible.flags |= RVM_ACCOUNT_EXISTS;
    if (image.slot_count != 0) visible.flags |= RVM_ACCOUNT_HAS_STORAGE;
    account.code = nullptr;
    account.format = image.format;
    account.hash = image.code_hash;
    account.generation = image.generation;
    account.slot_count = image.slot_count;
}

AccountImage WorldState::image_of(const Account& account) noexcept {
    AccountImage image{};
    image.balance = account.visible.balance;
    image.nonce = account.visible.nonce;
    image.format = account.format;
    if (account.format != nullptr) image.code_hash = account.hash;
    image.generation = account.generation;
    image.slot_count = account.slot_count;
    image.exists = (account.visible.flags & RVM_ACCOUNT_EXISTS) != 0;
    return image;
}

void WorldState::note_account(Account& account, std::uint32_t want) {
    const std::uint32_t fields = want & wants_fields;
    if (!in_tx_ || fields == 0) return;
    if (account.read_tx != tx_) {
        read_accounts_.push_back(&account);
        account.read_tx = tx_;
        account.read_fields = 0;
    }
    account.read_fields |= fields;
}

rvm_status WorldState::set_program(const rvm_address& address, const void* program) {
    Account* const found = accounts_.find(address);
    Account& account = found != nullptr ? *found : make_account(address);
    account.program = program;
    account.visible.flags &= ~RVM_ACCOUNT_PROGRAM;
    if (program != nullptr) account.visible.flags |= RVM_ACCOUNT_PROGRAM;
    return RVM_OK;
}

rvm_status WorldState::warm(const rvm_address& address, std::span<const rvm_u256> keys) {
    if (const rvm_status status = writable(); status != RVM_OK) return status;
    Account* const found = accounts_.find(address);
    Account& account = found != nullptr ? *found : make_account(address);
    if (account.warm_tx != tx_) {
        journal_.push(Undo::account_warm, &account);
        account.warm_tx = tx_;
    }
    for (const rvm_u256& key : keys) {
        Slot* const slot = account.slots.find(accounts_.hash(), key);
        warm_slot(slot != nullptr ? *slot : make_slot(account, key));
    }
    return RVM_OK;
}

} // namespace rvm::state
