// Tries that begin as a root: they ask for the nodes that keys lead to, need no others, and have the roots of whole
// ones.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "trie/decode.hpp"
#include "trie_support.hpp"

namespace rvm::trie {
namespace {

using Nodes = std::map<Hash, Bytes>;

/// Asks a whole trie by path, and keeps what was asked for.
class Recorder final : public NodeSource {
  public:
    explicit Recorder(Trie& whole) : whole_(whole) {}
    View node(const Hash& hash, View key, std::size_t nibbles) override {
        const auto found = whole_.node(key, nibbles);
        if (!found) throw NodeError("nothing begins there");
        EXPECT_EQ(keccak::keccak256(*found), hash);
        Bytes& kept = nodes[hash];
        kept.assign(found->begin(), found->end());
        return kept;
    }

    Nodes nodes;

  private:
    Trie& whole_;
};

class Store final : public NodeSource {
  public:
    explicit Store(const Nodes& nodes) : nodes_(nodes) {}
    View node(const Hash& hash, View, std::size_t) override {
        const auto found = nodes_.find(hash);
        if (found == nodes_.end()) throw NodeError("missing");
        asked.insert(hash);
        return found->second;
    }

    std::set<Hash> asked;

  private:
    const Nodes& nodes_;
};

/// One thing that is done to a trie.
struct Step {
    enum class Kind { get, set, erase, root } kind;
    std::string key, value;
};

class Source {
  public:
    explicit Source(unsigned seed) : random_(seed) {}
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    /// Few distinct nibbles, so that paths share, split and join often.
    std::string key(unsigned size) {
        static constexpr unsigned char bytes[] = {0x00, 0x01, 0x10, 0x11, 0xf0, 0xff};
        std::string out(size, '\0');
        for (char& byte : out)
            byte = static_cast<char>(bytes[below(6)]);
        return out;
    }
    std::string value() {
        static constexpr unsigned sizes[] = {1, 2, 20, 31, 32, 33, 56, 110};
        std::string out(sizes[below(8)], '\0');
        for (char& byte : out)
            byte = static_cast<char>(random_());
        return out;
    }
    Step step(unsigned size) {
        constexpr Step::Kind kinds[] = {Step::Kind::get, Step::Kind::set, Step::Kind::erase, Step::Kind::erase,
                                        Step::Kind::root};
        const Step::Kind kind = kinds[below(5)];
        return {kind, key(size), kind == Step::Kind::set ? value() : ""};
    }

  private:
    std::mt19937_64 random_;
};

/// What can be seen of a step.
std::string run(Trie& trie, const Step& step) {
    switch (step.kind) {
    case Step::Kind::get: {
        const auto found = trie.get(view(step.key));
        return found ? "value " + text(*found) : "absent";
    }
    case Step::Kind::set:
        trie.set(view(step.key), view(step.value));
        return "set";
    case Step::Kind::erase:
        return trie.erase(view(step.key)) ? "erased" : "absent";
    case Step::Kind::root:
        return hex(trie.root());
    }
    return {};
}

struct History {
    Hash root{}; ///< before
    std::vector<Step> steps;
    std::vector<std::string> outcomes;
    Nodes nodes; ///< that the steps need
};

/// Steps on a trie with some entries, recorded while the whole trie changes with the partial one, a step behind it.
History record(unsigned seed) {
    Source source(seed);
    const unsigned size = 1 + source.below(4);
    Trie whole;
    for (unsigned i = source.below(40); i > 0; --i)
        whole.set(view(source.key(size)), view(source.value()));
    History out;
    out.root = whole.root();
    Recorder recorder(whole);
    Trie partial(recorder, out.root);
    for (unsigned i = 1 + source.below(12); i > 0; --i) {
        const Step& step = out.steps.emplace_back(source.step(size));
        out.outcomes.push_back(run(partial, step));
        EXPECT_EQ(out.outcomes.back(), run(whole, step)) << "history " << seed;
    }
    EXPECT_EQ(partial.root(), whole.root()) << "history " << seed;
    out.nodes = std::move(recorder.nodes);
    return out;
}

TEST(TriePartial, AgreesWithTheWholeTrieAndNeedsWhatItAskedForAndNothingElse) {
    std::size_t needed = 0;
    for (unsigned seed = 0; seed < 2000; ++seed) {
        const History history = record(seed);
        needed += history.nodes.size();
        Store store(history.nodes);
        Trie alone(store, history.root);
        for (std::size_t i = 0; i < history.steps.size(); ++i)
            ASSERT_EQ(run(alone, history.steps[i]), history.outcomes[i]) << "history " << seed << ", step " << i;
        ASSERT_EQ(store.asked.size(), history.nodes.size()) << "history " << seed;
    }
    EXPECT_GT(needed, 5000u);
}

TEST(TriePartial, AnyMissingNodeIsNoticed) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        const History history = record(seed);
        for (const auto& [hash, unused] : history.nodes) {
            Nodes fewer = history.nodes;
            fewer.erase(hash);
            Store store(fewer);
            Trie alone(store, history.root);
            const auto all = [&] {
                for (const Step& step : history.steps)
                    static_cast<void>(run(alone, step));
            };
            ASSERT_THROW(all(), NodeError) << "history " << seed;
        }
    }
}

