#include "state/store_commit.hpp"

#include "state/limbs.hpp"
#include "state/store_error.hpp"
#include "state/store_history.hpp"

#include <cstring>
#include <string_view>

namespace rvm::state {

namespace {

std::vector<std::uint8_t> bytes_of(rvm_view view) { return {view.data, view.data + view.size}; }

std::vector<std::uint8_t> be64(std::uint64_t value) {
    std::vector<std::uint8_t> out(8);
    store_be64(out.data(), value);
    return out;
}

bool is_empty(const rvm_account_state& state) noexcept {
    return state.nonce == 0 && is_zero(state.balance) && equal(state.code_hash, rvm_bytes32{});
}

/// Whether the store holds what the change set says was there before. After a delta an account counts as one that was
/// there: an empty one may not be.
bool agrees(const AccountRecord& record, const rvm_account_change& change) noexcept {
    if ((change.flags & RVM_CHANGE_DELTA) != 0) return true;
    if (record.nonce != change.before.nonce || !equal(record.balance, change.before.balance) ||
        !equal(record.code_hash, change.before.code_hash))
        return false;
    return record.exists == exists_before(change) || is_empty(change.before);
}

} // namespace

void StoreBatch::put(std::uint32_t keyspace, std::vector<std::uint8_t> key, std::vector<std::uint8_t> value) {
    const std::vector<std::uint8_t>& k = bytes_.emplace_back(std::move(key));
    const std::vector<std::uint8_t>& v = bytes_.emplace_back(std::move(value));
    writes_.push_back({{k.data(), k.size()}, value_of(v), keyspace, 0});
}

void StoreBatch::erase(std::uint32_t keyspace, std::vector<std::uint8_t> key) {
    const std::vector<std::uint8_t>& k = bytes_.emplace_back(std::move(key));
    writes_.push_back({{k.data(), k.size()}, {nullptr, 0}, keyspace, 0});
}

rvm_status StoreBatch::add(std::span<const rvm_store_write> extra) {
    for (const rvm_store_write& write : extra)
        if (write.keyspace < RVM_KEYSPACE_CALLER || write.keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
    writes_.insert(writes_.end(), extra.begin(), extra.end());
    return RVM_OK;
}

rvm_status StoreBatch::add(const ChangeSet& changes, const StoreReader& reader, std::uint64_t history,
                           std::vector<std::uint64_t>* incarnations) {
    incarnations->clear();
    sum_ = RecordSum(reader.sum());
    for (const rvm_account_change& change : changes.accounts()) {
        std::uint64_t incarnation = 0;
        if (const rvm_status status = add(change, reader, &incarnation); status != RVM_OK) return status;
        incarnations->push_back(incarnation);
    }
    if (reader.fresh()) put(RVM_KEYSPACE_META, bytes_of(meta_version_key), be64(record_version));
    put(RVM_KEYSPACE_META, bytes_of(meta_commits_key), be64(reader.commits() + 1));
    std::vector<std::uint8_t> sum(32);
    store_be256(sum.data(), sum_.value());
    put(RVM_KEYSPACE_META, bytes_of(meta_sum_key), std::move(sum));
    if (const rvm_status status = add_formats(reader); status != RVM_OK) return status;
    return add_history(changes, reader, history);
}

rvm_status StoreBatch::add_formats(const StoreReader& reader) {
    if (formats_.empty() && !reader.fresh()) return RVM_OK;
    StoreFormats known;
    if (const rvm_status status = read_formats(reader, &known); status != RVM_OK) return status;
    const std::size_t before = known.size();
    known.merge(formats_);
    if (known.size() != before || reader.fresh()) put(RVM_KEYSPACE_META, bytes_of(meta_formats_key), encode(known));
    return RVM_OK;
}

rvm_status StoreBatch::add_history(const ChangeSet& changes, const StoreReader& reader, std::uint64_t history) {
    const std::uint64_t height = reader.commits() + 1;
    if (history != 0) put(keyspace_changes, be64(height), encode_history(changes));
    StoreCursor cursor;
    if (const rvm_status status = cursor.open(reader, keyspace_changes, {nullptr, 0}); status != RVM_OK) return status;
    for (std::uint64_t dropped = 0; dropped < history_drop_limit; ++dropped) {
        rvm_view key{};
        rvm_view value{};
        const rvm_status status = cursor.next(&key, &value);
        if (status == RVM_E_NOT_FOUND) return RVM_OK;
        if (status != RVM_OK) return status;
        if (key.size != 8) return RVM_E_IO;
        if (load_be64(key.data) + history > height) return RVM_OK;
        erase(keyspace_changes, bytes_of(key));
    }
    return RVM_OK;
}

rvm_status StoreBatch::add(const rvm_account_change& change, const StoreReader& reader, std::uint64_t* incarnation) {
    const rvm_address& address = change.address;
    AccountRecord record;
    const rvm_status found = reader.account(address, &record);
    if (found != RVM_OK && found != RVM_E_NOT_FOUND) return found;
    if (!agrees(record, change)) return RVM_E_IO;
    *incarnation = record.incarnation;
    if ((change.flags & change_absent) != 0 && found == RVM_E_NOT_FOUND) return RVM_OK;

    const rvm_view account_key{address.bytes, sizeof address.bytes};
    if (found == RVM_OK) {
        const std::vector<std::uint8_t> old = encode(record);
        sum_.remove(RVM_KEYSPACE_ACCOUNTS, account_key, {old.data(), old.size()});
    }
    const bool delta = (change.flags & RVM_CHANGE_DELTA) != 0;
    record.exists = exists_after(change);
    record.nonce = delta ? record.nonce : change.after.nonce;
    record.balance = delta ? state::add(record.balance, change.after.balance) : change.after.balance;
    if ((change.flags & RVM_CHANGE_WIPED) != 0 && record.slot_count != 0) {
        if (record.slot_count <= wipe_erase_limit)
            if (const rvm_status status = erase_slots(address, record.incarnation, reader); status != RVM_OK)
                return status;
        ++record.incarnation;
        record.slot_count = 0;
    }
    for (std::uint64_t i = 0; i < change.slot_count; ++i) {
        const rvm_slot_change& slot = change.slots[i];
        const SlotKey key = slot_key(address, record.incarnation, slot.key);
        const std::vector<std::uint8_t> bytes(key.begin(), key.end());
        if (!is_zero(slot.before)) {
            if (record.slot_count == 0) return RVM_E_IO;
            --record.slot_count;
            const std::array<std::uint8_t, 32> old = encode_slot(slot.before);
            sum_.remove(RVM_KEYSPACE_SLOTS, {key.data(), key.size()}, {old.data(), old.size()});
        }
        if (is_zero(slot.after)) {
            erase(RVM_KEYSPACE_SLOTS, bytes);
            continue;
        }
        const std::array<std::uint8_t, 32> value = encode_slot(slot.after);
        sum_.add(RVM_KEYSPACE_SLOTS, {key.data(), key.size()}, {value.data(), value.size()});
        put(RVM_KEYSPACE_SLOTS, bytes, {value.begin(), value.end()});
        ++record.slot_count;
    }
    if ((change.flags & RVM_CHANGE_CODE) != 0) {
        record.code_hash = change.after.code_hash;
        record.format = change.format != nullptr ? change.format : "";
        if (!record.format.empty()) formats_.try_emplace(record.format, address);
        if (change.code.size != 0)
            put(RVM_KEYSPACE_CODE, code_key(record.code_hash, record.format), bytes_of(change.code));
    }
    *incarnation = record.incarnation;
    const std::vector<std::uint8_t> key(std::begin(address.bytes), std::end(address.bytes));
    if (!record.exists && (record.slot_count != 0 || !record.format.empty())) return RVM_E_IO;
    if (record.exists || record.incarnation != 0) {
        std::vector<std::uint8_t> value = encode(record);
        sum_.add(RVM_KEYSPACE_ACCOUNTS, account_key, {value.data(), value.size()});
        put(RVM_KEYSPACE_ACCOUNTS, key, std::move(value));
    } else {
        erase(RVM_KEYSPACE_ACCOUNTS, key);
    }
    return RVM_OK;
}

rvm_status StoreBatch::erase_slots(const rvm_address& address, std::uint64_t incarnation, const StoreReader& reader) {
    const SlotKey first = slot_key(address, incarnation, zero_u256);
    constexpr std::size_t prefix_size = sizeof(rvm_address) + sizeof(std::uint64_t);
    StoreCursor cursor;
    if (const rvm_status status = cursor.open(reader, RVM_KEYSPACE_SLOTS, {first.data(), first.size()});
        status != RVM_OK)
        return status;
    for (std::uint64_t erased = 0; erased < wipe_erase_limit; ++erased) {
        rvm_view key{};
        rvm_view value{};
        const rvm_status status = cursor.next(&key, &value);
        if (status == RVM_E_NOT_FOUND) return RVM_OK;
        if (status != RVM_OK) return status;
        if (key.size < prefix_size || std::memcmp(key.data, first.data(), prefix_size) != 0) return RVM_OK;
        sum_.remove(RVM_KEYSPACE_SLOTS, key, value);
        erase(RVM_KEYSPACE_SLOTS, bytes_of(key));
    }
    return RVM_OK;
}

} // namespace rvm::state
