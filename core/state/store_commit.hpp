// A change set as one atomic batch of a store.
#pragma once

#include "state/change_set.hpp"
#include "state/record_sum.hpp"
#include "state/store_formats.hpp"
#include "state/store_reader.hpp"

#include <rvm/plugin.h>

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace rvm::state {

/// At most this many slots of a wiped storage are erased in the batch that wipes it. A bigger storage only becomes
/// unreachable, by its incarnation number: what a wipe costs must not depend on how much a contract once stored.
inline constexpr std::uint64_t wipe_erase_limit = 4096;

/// At most this many old change sets are dropped in one batch: lowering the history must not make one commit slow.
inline constexpr std::uint64_t history_drop_limit = 1024;

/// Collects writes with their bytes. Not thread-safe.
class StoreBatch {
  public:
    /// Everything of `changes` over what `reader` sees, and the store's own counters. *incarnations gets the storage
    /// incarnation of each account afterwards, aligned with changes.accounts().
    /// The change set itself is kept with those of the last `history` commits; 0: none is.
    /// RVM_E_IO: the store holds something else than the change set's "before" implies, or a damaged record.
    [[nodiscard]] rvm_status add(const ChangeSet& changes, const StoreReader& reader, std::uint64_t history,
                                 std::vector<std::uint64_t>* incarnations);
    /// The caller's own pairs; keyspaces below RVM_KEYSPACE_CALLER are refused with RVM_E_INVALID_ARGUMENT.
    /// Their bytes must outlive the batch.
    [[nodiscard]] rvm_status add(std::span<const rvm_store_write> extra);
    [[nodiscard]] std::span<const rvm_store_write> writes() const noexcept { return writes_; }

  private:
    void put(std::uint32_t keyspace, std::vector<std::uint8_t> key, std::vector<std::uint8_t> value);
    void erase(std::uint32_t keyspace, std::vector<std::uint8_t> key);
    [[nodiscard]] rvm_status add(const rvm_account_change& change, const StoreReader& reader,
                                 std::uint64_t* incarnation);
    /// Formats that the store has not had before join its record.
    [[nodiscard]] rvm_status add_formats(const StoreReader& reader);
    [[nodiscard]] rvm_status add_history(const ChangeSet& changes, const StoreReader& reader, std::uint64_t history);
    [[nodiscard]] rvm_status erase_slots(const rvm_address& address, std::uint64_t incarnation,
                                         const StoreReader& reader);

    std::deque<std::vector<std::uint8_t>> bytes_; // addresses of elements are stable
    std::vector<rvm_store_write> writes_;
    RecordSum sum_;
    StoreFormats formats_; ///< of code in the change sets added
};

} // namespace rvm::state
