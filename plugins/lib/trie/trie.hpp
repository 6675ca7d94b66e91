// A Merkle Patricia trie in memory that changes entry by entry and knows the hashes of what did not change. It may
// begin as a root alone: nodes are then asked for when a key leads to them.
#pragma once

#include <memory>
#include <optional>

#include "trie/node.hpp"

namespace rvm::trie {

/// Where a trie that began as a root gets its nodes.
class NodeSource {
  public:
    NodeSource() = default;
    NodeSource(const NodeSource&) = delete;
    NodeSource& operator=(const NodeSource&) = delete;
    virtual ~NodeSource() = default;

    /// The encoding of the node with this hash, which stands where the first `nibbles` nibbles of `key` lead: its
    /// keccak256 is `hash`. Valid until the next call. Throws NodeError when there is none.
    [[nodiscard]] virtual View node(const Hash& hash, View key, std::size_t nibbles) = 0;
};

/// Entries by key; keys have at most 32 bytes. One thread at a time.
///
/// A node holds what its extension and branch, or its leaf, would be as separate nodes of the yellow paper: the tree
/// has one shape for one set of entries, whatever order they came in. A node keeps the reference that its parent needs
/// until something below it changes, so a root after k changes costs the hashes on their k paths.
///
/// Functions of a trie over a NodeSource throw NodeError for nodes that are missing or malformed; it is then good for
/// nothing. A trie without one never throws it.
class Trie {
  public:
    Trie() noexcept;
    /// The trie with this root. `source` outlives it.
    Trie(NodeSource& source, const Hash& root);
    ~Trie();
    Trie(Trie&&) noexcept;
    Trie& operator=(Trie&&) noexcept;

    /// Sets the value of `key`; an empty value erases it. A value equal to the present one changes nothing.
    void set(View key, View value);
    /// False when there was no entry.
    bool erase(View key);
    /// nullopt when there is no entry; valid until the next change.
    [[nodiscard]] std::optional<View> get(View key) const;
    [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }

    /// The root hash; empty_root without entries.
    [[nodiscard]] Hash root();
    /// The encoding of the node of the yellow paper that stands where the first `nibbles` nibbles of `key` lead;
    /// nullopt when none begins there. Valid until the next call of a function that is not const.
    [[nodiscard]] std::optional<View> node(View key, std::size_t nibbles);

  private:
    struct Node;
    using Link = std::unique_ptr<Node>;

    void open(Node& node, View key, std::size_t depth) const;
    void open_branch(Node& node) const;
    bool set_below(Link& link, View key, View value, std::size_t depth);
    bool erase_below(Link& link, View key, std::size_t depth);
    void merge_with_only_child(Link& link) const;
    View encode(Node& node, std::size_t depth);
    View encode_branch(Node& node);
    const Reference& reference(Node& node, std::size_t depth);

    NodeSource* source_ = nullptr; ///< nullptr: every node is here
    Link root_;
    NodeWriter writer_;
};

} // namespace rvm::trie
