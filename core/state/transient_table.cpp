#include "state/transient_table.hpp"

#include "state/limbs.hpp"

namespace rvm::state {

namespace {

constexpr std::size_t first_size = 16;

// Cells kept from one transaction to the next; a larger table is given back, so that clearing stays cheap.
constexpr std::size_t kept_size = 1024;

} // namespace

std::uint64_t TransientTable::hash_of(const KeyedHash& hash, const Account* account, const rvm_u256& key) noexcept {
    return fold(hash(key) ^ reinterpret_cast<std::uintptr_t>(account), hash.secret[0]);
}

TransientSlot* TransientTable::find(const KeyedHash& hash, const Account* account, const rvm_u256& key) const noexcept {
    if (cells_.empty()) return nullptr;
    const std::uint64_t mask = cells_.size() - 1;
    for (std::uint64_t at = hash_of(hash, account, key) & mask;; at = (at + 1) & mask) {
        TransientSlot* const slot = cells_[at];
        if (slot == nullptr || (slot->account == account && equal(slot->key, key))) return slot;
    }
}

TransientSlot& TransientTable::at(const KeyedHash& hash, const Account* account, const rvm_u256& key) {
    if (TransientSlot* const found = find(hash, account, key); found != nullptr) return *found;
    if ((slots_.size() + 1) * 2 > cells_.size()) grow(hash);
    TransientSlot* const slot = slots_.allocate();
    *slot = {account, key, zero_u256, 0};
    const std::uint64_t mask = cells_.size() - 1;
    std::uint64_t at = hash_of(hash, account, key) & mask;
    while (cells_[at] != nullptr)
        at = (at + 1) & mask;
    cells_[at] = slot;
    return *slot;
}

void TransientTable::grow(const KeyedHash& hash) {
    const std::size_t size = cells_.empty() ? first_size : cells_.size() * 2;
    std::vector<TransientSlot*> larger(size);
    for (TransientSlot* const slot : cells_) {
        if (slot == nullptr) continue;
        std::uint64_t at = hash_of(hash, slot->account, slot->key) & (size - 1);
        while (larger[at] != nullptr)
            at = (at + 1) & (size - 1);
        larger[at] = slot;
    }
    cells_.swap(larger);
}

void TransientTable::clear() noexcept {
    if (slots_.size() == 0) return;
    slots_ = {};
    if (cells_.size() > kept_size)
        cells_ = {};
    else
        cells_.assign(cells_.size(), nullptr);
}

} // namespace rvm::state
