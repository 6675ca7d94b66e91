// A Merkle Patricia trie in memory that changes entry by entry and knows the hashes of what did not change.
#pragma once

#include <memory>
#include <optional>

#include "trie/node.hpp"

namespace rvm::trie {

/// Entries by key; keys have at most 32 bytes. One thread at a time.
///
/// A node holds what its extension and branch, or its leaf, would be as separate nodes of the yellow paper: the tree
/// has one shape for one set of entries, whatever order they came in. A node keeps the reference that its parent needs
/// until something below it changes, so a root after k changes costs the hashes on their k paths.
class Trie {
  public:
    Trie() noexcept;
    ~Trie();
    Trie(Trie&&) noexcept;
    Trie& operator=(Trie&&) noexcept;

    /// Sets the value of `key`; an empty value erases it. A value equal to the present one changes nothing.
    void set(View key, View value);
    /// False when there was no entry.
    bool erase(View key);
    /// nullopt when there is no entry; valid until the next change.
    [[nodiscard]] std::optional<View> get(View key) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }

    /// The root hash; empty_root without entries.
    [[nodiscard]] Hash root();

  private:
    struct Node;
    using Link = std::unique_ptr<Node>;

    static bool set_below(Link& link, View key, View value, std::size_t depth);
    static bool erase_below(Link& link, View key, std::size_t depth);
    static void merge_with_only_child(Link& link);
    View encode(Node& node, std::size_t depth);
    View encode_branch(Node& node);
    const Reference& reference(Node& node, std::size_t depth);

    Link root_;
    NodeWriter writer_;
};

} // namespace rvm::trie