TEST(TriePartial, ErasingAsksForTheSiblingThatMovesUp) {
    Trie whole;
    const std::string left = "\x10" + std::string(31, 'a'), right = "\x20" + std::string(31, 'b');
    whole.set(view(left), view("the value on the left side, long enough to be named by hash"));
    whole.set(view(right), view("the value on the right side, long enough to be named by hash"));
    Recorder reading(whole);
    Trie read(reading, whole.root());
    EXPECT_TRUE(read.get(view(left)));
    EXPECT_EQ(reading.nodes.size(), 2u); // the branch and one leaf
    Recorder erasing(whole);
    Trie erased(erasing, whole.root());
    EXPECT_TRUE(erased.erase(view(left)));
    EXPECT_EQ(erasing.nodes.size(), 3u); // the other leaf too
    model::Entries rest{{right, "the value on the right side, long enough to be named by hash"}};
    EXPECT_EQ(hex(erased.root()), model_root(rest));
}

TEST(TriePartial, AbsenceIsProvedByTheNodesOnTheWay) {
    Trie whole;
    const std::string value(40, 'v');
    for (const char* const key : {"aaaa", "aaab", "abcd"})
        whole.set(view(key), view(value));
    Recorder recorder(whole);
    Trie partial(recorder, whole.root());
    EXPECT_FALSE(partial.get(view("xxxx"))); // parts from the extension at the top: its branch is not needed
    EXPECT_EQ(recorder.nodes.size(), 1u);
    EXPECT_FALSE(partial.get(view("abcx")));
    EXPECT_EQ(recorder.nodes.size(), 3u); // that branch and the leaf at abcd
    Trie none(recorder, empty_root);
    EXPECT_TRUE(none.empty());
    EXPECT_FALSE(none.get(view("aaaa")));
    EXPECT_EQ(recorder.nodes.size(), 3u);
}

Bytes bytes(std::initializer_list<int> values) {
    Bytes out;
    for (const int value : values)
        out.push_back(static_cast<std::uint8_t>(value));
    return out;
}

