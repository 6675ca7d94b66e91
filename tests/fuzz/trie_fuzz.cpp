// Any bytes as the nodes of a trie: an RLP list of strings, the first of which is the root. A node that decodes encodes
// to the same bytes; a trie of such nodes answers or refuses, whatever its shape, and stays one trie when it changes.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "rlp/decode.hpp"
#include "trie/decode.hpp"
#include "trie/trie.hpp"

namespace {

using namespace rvm::trie;

void require(bool claim) {
    if (!claim) std::abort();
}

/// Decodes one node; what is accepted is written back.
void check_node(View encoding) {
    DecodedNode node;
    try {
        node = decode_node(encoding);
    } catch (const NodeError&) {
        return;
    }
    NodeWriter writer;
    std::array<std::uint8_t, longest_path / 2> key{}; // the path at its end
    const std::size_t begin = longest_path - node.path_size;
    for (std::size_t i = 0; i < node.path_size; ++i) {
        const std::size_t at = begin + i;
        key[at / 2] = static_cast<std::uint8_t>(key[at / 2] | node.path[i] << (at % 2 == 0 ? 4u : 0u));
    }
    const Path path{key.data(), begin, longest_path};
    switch (node.kind) {
    case DecodedNode::Kind::leaf:
        return require(std::ranges::equal(writer.leaf(path, node.value), encoding));
    case DecodedNode::Kind::extension:
        return require(std::ranges::equal(writer.extension(path, node.children[0]), encoding));
    case DecodedNode::Kind::branch:
        return require(std::ranges::equal(writer.branch(node.children, node.value), encoding));
    }
}

class Nodes final : public NodeSource {
  public:
    explicit Nodes(View input) {
        rvm::rlp::Status status;
        rvm::rlp::Reader outer(input, status);
        rvm::rlp::Reader items = outer.list();
        while (!items.at_end()) {
            const View encoding = items.string();
            if (!status.ok()) return;
            check_node(encoding);
            const Hash hash = rvm::keccak::keccak256(encoding);
            if (nodes_.empty()) root = hash;
            nodes_.try_emplace(hash, encoding);
        }
    }
    View node(const Hash& hash, View, std::size_t) override {
        const auto found = nodes_.find(hash);
        if (found == nodes_.end()) throw NodeError("missing");
        return found->second;
    }

    Hash root = empty_root;

  private:
    std::map<Hash, View> nodes_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    check_node(input);
    Nodes nodes(input);
    try {
        Trie trie(nodes, nodes.root);
        require(trie.root() == nodes.root);
        // Keys that begin as the input does and part from each other at different depths.
        std::array<std::uint8_t, 32> key{};
        std::copy_n(data, std::min(size, key.size()), key.begin());
        for (std::size_t i = 0; i < key.size(); i += 5) {
            const Hash before = trie.root();
            const auto present = trie.get(key);
            const Bytes old = present ? Bytes(present->begin(), present->end()) : Bytes{};
            const std::uint8_t value[] = {static_cast<std::uint8_t>(i + 1), 0x55};
            trie.set(key, value);
            require(trie.get(key) && std::ranges::equal(*trie.get(key), value));
            require(trie.erase(key) && !trie.get(key));
            trie.set(key, old); // an empty value leaves it erased
            require(trie.root() == before);
            key[i] ^= 0x01;
        }
    } catch (const NodeError&) {
        return 0; // a node was missing or none
    }
    return 0;
}
