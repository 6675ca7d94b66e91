// Typed reading of a store view. A record that cannot be what was written is RVM_E_IO, never a crash.
#pragma once

#include "state/store_format.hpp"

#include <rvm/plugin.h>

#include <cstdint>

namespace rvm::state {

/// A consistent view of a store; owns the view. One thread at a time.
class StoreReader {
  public:
    StoreReader() = default;
    ~StoreReader() { close(); }
    StoreReader(const StoreReader&) = delete;
    StoreReader& operator=(const StoreReader&) = delete;

    /// Opens a view of the last commit, releasing the one before. Refuses another record version with
    /// RVM_E_UNSUPPORTED, naming both. `engine` and `store` must outlive the reader.
    [[nodiscard]] rvm_status open(const rvm_storage& engine, rvm_store& store, rvm_error* error);
    void close() noexcept;

    /// RVM_E_NOT_FOUND: never written, or removed without a trace. A tombstone is found and does not exist.
    [[nodiscard]] rvm_status account(const rvm_address& address, AccountRecord* out) const;
    /// Zero when there is no record.
    [[nodiscard]] rvm_status slot(const rvm_address& address, std::uint64_t incarnation, const rvm_u256& key,
                                  rvm_u256* out) const;
    /// Valid until the view is released. A missing record is RVM_E_IO: an account names it.
    [[nodiscard]] rvm_status code(const rvm_bytes32& hash, std::string_view format, rvm_view* out) const;
    /// Any record of a keyspace; RVM_E_NOT_FOUND is an answer.
    [[nodiscard]] rvm_status get(std::uint32_t keyspace, rvm_view key, rvm_view* value) const;
    /// How many times a world has committed to the store, as of this view.
    [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }
    /// RecordSum of accounts and slots, as the store has it.
    [[nodiscard]] const rvm_u256& sum() const noexcept { return sum_; }
    /// Whether the store has ever been written by a world.
    [[nodiscard]] bool fresh() const noexcept { return fresh_; }

    [[nodiscard]] const rvm_storage& engine() const noexcept { return *engine_; }
    [[nodiscard]] rvm_store& store() const noexcept { return *store_; }
    [[nodiscard]] rvm_store_view* view() const noexcept { return view_; }

  private:
    [[nodiscard]] rvm_status read_meta(rvm_error* error);

    const rvm_storage* engine_ = nullptr;
    rvm_store* store_ = nullptr;
    rvm_store_view* view_ = nullptr;
    std::uint64_t commits_ = 0;
    rvm_u256 sum_{};
    bool fresh_ = true;
};

/// Walks one keyspace from a key on. One thread.
class StoreCursor {
  public:
    StoreCursor() = default;
    ~StoreCursor();
    StoreCursor(const StoreCursor&) = delete;
    StoreCursor& operator=(const StoreCursor&) = delete;

    [[nodiscard]] rvm_status open(const StoreReader& reader, std::uint32_t keyspace, rvm_view from);
    /// RVM_E_NOT_FOUND at the end.
    [[nodiscard]] rvm_status next(rvm_view* key, rvm_view* value);

  private:
    const rvm_storage* engine_ = nullptr;
    rvm_cursor* cursor_ = nullptr;
};

} // namespace rvm::state
