#include "trie/trie.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "hex/hex.hpp"
#include "trie/decode.hpp"

namespace rvm::trie {

/// The top of a subtrie. Its path begins where its parent's ends, after the nibble that chose the child.
struct Trie::Node {
    using Children = std::array<Link, width>;

    /// How much of the node is here.
    enum class Known : std::uint8_t {
        whole,
        reference, ///< nothing else, neither key nor end
        path,      ///< of an extension; of the branch at its end only the hash, which is in `value`
    };

    std::array<std::uint8_t, 32> key{}; ///< of some entry below: only the first `end` nibbles count
    std::uint8_t end = 0;               ///< nibbles from the root to the end of this node's path
    Known known = Known::whole;
    Reference reference;                ///< size 0: not known
    Bytes value;                        ///< of the key that ends here; empty: none does
    std::unique_ptr<Children> children; ///< null: a leaf

    Node(View bytes, std::size_t nibbles) noexcept : end(static_cast<std::uint8_t>(nibbles)) {
        std::memcpy(key.data(), bytes.data(), std::min(bytes.size(), key.size()));
    }
    explicit Node(const Reference& of) noexcept : known(Known::reference), reference(of) {}

    [[nodiscard]] Path path(std::size_t depth) const noexcept { return {key.data(), depth, end}; }
    [[nodiscard]] Link& child(View of) noexcept { return (*children)[nibble(of.data(), end)]; }

    // Making a node of encodings; throws NodeError.
    void read(View encoding, View prefix, std::size_t depth);
    void read_branch(const DecodedNode& branch);

    void set_nibble(std::size_t index, unsigned nibble) noexcept {
        std::uint8_t& byte = key[index / 2];
        byte = static_cast<std::uint8_t>(index % 2 == 0 ? (byte & 0x0fu) | nibble << 4u : (byte & 0xf0u) | nibble);
    }
    /// Known::path: what names the branch.
    [[nodiscard]] Reference branch() const noexcept {
        Reference out;
        out.size = static_cast<std::uint8_t>(out.bytes.size());
        std::ranges::copy(value, out.bytes.begin());
        return out;
    }

  private:
    void set_path(View prefix, std::size_t depth, const DecodedNode& from);
};

namespace {

constexpr std::size_t nibbles_of(View key) noexcept { return 2 * key.size(); }

/// Has `read` the node that its parent names by hash; failures say which node it is.
template <class Read>
void fetch(NodeSource& source, const Hash& hash, View key, std::size_t nibbles, const Read& read) {
    try {
        const View out = source.node(hash, key, nibbles);
        if (nibbles != 0 && out.size() < hash.size())
            throw NodeError("its parent names it by hash, expected at least 32 bytes, found " +
                            std::to_string(out.size()));
        read(out);
    } catch (const NodeError& error) {
        throw NodeError("node " + hex::encode(hash) + " at depth " + std::to_string(nibbles) + ": " + error.what());
    }
}

/// How far `key` follows `node`, both known to agree in `depth` nibbles.
std::size_t common_prefix(const std::uint8_t* node_key, std::size_t node_end, View key, std::size_t depth) noexcept {
    const std::size_t limit = std::min(node_end, nibbles_of(key));
    while (depth < limit && nibble(node_key, depth) == nibble(key.data(), depth))
        ++depth;
    return depth;
}

} // namespace

/// The key of the node: `prefix` up to `depth`, then the path that was read.
void Trie::Node::set_path(View prefix, std::size_t depth, const DecodedNode& from) {
    if (depth + from.path_size > longest_path)
        throw NodeError("its path leads " + std::to_string(depth + from.path_size) +
                        " nibbles down, expected at most 64");
    if (prefix.data() != key.data()) std::memcpy(key.data(), prefix.data(), std::min(prefix.size(), key.size()));
    for (std::size_t i = 0; i < from.path_size; ++i)
        set_nibble(depth + i, from.path[i]);
    end = static_cast<std::uint8_t>(depth + from.path_size);
}

void Trie::Node::read(View encoding, View prefix, std::size_t depth) {
    const DecodedNode decoded = decode_node(encoding);
    set_path(prefix, depth, decoded);
    known = Known::whole;
    switch (decoded.kind) {
    case DecodedNode::Kind::leaf:
        value.assign(decoded.value.begin(), decoded.value.end());
        return;
    case DecodedNode::Kind::branch:
        return read_branch(decoded);
    case DecodedNode::Kind::extension:
        const Reference& below = decoded.children[0];
        if (below.size < below.bytes.size()) return read_branch(decode_node({below.bytes.data(), below.size}));
        known = Known::path;
        value.assign(below.bytes.begin(), below.bytes.end());
        return;
    }
}

/// The branch at the end of the node's path. Children that are part of its encoding are read at once.
void Trie::Node::read_branch(const DecodedNode& branch) {
    if (branch.kind != DecodedNode::Kind::branch) throw NodeError("below an extension is no branch");
    if (end == longest_path) throw NodeError("a branch is deeper than any key");
    known = Known::whole;
    value.assign(branch.value.begin(), branch.value.end());
    children = std::make_unique<Children>();
    for (std::size_t i = 0; i < width; ++i) {
        const Reference& below = branch.children[i];
        if (below.size == 0) continue;
        Link& child = (*children)[i] = std::make_unique<Node>(below);
        if (below.size == below.bytes.size()) continue;
        child->key = key;
        child->set_nibble(end, static_cast<unsigned>(i));
        child->read({below.bytes.data(), below.size}, child->key, std::size_t{end} + 1);
    }
}

Trie::Trie() noexcept = default;
Trie::Trie(NodeSource& source, const Hash& root) : source_(&source) {
    if (root == empty_root) return;
    Reference top;
    top.bytes = root;
    top.size = static_cast<std::uint8_t>(root.size());
    root_ = std::make_unique<Node>(top);
}
Trie::~Trie() = default;
Trie::Trie(Trie&&) noexcept = default;
Trie& Trie::operator=(Trie&&) noexcept = default;

/// Makes sure that the path of a node is here, and its value if it is a leaf. `key` leads to it in `depth` nibbles.
void Trie::open(Node& node, View key, std::size_t depth) const {
    if (node.known != Node::Known::reference) return;
    fetch(*source_, node.reference.bytes, key, depth, [&](View encoding) { node.read(encoding, key, depth); });
}

/// Makes sure that the children of a node are here, if it has any.
void Trie::open_branch(Node& node) const {
    if (node.known != Node::Known::path) return;
    fetch(*source_, node.branch().bytes, node.key, node.end,
          [&](View encoding) { node.read_branch(decode_node(encoding)); });
}

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
    open(*link, key, depth);
    const std::size_t fork = common_prefix(link->key.data(), link->end, key, depth);
    if (fork < link->end) { // a branch where the paths part
        auto parent = std::make_unique<Node>(View{link->key}, fork);
        parent->children = std::make_unique<Node::Children>();
        link->reference.size = 0; // its path gets shorter
        parent->child(link->key) = std::move(link);
        link = std::move(parent);
    }
    open_branch(*link);
    if (nibbles_of(key) == fork) {
        if (std::ranges::equal(link->value, value)) return false;
        link->value.assign(value.begin(), value.end());
    } else {
        if (link->children == nullptr) link->children = std::make_unique<Node::Children>();
        if (!set_below(link->child(key), key, value, fork + 1)) return false;
    }
    link->reference.size = 0;
    return true;
}

