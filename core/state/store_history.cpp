#include "state/store_history.hpp"

#include "base/sha256.hpp"
#include "state/limbs.hpp"
#include "state/store_format.hpp"

#include <cstring>

namespace rvm::state {

std::vector<std::uint8_t> encode_history(const ChangeSet& changes) {
    std::vector<std::uint8_t> out(Sha256::digest_size);
    changes.encode(&out);
    Sha256 hash;
    hash.update(out.data() + Sha256::digest_size, out.size() - Sha256::digest_size);
    hash.finish(out.data());
    return out;
}

rvm_status kept_heights(const StoreReader& reader, KeptHeights* out) {
    *out = {};
    StoreCursor cursor;
    rvm_status status = cursor.open(reader, keyspace_changes, {nullptr, 0});
    rvm_view key{};
    rvm_view value{};
    if (status == RVM_OK) status = cursor.next(&key, &value);
    if (status == RVM_E_NOT_FOUND) return RVM_OK;
    if (status != RVM_OK) return status;
    if (key.size != 8) return RVM_E_IO;
    *out = {load_be64(key.data), reader.commits()};
    return RVM_OK;
}

rvm_status read_changes(const StoreReader& reader, std::uint64_t height, ChangeSet* out) {
    std::uint8_t key[8];
    store_be64(key, height);
    rvm_view value{};
    if (const rvm_status status = reader.get(keyspace_changes, {key, sizeof key}, &value); status != RVM_OK)
        return status;
    if (value.size < Sha256::digest_size) return RVM_E_IO;
    const rvm_view encoded{value.data + Sha256::digest_size, value.size - Sha256::digest_size};
    std::uint8_t digest[Sha256::digest_size];
    Sha256 hash;
    hash.update(encoded.data, encoded.size);
    hash.finish(digest);
    if (std::memcmp(digest, value.data, sizeof digest) != 0 || !ChangeSet::decode(encoded, out)) return RVM_E_IO;
    return RVM_OK;
}

rvm_status read_changes(const StoreReader& reader, std::uint64_t from, std::uint64_t to, ChangeSet* out) {
    *out = {};
    for (std::uint64_t height = from + 1; height <= to; ++height) {
        ChangeSet next;
        if (const rvm_status status = read_changes(reader, height, &next); status != RVM_OK) return status;
        *out = height == from + 1 ? std::move(next) : ChangeSet::merge(*out, next);
    }
    return RVM_OK;
}

} // namespace rvm::state
