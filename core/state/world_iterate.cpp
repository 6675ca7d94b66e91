// Listing accounts and slots in order: the store's, overlaid by what is in memory.
#include "state/limbs.hpp"
#include "state/world_state.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::state {

rvm_status WorldState::each_account(rvm_account_fn visit, void* ctx) {
    if (failure_ != RVM_OK) return failure_;
    const std::vector<Account*> overlay = accounts_.sorted();
    auto in_memory = overlay.begin();
    StoreCursor cursor;
    if (const rvm_status status = cursor.open(reader_, RVM_KEYSPACE_ACCOUNTS, {nullptr, 0}); status != RVM_OK)
        return fail(status);
    rvm_address stored{};
    bool has_stored = false;
    const auto advance = [&]() -> rvm_status {
        rvm_view key{};
        rvm_view value{};
        const rvm_status status = cursor.next(&key, &value);
        has_stored = status == RVM_OK;
        if (status == RVM_E_NOT_FOUND) return RVM_OK;
        if (status != RVM_OK) return status;
        if (key.size != sizeof stored.bytes) return RVM_E_IO;
        std::memcpy(stored.bytes, key.data, sizeof stored.bytes);
        return RVM_OK;
    };
    if (const rvm_status status = advance(); status != RVM_OK) return fail(status);

    while (has_stored || in_memory != overlay.end()) {
        const bool from_memory =
            in_memory != overlay.end() && (!has_stored || !less(stored, (*in_memory)->visible.address));
        Account* const account = from_memory ? *in_memory++ : nullptr;
        const rvm_address address = from_memory ? account->visible.address : stored;
        AccountImage image{};
        if (from_memory && account->loaded) {
            image = image_of(*account);
        } else {
            std::uint64_t incarnation = 0;
            if (const rvm_status status = read_image(address, &image, &incarnation); status != RVM_OK)
                return fail(status);
            if (from_memory && !is_zero(account->pending_credit)) {
                image.balance = add(image.balance, account->pending_credit);
                image.exists = true;
            }
        }
        if (has_stored && equal(stored, address))
            if (const rvm_status status = advance(); status != RVM_OK) return fail(status);
        if (!image.exists) continue;

        rvm_view code{};
        if (from_memory && account->code != nullptr)
            code = account->code->bytes();
        else if (image.format != nullptr)
            if (const rvm_status status = reader_.code(image.code_hash, image.format->id, &code); status != RVM_OK)
                return fail(status);
        const rvm_account_state state{image.balance, image.nonce, image.code_hash};
        const char* const format = image.format != nullptr ? image.format->id.c_str() : nullptr;
        if (const rvm_status status = visit(ctx, &address, &state, code, format); status != RVM_OK) return status;
    }
    return RVM_OK;
}

rvm_status WorldState::each_slot(const Account& account, rvm_slot_fn visit, void* ctx) {
    if (failure_ != RVM_OK) return failure_;
    std::vector<const Slot*> overlay;
    for (std::uint64_t i = 0; account.slots.cells != nullptr && i <= account.slots.mask; ++i)
        if (const Slot* slot = account.slots.cells[i]; slot != nullptr && slot->generation == account.generation)
            overlay.push_back(slot);
    std::sort(overlay.begin(), overlay.end(), [](const Slot* a, const Slot* b) { return less(a->key, b->key); });
    auto in_memory = overlay.begin();

    // The store's slots are the account's as long as its storage was not wiped since the last commit.
    bool has_stored = account.generation == account.committed.generation && account.committed.slot_count != 0;
    const SlotKey first = slot_key(account.visible.address, account.incarnation, zero_u256);
    constexpr std::size_t prefix_size = sizeof(rvm_address) + sizeof(std::uint64_t); // address, incarnation
    StoreCursor cursor;
    rvm_u256 stored{};
    rvm_u256 stored_value{};
    const auto advance = [&]() -> rvm_status {
        rvm_view key{};
        rvm_view value{};
        const rvm_status status = cursor.next(&key, &value);
        has_stored = false;
        if (status == RVM_E_NOT_FOUND) return RVM_OK;
        if (status != RVM_OK) return status;
        if (key.size != first.size()) return RVM_E_IO;
        if (std::memcmp(key.data, first.data(), prefix_size) != 0) return RVM_OK;
        if (!decode_slot(value, &stored_value)) return RVM_E_IO;
        stored = load_be256(key.data + prefix_size);
        has_stored = true;
        return RVM_OK;
    };
    if (has_stored) {
        rvm_status status = cursor.open(reader_, RVM_KEYSPACE_SLOTS, {first.data(), first.size()});
        if (status == RVM_OK) status = advance();
        if (status != RVM_OK) return fail(status);
    }
    while (has_stored || in_memory != overlay.end()) {
        const bool from_memory = in_memory != overlay.end() && (!has_stored || !less(stored, (*in_memory)->key));
        const Slot* const slot = from_memory ? *in_memory++ : nullptr;
        const rvm_u256 key = from_memory ? slot->key : stored;
        const rvm_u256 value = from_memory ? slot->current : stored_value;
        if (has_stored && equal(stored, key))
            if (const rvm_status status = advance(); status != RVM_OK) return fail(status);
        if (is_zero(value)) continue;
        if (const rvm_status status = visit(ctx, &key, &value); status != RVM_OK) return status;
    }
    return RVM_OK;
}

} // namespace rvm::state