bool Trie::erase_below(Link& link, View key, std::size_t depth) {
    if (link == nullptr) return false;
    open(*link, key, depth);
    if (common_prefix(link->key.data(), link->end, key, depth) < link->end) return false;
    open_branch(*link);
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
void Trie::merge_with_only_child(Link& link) const {
    std::size_t only = width; // none
    for (std::size_t i = 0; link->children != nullptr && i < width; ++i) {
        if ((*link->children)[i] == nullptr) continue;
        if (only != width) return; // still a branch
        only = i;
    }
    if (only == width) {
        link->children.reset();
        if (link->value.empty()) link.reset();
    } else if (link->value.empty()) {
        Link child = std::move((*link->children)[only]);
        if (child->known == Node::Known::reference) { // a path that nobody has asked for yet
            link->set_nibble(link->end, static_cast<unsigned>(only));
            open(*child, link->key, std::size_t{link->end} + 1);
        }
        child->reference.size = 0; // its path gets longer
        link = std::move(child);
    }
}

std::optional<View> Trie::get(View key) const {
    std::size_t depth = 0;
    for (Node* node = root_.get(); node != nullptr;) {
        open(*node, key, depth);
        if (common_prefix(node->key.data(), node->end, key, depth) < node->end) break;
        open_branch(*node);
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

std::optional<View> Trie::node(View key, std::size_t nibbles) {
    std::size_t depth = 0;
    for (Node* node = root_.get(); node != nullptr;) {
        open(*node, key, depth);
        if (nibbles == depth) return encode(*node, depth);
        if (common_prefix(node->key.data(), node->end, key, depth) < node->end) break;
        open_branch(*node);
        if (node->children == nullptr || nibbles < node->end) break;
        if (nibbles == node->end) return encode_branch(*node);
        depth = std::size_t{node->end} + 1;
        node = (*node->children)[nibble(key.data(), node->end)].get();
    }
    return std::nullopt;
}

const Reference& Trie::reference(Node& node, std::size_t depth) {
    if (node.reference.size != 0) return node.reference;
    if (node.known == Node::Known::path && node.end == depth) { // nothing of the path is left: the branch itself
        node.reference = node.branch();
    } else {
        node.reference = reference_to(encode(node, depth));
    }
    return node.reference;
}

View Trie::encode(Node& node, std::size_t depth) {
    if (node.end == depth) open_branch(node);
    if (node.known == Node::Known::path) return writer_.extension(node.path(depth), node.branch());
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