/// A branch whose first child is `child` in RLP, the second the leaf c2 20 01, and the others none.
Bytes branch_with(const Bytes& child) {
    Bytes payload = child;
    for (const int byte : {0xc2, 0x20, 0x01})
        payload.push_back(static_cast<std::uint8_t>(byte));
    payload.insert(payload.end(), 15, 0x80);
    Bytes out{static_cast<std::uint8_t>(0xc0 + payload.size())};
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

TEST(TrieDecode, RefusesWhatNoTrieHas) {
    const auto refusal = [](const Bytes& node) {
        try {
            static_cast<void>(decode_node(node));
        } catch (const NodeError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refusal(bytes({0xc2, 0x20, 0x01})), "accepted");
    EXPECT_EQ(refusal(branch_with(bytes({0xc2, 0x20, 0x01}))), "accepted");
    EXPECT_EQ(refusal({}), "an item is missing, at byte 0");
    EXPECT_EQ(refusal(bytes({0x01})), "a string where a list is expected, at byte 0");
    EXPECT_EQ(refusal(bytes({0xc2, 0x20, 0x01, 0x00})), "more items or bytes than expected, at byte 3");
    EXPECT_EQ(refusal(bytes({0xc1, 0x20})), "expected a list of 2 or 17 items, found 1");
    EXPECT_EQ(refusal(bytes({0xc2, 0x40, 0x01})), "expected a path, found the prefix 64");
    EXPECT_EQ(refusal(bytes({0xc2, 0x21, 0x01})), "expected a path, found the prefix 33");
    EXPECT_EQ(refusal(bytes({0xc2, 0x80, 0x01})), "expected a path, found nothing");
    EXPECT_EQ(refusal(bytes({0xc2, 0x20, 0x80})), "a leaf has no value");
    EXPECT_EQ(refusal(bytes({0xc4, 0x00, 0xc2, 0x20, 0x01})), "an extension has no path");
    EXPECT_EQ(refusal(bytes({0xc2, 0x11, 0x80})), "an extension has no child");
    EXPECT_EQ(refusal(bytes({0xc3, 0x11, 0x81, 0x80})), "expected a hash of 32 bytes or a node of less, found 1 bytes");
    EXPECT_EQ(refusal(branch_with(bytes({0x80}))), "a branch has fewer than two entries");
    Bytes deep(37, 0x11);
    deep[0] = 0xe4;
    deep[1] = 0xa2; // a path of 34 bytes
    deep[2] = 0x20;
    deep[36] = 0x01;
    EXPECT_EQ(refusal(deep), "expected a path of at most 64 nibbles, found 66");
}

TEST(TrieDecode, MalformedTriesAreRefusedWhenReached) {
    const auto refusal = [](const Bytes& root_node) {
        const Nodes nodes{{keccak::keccak256(root_node), root_node}};
        Store store(nodes);
        Trie trie(store, nodes.begin()->first);
        try {
            static_cast<void>(trie.get(view(std::string(32, '\0'))));
        } catch (const NodeError& error) {
            const std::string place = "node " + hex(nodes.begin()->first) + " at depth 0: ";
            EXPECT_TRUE(std::string_view(error.what()).starts_with(place)) << error.what();
            return std::string(error.what()).substr(place.size());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refusal(branch_with(bytes({0xc2, 0x20, 0x01}))), "accepted");
    EXPECT_EQ(refusal(bytes({0xc4, 0x10, 0xc2, 0x20, 0x01})), "below an extension is no branch");
    EXPECT_EQ(refusal(branch_with(bytes({0xc0}))), "expected a list of 2 or 17 items, found 0");
    Bytes long_path(36, 0x00); // 64 nibbles below the first one
    long_path[0] = 0xe3;
    long_path[1] = 0xa1;
    long_path[2] = 0x20;
    long_path[35] = 0x01;
    EXPECT_EQ(refusal(long_path), "accepted");
    const Bytes short_leaf = bytes({0xc2, 0x20, 0x01});
    const Hash hash = keccak::keccak256(short_leaf);
    Bytes named{0xa0};
    named.insert(named.end(), hash.begin(), hash.end());
    const Bytes top = branch_with(named);
    const Nodes nodes{{keccak::keccak256(top), top}, {hash, short_leaf}};
    Store store(nodes);
    Trie trie(store, keccak::keccak256(top));
    EXPECT_THROW(static_cast<void>(trie.get(view(std::string(32, '\0')))), NodeError); // it had to stand in the branch
}

} // namespace
} // namespace rvm::trie
