#include "state/history.hpp"

#include <algorithm>

namespace rvm::ledger {
namespace {

constexpr std::uint32_t want_all = RVM_WANT_EXISTS | RVM_WANT_BALANCE | RVM_WANT_NONCE | RVM_WANT_CODE_HASH;

/// For transactions in which no code runs.
rvm_tx_env plain_env() noexcept {
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    return env;
}

void set_balance(World& world, rvm_account* account, const U256& wanted) {
    const U256 present = from_abi(account->balance);
    if (present < wanted) world.add_balance(account, wanted - present);
    if (wanted < present) world.sub_balance(account, present - wanted);
}

} // namespace

/// So that writing and clearing one slot for ever does not fill the memory.
void History::tidy(const Address& address, Keys& keys, StateTrie& trie) const {
    if (keys.list.size() < keys.limit) return;
    std::ranges::sort(keys.list, std::less<U256>{});
    const auto twice = std::ranges::unique(keys.list);
    keys.list.erase(twice.begin(), twice.end());
    std::erase_if(keys.list, [&](const U256& key) { return !trie.slot(address, key); });
    keys.limit = std::max<std::size_t>(Keys{}.limit, 2 * keys.list.size());
}

void History::note(const rvm_account_change& change, StateTrie& trie) {
    const auto [place, is_new] = undo_.try_emplace(change.address);
    AccountBefore& before = place->second;
    if (is_new) {
        const rvm_account_state* state = trie.find(change.address);
        before.existed = state != nullptr;
        if (state != nullptr) before.state = *state;
    }
    if ((change.flags & (RVM_CHANGE_WIPED | RVM_CHANGE_REMOVED)) != 0) {
        if (const auto keys = keys_.find(change.address); keys != keys_.end()) {
            for (const U256& key : keys->second.list)
                if (const U256 value = trie.slot(change.address, key)) before.slots.try_emplace(key, value);
            keys_.erase(keys);
        }
    }
    if (change.slot_count != 0) {
        Keys& keys = keys_[change.address];
        tidy(change.address, keys, trie);
        for (const rvm_slot_change& slot : std::span(change.slots, change.slot_count)) {
            before.slots.try_emplace(from_abi(slot.key), from_abi(slot.before));
            if (!from_abi(slot.before) && from_abi(slot.after)) keys.list.push_back(from_abi(slot.key));
        }
    }
    if ((change.flags & RVM_CHANGE_CODE) != 0 && change.code.size != 0) {
        const Bytes code = sdk::bytes(change.code);
        codes_.try_emplace(change.after.code_hash, Code{Buffer(code.begin(), code.end()), change.format});
    }
}

U256 History::any_slot(const Address& address, StateTrie& trie) const {
    const std::vector<U256>& keys = keys_.at(address).list;
    return *std::ranges::find_if(keys, [&](const U256& key) { return trie.slot(address, key) != U256{}; });
}

void History::restore(const Address& address, const AccountBefore& before, World& world) const {
    rvm_account* account = world.account(address, want_all);
    if (!before.existed && (account->flags & RVM_ACCOUNT_EXISTS) == 0) return;
    set_balance(world, account, from_abi(before.state.balance));
    world.set_nonce(account, before.state.nonce);
    const Hash& wanted = before.state.code_hash;
    const Hash present = account->code_hash == nullptr ? Hash{} : *account->code_hash;
    if (same(wanted, Hash{})) {
        if (account->code_hash != nullptr) world.set_code(account, {}, nullptr, nullptr);
    } else if (!same(wanted, present)) {
        const Code& code = codes_.at(wanted);
        world.set_code(account, code.bytes, &wanted, code.format.c_str());
    }
    for (const auto& [key, value] : before.slots)
        world.set_slot(account, key, value);
}

void History::take_back(const Undo& undo, StateTrie& trie, World& world) {
    world.begin(plain_env());
    for (const auto& [address, before] : undo)
        restore(address, before, world);
    world.end_unseen(0);
    // An account ceases to exist when it is empty and touched at the end of a transaction that asks for it.
    world.begin(plain_env());
    for (const auto& [address, before] : undo) {
        if (before.existed) continue;
        rvm_account* account = world.account(address, want_all);
        if ((account->flags & RVM_ACCOUNT_EXISTS) != 0) world.touch(account);
    }
    world.end_unseen(RVM_TX_REMOVE_EMPTY_TOUCHED);

    for (const auto& [address, before] : undo) {
        std::vector<rvm_slot_change> slots;
        for (const auto& [key, value] : before.slots) {
            slots.push_back({to_abi(key), {}, to_abi(value)});
            if (value) keys_[address].list.push_back(key);
        }
        rvm_account_change back{};
        back.address = address;
        back.flags = before.existed ? 0 : RVM_CHANGE_REMOVED;
        back.after = before.state;
        back.slots = slots.data();
        back.slot_count = slots.size();
        trie.restore(back);
        if (!before.existed) keys_.erase(address);
    }
}

} // namespace rvm::ledger
