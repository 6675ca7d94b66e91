#include "state/state_root.hpp"

#include <algorithm>
#include <random>

#include "base/hex.hpp"
#include "rlp/decode.hpp"
#include "rlp/encode.hpp"
#include "state/history.hpp"
#include "trie/decode.hpp"
#include "trie/root.hpp"
#include "u256/text.hpp"

namespace rvm::ledger {
namespace {

trie::Hash hashed(Bytes bytes) noexcept { return keccak::keccak256(bytes); }

Hash to_hash(const trie::Hash& digest) noexcept {
    Hash out;
    std::ranges::copy(digest, out.bytes);
    return out;
}

trie::Hash to_digest(const Hash& hash) noexcept {
    trie::Hash out;
    std::ranges::copy(hash.bytes, out.begin());
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

StateTrie::StateTrie(StateNodes& nodes, const Hash& root)
    : nodes_(&nodes), source_(std::make_unique<Source>(nodes, nullptr)), trie_(*source_, to_digest(root)) {}

StateTrie::Accounts::value_type& StateTrie::at(const Address& address) {
    const auto [place, is_new] = accounts_.try_emplace(address);
    if (!is_new) return *place;
    Account& account = place->second;
    account.key = hashed(bytes(address));
    if (nodes_ == nullptr) return *place;
    if (const auto record = trie_.get(account.key)) read_record(*record, place->first, account);
    return *place;
}

/// The account if it exists.
StateTrie::Account* StateTrie::present(const Address& address) {
    auto found = accounts_.find(address);
    if (found == accounts_.end()) {
        if (nodes_ == nullptr) return nullptr;
        found = accounts_.find(at(address).first);
    }
    return found->second.exists ? &found->second : nullptr;
}

/// `address` lives as long as `out`.
void StateTrie::read_record(Bytes record, const Address& address, Account& out) {
    rlp::Status status;
    rlp::Reader input(record, status);
    rlp::Reader fields = input.list();
    std::uint8_t balance[32]{};
    trie::Hash storage_root;
    out.state.nonce = fields.integer();
    fields.integer(balance);
    fields.fixed(storage_root);
    fields.fixed(out.state.code_hash.bytes);
    fields.end();
    input.end();
    if (!status.ok()) {
        throw trie::NodeError("the record of account " + to_hex(bytes(address)) + ": " + rlp::text(status.error) +
                              ", at byte " + std::to_string(status.offset));
    }
    out.exists = true;
    out.state.balance = to_abi(u256::load_be(balance));
    if (same(out.state.code_hash, empty_code_hash)) out.state.code_hash = {};
    if (storage_root == trie::empty_root) return;
    out.source = std::make_unique<Source>(*nodes_, &address);
    out.storage = trie::Trie(*out.source, storage_root);
}

void StateTrie::apply(std::span<const rvm_account_change> changes) {
    if (listener_ != nullptr) listener_->before_apply(changes);
    for (const rvm_account_change& change : changes) {
        if (history_ != nullptr) history_->note(change, *this);
        apply(change);
    }
}

const rvm_account_state* StateTrie::find(const Address& address) {
    const Account* account = present(address);
    return account == nullptr ? nullptr : &account->state;
}

U256 StateTrie::slot(const Address& address, const U256& key) {
    const Account* account = present(address);
    if (account == nullptr) return {};
    const auto record = account->storage.get(hashed(BigEndian(key)));
    if (!record) return {};
    rlp::Status status;
    std::uint8_t value[32]{};
    rlp::Reader input(*record, status);
    input.integer(value);
    input.end();
    if (!status.ok()) {
        throw trie::NodeError("slot " + u256::to_hex(key) + " of account " + to_hex(bytes(address)) + ": " +
                              rlp::text(status.error));
    }
    return u256::load_be(value);
}

bool StateTrie::has_slots(const Address& address) {
    const Account* account = present(address);
    return account != nullptr && !account->storage.empty();
}

bool StateTrie::is_wiped(const Address& address) {
    const Account* account = present(address);
    return account == nullptr || account->source == nullptr;
}

std::optional<Bytes> StateTrie::node(const Address* account, Bytes key, std::size_t nibbles) {
    if (account == nullptr) return trie_.node(key, nibbles);
    const auto found = accounts_.find(*account);
    return found == accounts_.end() ? std::nullopt : found->second.storage.node(key, nibbles);
}

void StateTrie::apply(const rvm_account_change& change) {
    Accounts::value_type& place = at(change.address);
    Account& account = place.second;
    if (!account.changed) {
        account.changed = true;
        changed_.push_back(&place);
    }
    if ((change.flags & RVM_CHANGE_DELTA) != 0) {
        account.exists = true;
        account.state.balance = to_abi(from_abi(account.state.balance) + from_abi(change.after.balance));
        return;
    }
    account.exists = (change.flags & RVM_CHANGE_REMOVED) == 0;
    account.state = change.after;
    if (!account.exists || (change.flags & RVM_CHANGE_WIPED) != 0) {
        account.storage = trie::Trie();
        account.source.reset();
    }
    Buffer value;
    for (const rvm_slot_change& slot : std::span(change.slots, change.slot_count)) {
        value.clear();
        if (from_abi(slot.after)) append_slot(from_abi(slot.after), value);
        account.storage.set(hashed(BigEndian(from_abi(slot.key))), value);
    }
}

Hash StateTrie::root() {
    if (listener_ != nullptr) listener_->before_root();
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
    Account* account = present(address);
    return to_hash(account == nullptr ? trie::empty_root : account->storage.root());
}

} // namespace rvm::ledger
