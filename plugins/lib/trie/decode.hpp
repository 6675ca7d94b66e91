// Reading nodes of the Merkle Patricia trie (yellow paper, appendix D) that somebody else wrote.
#pragma once

#include <stdexcept>

#include "trie/node.hpp"

namespace rvm::trie {

/// A node that is missing, or whose bytes are no node. The text names the node and where it stands.
class NodeError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Nibbles of a path that a trie with keys of 32 bytes can have.
inline constexpr std::size_t longest_path = 64;

/// One node. Views point into the encoding.
struct DecodedNode {
    enum class Kind : std::uint8_t { leaf, extension, branch };

    Kind kind = Kind::leaf;
    std::uint8_t path_size = 0;                    ///< of a leaf or extension
    std::array<std::uint8_t, longest_path> path{}; ///< one nibble each
    View value;                                    ///< of a leaf; of a branch: empty when no key ends there
    std::array<Reference, width> children{};       ///< of a branch; of an extension the first
};

/// Reads one node, strictly: what it accepts NodeWriter writes back to the same bytes, and no shape is accepted that a
/// trie of the yellow paper never has (a leaf without value, an extension without path, a branch with fewer than two
/// entries). Throws NodeError; the text says what was expected and found. Re-entrant.
[[nodiscard]] DecodedNode decode_node(View encoding);

} // namespace rvm::trie
