#include "state/store_transfer.hpp"

#include "state/limbs.hpp"
#include "state/record_sum.hpp"
#include "state/store_error.hpp"
#include "state/store_formats.hpp"
#include "state/store_walk.hpp"

#include <array>
#include <deque>
#include <set>

namespace rvm::state {

namespace {

constexpr std::size_t batch_bytes = std::size_t{32} << 20; // of an import or a sweep, at a time
constexpr std::size_t write_overhead = 64;                 // of the batch itself, about

using BytesVector = std::vector<std::uint8_t>;

BytesVector bytes_of(rvm_view view) { return {view.data, view.data + view.size}; }
BytesVector be64(std::uint64_t value) {
    BytesVector out(8);
    store_be64(out.data(), value);
    return out;
}
BytesVector be256(const rvm_u256& value) {
    BytesVector out(32);
    store_be256(out.data(), value);
    return out;
}

/// Writes with their bytes, committed whenever they have become many.
class Writes {
  public:
    Writes(const rvm_storage& engine, rvm_store& store, rvm_error* error)
        : engine_(engine), store_(store), error_(error) {}

    rvm_status put(std::uint32_t keyspace, BytesVector key, BytesVector value) {
        const BytesVector& k = bytes_.emplace_back(std::move(key));
        const BytesVector& v = bytes_.emplace_back(std::move(value));
        return add({{k.data(), k.size()}, value_of(v), keyspace, 0});
    }
    rvm_status erase(std::uint32_t keyspace, BytesVector key) {
        const BytesVector& k = bytes_.emplace_back(std::move(key));
        return add({{k.data(), k.size()}, {nullptr, 0}, keyspace, 0});
    }
    [[nodiscard]] bool full() const noexcept { return held_ >= batch_bytes; }
    rvm_status commit() {
        const rvm_status status = host_failure(engine_.commit(&store_, writes_.data(), writes_.size(), error_));
        writes_.clear();
        bytes_.clear();
        held_ = 0;
        return status;
    }

  private:
    rvm_status add(const rvm_store_write& write) {
        writes_.push_back(write);
        held_ += static_cast<std::size_t>(write.key.size + write.value.size) + write_overhead;
        return RVM_OK;
    }

    const rvm_storage& engine_;
    rvm_store& store_;
    rvm_error* error_;
    std::deque<BytesVector> bytes_;
    std::vector<rvm_store_write> writes_;
    std::size_t held_ = 0;
};

/// A view without a reader's opinion of what is in it.
class PlainView {
  public:
    PlainView(const rvm_storage& engine, rvm_store& store) : engine_(engine) {
        status_ = host_failure(engine.view(&store, &view_, nullptr));
    }
    ~PlainView() {
        if (status_ == RVM_OK) engine_.release(view_);
    }
    PlainView(const PlainView&) = delete;
    PlainView& operator=(const PlainView&) = delete;
    [[nodiscard]] rvm_status has(rvm_view meta_key, bool* out) const {
        if (status_ != RVM_OK) return status_;
        rvm_view value{};
        const rvm_status status = host_failure(engine_.get(view_, RVM_KEYSPACE_META, meta_key, &value));
        *out = status == RVM_OK;
        return status == RVM_E_NOT_FOUND ? RVM_OK : status;
    }
    /// Keys of a keyspace, as many as fit in a batch.
    [[nodiscard]] rvm_status erase_some(std::uint32_t keyspace, Writes& writes, bool* any) const {
        if (status_ != RVM_OK) return status_;
        rvm_cursor* cursor = nullptr;
        rvm_status status = host_failure(engine_.seek(view_, keyspace, {nullptr, 0}, &cursor));
        if (status != RVM_OK) return status;
        rvm_view key{};
        rvm_view value{};
        while (!writes.full() && (status = host_failure(engine_.next(cursor, &key, &value))) == RVM_OK) {
            status = writes.erase(keyspace, bytes_of(key));
            *any = true;
        }
        engine_.end(cursor);
        return status == RVM_E_NOT_FOUND ? RVM_OK : status;
    }

  private:
    const rvm_storage& engine_;
    rvm_store_view* view_ = nullptr;
    rvm_status status_;
};

/// Everything but the mark of an import, in as many batches as it takes.
rvm_status clear_store(const rvm_storage& engine, rvm_store& store, rvm_error* error) {
    for (bool any = true; any;) {
        any = false;
        Writes writes(engine, store, error);
        {
            const PlainView view(engine, store);
            for (std::uint32_t keyspace = 0; keyspace < RVM_KEYSPACE_LIMIT; ++keyspace) {
                if (keyspace == RVM_KEYSPACE_META) continue;
                if (const rvm_status status = view.erase_some(keyspace, writes, &any); status != RVM_OK) return status;
            }
        }
        if (!any) break;
        if (const rvm_status status = writes.commit(); status != RVM_OK) return status;
    }
    return RVM_OK;
}

class Import {
  public:
    Import(const rvm_storage& engine, rvm_store& store, StreamReader& stream, const CodeHash& code_hash,
           const std::function<void(std::uint64_t)>& progress, rvm_error* error)
        : engine_(engine), store_(store), stream_(stream), code_hash_(code_hash), progress_(progress), error_(error),
          writes_(engine, store, error) {}

