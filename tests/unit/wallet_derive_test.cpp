// Paths, trees of keys, addresses.
#include "base/address.hpp"
#include "derive/base58.hpp"
#include "derive/node.hpp"
#include "mnemonic/mnemonic.hpp"
#include "store/entry_keys.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

TEST(wallet_path, goes_both_ways_and_refuses) {
    for (const char* text : {"m", "m/0", "m/44'/60'/0'/0/7", "m/2147483647'"}) {
        EXPECT_EQ(path_text(read_path(text)), text);
    }
    EXPECT_EQ(path_text(read_path("M/1h/2H")), "m/1'/2'");
    EXPECT_EQ(path_text(bip44_path(60, 1, 0, 2)), "m/44'/60'/1'/0/2");
    for (const char* bad : {"", "44", "m/", "m//0", "m/2147483648", "m/-1", "m/0x1", "m/1''", "m/1/", "m1", "m/ 1"}) {
        EXPECT_NE(refusal([&] { return read_path(bad); }), "") << bad;
    }
}

TEST(wallet_path, without_one_it_is_that_of_other_wallets) {
    for (const Curve curve : {Curve::secp256k1, Curve::secp256r1}) {
        EXPECT_EQ(path_text(default_path(curve)), "m/44'/60'/0'/0/0");
        EXPECT_EQ(path_text(default_path(curve, 7)), "m/44'/60'/0'/0/7");
    }
    for (const Curve curve : {Curve::ed25519, Curve::x25519}) {
        EXPECT_EQ(path_text(default_path(curve)), "m/44'/501'/0'/0'");
        EXPECT_EQ(path_text(default_path(curve, 7)), "m/44'/501'/7'/0'");
    }
    // The first account that Solana's wallets show for this phrase.
    Entry entry{"test", EntryKind::mnemonic, "english", {}, {}};
    entry.secret =
        read_phrase(bytes_of("test test test test test test test test test test test junk"), nullptr, primitives())
            .entropy;
    const Secret key = secret_at(entry, Scheme::ed25519, std::nullopt, primitives());
    EXPECT_EQ(to_hex(key),
              to_hex(node_at(entry, Curve::ed25519, read_path("m/44'/501'/0'/0'"), primitives()).secret()));
}

/// BIP-32, test vectors 1 and 2, the ends of their chains.
TEST(wallet_node, bip32_text_vectors) {
    const Node first = Node::root(Curve::secp256k1, from_hex("000102030405060708090a0b0c0d0e0f"), primitives());
    EXPECT_EQ(first.text(primitives()).text(), "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJ"
                                               "xWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi");
    const Node last = first.at(read_path("m/0h/1/2h/2/1000000000"), primitives());
    EXPECT_EQ(last.text(primitives()).text(), "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4Wg"
                                              "gLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76");
    EXPECT_EQ(last.without_secret().text(primitives()).text(),
              "xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cF"
              "JodrTHy");
}

TEST(wallet_node, public_children_are_the_keys_of_private_ones) {
    for (const Curve curve : {Curve::secp256k1, Curve::secp256r1}) {
        const Node root = Node::root(curve, Buffer(32, 5), primitives());
        const Node open = root.without_secret().at(read_path("m/3/4"), primitives());
        EXPECT_EQ(to_hex(open.key()), to_hex(root.at(read_path("m/3/4"), primitives()).key()));
        EXPECT_NE(refusal([&] { return root.without_secret().child(hardened, primitives()); }), "");
    }
    const Node root = Node::root(Curve::ed25519, Buffer(32, 5), primitives());
    EXPECT_NE(refusal([&] { return root.child(0, primitives()); }), "");
    EXPECT_NE(refusal([&] { return root.text(primitives()); }), "");
    EXPECT_NE(refusal([] { return Node::root(Curve::secp256k1, Buffer(15), primitives()); }), "");
    EXPECT_NE(refusal([] { return Node::root(Curve::secp256k1, Buffer(65), primitives()); }), "");
}

