// The change sets of a store's last commits, by height: height n is what the n-th commit made.
#pragma once

#include "state/change_set.hpp"
#include "state/store_reader.hpp"

#include <cstdint>
#include <vector>

namespace rvm::state {

/// Heights whose change sets are kept: first to last, none when first > last.
struct KeptHeights {
    std::uint64_t first = 1, last = 0;
};

/// The record of a change set: its digest, then the bytes the digest is made of (README.md).
[[nodiscard]] std::vector<std::uint8_t> encode_history(const ChangeSet& changes);

[[nodiscard]] rvm_status kept_heights(const StoreReader& reader, KeptHeights* out);
/// What the commit that made `height` changed. RVM_E_NOT_FOUND: not kept. RVM_E_IO: the record is malformed or its
/// digest is another.
[[nodiscard]] rvm_status read_changes(const StoreReader& reader, std::uint64_t height, ChangeSet* out);
/// What the commits after `from`, up to `to`, changed together.
[[nodiscard]] rvm_status read_changes(const StoreReader& reader, std::uint64_t from, std::uint64_t to, ChangeSet* out);

} // namespace rvm::state
