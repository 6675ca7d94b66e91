#include "state/change_set.hpp"

#include "state/limbs.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace rvm::state {

bool exists_before(const rvm_account_change& change) noexcept {
    return (change.flags & (RVM_CHANGE_CREATED | change_absent)) == 0;
}

bool exists_after(const rvm_account_change& change) noexcept {
    return (change.flags & (RVM_CHANGE_REMOVED | change_absent)) == 0;
}

bool changes_anything(const rvm_account_change& change) noexcept {
    if ((change.flags & change_absent) != 0) return false;
    const auto& [before, after] = std::pair{change.before, change.after};
    return change.flags != 0 || change.slot_count != 0 || before.nonce != after.nonce ||
           !equal(before.balance, after.balance) || !equal(before.code_hash, after.code_hash);
}

void ChangeSetBuilder::account(const rvm_account_change& change) {
    accounts_.push_back(change);
    accounts_.back().slot_count = 0;
    extents_.push_back({slots_.size(), 0, 0, no_format});
}

void ChangeSetBuilder::slot(const rvm_slot_change& change) {
    slots_.push_back(change);
    ++accounts_.back().slot_count;
}

void ChangeSetBuilder::code(rvm_view code, std::string_view format) {
    Extent& extent = extents_.back();
    extent.code = bytes_.size();
    extent.code_size = code.size;
    bytes_.insert(bytes_.end(), code.data, code.data + code.size);
    if (format.empty()) return;
    extent.format = bytes_.size();
    bytes_.insert(bytes_.end(), format.begin(), format.end());
    bytes_.push_back(0);
}

ChangeSet ChangeSetBuilder::build() {
    std::vector<std::size_t> order(accounts_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [this](std::size_t a, std::size_t b) { return less(accounts_[a].address, accounts_[b].address); });
    ChangeSet set;
    set.slots_ = std::move(slots_);
    set.bytes_ = std::move(bytes_);
    set.accounts_.reserve(accounts_.size());
    for (const std::size_t i : order) {
        rvm_account_change account = accounts_[i];
        const Extent& extent = extents_[i];
        rvm_slot_change* const slots = set.slots_.data() + extent.first_slot;
        std::sort(slots, slots + account.slot_count,
                  [](const rvm_slot_change& a, const rvm_slot_change& b) { return less(a.key, b.key); });
        account.slots = account.slot_count != 0 ? slots : nullptr;
        account.code = {extent.code_size != 0 ? set.bytes_.data() + extent.code : nullptr, extent.code_size};
        account.format =
            extent.format != no_format ? reinterpret_cast<const char*>(set.bytes_.data() + extent.format) : nullptr;
        set.accounts_.push_back(account);
    }
    *this = {};
    return set;
}

} // namespace rvm::state
