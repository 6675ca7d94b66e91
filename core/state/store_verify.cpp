#include "state/store_verify.hpp"

#include "base/bytes.hpp"
#include "state/limbs.hpp"
#include "state/record_sum.hpp"
#include "state/store_error.hpp"
#include "state/store_formats.hpp"
#include "state/store_history.hpp"
#include "state/store_walk.hpp"

#include <set>

namespace rvm::state {

namespace {

std::string hex(rvm_view bytes) { return "0x" + to_hex({bytes.data, static_cast<std::size_t>(bytes.size)}); }
std::string hex(const rvm_address& address) { return hex({address.bytes, sizeof address.bytes}); }
std::string hex(const rvm_bytes32& hash) { return hex({hash.bytes, sizeof hash.bytes}); }
std::string hex(const rvm_u256& value) {
    std::uint8_t bytes[32];
    store_be256(bytes, value);
    return hex({bytes, sizeof bytes});
}

class Verification {
  public:
    Verification(const StoreReader& reader, const CodeHash& code_hash, StoreVerdict& out)
        : reader_(reader), code_hash_(code_hash), out_(out) {}

    rvm_status run() {
        rvm_status status = records();
        if (status == RVM_OK) status = sums();
        if (status == RVM_OK) status = formats();
        if (status == RVM_OK) status = codes();
        if (status == RVM_OK) status = history();
        return status;
    }

  private:
    void damage(std::string where, std::string message, std::string expected = {}, std::string found = {}) {
        ++out_.damage_count;
        if (out_.damages.size() < StoreVerdict::most_damages)
            out_.damages.push_back({std::move(where), std::move(message), std::move(expected), std::move(found)});
    }

    void close_account() {
        if (record_.slot_count != counted_)
            damage("account " + hex(address_), "the number of slots is wrong", std::to_string(counted_),
                   std::to_string(record_.slot_count));
    }

    rvm_status records() {
        StoreVisitor visitor;
        visitor.account = [&](const rvm_address& address, const AccountRecord& record) {
            close_account();
            address_ = address;
            record_ = record;
            counted_ = 0;
            if (record.exists) ++out_.accounts;
            if (!record.format.empty()) named_codes_.insert(code_key(record.code_hash, record.format));
            if (!record.format.empty()) used_formats_.insert(record.format);
            return RVM_OK;
        };
        visitor.slot = [&](const rvm_u256&, const rvm_u256&) {
            ++counted_;
            ++out_.slots;
            return RVM_OK;
        };
        visitor.unreachable = [&](rvm_view, rvm_view) {
            ++out_.unreachable_slots;
            return RVM_OK;
        };
        visitor.damaged = [&](std::uint32_t keyspace, rvm_view key, const char* what) {
            damage((keyspace == RVM_KEYSPACE_SLOTS ? "slot " : "account ") + hex(key), what);
            return RVM_OK;
        };
        const rvm_status status = walk_store(reader_, visitor);
        close_account();
        return status;
    }

    rvm_status formats() {
        StoreFormats listed;
        const rvm_status status = read_formats(reader_, &listed);
        if (status != RVM_OK && status != RVM_E_IO) return status;
        if (status == RVM_E_IO) damage("formats", "the list of the formats in use is missing or malformed");
        for (const std::string& format : used_formats_)
            if (status == RVM_OK && !listed.contains(format))
                damage("formats", "the list of the formats in use lacks one", format, "none");
        return RVM_OK;
    }

    rvm_status sums() {
        RecordSum sum;
        for (const std::uint32_t keyspace : {RVM_KEYSPACE_ACCOUNTS, RVM_KEYSPACE_SLOTS}) {
            StoreCursor cursor;
            rvm_status status = cursor.open(reader_, keyspace, {nullptr, 0});
            rvm_view key{};
            rvm_view value{};
            while (status == RVM_OK && (status = cursor.next(&key, &value)) == RVM_OK)
                sum.add(keyspace, key, value);
            if (status != RVM_E_NOT_FOUND) return status;
        }
        if (!equal(sum.value(), reader_.sum()))
            damage("accounts and slots", "the sum of all records is another", hex(reader_.sum()), hex(sum.value()));
        return RVM_OK;
    }

