// The root of a trie whose entries are all at hand: no nodes are kept. For the tries of a block (transactions,
// receipts, withdrawals) and for a whole state from scratch.
#pragma once

#include "trie/node.hpp"

namespace rvm::trie {

/// One entry. The trie has no entry with an empty value.
struct Entry {
    View key;   ///< at most 32 bytes
    View value; ///< not empty
};

/// Brings entries into the order of their keys. Re-entrant.
void sort_by_key(std::span<Entry> entries);

/// Root over `entries`, whose keys ascend strictly as byte strings. Re-entrant.
[[nodiscard]] Hash root_of_sorted(std::span<const Entry> entries);

/// Root of an ordered list: value i has the key RLP(i) (yellow paper, section 4.4.2). Re-entrant.
[[nodiscard]] Hash root_of_list(std::span<const View> values);

} // namespace rvm::trie
