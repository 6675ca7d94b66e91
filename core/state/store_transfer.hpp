// A whole store out as a stream, a stream in as a store, and a store without what nothing reaches.
#pragma once

#include "state/state_stream.hpp"
#include "state/store_reader.hpp"
#include "state/store_verify.hpp"

namespace rvm::state {

/// Writes everything the view shows but change sets. What the writer's sink throws passes through.
[[nodiscard]] rvm_status export_store(const StoreReader& reader, StreamWriter& writer);

enum class ImportFault : std::uint8_t {
    none,
    not_empty,  ///< the store holds a state
    malformed,  ///< see StreamReader::fault()
    wrong_code, ///< a code has another hash than the stream says
    store,      ///< the engine: see `status` and the error
};

struct ImportResult {
    ImportFault fault = ImportFault::none;
    rvm_status status = RVM_OK;
    std::uint64_t accounts = 0, slots = 0, codes = 0, pairs = 0, unchecked_codes = 0;
};

/// Makes the state of a store that has none from a stream, as height 1. A fault leaves the store empty; what dies in
/// the middle leaves a mark that keeps everybody out until an import has run again. `progress` hears the bytes read.
[[nodiscard]] ImportResult import_store(const rvm_storage& engine, rvm_store& store, StreamReader& stream,
                                        const CodeHash& code_hash, const std::function<void(std::uint64_t)>& progress,
                                        rvm_error* error);
/// Whether an import of this store was interrupted.
[[nodiscard]] rvm_status import_unfinished(const rvm_storage& engine, rvm_store& store, bool* out);
/// Removes what an interrupted import left, and its mark; nothing when there was none.
[[nodiscard]] rvm_status discard_unfinished(const rvm_storage& engine, rvm_store& store, rvm_error* error);

struct SweepResult {
    std::uint64_t slots = 0, codes = 0;
};
/// Erases the slots that wiped storages left behind, and code of no account.
[[nodiscard]] rvm_status sweep_store(const rvm_storage& engine, rvm_store& store, SweepResult* out, rvm_error* error);

} // namespace rvm::state
