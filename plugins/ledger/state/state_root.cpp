#include "state/state_root.hpp"

#include <algorithm>
#include <random>

#include "rlp/decode.hpp"
#include "rlp/encode.hpp"
#include "state/history.hpp"
#include "trie/root.hpp"

namespace rvm::ledger {
namespace {

trie::Hash hashed(Bytes bytes) noexcept { return keccak::keccak256(bytes); }

Hash to_hash(const trie::Hash& digest) noexcept {
    Hash out;
    std::ranges::copy(digest, out.bytes);
    return out;
}

/// A record of the account trie (yellow paper, equation 10). Without code, the hash is that of no bytes.
void append_record(const rvm_account_state& state, const trie::Hash& storage_root, Buffer& out) {
    static constexpr Hash none{};
    const Hash& code_hash = same(state.code_hash, none) ? empty_code_hash : state.code_hash;
    rlp::append_list(out, [&](auto& list) {
        list.integer(state.nonce);
        list.integer(BigEndian(from_abi(state.balance)));
        list.string(storage_root);
        list.string(bytes(code_hash));
    });
}

/// A record of a storage trie.
void append_slot(const U256& value, Buffer& out) { rlp::Writer(out).integer(BigEndian(value)); }

/// A record somewhere in a buffer that still grows.
struct Record {
    trie::Hash key;
    std::size_t begin;
    std::size_t end;
};

/// The root over records in any order.
trie::Hash root_of(std::span<const Record> records, Bytes buffer) {
    std::vector<trie::Entry> entries;
    entries.reserve(records.size());
    for (const Record& record : records)
        entries.push_back({record.key, buffer.subspan(record.begin, record.end - record.begin)});
    trie::sort_by_key(entries);
    return trie::root_of_sorted(entries);
}

/// What `each_slot` hands over.
struct SlotRecords {
    std::vector<Record> records;
    Buffer buffer;

    static rvm_status add(void* self, const rvm_u256* key, const rvm_u256* value) {
        auto& to = *static_cast<SlotRecords*>(self);
        const std::size_t begin = to.buffer.size();
        append_slot(from_abi(*value), to.buffer);
        to.records.push_back({hashed(BigEndian(from_abi(*key))), begin, to.buffer.size()});
        return RVM_OK;
    }
};

struct AccountList {
    std::vector<std::pair<Address, rvm_account_state>> accounts;

    static rvm_status add(void* self, const rvm_address* address, const rvm_account_state* state, rvm_view,
                          const char*) {
        static_cast<AccountList*>(self)->accounts.emplace_back(*address, *state);
        return RVM_OK;
    }
};

} // namespace

rvm_status state_root(const rvm_host_world& host, rvm_world* world, Hash& out) {
    AccountList list;
    rvm_status status = host.each_account(world, &AccountList::add, &list);
    if (status != RVM_OK) return status;
    std::vector<Record> records;
    records.reserve(list.accounts.size());
    Buffer buffer;
    SlotRecords slots;
    for (const auto& [address, state] : list.accounts) {
        rvm_account* handle = nullptr;
        status = host.account(world, &address, 0, &handle);
        if (status != RVM_OK) return status;
        slots.records.clear();
        slots.buffer.clear();
        status = host.each_slot(world, handle, &SlotRecords::add, &slots);
        if (status != RVM_OK) return status;
        const std::size_t begin = buffer.size();
        append_record(state, root_of(slots.records, slots.buffer), buffer);
        records.push_back({hashed(bytes(address)), begin, buffer.size()});
    }
    out = to_hash(root_of(records, buffer));
    return RVM_OK;
}

std::size_t StateTrie::AddressHash::operator()(const Address& address) const noexcept {
    // Keyed: whoever chooses addresses must not choose the buckets. Nothing ever shows the order.
    static const std::uint64_t key = std::random_device{}() | std::uint64_t{std::random_device{}()} << 32u;
    std::uint64_t parts[3]{}; // 8, 8 and 4 bytes
    std::memcpy(parts, address.bytes, sizeof address.bytes);
    std::uint64_t hash = key;
    for (const std::uint64_t part : parts) {
        const u256::Uint128 product =
            u256::Uint128{hash ^ part} * 0x9e3779b97f4a7c15u; // 2^64 divided by the golden ratio
        hash = static_cast<std::uint64_t>(product >> 64u) ^ static_cast<std::uint64_t>(product);
    }
    return hash;
}

void StateTrie::apply(std::span<const rvm_account_change> changes) {
    for (const rvm_account_change& change : changes) {
        if (history_ != nullptr) history_->note(change, *this);
        apply(change);
    }
}

const rvm_account_state* StateTrie::find(const Address& address) const {
    const auto found = accounts_.find(address);
    return found == accounts_.end() || !found->second.exists ? nullptr : &found->second.state;
}

U256 StateTrie::slot(const Address& address, const U256& key) const {
    const auto found = accounts_.find(address);
    if (found == accounts_.end()) return {};
    const auto record = found->second.storage.get(hashed(BigEndian(key)));
    if (!record) return {};
    rlp::Status status;
    std::uint8_t value[32]{};
    rlp::Reader(*record, status).integer(value);
    return u256::load_be(value);
}

void StateTrie::apply(const rvm_account_change& change) {
    const auto [place, is_new] = accounts_.try_emplace(change.address);
    Account& account = place->second;
    if (is_new) account.key = hashed(bytes(change.address));
    if (!account.changed) {
        account.changed = true;
        changed_.push_back(&*place);
    }
    if ((change.flags & RVM_CHANGE_DELTA) != 0) {
        account.exists = true;
        account.state.balance = to_abi(from_abi(account.state.balance) + from_abi(change.after.balance));
        return;
    }
    account.exists = (change.flags & RVM_CHANGE_REMOVED) == 0;
    account.state = change.after;
    if (!account.exists || (change.flags & RVM_CHANGE_WIPED) != 0) account.storage = trie::Trie();
    Buffer value;
    for (const rvm_slot_change& slot : std::span(change.slots, change.slot_count)) {
        value.clear();
        if (from_abi(slot.after)) append_slot(from_abi(slot.after), value);
        account.storage.set(hashed(BigEndian(from_abi(slot.key))), value);
    }
}

Hash StateTrie::root() {
    Buffer record;
    for (auto* entry : changed_) {
        Account& account = entry->second;
        record.clear();
        if (account.exists) append_record(account.state, account.storage.root(), record);
        trie_.set(account.key, record);
        account.changed = false;
        if (!account.exists) accounts_.erase(Address(entry->first));
    }
    changed_.clear();
    return to_hash(trie_.root());
}

Hash StateTrie::storage_root(const Address& address) {
    const auto found = accounts_.find(address);
    return to_hash(found == accounts_.end() ? trie::empty_root : found->second.storage.root());
}

} // namespace rvm::ledger
