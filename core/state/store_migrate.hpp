// Stores of earlier record versions.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::state {

/// Brings a store to the present record version, in one batch; nothing is written when it is there already.
///   1 -> 2: the sum of all records is computed and stored (record_sum.hpp).
///   2 -> 3: the formats in use are listed (store_formats.hpp).
/// RVM_E_UNSUPPORTED: a version of a newer rvm, or none; the error names both. *migrated (may be NULL) gets the version
/// that was found when it was an earlier one, else 0.
[[nodiscard]] rvm_status migrate_store(const rvm_storage& engine, rvm_store& store, std::uint32_t* migrated,
                                       rvm_error* error);

} // namespace rvm::state
