// A second, naive trie: appendix D of the yellow paper word for word, over a map of nibble strings, with its own RLP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "keccak/keccak.hpp"

namespace rvm::trie::model {

using Text = std::string;             ///< bytes
using Entries = std::map<Text, Text>; ///< by key, or by nibbles (one a char)

inline Text rlp_length(std::size_t size, unsigned char prefix) {
    if (size < 56) return Text(1, static_cast<char>(prefix + size));
    Text bytes;
    for (std::size_t rest = size; rest != 0; rest /= 256)
        bytes.insert(bytes.begin(), static_cast<char>(rest % 256));
    return Text(1, static_cast<char>(prefix + 55 + bytes.size())) + bytes;
}
inline Text rlp_string(const Text& text) {
    if (text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80) return text;
    return rlp_length(text.size(), 0x80) + text;
}
inline Text rlp_list(const std::vector<Text>& encoded) {
    Text payload;
    for (const Text& item : encoded)
        payload += item;
    return rlp_length(payload.size(), 0xc0) + payload;
}
inline Text hash(const Text& text) {
    const auto digest = keccak::keccak256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return {digest.begin(), digest.end()};
}

inline Text hex_prefix(const Text& nibbles, bool leaf) {
    const std::size_t odd = nibbles.size() % 2;
    Text padded(1, static_cast<char>((leaf ? 2 : 0) + odd));
    if (odd == 0) padded += '\0';
    padded += nibbles;
    Text out;
    for (std::size_t i = 0; i < padded.size(); i += 2)
        out += static_cast<char>(padded[i] * 16 + padded[i + 1]);
    return out;
}

Text structure(const Entries& entries, std::size_t depth);

/// The function n: what a parent holds.
inline Text reference(const Entries& entries, std::size_t depth) {
    if (entries.empty()) return rlp_string("");
    const Text node = structure(entries, depth);
    return node.size() < 32 ? node : rlp_string(hash(node));
}

/// The function c: the node over entries that agree in their first `depth` nibbles.
inline Text structure(const Entries& entries, std::size_t depth) {
    const auto& [first, value] = *entries.begin();
    if (entries.size() == 1) return rlp_list({rlp_string(hex_prefix(first.substr(depth), true)), rlp_string(value)});
    std::size_t shared = first.size();
    for (const auto& [key, unused] : entries) {
        std::size_t i = 0;
        while (i < shared && i < key.size() && key[i] == first[i])
            ++i;
        shared = i;
    }
    if (shared > depth) {
        return rlp_list(
            {rlp_string(hex_prefix(first.substr(depth, shared - depth), false)), reference(entries, shared)});
    }
    std::vector<Text> items;
    for (char slot = 0; slot < 16; ++slot) {
        Entries below;
        for (const auto& entry : entries) {
            if (entry.first.size() > depth && entry.first[depth] == slot) below.insert(entry);
        }
        items.push_back(reference(below, depth + 1));
    }
    items.push_back(rlp_string(first.size() == depth ? value : ""));
    return rlp_list(items);
}

/// The root hash over entries by key.
inline Text root(const Entries& by_key) {
    if (by_key.empty()) return hash(rlp_string(""));
    Entries entries;
    for (const auto& [key, value] : by_key) {
        Text nibbles;
        for (const char byte : key) {
            nibbles += static_cast<char>(static_cast<unsigned char>(byte) / 16);
            nibbles += static_cast<char>(static_cast<unsigned char>(byte) % 16);
        }
        entries.emplace(nibbles, value);
    }
    return hash(structure(entries, 0));
}

} // namespace rvm::trie::model
