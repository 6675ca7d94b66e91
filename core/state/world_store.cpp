// The world and its store: committing, forgetting, reading anew.
#include "state/limbs.hpp"
#include "state/store_commit.hpp"
#include "state/store_error.hpp"
#include "state/world_state.hpp"

#include <new>

namespace rvm::state {

rvm_status WorldState::commit(std::span<const rvm_store_write> extra, rvm_error* error) {
    if (failure_ != RVM_OK) return explain(error, failure_, "the world has failed; only discard is possible");
    if (in_tx_) return explain(error, RVM_E_INVALID_ARGUMENT, "a transaction is open");
    ChangeSet changes;
    if (const rvm_status status = changes_since_commit(&changes); status != RVM_OK) return status;

    const rvm_storage& engine = reader_.engine();
    rvm_store& store = reader_.store();
    StoreReader latest;
    if (const rvm_status status = latest.open(engine, store, error); status != RVM_OK) return fail(status);
    if (latest.commits() != reader_.commits())
        return explain(error, RVM_E_RETRY, "another world has committed to the store; discard and run again");

    StoreBatch batch;
    if (const rvm_status status = batch.add(extra); status != RVM_OK)
        return explain(error, status, "a pair of the caller is not in a caller's keyspace");
    std::vector<std::uint64_t> incarnations;
    if (const rvm_status status = batch.add(changes, latest, history_, &incarnations); status != RVM_OK)
        return explain(error, fail(status), "the store does not hold what this world read from it");
    const std::span<const rvm_store_write> writes = batch.writes();
    const rvm_status status = host_failure(engine.commit(&store, writes.data(), writes.size(), error));
    if (status == RVM_E_RETRY) return status; // another process was faster; nothing was written
    if (status != RVM_OK) return fail(status);
    if (const rvm_status opened = reader_.open(engine, store, error); opened != RVM_OK) return fail(opened);

    for (std::size_t i = 0; i < incarnations.size(); ++i)
        accounts_.find(changes.accounts()[i].address)->incarnation = incarnations[i];
    for (Account* account : dirty_accounts_)
        settle_commit(*account);
    dirty_accounts_.clear();
    ++commit_;
    return RVM_OK;
}

void WorldState::settle_commit(Account& account) noexcept {
    account.pending_credit = zero_u256; // the store has it now
    if (!account.loaded) return;
    if (account.generation == account.committed.generation) {
        for (Slot* slot = account.dirty_slots; slot != nullptr; slot = slot->next_dirty)
            if (slot->generation == account.generation) slot->committed = slot->current;
    } else if (account.slots.cells != nullptr) {
        // The store has a storage of its own for this generation: all that is known of the old one is obsolete.
        for (std::uint64_t i = 0; i <= account.slots.mask; ++i) {
            if (Slot* const slot = account.slots.cells[i]; slot != nullptr)
                slot->committed = slot->generation == account.generation ? slot->current : zero_u256;
        }
    }
    account.committed = image_of(account);
}

void WorldState::discard() noexcept {
    abort_tx();
    forget_ended_tx();
    for (Account* account : dirty_accounts_)
        forget(*account);
    dirty_accounts_.clear();
    ++commit_;
    failure_ = RVM_OK;
    try {
        const std::uint64_t commits = reader_.commits();
        rvm_status status = reader_.open(reader_.engine(), reader_.store(), nullptr);
        if (status == RVM_OK && reader_.commits() != commits) status = refresh();
        if (status != RVM_OK) fail(status);
    } catch (const std::bad_alloc&) {
        fail(RVM_E_NO_MEMORY);
    }
}

void WorldState::forget(Account& account) noexcept {
    account.pending_credit = zero_u256;
    if (!account.loaded) return;
    for (Slot* slot = account.dirty_slots; slot != nullptr; slot = slot->next_dirty)
        if (slot->generation == account.committed.generation) slot->current = slot->committed;
    show(account, account.committed);
}

// Somebody else has written the store. Handles stay what they are; what they show is read again.
rvm_status WorldState::refresh() {
    rvm_status result = RVM_OK;
    account_slab_.each([&](Account& account) {
        if (!account.loaded || result != RVM_OK) return;
        for (std::uint64_t i = 0; account.slots.cells != nullptr && i <= account.slots.mask; ++i)
            if (Slot* const slot = account.slots.cells[i]; slot != nullptr) {
                slot->generation = 0;
                slot->committed = zero_u256;
            }
        result = read_image(account.visible.address, &account.committed, &account.incarnation);
        if (result == RVM_OK) show(account, account.committed);
    });
    return result;
}

rvm_status WorldState::get(std::uint32_t keyspace, rvm_view key, rvm_view* value) const {
    if (keyspace < RVM_KEYSPACE_CALLER || keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
    return reader_.get(keyspace, key, value);
}

} // namespace rvm::state
