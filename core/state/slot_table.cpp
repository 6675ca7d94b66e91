#include "state/slot_table.hpp"

namespace rvm::state {

namespace {

constexpr std::uint64_t first_size = 8; // a power of two; most accounts of a transaction use a few slots

void place(const KeyedHash& hash, Slot** cells, std::uint64_t mask, Slot* slot) noexcept {
    std::uint64_t at = hash(slot->key) & mask;
    while (cells[at] != nullptr)
        at = (at + 1) & mask;
    cells[at] = slot;
}

} // namespace

void SlotTable::insert(const KeyedHash& hash, Slot* slot) {
    if (cells == nullptr || count * 2 > mask) { // at most half full
        const std::uint64_t size = cells == nullptr ? first_size : (mask + 1) * 2;
        Slot** const larger = new Slot*[size]();
        for (std::uint64_t i = 0; cells != nullptr && i <= mask; ++i)
            if (cells[i] != nullptr) place(hash, larger, size - 1, cells[i]);
        delete[] cells;
        cells = larger;
        mask = size - 1;
    }
    place(hash, cells, mask, slot);
    ++count;
}

void SlotTable::release() noexcept {
    delete[] cells;
    *this = {};
}

} // namespace rvm::state
