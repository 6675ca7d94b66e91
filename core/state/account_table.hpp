// Open-addressed table address -> Account*, the one probe behind an account handle.
#pragma once

#include "state/account.hpp"
#include "state/keyed_hash.hpp"
#include "state/limbs.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rvm::state {

/// Accounts are never removed. Not thread-safe.
class AccountTable {
  public:
    AccountTable() : cells_(first_size) {}

    [[nodiscard]] Account* find(const rvm_address& address) const noexcept {
        const std::uint64_t hash = hash_(address);
        const std::uint64_t mask = cells_.size() - 1;
        for (std::uint64_t at = hash & mask;; at = (at + 1) & mask) {
            const Cell& cell = cells_[at];
            if (cell.account == nullptr) return nullptr;
            if (cell.hash == hash && equal(cell.account->visible.address, address)) return cell.account;
        }
    }

    /// Adds an account whose address is not in the table. Throws std::bad_alloc and leaves the table as it was.
    void insert(Account* account);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// All accounts, ascending by address.
    [[nodiscard]] std::vector<Account*> sorted() const;
    /// The hash that slot tables of the same world share.
    [[nodiscard]] const KeyedHash& hash() const noexcept { return hash_; }

  private:
    static constexpr std::size_t first_size = 64; // a power of two; a simple transaction touches about ten accounts

    struct Cell {
        std::uint64_t hash = 0;
        Account* account = nullptr;
    };

    KeyedHash hash_;
    std::vector<Cell> cells_; // a power of two, at most half full
    std::size_t size_ = 0;
};

} // namespace rvm::state