    ImportResult run() {
        bool version = false;
        if (!begin(&version)) return result_;
        if (version) {
            result_.fault = ImportFault::not_empty;
            return result_;
        }
        if (records()) return result_;
        // Nothing of what failed stays; if that fails too, the mark does.
        static_cast<void>(discard_unfinished(engine_, store_, nullptr));
        return result_;
    }

  private:
    bool good(rvm_status status) {
        if (status == RVM_OK) return true;
        result_.fault = ImportFault::store;
        result_.status = status;
        return false;
    }

    bool begin(bool* version) {
        {
            const PlainView view(engine_, store_);
            if (!good(view.has(meta_version_key, version))) return false;
        }
        if (*version) return true;
        if (!good(discard_unfinished(engine_, store_, error_))) return false;
        return good(writes_.put(RVM_KEYSPACE_META, bytes_of(meta_importing_key), be64(1))) && good(writes_.commit());
    }

    bool records() {
        StreamRecord record;
        do {
            if (!stream_.next(&record)) {
                result_.fault = ImportFault::malformed;
                return false;
            }
            if (!take(record)) return false;
            if (writes_.full()) {
                if (!good(writes_.commit())) return false;
                progress_(stream_.offset());
            }
        } while (record.kind != StreamRecord::Kind::end);
        return good(writes_.put(RVM_KEYSPACE_META, bytes_of(meta_version_key), be64(record_version))) &&
               good(writes_.put(RVM_KEYSPACE_META, bytes_of(meta_commits_key), be64(1))) &&
               good(writes_.put(RVM_KEYSPACE_META, bytes_of(meta_sum_key), be256(sum_.value()))) &&
               good(writes_.put(RVM_KEYSPACE_META, bytes_of(meta_formats_key), encode(formats_))) &&
               good(writes_.erase(RVM_KEYSPACE_META, bytes_of(meta_importing_key))) && good(writes_.commit());
    }

    bool put(std::uint32_t keyspace, BytesVector key, BytesVector value) {
        if (keyspace == RVM_KEYSPACE_ACCOUNTS || keyspace == RVM_KEYSPACE_SLOTS)
            sum_.add(keyspace, {key.data(), key.size()}, {value.data(), value.size()});
        return good(writes_.put(keyspace, std::move(key), std::move(value)));
    }

    /// The account that was read last: only now is the number of its slots known.
    bool close_account() {
        if (!open_) return true;
        open_ = false;
        return put(RVM_KEYSPACE_ACCOUNTS, BytesVector(std::begin(address_.bytes), std::end(address_.bytes)),
                   encode(account_));
    }

    bool take(StreamRecord& record) {
        using Kind = StreamRecord::Kind;
        if (record.kind != Kind::slot && !close_account()) return false;
        switch (record.kind) {
        case Kind::code: {
            ++result_.codes;
            rvm_bytes32 found{};
            if (!code_hash_(record.account.format, {record.bytes.data(), record.bytes.size()}, &found))
                ++result_.unchecked_codes;
            else if (!equal(found, record.account.code_hash)) {
                result_.fault = ImportFault::wrong_code;
                return false;
            }
            return put(RVM_KEYSPACE_CODE, code_key(record.account.code_hash, record.account.format),
                       std::move(record.bytes));
        }
        case Kind::account:
            ++result_.accounts;
            open_ = true;
            address_ = record.address;
            account_ = record.account;
            if (!account_.format.empty()) formats_.try_emplace(account_.format, address_);
            return true;
        case Kind::slot: {
            ++result_.slots;
            ++account_.slot_count;
            const SlotKey key = slot_key(address_, 0, record.key);
            const std::array<std::uint8_t, 32> value = encode_slot(record.value);
            return put(RVM_KEYSPACE_SLOTS, {key.begin(), key.end()}, {value.begin(), value.end()});
        }
        case Kind::pair:
            ++result_.pairs;
            return put(record.keyspace, std::move(record.name), std::move(record.bytes));
        case Kind::end:
            return true;
        }
        return true;
    }

