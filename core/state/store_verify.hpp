// Whether a store holds what it says it holds: every hash and count computed again.
#pragma once

#include "state/store_reader.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::state {

/// The hash of code by its format's rule; false when nothing here knows the format.
using CodeHash = std::function<bool(std::string_view format, rvm_view code, rvm_bytes32* out)>;

struct StoreDamage {
    std::string where; ///< "account 0x..", "slot 0x..", "height 7"
    std::string message, expected, found;
};

struct StoreVerdict {
    static constexpr std::size_t most_damages = 64; ///< that are listed; `damage_count` has them all

    std::uint64_t accounts = 0, slots = 0, codes = 0, change_sets = 0;
    std::uint64_t unreachable_slots = 0; ///< of wiped storages; `rvm state compact` removes them
    std::uint64_t unused_codes = 0;      ///< of no account; likewise
    std::uint64_t unchecked_codes = 0;   ///< their format is not present
    std::uint64_t damage_count = 0;
    std::vector<StoreDamage> damages;
};

/// Reads every record of the host's keyspaces:
///   - accounts and slots are well-formed, slot counts are right, and the sum of all records is the one that is stored;
///   - each code has the hash it is stored under, and every code an account names is there;
///   - the change sets have their digests, follow each other up to the height, and end in the present state.
/// A negative status: the store cannot be read.
[[nodiscard]] rvm_status verify_store(const StoreReader& reader, const CodeHash& code_hash, StoreVerdict* out);

} // namespace rvm::state
