#include "trie/root.hpp"

#include <algorithm>

namespace rvm::trie {
namespace {

std::size_t nibbles_of(const Entry& entry) noexcept { return 2 * entry.key.size(); }

/// Length of the common prefix of two keys that agree in the first `from` nibbles.
std::size_t common_prefix(const Entry& a, const Entry& b, std::size_t from) noexcept {
    const std::size_t limit = std::min(nibbles_of(a), nibbles_of(b));
    while (from < limit && nibble(a.key.data(), from) == nibble(b.key.data(), from))
        ++from;
    return from;
}

/// Encodes subtries bottom up. The entries of a subtrie are a range of the sorted entries; its depth is the number of
/// nibbles they share and that the nodes above have used. Recursion is as deep as a key has nibbles.
class Encoder {
  public:
    /// The encoding of the subtrie's top node; valid until the next call.
    View encode(std::span<const Entry> entries, std::size_t depth) {
        const Entry& first = entries.front();
        if (entries.size() == 1) return writer_.leaf({first.key.data(), depth, nibbles_of(first)}, first.value);
        const std::size_t fork = common_prefix(first, entries.back(), depth);
        if (fork == depth) return encode_branch(entries, depth);
        return writer_.extension({first.key.data(), depth, fork}, reference_to(encode_branch(entries, fork)));
    }

  private:
    View encode_branch(std::span<const Entry> entries, std::size_t depth) {
        View value;
        if (nibbles_of(entries.front()) == depth) { // the shortest key sorts first
            value = entries.front().value;
            entries = entries.subspan(1);
        }
        std::array<Reference, width> children{};
        while (!entries.empty()) {
            const unsigned slot = nibble(entries.front().key.data(), depth);
            std::size_t count = 1;
            while (count < entries.size() && nibble(entries[count].key.data(), depth) == slot)
                ++count;
            children[slot] = reference_to(encode(entries.first(count), depth + 1));
            entries = entries.subspan(count);
        }
        return writer_.branch(children, value);
    }

    NodeWriter writer_;
};

/// RLP of an index: at most a prefix and eight bytes.
struct IndexKey {
    std::array<std::uint8_t, 9> bytes{};
    std::uint8_t size = 0;

    explicit IndexKey(std::uint64_t index) noexcept {
        if (index != 0 && index < 0x80) {
            bytes[size++] = static_cast<std::uint8_t>(index);
            return;
        }
        bytes[size++] = 0x80;
        for (unsigned shift = 64; shift != 0;) {
            shift -= 8;
            const auto byte = static_cast<std::uint8_t>(index >> shift);
            if (byte != 0 || size > 1) bytes[size++] = byte;
        }
        bytes[0] = static_cast<std::uint8_t>(0x80 + size - 1);
    }
};

/// What decides nearly every comparison of two keys, at hand: the keys themselves lie all over memory.
struct SortItem {
    std::uint64_t head; ///< the first eight bytes as a number, zeros where the key is shorter
    const Entry* entry;
};

std::uint64_t head_of(View key) noexcept {
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < sizeof head; ++i)
        head = head << 8u | (i < key.size() ? key[i] : 0u);
    return head;
}

} // namespace

void sort_by_key(std::span<Entry> entries) {
    std::vector<SortItem> items;
    items.reserve(entries.size());
    for (const Entry& entry : entries)
        items.push_back({head_of(entry.key), &entry});
    std::ranges::sort(items, [](const SortItem& a, const SortItem& b) {
        if (a.head != b.head) return a.head < b.head;
        return std::ranges::lexicographical_compare(a.entry->key, b.entry->key);
    });
    std::vector<Entry> sorted;
    sorted.reserve(entries.size());
    for (const SortItem& item : items)
        sorted.push_back(*item.entry);
    std::ranges::copy(sorted, entries.begin());
}

Hash root_of_sorted(std::span<const Entry> entries) {
    if (entries.empty()) return empty_root;
    Encoder encoder;
    return keccak::keccak256(encoder.encode(entries, 0));
}

Hash root_of_list(std::span<const View> values) {
    std::vector<IndexKey> keys;
    keys.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        keys.emplace_back(i);
    std::vector<Entry> entries;
    entries.reserve(values.size());
    // RLP(0) is 0x80: it sorts between 0x7f and the two-byte keys, everything else keeps its order.
    const std::size_t low = std::min<std::size_t>(values.size(), 0x80);
    const auto add = [&](std::size_t i) { entries.push_back({{keys[i].bytes.data(), keys[i].size}, values[i]}); };
    for (std::size_t i = 1; i < low; ++i)
        add(i);
    if (!values.empty()) add(0);
    for (std::size_t i = low; i < values.size(); ++i)
        add(i);
    return root_of_sorted(entries);
}

} // namespace rvm::trie
