#include "state/account_table.hpp"

#include <algorithm>

namespace rvm::state {

void AccountTable::insert(Account* account) {
    const auto place = [](std::vector<Cell>& cells, const Cell& cell) {
        const std::uint64_t mask = cells.size() - 1;
        std::uint64_t at = cell.hash & mask;
        while (cells[at].account != nullptr)
            at = (at + 1) & mask;
        cells[at] = cell;
    };
    if ((size_ + 1) * 2 > cells_.size()) {
        std::vector<Cell> larger(cells_.size() * 2);
        for (const Cell& cell : cells_)
            if (cell.account != nullptr) place(larger, cell);
        cells_.swap(larger);
    }
    place(cells_, {hash_(account->visible.address), account});
    ++size_;
}

std::vector<Account*> AccountTable::sorted() const {
    std::vector<Account*> accounts;
    accounts.reserve(size_);
    for (const Cell& cell : cells_)
        if (cell.account != nullptr) accounts.push_back(cell.account);
    std::sort(accounts.begin(), accounts.end(),
              [](const Account* a, const Account* b) { return less(a->visible.address, b->visible.address); });
    return accounts;
}

} // namespace rvm::state
