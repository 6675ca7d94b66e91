#include "state/memory_tree.hpp"

#include "state/keyed_hash.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::state {

struct MemoryTree::Node {
    using Bytes = std::shared_ptr<const std::vector<std::uint8_t>>; // shared by the copies of the node
    Bytes key, value;
    std::uint64_t priority;
    Link left, right;
};

namespace {

using Node = MemoryTree::Node;
using Link = MemoryTree::Link;

int compare(rvm_view a, const std::vector<std::uint8_t>& b) noexcept {
    const std::size_t common = std::min<std::size_t>(a.size, b.size());
    const int order = common != 0 ? std::memcmp(a.data, b.data(), common) : 0;
    if (order != 0) return order;
    return a.size < b.size() ? -1 : static_cast<int>(a.size > b.size());
}

/// Keyed, so that nobody can choose keys that make the tree deep.
std::uint64_t priority_of(rvm_view key) noexcept {
    const auto& secret = hash_secret();
    std::uint64_t hash = key.size ^ secret[0];
    for (std::uint64_t at = 0; at < key.size; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, key.data + at, std::min<std::uint64_t>(8, key.size - at));
        hash = fold(hash ^ word, secret[1]) + secret[2];
    }
    return fold(hash ^ secret[3], secret[4]);
}

rvm_view view_of(const std::vector<std::uint8_t>& bytes) noexcept {
    // A stored empty value still has an address: a null pointer means "erase".
    static constexpr std::uint8_t nothing = 0;
    return {bytes.empty() ? &nothing : bytes.data(), bytes.size()};
}

Node::Bytes bytes_of(rvm_view bytes) {
    return std::make_shared<const std::vector<std::uint8_t>>(bytes.data, bytes.data + bytes.size);
}

std::shared_ptr<Node> copy(const Link& node) { return std::make_shared<Node>(*node); }

Link put(const Link& node, Link fresh, rvm_view key) {
    if (node == nullptr) return fresh;
    const int order = compare(key, *node->key);
    auto changed = copy(node);
    if (order == 0) {
        changed->value = fresh->value;
        return changed;
    }
    Link Node::*const side = order < 0 ? &Node::left : &Node::right;
    Link Node::*const other = order < 0 ? &Node::right : &Node::left;
    const Link child = put((*node).*side, std::move(fresh), key);
    if (child->priority <= node->priority) {
        (*changed).*side = child;
        return changed;
    }
    auto top = copy(child); // rotate
    (*changed).*side = (*top).*other;
    (*top).*other = std::move(changed);
    return top;
}

Link join(const Link& left, const Link& right) {
    if (left == nullptr) return right;
    if (right == nullptr) return left;
    const bool left_on_top = left->priority > right->priority;
    auto top = copy(left_on_top ? left : right);
    if (left_on_top)
        top->right = join(left->right, right);
    else
        top->left = join(left, right->left);
    return top;
}

/// `key` is in the tree.
Link erase(const Link& node, rvm_view key) {
    const int order = compare(key, *node->key);
    if (order == 0) return join(node->left, node->right);
    auto changed = copy(node);
    Link Node::*const side = order < 0 ? &Node::left : &Node::right;
    (*changed).*side = erase((*node).*side, key);
    return changed;
}

} // namespace

bool MemoryTree::find(rvm_view key, rvm_view* value) const noexcept {
    const Node* node = root_.get();
    while (node != nullptr) {
        const int order = compare(key, *node->key);
        if (order == 0) {
            *value = view_of(*node->value);
            return true;
        }
        node = order < 0 ? node->left.get() : node->right.get();
    }
    return false;
}

void MemoryTree::put(rvm_view key, rvm_view value) {
    auto fresh = std::make_shared<Node>();
    fresh->key = bytes_of(key);
    fresh->value = bytes_of(value);
    fresh->priority = priority_of(key);
    root_ = state::put(root_, std::move(fresh), key);
}

void MemoryTree::erase(rvm_view key) {
    rvm_view value{};
    if (find(key, &value)) root_ = state::erase(root_, key);
}

MemoryTree::Cursor::Cursor(const MemoryTree& tree, rvm_view from) {
    const Node* node = tree.root_.get();
    while (node != nullptr) {
        const bool wanted = compare(from, *node->key) <= 0;
        if (wanted) path_.push_back(node);
        node = wanted ? node->left.get() : node->right.get();
    }
}

bool MemoryTree::Cursor::next(rvm_view* key, rvm_view* value) {
    if (path_.empty()) return false;
    const Node* const node = path_.back();
    path_.pop_back();
    for (const Node* down = node->right.get(); down != nullptr; down = down->left.get())
        path_.push_back(down);
    *key = view_of(*node->key);
    *value = view_of(*node->value);
    return true;
}

} // namespace rvm::state
