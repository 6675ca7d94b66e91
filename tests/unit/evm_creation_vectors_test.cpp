// Addresses of creations against those of ethers, where the conformance data is unpacked.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "creation.hpp"
#include "hex/hex.hpp"

namespace rvm::evm {
namespace {

using nlohmann::json;

json fixture(const char* name) {
    const char* root = std::getenv("RVM_FIXTURES");
    std::ifstream file(std::filesystem::path(root == nullptr ? "nowhere" : root) / "ethereum/wallet/ethers" / name);
    return file ? json::parse(file) : json(nullptr);
}

template <class Value>
Value read(const json& text) {
    Value value{};
    EXPECT_TRUE(hex::decode_into(text.get<std::string>(), value.bytes)) << text;
    return value;
}

/// Cases are senders; each has some creations.
template <class Make>
void run(const json& document, Make make) {
    for (const json& sender : document) {
        ASSERT_FALSE(sender.at("creates").empty());
        for (const json& creation : sender.at("creates")) {
            const rvm_address found = make(read<rvm_address>(sender.at("sender")), creation);
            EXPECT_EQ(hex::encode(found.bytes), hex::encode(read<rvm_address>(creation.at("address")).bytes))
                << creation.at("name");
        }
    }
}

TEST(evm_creation, ethers_create) {
    const json document = fixture("create.json");
    if (document.is_null()) GTEST_SKIP() << "13 cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    run(document, [](const rvm_address& sender, const json& creation) {
        return creation_address(sender, creation.at("nonce").get<std::uint64_t>(), nullptr, {});
    });
    EXPECT_EQ(document.size(), 13u);
}

TEST(evm_creation, ethers_create2) {
    const json document = fixture("create2.json");
    if (document.is_null()) GTEST_SKIP() << "10 cases NOT RUN: set RVM_FIXTURES to the unpacked conformance data";
    run(document, [](const rvm_address& sender, const json& creation) {
        const auto salt = read<rvm_bytes32>(creation.at("salt"));
        const auto code = hex::decode(creation.at("initCode").get<std::string>());
        EXPECT_TRUE(code.has_value());
        return creation_address(sender, 0, &salt, {code->data(), code->size()});
    });
    EXPECT_EQ(document.size(), 10u);
}

} // namespace
} // namespace rvm::evm
