// Phrases (BIP-39) and the normal form they need.
#include "mnemonic/mnemonic.hpp"

#include <map>
#include <sstream>

#include "derive/node.hpp"
#include "unicode/nfkd.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

std::string normal(std::string_view text) { return std::string(nfkd(bytes_of(text)).text()); }

TEST(wallet_nfkd, decomposes_orders_and_refuses) {
    EXPECT_EQ(normal("abc"), "abc");
    EXPECT_EQ(normal("\u00e9"), "e\u0301");
    EXPECT_EQ(normal("\ufb01\u00bd\u3000"), "fi1\u20442 ");                    // compatibility
    EXPECT_EQ(normal("\uac01\ud7a3"), "\u1100\u1161\u11a8\u1112\u1175\u11c2"); // Hangul by formula
    EXPECT_EQ(normal("a\u0301\u0323"), "a\u0323\u0301");                       // class 220 before 230
    EXPECT_EQ(normal("\u1e9b\u0323"), "s\u0323\u0307");                        // annex 15, figure 6
    EXPECT_EQ(normal("\U0002f800"), "\u4e3d");
    for (const std::string_view bad :
         {"\x80", "a\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x28\xa1"}) {
        EXPECT_NE(refusal([&] { return nfkd(bytes_of(bad)); }).find("not UTF-8"), std::string::npos);
    }
    EXPECT_NE(refusal([] { return nfkd(Buffer(4097, 'a')); }), "");
}

TEST(wallet_mnemonic, lists_are_whole_and_words_differ) {
    EXPECT_EQ(WordList::all().size(), 12u);
    for (const WordList& list : WordList::all()) {
        for (std::uint16_t i = 0; i < 2048; ++i) {
            ASSERT_EQ(list.find(list.word(i)), i) << list.name();
        }
        EXPECT_EQ(list.find("nonesuch"), std::nullopt);
    }
    EXPECT_EQ(WordList::named("english")->word(2047), "zoo");
    EXPECT_EQ(WordList::named("klingon"), nullptr);
}

TEST(wallet_mnemonic, lists_are_those_of_ethers) {
    WALLET_FIXTURE(document, "ethers/wordlists.json");
    ASSERT_EQ(document.size(), 9u);
    const std::map<std::string, std::string> names{{"cz", "czech"},
                                                   {"en", "english"},
                                                   {"es", "spanish"},
                                                   {"fr", "french"},
                                                   {"it", "italian"},
                                                   {"ja", "japanese"},
                                                   {"ko", "korean"},
                                                   {"zh_cn", "chinese_simplified"},
                                                   {"zh_tw", "chinese_traditional"}};
    for (const json& entry : document) {
        const WordList* list = WordList::named(names.at(entry["locale"].get<std::string>()));
        ASSERT_NE(list, nullptr) << entry["locale"];
        std::istringstream words(nfkd_public(entry["content"].get<std::string>()));
        std::uint16_t count = 0;
        for (std::string word; std::getline(words, word); ++count) {
            ASSERT_LT(count, 2048u);
            EXPECT_EQ(list->word(count), word) << list->name();
        }
        EXPECT_EQ(count, 2048u) << list->name();
    }
}

TEST(wallet_mnemonic, every_language_goes_both_ways) {
    for (const WordList& list : WordList::all()) {
        for (const std::size_t size : {16u, 20u, 24u, 28u, 32u}) {
            Buffer entropy(size);
            for (std::size_t i = 0; i < size; ++i) {
                entropy[i] = static_cast<std::uint8_t>(i * 37 + size);
            }
            const Secret phrase = phrase_of(entropy, list, primitives());
            const Mnemonic read = read_phrase(phrase, &list, primitives());
            EXPECT_EQ(to_hex(read.entropy), to_hex(entropy)) << list.name();
        }
    }
}

