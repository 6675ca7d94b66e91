#include "state/store_migrate.hpp"

#include "state/limbs.hpp"
#include "state/record_sum.hpp"
#include "state/store_error.hpp"
#include "state/store_formats.hpp"

#include <array>
#include <cstring>
#include <string>

namespace rvm::state {

namespace {

/// A view and a cursor of an engine, given back.
class RawView {
  public:
    RawView(const rvm_storage& engine, rvm_store& store, rvm_error* error) : engine_(engine) {
        status_ = host_failure(engine.view(&store, &view_, error));
    }
    ~RawView() {
        if (status_ == RVM_OK) engine_.release(view_);
    }
    RawView(const RawView&) = delete;
    RawView& operator=(const RawView&) = delete;

    [[nodiscard]] rvm_status status() const noexcept { return status_; }
    [[nodiscard]] rvm_status get(std::uint32_t keyspace, rvm_view key, rvm_view* value) const {
        return host_failure(engine_.get(view_, keyspace, key, value));
    }
    /// Calls `take(key, value)`, which returns a status, for every record of a keyspace.
    template <class Take>
    [[nodiscard]] rvm_status each(std::uint32_t keyspace, Take take) const {
        rvm_cursor* cursor = nullptr;
        rvm_status status = host_failure(engine_.seek(view_, keyspace, {nullptr, 0}, &cursor));
        if (status != RVM_OK) return status;
        rvm_view key{};
        rvm_view value{};
        while ((status = host_failure(engine_.next(cursor, &key, &value))) == RVM_OK)
            if (status = take(key, value); status != RVM_OK) break;
        engine_.end(cursor);
        return status == RVM_E_NOT_FOUND ? RVM_OK : status;
    }

  private:
    const rvm_storage& engine_;
    rvm_store_view* view_ = nullptr;
    rvm_status status_;
};

} // namespace

rvm_status migrate_store(const rvm_storage& engine, rvm_store& store, std::uint32_t* migrated, rvm_error* error) {
    if (migrated != nullptr) *migrated = 0;
    RecordSum sum;
    StoreFormats formats;
    std::uint64_t before = 0;
    {
        const RawView view(engine, store, error);
        if (view.status() != RVM_OK) return view.status();
        rvm_view value{};
        const rvm_status found = view.get(RVM_KEYSPACE_META, meta_version_key, &value);
        if (found == RVM_E_NOT_FOUND) return RVM_OK;
        if (found != RVM_OK || value.size != 8)
            return explain(error, found != RVM_OK ? found : RVM_E_IO, "the store's record version is damaged");
        before = load_be64(value.data);
        // A later version is StoreReader's to refuse.
        if (before == 0 || before >= record_version) return RVM_OK;
        rvm_status status = view.each(RVM_KEYSPACE_ACCOUNTS, [&](rvm_view key, rvm_view bytes) {
            AccountRecord record;
            rvm_address address;
            if (key.size != sizeof address.bytes || !decode(bytes, &record)) return RVM_E_IO;
            std::memcpy(address.bytes, key.data, sizeof address.bytes);
            if (!record.format.empty()) formats.try_emplace(record.format, address);
            if (before == 1) sum.add(RVM_KEYSPACE_ACCOUNTS, key, bytes); // version 2 has its sum
            return RVM_OK;
        });
        if (status == RVM_OK && before == 1)
            status = view.each(RVM_KEYSPACE_SLOTS, [&](rvm_view key, rvm_view bytes) {
                sum.add(RVM_KEYSPACE_SLOTS, key, bytes);
                return RVM_OK;
            });
        if (status != RVM_OK)
            return explain(error, status, "the store of record version " + std::to_string(before) + " cannot be read");
    }
    std::array<std::uint8_t, 8> version{};
    store_be64(version.data(), record_version);
    std::array<std::uint8_t, 32> total{};
    store_be256(total.data(), sum.value());
    const std::vector<std::uint8_t> list = encode(formats);
    const std::array writes{
        rvm_store_write{meta_version_key, {version.data(), version.size()}, RVM_KEYSPACE_META, 0},
        rvm_store_write{meta_formats_key, value_of(list), RVM_KEYSPACE_META, 0},
        rvm_store_write{meta_sum_key, {total.data(), total.size()}, RVM_KEYSPACE_META, 0},
    };
    const std::uint64_t count = before == 1 ? writes.size() : writes.size() - 1;
    const rvm_status status = host_failure(engine.commit(&store, writes.data(), count, error));
    if (status == RVM_OK && migrated != nullptr) *migrated = static_cast<std::uint32_t>(before);
    return status;
}

} // namespace rvm::state
