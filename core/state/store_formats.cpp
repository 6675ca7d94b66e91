#include "state/store_formats.hpp"

#include "state/store_error.hpp"

#include <cstring>

namespace rvm::state {

std::vector<std::uint8_t> encode(const StoreFormats& formats) {
    std::vector<std::uint8_t> out;
    for (const auto& [id, account] : formats) {
        out.push_back(static_cast<std::uint8_t>(id.size()));
        out.insert(out.end(), id.begin(), id.end());
        out.insert(out.end(), std::begin(account.bytes), std::end(account.bytes));
    }
    return out;
}

bool decode(rvm_view bytes, StoreFormats* out) {
    StoreFormats formats;
    const std::uint8_t* at = bytes.data;
    for (std::uint64_t left = bytes.size; left != 0;) {
        const std::uint64_t id_size = *at;
        const std::uint64_t size = 1 + id_size + sizeof(rvm_address);
        if (left < size) return false;
        std::string id(reinterpret_cast<const char*>(at + 1), static_cast<std::size_t>(id_size));
        if (!valid_format_id(id) || (!formats.empty() && id <= formats.rbegin()->first)) return false;
        rvm_address account;
        std::memcpy(account.bytes, at + 1 + id_size, sizeof account.bytes);
        formats.emplace_hint(formats.end(), std::move(id), account);
        at += size;
        left -= size;
    }
    *out = std::move(formats);
    return true;
}

rvm_status read_formats(const StoreReader& reader, StoreFormats* out) {
    out->clear();
    if (reader.fresh()) return RVM_OK;
    rvm_view value{};
    const rvm_status status = reader.get(RVM_KEYSPACE_META, meta_formats_key, &value);
    if (status != RVM_OK) return status == RVM_E_NOT_FOUND ? RVM_E_IO : status;
    return decode(value, out) ? RVM_OK : RVM_E_IO;
}

rvm_status account_of_format(const StoreReader& reader, std::string_view format, const rvm_address& first,
                             rvm_address* out) {
    AccountRecord record;
    rvm_status status = reader.account(first, &record);
    if (status == RVM_OK && record.format == format) {
        *out = first;
        return RVM_OK;
    }
    if (status != RVM_OK && status != RVM_E_NOT_FOUND) return status;
    StoreCursor cursor;
    if (status = cursor.open(reader, RVM_KEYSPACE_ACCOUNTS, {nullptr, 0}); status != RVM_OK) return status;
    rvm_view key{};
    rvm_view value{};
    while ((status = cursor.next(&key, &value)) == RVM_OK) {
        if (key.size != sizeof out->bytes || !decode(value, &record)) return RVM_E_IO;
        if (record.format != format) continue;
        std::memcpy(out->bytes, key.data, sizeof out->bytes);
        return RVM_OK;
    }
    return status;
}

} // namespace rvm::state
