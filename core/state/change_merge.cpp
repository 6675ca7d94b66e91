// Two change sets as one. The rules keep merge() associative also where a delta does not know what was before it.
#include "state/change_set.hpp"
#include "state/limbs.hpp"

namespace rvm::state {

namespace {

bool is_delta(const rvm_account_change& change) noexcept { return (change.flags & RVM_CHANGE_DELTA) != 0; }

void add_slots(const rvm_account_change& earlier, const rvm_account_change& later, ChangeSetBuilder& builder) {
    const rvm_slot_change* a = earlier.slots;
    const rvm_slot_change* const a_end = a + earlier.slot_count;
    const rvm_slot_change* b = later.slots;
    const rvm_slot_change* const b_end = b + later.slot_count;
    if ((later.flags & RVM_CHANGE_WIPED) != 0) a = a_end; // whatever was written before is gone
    while (a != a_end || b != b_end) {
        if (b == b_end || (a != a_end && less(a->key, b->key))) {
            builder.slot(*a++);
        } else if (a == a_end || less(b->key, a->key)) {
            builder.slot(*b++);
        } else {
            if (!equal(a->before, b->after)) builder.slot({a->key, a->before, b->after});
            ++a;
            ++b;
        }
    }
}

void merge_account(const rvm_account_change& earlier, const rvm_account_change& later, ChangeSetBuilder& builder) {
    rvm_account_change merged{};
    merged.address = earlier.address;
    if (is_delta(earlier) && is_delta(later)) {
        merged.flags = RVM_CHANGE_DELTA;
        merged.after.balance = add(earlier.after.balance, later.after.balance);
        builder.account(merged);
        return;
    }
    bool before_exists = exists_before(earlier);
    bool after_exists = exists_after(later);
    merged.before = earlier.before;
    merged.after = later.after;
    if (is_delta(earlier)) {
        merged.before = later.before;
        merged.before.balance = sub(later.before.balance, earlier.after.balance);
        before_exists = true; // a credit does not look: the account counts as one that was there, maybe empty
    } else if (is_delta(later)) {
        merged.after = earlier.after;
        merged.after.balance = add(earlier.after.balance, later.after.balance);
        after_exists = true;
    }
    merged.flags = (earlier.flags | later.flags) & (RVM_CHANGE_WIPED | RVM_CHANGE_CODE);
    if (!before_exists) merged.flags |= after_exists ? RVM_CHANGE_CREATED : change_absent;
    if (before_exists && !after_exists) merged.flags |= RVM_CHANGE_REMOVED;
    const rvm_bytes32 none{};
    if (equal(merged.before.code_hash, none) && equal(merged.after.code_hash, none)) merged.flags &= ~RVM_CHANGE_CODE;
    builder.account(merged);
    add_slots(earlier, later, builder);
    if ((merged.flags & RVM_CHANGE_CODE) != 0) {
        const rvm_account_change& last = (later.flags & RVM_CHANGE_CODE) != 0 ? later : earlier;
        builder.code(last.code, last.format != nullptr ? last.format : "");
    }
}

void copy_account(const rvm_account_change& change, ChangeSetBuilder& builder) {
    builder.account(change);
    for (std::uint64_t i = 0; i < change.slot_count; ++i)
        builder.slot(change.slots[i]);
    if ((change.flags & RVM_CHANGE_CODE) != 0) builder.code(change.code, change.format != nullptr ? change.format : "");
}

} // namespace

ChangeSet ChangeSet::merge(const ChangeSet& earlier, const ChangeSet& later) {
    ChangeSetBuilder builder;
    auto a = earlier.accounts_.begin();
    auto b = later.accounts_.begin();
    while (a != earlier.accounts_.end() || b != later.accounts_.end()) {
        if (b == later.accounts_.end() || (a != earlier.accounts_.end() && less(a->address, b->address)))
            copy_account(*a++, builder);
        else if (a == earlier.accounts_.end() || less(b->address, a->address))
            copy_account(*b++, builder);
        else
            merge_account(*a++, *b++, builder);
    }
    return builder.build();
}

} // namespace rvm::state
