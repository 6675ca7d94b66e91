#include "trie/trie.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::trie {

/// The top of a subtrie. Its path begins where its parent's ends, after the nibble that chose the child.
struct Trie::Node {
    std::array<std::uint8_t, 32> key{};                ///< of some entry below: only the first `end` nibbles count
    std::uint8_t end = 0;                              ///< nibbles from the root to the end of this node's path
    Reference reference;                               ///< size 0: not known
    Bytes value;                                       ///< of the key that ends here; empty: none does
    std::unique_ptr<std::array<Link, width>> children; ///< null: a leaf

    Node(View bytes, std::size_t nibbles) noexcept : end(static_cast<std::uint8_t>(nibbles)) {
        std::memcpy(key.data(), bytes.data(), std::min(bytes.size(), key.size()));
    }
    [[nodiscard]] Path path(std::size_t depth) const noexcept { return {key.data(), depth, end}; }
    [[nodiscard]] Link& child(View of) noexcept { return (*children)[nibble(of.data(), end)]; }
};

namespace {

constexpr std::size_t nibbles_of(View key) noexcept { return 2 * key.size(); }

/// How far `key` follows `node`, both known to agree in `depth` nibbles.
std::size_t common_prefix(const std::uint8_t* node_key, std::size_t node_end, View key, std::size_t depth) noexcept {
    const std::size_t limit = std::min(node_end, nibbles_of(key));
    while (depth < limit && nibble(node_key, depth) == nibble(key.data(), depth))
        ++depth;
    return depth;
}

} // namespace

Trie::Trie() noexcept = default;
Trie::~Trie() = default;
Trie::Trie(Trie&&) noexcept = default;
Trie& Trie::operator=(Trie&&) noexcept = default;

void Trie::set(View key, View value) {
    if (value.empty()) {
        erase(key);
    } else {
        set_below(root_, key, value, 0);
    }
}

bool Trie::erase(View key) { return erase_below(root_, key, 0); }

bool Trie::set_below(Link& link, View key, View value, std::size_t depth) {
    if (link == nullptr) {
        link = std::make_unique<Node>(key, nibbles_of(key));
        link->value.assign(value.begin(), value.end());
        return true;
    }
    const std::size_t fork = common_prefix(link->key.data(), link->end, key, depth);
    if (fork < link->end) { // a branch where the paths part
        auto parent = std::make_unique<Node>(View{link->key}, fork);
        parent->children = std::make_unique<std::array<Link, width>>();
        link->reference.size = 0; // its path gets shorter
        parent->child(link->key) = std::move(link);
        link = std::move(parent);
    }
    if (nibbles_of(key) == fork) {
        if (std::ranges::equal(link->value, value)) return false;
        link->value.assign(value.begin(), value.end());
    } else {
        if (link->children == nullptr) link->children = std::make_unique<std::array<Link, width>>();
        if (!set_below(link->child(key), key, value, fork + 1)) return false;
    }
    link->reference.size = 0;
    return true;
}

bool Trie::erase_below(Link& link, View key, std::size_t depth) {
    if (link == nullptr || common_prefix(link->key.data(), link->end, key, depth) < link->end) return false;
    if (nibbles_of(key) == link->end) {
        if (link->value.empty()) return false;
        link->value.clear();
    } else if (link->children == nullptr || !erase_below(link->child(key), key, std::size_t{link->end} + 1)) {
        return false;
    }
    link->reference.size = 0;
    merge_with_only_child(link);
    return true;
}

/// Restores the one shape after an erasure below or at `link`: no node without a purpose remains.
void Trie::merge_with_only_child(Link& link) {
    Link* only = nullptr;
    if (link->children != nullptr) {
        for (Link& child : *link->children) {
            if (child == nullptr) continue;
            if (only != nullptr) return; // still a branch
            only = &child;
        }
    }
    if (only == nullptr) {
        link->children.reset();
        if (link->value.empty()) link.reset();
    } else if (link->value.empty()) {
        Link child = std::move(*only);
        child->reference.size = 0; // its path gets longer
        link = std::move(child);
    }
}

std::optional<View> Trie::get(View key) const noexcept {
    std::size_t depth = 0;
    for (const Node* node = root_.get(); node != nullptr;) {
        if (common_prefix(node->key.data(), node->end, key, depth) < node->end) break;
        if (nibbles_of(key) == node->end) {
            if (node->value.empty()) break;
            return View{node->value};
        }
        if (node->children == nullptr) break;
        depth = std::size_t{node->end} + 1;
        node = (*node->children)[nibble(key.data(), node->end)].get();
    }
    return std::nullopt;
}

Hash Trie::root() {
    if (root_ == nullptr) return empty_root;
    // Only the root is hashed when its encoding is short: its reference would not be a hash.
    const Reference& top = reference(*root_, 0);
    if (top.size == 32) return top.bytes;
    return keccak::keccak256({top.bytes.data(), top.size});
}

const Reference& Trie::reference(Node& node, std::size_t depth) {
    if (node.reference.size == 0) node.reference = reference_to(encode(node, depth));
    return node.reference;
}

View Trie::encode(Node& node, std::size_t depth) {
    if (node.children == nullptr) return writer_.leaf(node.path(depth), node.value);
    if (node.end == depth) return encode_branch(node);
    return writer_.extension(node.path(depth), reference_to(encode_branch(node)));
}

View Trie::encode_branch(Node& node) {
    std::array<Reference, width> references{};
    for (std::size_t i = 0; i < width; ++i) {
        Link& child = (*node.children)[i];
        if (child != nullptr) references[i] = reference(*child, std::size_t{node.end} + 1);
    }
    return writer_.branch(references, node.value);
}

} // namespace rvm::trie
