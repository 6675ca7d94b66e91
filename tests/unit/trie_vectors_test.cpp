// The trie against published roots: some copied here with their source, all of ethereum/tests TrieTests where the
// conformance data is unpacked ($RVM_FIXTURES).
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "trie_support.hpp"

namespace rvm::trie {
namespace {

using nlohmann::json;

TEST(TrieVectors, EmptyRootIsTheHashOfTheEmptyString) {
    EXPECT_EQ(hex(empty_root), hex(view(model::hash(model::rlp_string("")))));
    EXPECT_EQ(Trie{}.root(), empty_root);
    EXPECT_EQ(root_of_sorted({}), empty_root);
    EXPECT_EQ(root_of_list({}), empty_root);
}

// Roots from ethereum/tests, TrieTests/trieanyorder.json: "dogs", "puppy" and "hex".
TEST(TrieVectors, PublishedRoots) {
    struct Case {
        model::Entries entries;
        const char* root;
    };
    const Case cases[] = {
        {{{"doe", "reindeer"}, {"dog", "puppy"}, {"dogglesworth", "cat"}},
         "0x8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3"},
        {{{"do", "verb"}, {"horse", "stallion"}, {"doge", "coin"}, {"dog", "puppy"}},
         "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"},
        {{{std::string("\x00\x45", 2), "\x01\x23\x45\x67\x89"}, {std::string("\x45\x00", 2), "\x98\x76\x54\x32\x10"}},
         "0x285505fcabe84badc8aa310e2aae17eddc7d120aabec8a476902c8184b3a3503"},
    };
    for (const Case& expected : cases) {
        Trie trie;
        for (const auto& [key, value] : expected.entries)
            trie.set(view(key), view(value));
        EXPECT_EQ(hex(trie.root()), expected.root);
        EXPECT_EQ(sorted_root(expected.entries), expected.root);
        EXPECT_EQ(model_root(expected.entries), expected.root);
    }
}

std::string bytes_of(const std::string& written) {
    if (!written.starts_with("0x")) return written;
    std::string out;
    for (std::size_t i = 2; i < written.size(); i += 2) {
        out += static_cast<char>(std::stoi(written.substr(i, 2), nullptr, 16));
    }
    return out;
}

/// Entries in the order of the file; an object is any order.
std::vector<std::pair<std::string, json>> entries_of(const json& in) {
    std::vector<std::pair<std::string, json>> out;
    if (in.is_object()) {
        for (const auto& [key, value] : in.items())
            out.emplace_back(key, value);
    } else {
        for (const json& pair : in)
            out.emplace_back(pair.at(0).get<std::string>(), pair.at(1));
    }
    return out;
}

void check_file(const std::filesystem::path& file, int& cases) {
    const bool secure = file.filename().string().find("secure") != std::string::npos;
    const json document = json::parse(std::ifstream(file));
    for (const auto& [name, test] : document.items()) {
        Trie trie;
        model::Entries entries;
        for (const auto& [key_text, value] : entries_of(test.at("in"))) {
            const std::string key = secure ? model::hash(bytes_of(key_text)) : bytes_of(key_text);
            if (value.is_null()) {
                trie.erase(view(key));
                entries.erase(key);
            } else {
                trie.set(view(key), view(bytes_of(value.get<std::string>())));
                entries[key] = bytes_of(value.get<std::string>());
            }
        }
        const auto root = test.at("root").get<std::string>();
        EXPECT_EQ(hex(trie.root()), root) << file << ": " << name;
        EXPECT_EQ(sorted_root(entries), root) << file << ": " << name;
        ++cases;
    }
}

TEST(TrieVectors, TrieTests) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const std::filesystem::path folder =
        std::filesystem::path(fixtures == nullptr ? "" : fixtures) / "ethereum/rlp-trie-basic/ethereum-tests/TrieTests";
    if (!std::filesystem::is_directory(folder)) {
        GTEST_SKIP() << "16 cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    }
    int cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name == "trietestnextprev.json") continue; // about an iterator's neighbours, which this trie does not have
        check_file(entry.path(), cases);
    }
    EXPECT_EQ(cases, 16);
}

} // namespace
} // namespace rvm::trie
