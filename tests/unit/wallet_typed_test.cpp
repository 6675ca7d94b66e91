// What is signed of messages: EIP-191 and EIP-712.
#include "typed/typed_data.hpp"

#include "typed/types.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

/// The example of EIP-712.
const json& mail() {
    static const json document = json::parse(R"({
      "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                         {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}],
        "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
        "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"},
                 {"name": "contents", "type": "string"}]
      },
      "primaryType": "Mail",
      "domain": {"name": "Ether Mail", "version": "1", "chainId": 1,
                 "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
      "message": {"from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
                  "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
                  "contents": "Hello, Bob!"}
    })");
    return document;
}

TEST(wallet_typed, the_example_of_the_eip) {
    const TypedDataParts parts = typed_data_parts(mail().dump());
    EXPECT_EQ(parts.type, "Mail(Person from,Person to,string contents)Person(string name,address wallet)");
    EXPECT_EQ(to_hex(parts.domain), "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    ASSERT_TRUE(parts.message.has_value());
    EXPECT_EQ(to_hex(*parts.message), "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    EXPECT_EQ(to_hex(typed_data_digest(mail().dump())),
              "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    // Without its type the domain has that of its members.
    json shorter = mail();
    shorter["types"].erase("EIP712Domain");
    EXPECT_EQ(to_hex(typed_data_parts(shorter.dump()).domain), to_hex(parts.domain));
    // The domain alone: no message hash.
    json domain_only = mail();
    domain_only["primaryType"] = "EIP712Domain";
    EXPECT_FALSE(typed_data_parts(domain_only.dump()).message.has_value());
}

/// Why a document with one field of `type` and this value is refused.
std::string why(const char* type, const json& value) {
    const json document = {{"types", {{"T", {{{"name", "x"}, {"type", type}}}}}},
                           {"primaryType", "T"},
                           {"domain", json::object()},
                           {"message", {{"x", value}}}};
    return refusal([&] { return typed_data_digest(document.dump()); });
}

TEST(wallet_typed, types_of_many_levels_are_not_followed) {
    std::string brackets;
    for (int i = 0; i < 64; ++i) {
        brackets += "[]";
    }
    EXPECT_EQ(why(("uint8" + brackets).c_str(), json::array()), "");
    EXPECT_NE(why(("uint8[]" + brackets).c_str(), json::array()).find("types.T[0].type: expected at most 64 levels"),
              std::string::npos);
}

TEST(wallet_typed, many_structs_are_not_followed) {
    json document = {{"primaryType", "T0"}, {"domain", json::object()}, {"message", json::object()}};
    for (int i = 0; i < 255; ++i) {
        document["types"]["T" + std::to_string(i)] =
            json::array({{{"name", "next"}, {"type", "T" + std::to_string((i + 1) % 255)}}});
    }
    const auto refused = [&] { return refusal([&] { return typed_data_digest(document.dump()); }); };
    document["types"]["EIP712Domain"] = json::array();
    EXPECT_EQ(refused(), "");
    document["types"]["One"] = json::array();
    EXPECT_NE(refused().find("\"types\": expected at most 256 structs, found 257"), std::string::npos) << refused();
}

TEST(wallet_typed, values_must_fit_their_types) {
    EXPECT_EQ(why("uint8", 255), "");
    EXPECT_NE(why("uint8", 256).find("message.x"), std::string::npos);
    EXPECT_NE(why("uint8", -1), "");
    EXPECT_EQ(why("int8", -128), "");
    EXPECT_EQ(why("int8", "-0x80"), "");
    EXPECT_EQ(why("int8", 127), "");
    EXPECT_NE(why("int8", -129), "");
    EXPECT_NE(why("int8", 128), "");
    const std::string least =
        "-57896044618658097711785492504343953926634992332820282019728792003956564819968"; // -2^255
    EXPECT_EQ(why("int256", least), "");
    EXPECT_NE(why("int256", least.substr(1)), "");
    EXPECT_EQ(why("bytes2", "0x0102"), "");
    EXPECT_NE(why("bytes2", "0x01"), "");
    EXPECT_NE(why("bytes", "0x1"), "");
    EXPECT_NE(why("bool", 1), "");
    EXPECT_NE(why("string", 1), "");
    EXPECT_NE(why("address", "0x01"), "");
    EXPECT_EQ(why("uint8[2]", json::array({1, 2})), "");
    EXPECT_NE(why("uint8[2]", json::array({1})).find("expected 2"), std::string::npos);
    EXPECT_NE(why("uint8[]", json::array({1, 256})).find("message.x[1]"), std::string::npos);
    EXPECT_NE(why("uint8", nullptr).find("missing"), std::string::npos);
    EXPECT_NE(why("uint256", 1e30).find("string"), std::string::npos) << "no rounding";
}

TEST(wallet_typed, types_must_be_sound) {
    for (const char* type : {"uint", "uint7", "uint264", "int0", "bytes0", "bytes33", "uint08", "Person", "uint8[0]",
                             "uint8[]]", "uint8[-1]", "[2]", "uint8[2", "fixed128x18", ""}) {
        EXPECT_NE(why(type, 1), "") << type;
    }
    json twice = mail();
    twice["types"]["Person"].push_back({{"name", "name"}, {"type", "string"}});
    EXPECT_NE(refusal([&] { return typed_data_digest(twice.dump()); }).find("twice"), std::string::npos);
    json elementary = mail();
    elementary["types"]["uint8"] = json::array();
    EXPECT_NE(refusal([&] { return typed_data_digest(elementary.dump()); }), "");
    json deep = 1;
    for (int i = 0; i < 70; ++i) {
        deep = json::array({deep});
    }
    EXPECT_NE(refusal([&] { return typed_data_digest(deep.dump()); }).find("64 levels"), std::string::npos);
}

TEST(wallet_typed, types_may_refer_to_themselves) {
    const json document = {{"types", {{"L", {{{"name", "v"}, {"type", "uint8"}}, {{"name", "next"}, {"type", "L"}}}}}},
                           {"primaryType", "L"},
                           {"domain", json::object()},
                           {"message", {{"v", 1}, {"next", {{"v", 2}, {"next", nullptr}}}}}};
    EXPECT_EQ(refusal([&] { return typed_data_digest(document.dump()); }), "");
    EXPECT_EQ(typed_data_parts(document.dump()).type, "L(uint8 v,L next)");
}

TEST(wallet_typed, ethers_vectors) {
    WALLET_FIXTURE(document, "ethers/typed-data.json");
    ASSERT_EQ(document.size(), 75u);
    for (const json& entry : document) {
        const json typed = {{"types", entry["types"]},
                            {"primaryType", entry["primaryType"]},
                            {"domain", entry["domain"]},
                            {"message", entry["data"]}};
        EXPECT_EQ("0x" + to_hex(typed_data_digest(typed.dump())), entry["digest"].get<std::string>()) << entry["name"];
    }
}

TEST(wallet_messages, eip191) {
    // As personal_sign of every wallet hashes "hello world".
    EXPECT_EQ(to_hex(personal_message_digest(bytes_of("hello world"))),
              "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68");
    const Buffer address(20, 0x11);
    const Buffer data{1, 2};
    EXPECT_NE(to_hex(validator_data_digest(address, data)), to_hex(validator_data_digest(data, address)));
}

} // namespace
} // namespace rvm::wallet::test
