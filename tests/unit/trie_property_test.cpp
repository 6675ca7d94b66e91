// The incremental trie and the root builder against the naive model, over random histories of few distinct nibbles, so
// that paths share, split and join often.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "trie_support.hpp"

namespace rvm::trie {
namespace {

constexpr int histories = 400;
constexpr int steps = 60;

class Source {
  public:
    explicit Source(unsigned seed) : random_(seed) {}
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    /// Keys of one length (as hashed keys are) or of any length up to `size`.
    std::string key(unsigned size, bool any_length) {
        static constexpr unsigned char bytes[] = {0x00, 0x01, 0x10, 0x11, 0xf0, 0xff};
        std::string out(any_length ? below(size + 1) : size, '\0');
        for (char& byte : out)
            byte = static_cast<char>(bytes[below(6)]);
        return out;
    }
    std::string value() {
        static constexpr unsigned sizes[] = {1, 2, 20, 31, 32, 33, 55, 56, 110, 300};
        std::string out(sizes[below(10)], '\0');
        for (char& byte : out)
            byte = static_cast<char>(random_());
        return out;
    }

  private:
    std::mt19937_64 random_;
};

TEST(TrieProperty, EveryHistoryHasTheRootOfTheModel) {
    for (unsigned seed = 0; seed < histories; ++seed) {
        Source source(seed);
        const unsigned size = 1 + source.below(4);
        const bool any_length = source.below(2) != 0;
        Trie trie;
        model::Entries entries;
        for (int step = 0; step < steps; ++step) {
            const std::string key = source.key(size, any_length);
            if (source.below(5) < 2) {
                ASSERT_EQ(trie.erase(view(key)), entries.erase(key) != 0) << "history " << seed << ", step " << step;
            } else {
                const std::string value = source.value();
                trie.set(view(key), view(value));
                entries[key] = value;
            }
            const std::string probe = source.key(size, any_length);
            const auto found = trie.get(view(probe));
            const auto expected = entries.find(probe);
            ASSERT_EQ(found.has_value(), expected != entries.end()) << "history " << seed << ", step " << step;
            if (found) {
                ASSERT_EQ(text(*found), expected->second);
            }
            if (source.below(3) != 0) continue; // several changes under one root
            ASSERT_EQ(hex(trie.root()), model_root(entries)) << "history " << seed << ", step " << step;
        }
        ASSERT_EQ(hex(trie.root()), model_root(entries)) << "history " << seed;
        ASSERT_EQ(sorted_root(entries), model_root(entries)) << "history " << seed;
        while (!entries.empty()) {
            trie.set(view(entries.begin()->first), {}); // an empty value erases
            entries.erase(entries.begin());
            ASSERT_EQ(hex(trie.root()), model_root(entries)) << "history " << seed << ", emptying";
        }
        ASSERT_TRUE(trie.empty());
    }
}

TEST(TrieProperty, HashedKeysOf32Bytes) {
    Trie trie;
    model::Entries entries;
    Source source(7);
    for (unsigned i = 0; i < 3000; ++i) {
        const std::string key = model::hash(std::to_string(i));
        const std::string value = source.value();
        trie.set(view(key), view(value));
        entries[key] = value;
    }
    EXPECT_EQ(hex(trie.root()), model_root(entries));
    EXPECT_EQ(sorted_root(entries), model_root(entries));
    for (unsigned i = 0; i < 3000; i += 2) {
        const std::string key = model::hash(std::to_string(i));
        EXPECT_TRUE(trie.erase(view(key)));
        entries.erase(key);
    }
    EXPECT_EQ(hex(trie.root()), model_root(entries));
}

TEST(TrieProperty, ListsOfAnyLength) {
    Source source(11);
    for (const std::size_t count : {0u, 1u, 2u, 127u, 128u, 129u, 255u, 256u, 257u, 700u}) {
        model::Entries entries;
        std::vector<std::string> values;
        for (std::size_t i = 0; i < count; ++i) {
            std::string index; // big-endian without leading zeros
            for (std::size_t rest = i; rest != 0; rest /= 256)
                index.insert(index.begin(), static_cast<char>(rest % 256));
            values.push_back(source.value());
            entries[model::rlp_string(index)] = values.back();
        }
        std::vector<View> views;
        for (const std::string& value : values)
            views.push_back(view(value));
        EXPECT_EQ(hex(root_of_list(views)), model_root(entries)) << count;
    }
}

TEST(TrieProperty, SortingIsTheOrderOfBytes) {
    Source source(13);
    model::Entries entries;
    for (int i = 0; i < 2000; ++i)
        entries[source.key(12, true)] = std::to_string(i);
    std::vector<Entry> shuffled;
    std::vector<std::string> sorted;
    for (const auto& [key, value] : entries) {
        shuffled.push_back({view(key), view(value)});
        sorted.push_back(key);
    }
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(1));
    sort_by_key(shuffled);
    std::vector<std::string> found;
    for (const Entry& entry : shuffled)
        found.push_back(text(entry.key));
    EXPECT_EQ(found, sorted);
}

TEST(TrieProperty, MovesTakeTheEntriesAlong) {
    Trie trie;
    trie.set(view("key"), view("value"));
    const Hash root = trie.root();
    Trie moved = std::move(trie);
    EXPECT_EQ(moved.root(), root);
    trie = std::move(moved);
    EXPECT_EQ(trie.root(), root);
}

} // namespace
} // namespace rvm::trie
