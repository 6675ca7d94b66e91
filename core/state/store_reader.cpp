#include "state/store_reader.hpp"

#include "state/limbs.hpp"
#include "state/store_error.hpp"

namespace rvm::state {

rvm_status StoreReader::open(const rvm_storage& engine, rvm_store& store, rvm_error* error) {
    rvm_store_view* view = nullptr;
    if (const rvm_status status = engine.view(&store, &view, error); status != RVM_OK) return host_failure(status);
    close();
    engine_ = &engine;
    store_ = &store;
    view_ = view;
    return read_meta(error);
}

void StoreReader::close() noexcept {
    if (view_ != nullptr) engine_->release(view_);
    view_ = nullptr;
}

rvm_status StoreReader::read_meta(rvm_error* error) {
    rvm_view value{};
    rvm_status status = get(RVM_KEYSPACE_META, meta_version_key, &value);
    fresh_ = status == RVM_E_NOT_FOUND;
    commits_ = 0;
    sum_ = zero_u256;
    if (fresh_ && get(RVM_KEYSPACE_META, meta_importing_key, &value) == RVM_OK)
        return explain(error, RVM_E_CONFIG, "an import into the store was interrupted; run it again");
    if (fresh_) return RVM_OK;
    if (status != RVM_OK) return explain(error, status, "the store's record version cannot be read");
    if (value.size != 8) return explain(error, RVM_E_IO, "the store's record version is damaged");
    if (const std::uint64_t version = load_be64(value.data); version != record_version)
        return explain(error, RVM_E_UNSUPPORTED,
                       "the store has record version " + std::to_string(version) + "; this rvm reads and writes " +
                           std::to_string(record_version));
    status = get(RVM_KEYSPACE_META, meta_commits_key, &value);
    if (status != RVM_OK || value.size != 8) return explain(error, RVM_E_IO, "the store's commit counter is damaged");
    commits_ = load_be64(value.data);
    status = get(RVM_KEYSPACE_META, meta_sum_key, &value);
    if (status != RVM_OK || value.size != 32) return explain(error, RVM_E_IO, "the store's sum of records is damaged");
    sum_ = load_be256(value.data);
    return RVM_OK;
}

rvm_status StoreReader::get(std::uint32_t keyspace, rvm_view key, rvm_view* value) const {
    return host_failure(engine_->get(view_, keyspace, key, value));
}

rvm_status StoreReader::account(const rvm_address& address, AccountRecord* out) const {
    rvm_view value{};
    const rvm_status status = get(RVM_KEYSPACE_ACCOUNTS, {address.bytes, sizeof address.bytes}, &value);
    if (status != RVM_OK) return status;
    return decode(value, out) ? RVM_OK : RVM_E_IO;
}

rvm_status StoreReader::slot(const rvm_address& address, std::uint64_t incarnation, const rvm_u256& key,
                             rvm_u256* out) const {
    const SlotKey bytes = slot_key(address, incarnation, key);
    rvm_view value{};
    const rvm_status status = get(RVM_KEYSPACE_SLOTS, {bytes.data(), bytes.size()}, &value);
    if (status == RVM_E_NOT_FOUND) {
        *out = zero_u256;
        return RVM_OK;
    }
    if (status != RVM_OK) return status;
    return decode_slot(value, out) ? RVM_OK : RVM_E_IO;
}

rvm_status StoreReader::code(const rvm_bytes32& hash, std::string_view format, rvm_view* out) const {
    const std::vector<std::uint8_t> key = code_key(hash, format);
    const rvm_status status = get(RVM_KEYSPACE_CODE, {key.data(), key.size()}, out);
    if (status == RVM_E_NOT_FOUND) return RVM_E_IO;
    if (status != RVM_OK) return status;
    return out->size != 0 ? RVM_OK : RVM_E_IO;
}

StoreCursor::~StoreCursor() {
    if (cursor_ != nullptr) engine_->end(cursor_);
}

rvm_status StoreCursor::open(const StoreReader& reader, std::uint32_t keyspace, rvm_view from) {
    engine_ = &reader.engine();
    return host_failure(engine_->seek(reader.view(), keyspace, from, &cursor_));
}

rvm_status StoreCursor::next(rvm_view* key, rvm_view* value) {
    return host_failure(engine_->next(cursor_, key, value));
}

} // namespace rvm::state
