#include "trie/decode.hpp"

#include <algorithm>
#include <string>

#include "rlp/decode.hpp"

namespace rvm::trie {
namespace {

constexpr std::size_t hash_size = 32;
constexpr std::size_t items_of_short_node = 2; // a leaf or an extension
constexpr std::size_t items_of_branch = width + 1;

/// The hex-prefix encoding of a path (yellow paper, appendix C); true for a leaf.
bool read_path(View bytes, DecodedNode& out) {
    constexpr unsigned odd_flag = 1;
    constexpr unsigned leaf_flag = 2;
    if (bytes.empty()) throw NodeError("expected a path, found nothing");
    const unsigned flags = bytes[0] >> 4u;
    const bool odd = (flags & odd_flag) != 0;
    if (flags > (odd_flag | leaf_flag) || (!odd && (bytes[0] & 0x0fu) != 0))
        throw NodeError("expected a path, found the prefix " + std::to_string(bytes[0]));
    const std::size_t size = 2 * (bytes.size() - 1) + (odd ? 1 : 0);
    if (size > longest_path) throw NodeError("expected a path of at most 64 nibbles, found " + std::to_string(size));
    std::size_t at = odd ? 1 : 2;
    for (std::size_t i = 0; i < size; ++i, ++at)
        out.path[i] = static_cast<std::uint8_t>(nibble(bytes.data(), at));
    out.path_size = static_cast<std::uint8_t>(size);
    return (flags & leaf_flag) != 0;
}

Reference read_reference(const rlp::Item& item) {
    Reference out;
    const View bytes = item.is_list ? item.encoded : item.payload;
    const bool fits = item.is_list ? bytes.size() < hash_size : bytes.empty() || bytes.size() == hash_size;
    if (!fits)
        throw NodeError("expected a hash of 32 bytes or a node of less, found " + std::to_string(bytes.size()) +
                        " bytes");
    std::ranges::copy(bytes, out.bytes.begin());
    out.size = static_cast<std::uint8_t>(bytes.size());
    return out;
}

void read_short_node(rlp::Reader& items, DecodedNode& out) {
    const View path = items.string();
    if (!items.status().ok()) return;
    if (read_path(path, out)) {
        out.kind = DecodedNode::Kind::leaf;
        out.value = items.string();
        if (items.status().ok() && out.value.empty()) throw NodeError("a leaf has no value");
        return;
    }
    out.kind = DecodedNode::Kind::extension;
    if (out.path_size == 0) throw NodeError("an extension has no path");
    const rlp::Item child = items.item();
    if (!items.status().ok()) return;
    out.children[0] = read_reference(child);
    if (out.children[0].size == 0) throw NodeError("an extension has no child");
}

void read_branch(rlp::Reader& items, DecodedNode& out) {
    out.kind = DecodedNode::Kind::branch;
    std::size_t entries = 0;
    for (Reference& child : out.children) {
        const rlp::Item item = items.item();
        if (!items.status().ok()) return;
        child = read_reference(item);
        entries += child.size != 0 ? 1 : 0;
    }
    out.value = items.string();
    entries += out.value.empty() ? 0 : 1;
    if (entries < 2) throw NodeError("a branch has fewer than two entries");
}

} // namespace

DecodedNode decode_node(View encoding) {
    DecodedNode out;
    rlp::Status status;
    rlp::Reader input(encoding, status);
    rlp::Reader items = input.list();
    input.end();
    const std::size_t count = status.ok() ? items.count() : 0;
    if (count == items_of_short_node) {
        read_short_node(items, out);
    } else if (count == items_of_branch) {
        read_branch(items, out);
    } else if (status.ok()) {
        throw NodeError("expected a list of 2 or 17 items, found " + std::to_string(count));
    }
    items.end();
    if (!status.ok())
        throw NodeError(std::string(rlp::text(status.error)) + ", at byte " + std::to_string(status.offset));
    return out;
}

} // namespace rvm::trie