    const rvm_storage& engine_;
    rvm_store& store_;
    StreamReader& stream_;
    const CodeHash& code_hash_;
    const std::function<void(std::uint64_t)>& progress_;
    rvm_error* error_;
    Writes writes_;
    RecordSum sum_;
    StoreFormats formats_;
    ImportResult result_;
    bool open_ = false;
    rvm_address address_{};
    AccountRecord account_;
};

rvm_status named_codes(const StoreReader& reader, std::set<BytesVector>* out) {
    StoreVisitor visitor;
    visitor.account = [&](const rvm_address&, const AccountRecord& record) {
        if (!record.format.empty()) out->insert(code_key(record.code_hash, record.format));
        return RVM_OK;
    };
    return walk_store(reader, visitor);
}

} // namespace

rvm_status export_store(const StoreReader& reader, StreamWriter& writer) {
    std::set<BytesVector> codes;
    rvm_status status = named_codes(reader, &codes);
    if (status != RVM_OK) return status;
    for (const BytesVector& key : codes) {
        rvm_bytes32 hash{};
        std::memcpy(hash.bytes, key.data(), sizeof hash.bytes);
        const std::string format(key.begin() + sizeof hash.bytes, key.end());
        rvm_view code{};
        if (status = reader.code(hash, format, &code); status != RVM_OK) return status;
        if (code.size > stream_code_limit) return RVM_E_UNSUPPORTED;
        writer.code(hash, format, code);
    }
    StoreVisitor visitor;
    visitor.account = [&](const rvm_address& address, const AccountRecord& record) {
        if (record.exists) writer.account(address, record);
        return RVM_OK;
    };
    visitor.slot = [&](const rvm_u256& key, const rvm_u256& value) {
        writer.slot(key, value);
        return RVM_OK;
    };
    if (status = walk_store(reader, visitor); status != RVM_OK) return status;
    for (std::uint32_t keyspace = RVM_KEYSPACE_CALLER; keyspace < RVM_KEYSPACE_LIMIT; ++keyspace) {
        StoreCursor cursor;
        rvm_view key{};
        rvm_view value{};
        status = cursor.open(reader, keyspace, {nullptr, 0});
        while (status == RVM_OK && (status = cursor.next(&key, &value)) == RVM_OK) {
            if (key.size > UINT16_MAX || value.size > stream_value_limit) return RVM_E_UNSUPPORTED;
            writer.pair(keyspace, key, value);
        }
        if (status != RVM_E_NOT_FOUND) return status;
    }
    writer.end();
    return RVM_OK;
}

ImportResult import_store(const rvm_storage& engine, rvm_store& store, StreamReader& stream, const CodeHash& code_hash,
                          const std::function<void(std::uint64_t)>& progress, rvm_error* error) {
    return Import(engine, store, stream, code_hash, progress, error).run();
}

rvm_status import_unfinished(const rvm_storage& engine, rvm_store& store, bool* out) {
    bool version = false;
    const PlainView view(engine, store);
    if (const rvm_status status = view.has(meta_version_key, &version); status != RVM_OK) return status;
    if (const rvm_status status = view.has(meta_importing_key, out); status != RVM_OK) return status;
    *out = *out && !version;
    return RVM_OK;
}

rvm_status discard_unfinished(const rvm_storage& engine, rvm_store& store, rvm_error* error) {
    bool unfinished = false;
    rvm_status status = import_unfinished(engine, store, &unfinished);
    if (status == RVM_OK && unfinished) status = clear_store(engine, store, error);
    if (status != RVM_OK || !unfinished) return status;
    const rvm_store_write unmark{meta_importing_key, {nullptr, 0}, RVM_KEYSPACE_META, 0};
    return host_failure(engine.commit(&store, &unmark, 1, error));
}

rvm_status sweep_store(const rvm_storage& engine, rvm_store& store, SweepResult* out, rvm_error* error) {
    *out = {};
    for (bool more = true; more;) {
        more = false;
        StoreReader reader;
        if (const rvm_status status = reader.open(engine, store, error); status != RVM_OK) return status;
        if (reader.fresh()) return RVM_OK;
        RecordSum sum(reader.sum());
        Writes writes(engine, store, error);
        const SweepResult before = *out;
        std::set<BytesVector> named;
        StoreVisitor visitor;
        visitor.account = [&](const rvm_address&, const AccountRecord& record) {
            if (!record.format.empty()) named.insert(code_key(record.code_hash, record.format));
            return RVM_OK;
        };
        visitor.unreachable = [&](rvm_view key, rvm_view value) {
            if (writes.full()) {
                more = true;
                return RVM_OK;
            }
            sum.remove(RVM_KEYSPACE_SLOTS, key, value);
            ++out->slots;
            return writes.erase(RVM_KEYSPACE_SLOTS, bytes_of(key));
        };
        rvm_status status = walk_store(reader, visitor);
        StoreCursor cursor;
        rvm_view key{};
        rvm_view value{};
        if (status == RVM_OK) status = cursor.open(reader, RVM_KEYSPACE_CODE, {nullptr, 0});
        while (status == RVM_OK && (status = cursor.next(&key, &value)) == RVM_OK) {
            BytesVector name = bytes_of(key);
            if (named.contains(name)) continue;
            ++out->codes;
            status = writes.erase(RVM_KEYSPACE_CODE, std::move(name));
        }
        if (status != RVM_E_NOT_FOUND) return status;
        if (out->slots == before.slots && out->codes == before.codes) return RVM_OK;
        if (status = writes.put(RVM_KEYSPACE_META, bytes_of(meta_sum_key), be256(sum.value())); status == RVM_OK)
            status = writes.commit();
        if (status != RVM_OK) return status;
    }
    return RVM_OK;
}

} // namespace rvm::state
