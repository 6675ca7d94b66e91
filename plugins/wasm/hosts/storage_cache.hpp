// The write-back cache of slots that contracts of vm_hooks work on: what is not flushed never happened.
#pragma once

#include <array>
#include <cstdint>
#include <map>

namespace rvm::wasm::hosts {

class StorageCache {
  public:
    using Key = std::array<std::uint64_t, 4>; ///< limbs, the least significant first
    struct Entry {
        Key value{};
        Key known{};           ///< what storage holds, if `is_known`
        bool is_known = false; ///< read or written by this frame
        [[nodiscard]] bool dirty() const noexcept { return !is_known || value != known; }
    };
    static constexpr std::uint64_t entry_bytes = 192; ///< about; what an entry takes of the memory budget

    [[nodiscard]] Entry* find(const Key& key) noexcept {
        const auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : &found->second;
    }
    /// The entry of a key that is not there yet. Throws std::bad_alloc.
    Entry& add(const Key& key) { return entries_[key]; }
    void clear() noexcept { entries_.clear(); }
    /// Ascending by limbs: the order of writes is the same everywhere.
    [[nodiscard]] auto begin() noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() noexcept { return entries_.end(); }

  private:
    std::map<Key, Entry> entries_; // keys are the program's choice: a hash table could be flooded
};

} // namespace rvm::wasm::hosts
