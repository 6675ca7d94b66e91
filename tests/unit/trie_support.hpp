// What the tests of lib/trie share.
#pragma once

#include <string>
#include <string_view>

#include "trie/root.hpp"
#include "trie/trie.hpp"
#include "trie_model.hpp"

namespace rvm::trie {

inline View view(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
inline std::string text(View bytes) { return {bytes.begin(), bytes.end()}; }

inline std::string hex(View bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "0x";
    for (const std::uint8_t byte : bytes) {
        out += digits[byte >> 4u];
        out += digits[byte & 0x0fu];
    }
    return out;
}

inline std::string model_root(const model::Entries& entries) { return hex(view(model::root(entries))); }

inline std::string sorted_root(const model::Entries& entries) {
    std::vector<Entry> sorted;
    for (const auto& [key, value] : entries)
        sorted.push_back({view(key), view(value)});
    return hex(root_of_sorted(sorted));
}

} // namespace rvm::trie