    rvm_status codes() {
        StoreCursor cursor;
        rvm_status status = cursor.open(reader_, RVM_KEYSPACE_CODE, {nullptr, 0});
        rvm_view key{};
        rvm_view value{};
        while (status == RVM_OK && (status = cursor.next(&key, &value)) == RVM_OK) {
            ++out_.codes;
            const std::string where = "code " + hex(key);
            rvm_bytes32 expected{};
            if (key.size <= sizeof expected.bytes || value.size == 0) {
                damage(where, "the record is malformed");
                continue;
            }
            std::memcpy(expected.bytes, key.data, sizeof expected.bytes);
            if (named_codes_.erase({key.data, key.data + key.size}) == 0) ++out_.unused_codes;
            const std::string_view format(reinterpret_cast<const char*>(key.data) + sizeof expected.bytes,
                                          static_cast<std::size_t>(key.size) - sizeof expected.bytes);
            rvm_bytes32 found{};
            if (!code_hash_(format, value, &found))
                ++out_.unchecked_codes;
            else if (!equal(expected, found))
                damage(where, "the code has another hash", hex(expected), hex(found));
        }
        for (const std::vector<std::uint8_t>& missing : named_codes_)
            damage("code " + hex({missing.data(), missing.size()}), "an account names it and it is not there");
        return status == RVM_E_NOT_FOUND ? RVM_OK : status;
    }

    rvm_status history() {
        KeptHeights kept;
        rvm_status status = kept_heights(reader_, &kept);
        if (status == RVM_E_IO) damage("change sets", "a key is no height");
        if (status != RVM_OK) return status == RVM_E_IO ? RVM_OK : status;
        ChangeSet all;
        for (std::uint64_t height = kept.first; height <= kept.last; ++height) {
            ChangeSet next;
            status = read_changes(reader_, height, &next);
            if (status == RVM_E_NOT_FOUND || status == RVM_E_IO) {
                damage("height " + std::to_string(height),
                       status == RVM_E_IO ? "the change set does not have its digest" : "the change set is missing");
                return RVM_OK;
            }
            if (status != RVM_OK) return status;
            ++out_.change_sets;
            all = height == kept.first ? std::move(next) : ChangeSet::merge(all, next);
        }
        for (const rvm_account_change& change : all.accounts())
            if (status = compare(change); status != RVM_OK) return status;
        return RVM_OK;
    }

    /// What the change sets left behind must be what is there.
    rvm_status compare(const rvm_account_change& change) {
        AccountRecord record;
        const rvm_status found = reader_.account(change.address, &record);
        if (found == RVM_E_IO) return RVM_OK; // reported with the records
        if (found != RVM_OK && found != RVM_E_NOT_FOUND) return found;
        const bool delta = (change.flags & RVM_CHANGE_DELTA) != 0;
        const std::string where = "account " + hex(change.address);
        if (record.exists != exists_after(change)) {
            damage(where, "the change sets say otherwise", exists_after(change) ? "it exists" : "it does not exist",
                   record.exists ? "it exists" : "it does not exist");
            return RVM_OK;
        }
        if (!delta && record.exists &&
            (record.nonce != change.after.nonce || !equal(record.balance, change.after.balance) ||
             !equal(record.code_hash, change.after.code_hash)))
            damage(where, "nonce, balance or code are not what the change sets made them");
        for (std::uint64_t i = 0; i < change.slot_count; ++i) {
            rvm_u256 value{};
            const rvm_status status = reader_.slot(change.address, record.incarnation, change.slots[i].key, &value);
            if (status == RVM_E_IO) continue;
            if (status != RVM_OK) return status;
            if (!equal(value, change.slots[i].after))
                damage("slot " + hex(change.slots[i].key) + " of " + where, "it is not what the change sets made it",
                       hex(change.slots[i].after), hex(value));
        }
        return RVM_OK;
    }

    const StoreReader& reader_;
    const CodeHash& code_hash_;
    StoreVerdict& out_;
    std::set<std::vector<std::uint8_t>> named_codes_;
    std::set<std::string> used_formats_;
    rvm_address address_{};
    AccountRecord record_;
    std::uint64_t counted_ = 0;
};

} // namespace

rvm_status verify_store(const StoreReader& reader, const CodeHash& code_hash, StoreVerdict* out) {
    *out = {};
    return Verification(reader, code_hash, *out).run();
}

} // namespace rvm::state
