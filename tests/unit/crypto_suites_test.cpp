// Suites of cases in the form of C2SP's Wycheproof: our own sample in tests/data/crypto, and where the conformance data
// is unpacked ($RVM_FIXTURES) Wycheproof's files, each with the number of cases it must have.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include <rvm/test_host.hpp>

namespace rvm::crypto {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sdk::test::Bytes;
using sdk::test::BytesRun;

Bytes from_hex(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}
Bytes bytes(const json& object, const char* key) { return from_hex(object.at(key).get<std::string>()); }

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}
Bytes number(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 24u), static_cast<std::uint8_t>(value >> 16u),
            static_cast<std::uint8_t>(value >> 8u), static_cast<std::uint8_t>(value)};
}
Bytes sized(const Bytes& part) { return join({number(part.size()), part}); }

/// What the primitives say about one case.
enum class Verdict { accepted, refused, wrong };

/// Accepted when the answer is `expected`, refused when there is none.
Verdict compare(const BytesRun& run, const Bytes& expected) {
    if (run.status == RVM_TRAP_CRYPTO) return Verdict::refused;
    return run.status == RVM_OK && run.output == expected ? Verdict::accepted : Verdict::wrong;
}
Verdict truth(const BytesRun& run) {
    if (run.status == RVM_TRAP_CRYPTO || (run.status == RVM_OK && run.output == Bytes{0})) return Verdict::refused;
    return run.status == RVM_OK && run.output == Bytes{1} ? Verdict::accepted : Verdict::wrong;
}

class crypto_suites : public ::testing::Test {
  protected:
    crypto_suites() { host.load(rvm_plugin_entry_v0); }
    ~crypto_suites() override { EXPECT_EQ(host.violations(), std::vector<std::string>()); }

    Verdict mac(const json& group, const json& test, const char* hash) {
        BytesRun run =
            host.run_crypto(std::string("hmac.") + hash, join({sized(bytes(test, "key")), bytes(test, "msg")}));
        run.output.resize(group.at("tagSize").get<std::size_t>() / 8);
        return run.output == bytes(test, "tag") ? Verdict::accepted : Verdict::refused;
    }

    Verdict hkdf(const json& test) {
        const auto size = test.at("size").get<std::size_t>();
        const Bytes input =
            join({number(size), sized(bytes(test, "salt")), sized(bytes(test, "ikm")), bytes(test, "info")});
        return compare(host.run_crypto("hkdf.sha256", input, size), bytes(test, "okm"));
    }

    Verdict pbkdf2(const json& test, const char* hash) {
        const Bytes input = join({number(test.at("iterationCount")), number(test.at("dkLen")),
                                  sized(bytes(test, "salt")), bytes(test, "password")});
        return compare(host.run_crypto(std::string("pbkdf2.") + hash, input), bytes(test, "dk"));
    }

    /// Decryption, and for what is valid encryption.
    Verdict aes_cbc(const json& test) {
        const Bytes head = join({sized(bytes(test, "key")), bytes(test, "iv")});
        const Verdict opened =
            compare(host.run_crypto("aes.cbc.decrypt", join({head, bytes(test, "ct")})), bytes(test, "msg"));
        if (opened != Verdict::accepted) return opened;
        return compare(host.run_crypto("aes.cbc.encrypt", join({head, bytes(test, "msg")})), bytes(test, "ct"));
    }

    Verdict x25519(const json& test) {
        return compare(host.run_crypto("x25519", join({bytes(test, "private"), bytes(test, "public")})),
                       bytes(test, "shared"));
    }

    /// The key as the one encoding of RFC 5480 with a named curve; the numbers of the secret without their sign.
    Verdict ecdh(const json& test) {
        constexpr std::string_view uncompressed = "3056301006072a8648ce3d020106052b8104000a034200";
        constexpr std::string_view compressed = "3036301006072a8648ce3d020106052b8104000a032200";
        const auto text = test.at("public").get<std::string>();
        const bool known = (text.starts_with(uncompressed) && text.size() == uncompressed.size() + 130) ||
                           (text.starts_with(compressed) && text.size() == compressed.size() + 66);
        if (!known) return Verdict::refused;
        Bytes secret = bytes(test, "private");
        secret.insert(secret.begin(), 32, 0);
        secret.erase(secret.begin(), secret.end() - 32);
        const Bytes key = from_hex(std::string_view(text).substr(uncompressed.size()));
        return compare(host.run_crypto("secp256k1.ecdh", join({secret, key})), bytes(test, "shared"));
    }

    Verdict ed25519(const json& group, const json& test) {
        const Bytes signature = bytes(test, "sig");
        if (signature.size() != 64) return Verdict::refused;
        return truth(host.run_crypto("ed25519.verify",
                                     join({signature, bytes(group.at("publicKey"), "pk"), bytes(test, "msg")})));
    }

    Verdict ecdsa(const json& group, const json& test, const char* primitive, bool der) {
        Bytes signature = bytes(test, "sig");
        if (der) {
            const BytesRun decoded = host.run_crypto("ecdsa.from_der", signature);
            if (decoded.status == RVM_TRAP_CRYPTO) return Verdict::refused;
            signature = decoded.output;
        }
        if (signature.size() != 64) return Verdict::refused;
        const Bytes digest = host.run_crypto("sha256", bytes(test, "msg")).output;
        Bytes key = bytes(group.at("publicKey"), "uncompressed");
        if (std::string_view(primitive).starts_with("secp256r1")) key.erase(key.begin()); // without the prefix
        return truth(host.run_crypto(primitive, join({digest, signature, key})));
    }