TEST(wallet_node, bip32_vectors_with_leading_zeros) {
    WALLET_FIXTURE(document, "bip32/bip32-vectors.json");
    ASSERT_EQ(document.size(), 2u);
    for (const json& vector : document) {
        const Node root = Node::root(Curve::secp256k1, from_hex(vector["seed"].get<std::string>()), primitives());
        for (const json& step : vector["chain"]) {
            const Node node = root.at(read_path(step["path"].get<std::string>()), primitives());
            EXPECT_EQ(node.text(primitives()).text(), step["xprv"].get<std::string>());
            const Node open = node.without_secret();
            EXPECT_EQ(open.text(primitives()).text(), step["xpub"].get<std::string>());
            for (const char* key : {"xprv", "xpub"}) {
                const auto text = step[key].get<std::string>();
                EXPECT_EQ(Node::read(text, primitives()).text(primitives()).text(), text);
            }
        }
    }
}

TEST(wallet_node, bip32_invalid_keys) {
    WALLET_FIXTURE(document, "bip32/bip32-invalid-keys.json");
    ASSERT_EQ(document.size(), 12u);
    for (const json& entry : document) {
        EXPECT_NE(refusal([&] { return Node::read(entry["key"].get<std::string>(), primitives()); }), "")
            << entry["reason"];
    }
}

TEST(wallet_node, slip10_vectors) {
    WALLET_FIXTURE(document, "slip10/slip10-vectors.json");
    ASSERT_EQ(document.size(), 36u);
    const std::map<std::string, Curve> curves{{"secp256k1", Curve::secp256k1},
                                              {"nist256p1", Curve::secp256r1},
                                              {"ed25519", Curve::ed25519},
                                              {"curve25519", Curve::x25519}};
    for (const json& step : document) {
        const Node root = Node::root(curves.at(step["curve"]), from_hex(step["seed"].get<std::string>()), primitives());
        const Node node = root.at(read_path(step["path"].get<std::string>()), primitives());
        EXPECT_EQ(to_hex(node.secret()), step["private"].get<std::string>()) << step["vector"] << step["path"];
        EXPECT_EQ(to_hex(node.chain_code()), step["chaincode"].get<std::string>()) << step["vector"] << step["path"];
        EXPECT_EQ(to_hex(node.key()), step["public"].get<std::string>()) << step["vector"] << step["path"];
        EXPECT_EQ(to_hex(node.parent()), step["fingerprint"].get<std::string>()) << step["vector"] << step["path"];
    }
}

TEST(wallet_base58, keeps_leading_zeros_and_notices_every_change) {
    for (const std::size_t zeros : {0u, 1u, 3u}) {
        Buffer payload(zeros);
        payload.insert(payload.end(), {7, 0, 255});
        std::string text(encode_base58check(payload, primitives()).text());
        EXPECT_EQ(to_hex(decode_base58check(text, primitives())), to_hex(payload));
        for (char& c : text) {
            const char before = c;
            c = before == 'z' ? '2' : 'z';
            EXPECT_NE(refusal([&] { return decode_base58check(text, primitives()); }), "");
            c = before;
        }
    }
    EXPECT_NE(refusal([] { return decode_base58check("0OIl", primitives()); }).find("character 1"), std::string::npos);
    EXPECT_NE(refusal([] { return decode_base58check("", primitives()); }), "");
}

TEST(wallet_address, eip55_examples) {
    for (const std::string text :
         {"0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77",
          "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"}) {
        EXPECT_EQ(checksummed(read_address(text, "test")), text);
        std::string small = text;
        std::ranges::transform(small, small.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        EXPECT_EQ(checksummed(read_address(small, "test")), text);
    }
    EXPECT_NE(refusal([] {
                  return read_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "test");
              }).find("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
              std::string::npos);
    EXPECT_NE(refusal([] { return read_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", "test"); }), "");
}

TEST(wallet_address, ethers_accounts) {
    WALLET_FIXTURE(document, "ethers/accounts.json");
    std::size_t cases = 0;
    for (const json& entry : document) {
        if (!entry.contains("privateKey")) continue;
        ++cases;
        const Secret key = primitives().run(Primitive::secp256k1_key, {secret(entry["privateKey"].get<std::string>())});
        EXPECT_EQ(checksummed(address_of_key(key)), entry["address"].get<std::string>()) << entry["name"];
    }
    EXPECT_GT(cases, 100u);
}

} // namespace
} // namespace rvm::wallet::test
