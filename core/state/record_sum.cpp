#include "state/record_sum.hpp"

#include "base/sha256.hpp"
#include "state/limbs.hpp"

namespace rvm::state {

namespace {

rvm_u256 hash_of(std::uint32_t keyspace, rvm_view key, rvm_view value) noexcept {
    Sha256 hash;
    const auto space = static_cast<std::uint8_t>(keyspace);
    hash.update(&space, 1);
    hash.update(key.data, key.size);
    hash.update(value.data, value.size);
    std::uint8_t digest[Sha256::digest_size];
    hash.finish(digest);
    return load_be256(digest);
}

} // namespace

void RecordSum::add(std::uint32_t keyspace, rvm_view key, rvm_view value) noexcept {
    value_ = state::add(value_, hash_of(keyspace, key, value));
}

void RecordSum::remove(std::uint32_t keyspace, rvm_view key, rvm_view value) noexcept {
    value_ = sub(value_, hash_of(keyspace, key, value));
}

} // namespace rvm::state