TEST(wallet_mnemonic, refusals_say_what_is_wrong_and_no_word) {
    const auto why = [](std::string_view phrase) {
        return refusal([&] { return read_phrase(bytes_of(phrase), nullptr, primitives()); });
    };
    const std::string eleven =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon";
    EXPECT_EQ(why(eleven + " about"), "");
    EXPECT_EQ(why("  " + eleven + "\n\tabout \n"), "");
    EXPECT_NE(why(eleven).find("found 11"), std::string::npos);
    EXPECT_NE(why("").find("found 0"), std::string::npos);
    EXPECT_NE(why(eleven + " zebra").find("checksum"), std::string::npos);
    const std::string unknown = why(eleven + " sesame");
    EXPECT_NE(unknown.find("word 12"), std::string::npos);
    EXPECT_EQ(unknown.find("sesame"), std::string::npos);
    EXPECT_NE(refusal([] { return phrase_of(Buffer(15), WordList::all()[0], primitives()); }).find("15"),
              std::string::npos);
}

TEST(wallet_mnemonic, python_mnemonic_vectors) {
    WALLET_FIXTURE(document, "bip39/trezor-python-mnemonic-vectors.json");
    std::size_t cases = 0;
    for (const auto& [language, vectors] : document.items()) {
        const WordList* list = WordList::named(language);
        ASSERT_NE(list, nullptr) << language;
        for (const auto& vector : vectors) {
            ++cases;
            const Buffer entropy = from_hex(vector[0].get<std::string>());
            const auto phrase = vector[1].get<std::string>();
            const Secret made = phrase_of(entropy, *list, primitives());
            EXPECT_EQ(nfkd(made).text(), nfkd(bytes_of(phrase)).text()) << language;
            EXPECT_EQ(to_hex(read_phrase(bytes_of(phrase), nullptr, primitives()).entropy), to_hex(entropy));
            const Secret seed = seed_of(bytes_of(phrase), bytes_of("TREZOR"), primitives());
            EXPECT_EQ(to_hex(seed), vector[2].get<std::string>()) << language;
            EXPECT_EQ(Node::root(Curve::secp256k1, seed, primitives()).text(primitives()).text(),
                      vector[3].get<std::string>());
        }
    }
    EXPECT_EQ(cases, 191u);
}

/// A part of the cases a test: each derives six keys.
class wallet_ethers_mnemonics : public ::testing::TestWithParam<std::size_t> {};

TEST_P(wallet_ethers_mnemonics, phrase_seed_and_nodes) {
    WALLET_FIXTURE(document, "ethers/mnemonics.json");
    ASSERT_EQ(document.size(), 262u);
    for (std::size_t i = GetParam(); i < document.size(); i += 4) {
        const json& entry = document[i];
        const Buffer phrase = from_hex(entry["phrase"].get<std::string>());
        const Mnemonic read = read_phrase(phrase, nullptr, primitives());
        EXPECT_EQ("0x" + to_hex(read.entropy), entry["entropy"].get<std::string>()) << entry["name"];
        const Secret seed = seed_of(phrase, from_hex(entry["password"].get<std::string>()), primitives());
        EXPECT_EQ("0x" + to_hex(seed), entry["seed"].get<std::string>()) << entry["name"];
        const Node root = Node::root(Curve::secp256k1, seed, primitives());
        for (const json& expected : entry["nodes"]) {
            const Node node = root.at(read_path(expected["path"].get<std::string>()), primitives());
            EXPECT_EQ("0x" + to_hex(node.secret()), expected["privateKey"].get<std::string>());
            EXPECT_EQ("0x" + to_hex(node.key()), expected["publicKey"].get<std::string>());
            EXPECT_EQ("0x" + to_hex(node.chain_code()), expected["chainCode"].get<std::string>());
            EXPECT_EQ("0x" + to_hex(node.parent()), expected["parentFingerprint"].get<std::string>());
            EXPECT_EQ(node.text(primitives()).text(), expected["xpriv"].get<std::string>());
            EXPECT_EQ(node.without_secret().text(primitives()).text(), expected["xpub"].get<std::string>());
        }
    }
}
INSTANTIATE_TEST_SUITE_P(quarters, wallet_ethers_mnemonics, ::testing::Range<std::size_t>(0, 4));

} // namespace
} // namespace rvm::wallet::test