    Verdict verdict(const std::string& suite, const json& group, const json& test) {
        if (suite == "hmac_sha256_test") return mac(group, test, "sha256");
        if (suite == "hmac_sha512_test") return mac(group, test, "sha512");
        if (suite == "hkdf_sha256_test") return hkdf(test);
        if (suite == "pbkdf2_hmacsha256_test") return pbkdf2(test, "sha256");
        if (suite == "pbkdf2_hmacsha512_test") return pbkdf2(test, "sha512");
        if (suite == "aes_cbc_pkcs5_test") return aes_cbc(test);
        if (suite == "x25519_test") return x25519(test);
        if (suite == "ecdh_secp256k1_test") return ecdh(test);
        if (suite == "ed25519_test") return ed25519(group, test);
        if (suite == "ecdsa_secp256k1_sha256_test") return ecdsa(group, test, "secp256k1.verify", true);
        if (suite == "ecdsa_secp256k1_sha256_p1363_test") return ecdsa(group, test, "secp256k1.verify", false);
        if (suite == "ecdsa_secp256k1_sha256_bitcoin_test") return ecdsa(group, test, "secp256k1.verify_low_s", true);
        if (suite == "ecdsa_secp256r1_sha256_test") return ecdsa(group, test, "secp256r1.verify", true);
        if (suite == "ecdsa_secp256r1_sha256_p1363_test") return ecdsa(group, test, "secp256r1.verify", false);
        ADD_FAILURE() << "nothing runs the suite " << suite;
        return Verdict::wrong;
    }

    /// Runs every case of a suite; returns how many there are.
    std::size_t run_suite(const std::string& suite, const json& document) {
        std::size_t cases = 0;
        for (const json& group : document.at("testGroups")) {
            for (const json& test : group.at("tests")) {
                ++cases;
                const Verdict found = verdict(suite, group, test);
                const auto expected = test.at("result").get<std::string>();
                const bool right = expected == "valid"     ? found == Verdict::accepted
                                   : expected == "invalid" ? found == Verdict::refused
                                                           : found != Verdict::wrong; // acceptable
                EXPECT_TRUE(right) << suite << " case " << test.at("tcId") << " (" << test.at("comment")
                                   << "): expected " << expected << ", found "
                                   << (found == Verdict::accepted  ? "accepted"
                                       : found == Verdict::refused ? "refused"
                                                                   : "another answer");
            }
        }
        return cases;
    }

    sdk::test::TestHost host;
};

TEST_F(crypto_suites, our_own) {
    const json suites = json::parse(std::ifstream(RVM_SOURCE_DIR "/tests/data/crypto/suites.json"));
    std::size_t cases = 0;
    for (const auto& [suite, document] : suites.at("suites").items()) {
        cases += run_suite(suite, document);
    }
    EXPECT_EQ(suites.at("suites").size(), 14u);
    EXPECT_EQ(cases, suites.at("cases").get<std::size_t>());
}

TEST_F(crypto_suites, wycheproof) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const fs::path folder = fs::path(fixtures == nullptr ? "" : fixtures) / "ethereum/wallet/wycheproof";
    if (fixtures == nullptr || !fs::is_directory(folder)) {
        GTEST_SKIP() << "2,684 cases of Wycheproof were not run: RVM_FIXTURES names no unpacked conformance data";
    }
    const std::pair<const char*, std::size_t> suites[] = {{"aes_cbc_pkcs5_test", 137},
                                                          {"ecdh_secp256k1_test", 467},
                                                          {"ecdsa_secp256k1_sha256_bitcoin_test", 293},
                                                          {"ecdsa_secp256k1_sha256_p1363_test", 168},
                                                          {"ecdsa_secp256k1_sha256_test", 302},
                                                          {"ecdsa_secp256r1_sha256_p1363_test", 177},
                                                          {"ecdsa_secp256r1_sha256_test", 333},
                                                          {"ed25519_test", 94},
                                                          {"hkdf_sha256_test", 59},
                                                          {"hmac_sha256_test", 116},
                                                          {"hmac_sha512_test", 110},
                                                          {"pbkdf2_hmacsha256_test", 39},
                                                          {"pbkdf2_hmacsha512_test", 37},
                                                          {"x25519_test", 352}};
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        files += entry.path().extension() == ".json" ? 1 : 0;
    }
    EXPECT_EQ(files, std::size(suites)) << "a suite is not run";
    for (const auto& [suite, expected] : suites) {
        const std::size_t cases = run_suite(suite, json::parse(std::ifstream(folder / (std::string(suite) + ".json"))));
        EXPECT_EQ(cases, expected) << suite;
        std::cout << "  " << suite << ": " << cases << " cases\n";
    }
}

/// Not Wycheproof's form: a key, a message and its tag under one of two hashes.
TEST_F(crypto_suites, ethers_hmac) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    std::ifstream file(fs::path(fixtures == nullptr ? "nowhere" : fixtures) / "ethereum/wallet/ethers/hmac.json");
    if (!file) GTEST_SKIP() << "76 cases of ethers were not run: RVM_FIXTURES names no unpacked conformance data";
    const auto digits = [](const json& test, const char* key) {
        return from_hex(test.at(key).get<std::string>().substr(2)); // behind 0x
    };
    const json document = json::parse(file);
    for (const json& test : document) {
        const BytesRun run = host.run_crypto("hmac." + test.at("algorithm").get<std::string>(),
                                             join({sized(digits(test, "key")), digits(test, "data")}));
        EXPECT_EQ(run.status, RVM_OK) << test.at("name");
        EXPECT_EQ(run.output, digits(test, "hmac")) << test.at("name");
    }
    EXPECT_EQ(document.size(), 76u);
}

} // namespace
} // namespace rvm::crypto
