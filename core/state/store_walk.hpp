// Every account of a store with its slots, in order, including what no account reaches any more.
#pragma once

#include "state/store_format.hpp"
#include "state/store_reader.hpp"

#include <functional>

namespace rvm::state {

/// What walk_store() finds. A callback that is empty is not called; one that returns anything but RVM_OK stops the
/// walk, which then returns the same.
struct StoreVisitor {
    std::function<rvm_status(const rvm_address&, const AccountRecord&)> account; ///< tombstones included
    std::function<rvm_status(const rvm_u256& key, const rvm_u256& value)> slot;  ///< of the account before
    /// A slot under an incarnation that its account has left behind.
    std::function<rvm_status(rvm_view key, rvm_view value)> unreachable;
    /// A record that cannot be: malformed, or a slot without an account. Without it the walk ends with RVM_E_IO.
    std::function<rvm_status(std::uint32_t keyspace, rvm_view key, const char* what)> damaged;
};

[[nodiscard]] rvm_status walk_store(const StoreReader& reader, const StoreVisitor& visitor);

} // namespace rvm::state
