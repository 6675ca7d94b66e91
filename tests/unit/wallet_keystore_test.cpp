// Key files of other wallets.
#include "keystore/keystore.hpp"

#include "base/address.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

constexpr KeystoreCost cheap{2, 8, 1};
constexpr std::string_view key = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

json written() { return json::parse(write_keystore(secret(key), bytes_of("pass"), cheap, primitives())); }

TEST(wallet_keystore, reads_what_it_writes) {
    const json document = written();
    EXPECT_EQ(document["address"].get<std::string>(), "008aeeda4d805471df9b2a5b0f38a0c3bcba786b");
    EXPECT_EQ(to_hex(read_keystore(document.dump(), bytes_of("pass"), primitives())), key);
    EXPECT_NE(written()["crypto"]["ciphertext"], document["crypto"]["ciphertext"]) << "salt and counter are new";
}

TEST(wallet_keystore, notices_every_wrong_member) {
    const json good = written();
    const auto why = [](const json& document) {
        return refusal([&] { return read_keystore(document.dump(), bytes_of("pass"), primitives()); });
    };
    EXPECT_NE(refusal([&] { return read_keystore(good.dump(), bytes_of("pasS"), primitives()); }).find("password"),
              std::string::npos);
    const auto changed = [&](const char* pointer, const json& value) {
        json document = good;
        document[json::json_pointer(pointer)] = value;
        return why(document);
    };
    EXPECT_NE(changed("/crypto/mac", "00").find("password"), std::string::npos);
    EXPECT_NE(changed("/crypto/ciphertext", "00").find("password"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdf", "bcrypt").find("bcrypt"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdfparams/n", 3).find("power of two"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdfparams/n", std::uint64_t{1} << 40u).find("limit"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdfparams/r", std::uint64_t{1} << 33u), "");
    EXPECT_NE(changed("/crypto/kdfparams/dklen", 16).find("dklen"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdfparams/salt", "0g").find("salt"), std::string::npos);
    EXPECT_NE(changed("/crypto/cipher", "aes-256-ctr").find("cipher"), std::string::npos);
    EXPECT_NE(changed("/crypto/cipherparams/iv", std::string(34, '0')).find("iv"), std::string::npos);
    json anonymous = good; // nothing but the iv itself could tell
    anonymous.erase("address");
    anonymous["crypto"]["cipherparams"]["iv"] = "";
    EXPECT_NE(why(anonymous).find("\"iv\": expected 1 to 16 bytes, found 0"), std::string::npos);
    EXPECT_NE(changed("/crypto/kdfparams/n", 1e30).find("\"n\": expected an integer of 64 bits"), std::string::npos);
    EXPECT_NE(changed("/version", 4).find("version"), std::string::npos);
    EXPECT_NE(changed("/address", "0000000000000000000000000000000000000001").find("address"), std::string::npos);
    EXPECT_NE(changed("/crypto", nullptr).find("crypto"), std::string::npos);
    EXPECT_NE(refusal([] { return read_keystore("[]", {}, primitives()); }), "");
    EXPECT_NE(refusal([] { return read_keystore("{", {}, primitives()); }).find("line 1, column 2"), std::string::npos);
    EXPECT_NE(refusal([] { return read_keystore(R"({"version":3,"version":3})", {}, primitives()); }).find("twice"),
              std::string::npos);
}

/// Whatever stands where another type is expected, the refusal names the member.
TEST(wallet_keystore, every_member_of_a_wrong_type_is_named) {
    const json good = written();
    const json wrong[] = {nullptr, true, -1, 1.5, json::array({1}), json::object(), "zz", std::string(100, 'f'), "-1"};
    std::size_t cases = 0;
    const json members = good.flatten();
    for (const auto& [pointer, value] : members.items()) {
        if (pointer == "/id") continue; // nobody reads it
        for (const json& other : wrong) {
            if (pointer == "/address" && other.is_null()) continue; // ethers may leave it out
            json document = good;
            document[json::json_pointer(pointer)] = other;
            const std::string text =
                refusal([&] { return read_keystore(document.dump(), bytes_of("pass"), primitives()); });
            const std::string member = pointer.substr(pointer.rfind('/') + 1);
            EXPECT_TRUE(text.find(member) != std::string::npos || text.find("MAC") != std::string::npos)
                << pointer << " " << other << ": " << text;
            EXPECT_NE(text, "") << pointer << " " << other;
            ++cases;
        }
    }
    EXPECT_GT(cases, 90u);
}

TEST(wallet_keystore, what_is_cut_short_is_no_document) {
    const std::string text = written().dump();
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_NE(refusal([&] {
                      return read_keystore(text.substr(0, size), bytes_of("pass"), primitives());
                  }).find("expected JSON, found the end"),
                  std::string::npos)
            << size;
    }
}

TEST(wallet_keystore, costs_that_nobody_pays_are_named) {
    const auto why = [](const char* kdf, const json& parameters) {
        json document = written();
        document["crypto"]["kdf"] = kdf;
        document["crypto"]["kdfparams"].update(parameters);
        return refusal([&] { return read_keystore(document.dump(), bytes_of("pass"), primitives()); });
    };
    EXPECT_NE(why("scrypt", {{"n", std::uint64_t{1} << 62u}}).find("n 4611686018427387904, r 8, p 1: scrypt: more"),
              std::string::npos);
    EXPECT_NE(why("scrypt", {{"r", UINT32_MAX}, {"p", UINT32_MAX}}).find("limit"), std::string::npos);
    EXPECT_NE(why("scrypt", {{"p", 0}}).find("r and p above 0"), std::string::npos);
    EXPECT_NE(why("pbkdf2", {{"prf", "hmac-sha256"}, {"c", UINT32_MAX}}).find("c 4294967295: pbkdf2.sha256: more"),
              std::string::npos);
    EXPECT_NE(why("pbkdf2", {{"prf", "hmac-sha256"}, {"c", std::uint64_t{1} << 32u}}).find("\"c\": expected 1 to"),
              std::string::npos);
}

struct Case {
    const char* file;
    std::size_t index;
};
std::string name_of(const ::testing::TestParamInfo<Case>& info) {
    std::string name = info.param.file;
    std::ranges::replace_if(
        name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name + "_" + std::to_string(info.param.index);
}

class wallet_keystore_files : public ::testing::TestWithParam<Case> {};

/// One file a test: each costs what its writer chose.
TEST_P(wallet_keystore_files, opens) {
    WALLET_FIXTURE(document, std::string("keystore/") + GetParam().file);
    ASSERT_LT(GetParam().index, document.size());
    const json entry = std::next(document.begin(), static_cast<std::ptrdiff_t>(GetParam().index)).value();
    const auto password = entry["password"].get<std::string>();
    EXPECT_EQ(to_hex(read_keystore(entry["json"].dump(), bytes_of(password), primitives())),
              std::string(64 - entry["priv"].get<std::string>().size(), '0') + entry["priv"].get<std::string>());
}
INSTANTIATE_TEST_SUITE_P(published, wallet_keystore_files,
                         ::testing::Values(Case{"ethereum-tests-basic.json", 0}, Case{"ethereum-tests-basic.json", 1},
                                           Case{"ethereum-tests-basic.json", 2}, Case{"ethereum-tests-basic.json", 3},
                                           Case{"go-ethereum-vectors.json", 0}, Case{"go-ethereum-vectors.json", 1},
                                           Case{"go-ethereum-vectors.json", 2}),
                         name_of);

class wallet_ethers_wallets : public ::testing::TestWithParam<std::size_t> {};

TEST_P(wallet_ethers_wallets, opens) {
    WALLET_FIXTURE(document, std::string("ethers/wallets.json"));
    ASSERT_EQ(document.size(), 8u);
    const json& entry = document[GetParam()];
    const Secret found = read_keystore(entry["content"].get<std::string>(),
                                       from_hex(entry["password"].get<std::string>()), primitives());
    EXPECT_EQ(checksummed(address_of_key(primitives().run(Primitive::secp256k1_key, {found}))),
              entry["address"].get<std::string>());
}
INSTANTIATE_TEST_SUITE_P(published, wallet_ethers_wallets, ::testing::Range<std::size_t>(0, 8));

} // namespace
} // namespace rvm::wallet::test
