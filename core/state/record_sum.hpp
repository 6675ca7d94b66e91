// One number for all accounts and slots of a store, kept by every commit: what `rvm state verify` computes again.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::state {

/// Sum modulo 2^256 of the SHA-256 of each record of RVM_KEYSPACE_ACCOUNTS and RVM_KEYSPACE_SLOTS; hashed are the
/// keyspace (one byte), the key and the value. Finds damage, by whatever accident; it is no proof against somebody who
/// writes the store on purpose.
class RecordSum {
  public:
    RecordSum() = default;
    explicit RecordSum(const rvm_u256& value) noexcept : value_(value) {}

    void add(std::uint32_t keyspace, rvm_view key, rvm_view value) noexcept;
    void remove(std::uint32_t keyspace, rvm_view key, rvm_view value) noexcept;
    [[nodiscard]] const rvm_u256& value() const noexcept { return value_; }

  private:
    rvm_u256 value_{};
};

} // namespace rvm::state
