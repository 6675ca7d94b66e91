// What the tests of plugins/wallet share: the primitives of org.rvm.crypto, hex, and the conformance data.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include <rvm/test_host.hpp>

#include "base/error.hpp"
#include "base/primitives.hpp"
#include "hex/hex.hpp"

namespace rvm::wallet::test {

using hex::Buffer;
using nlohmann::json;

/// The plugin org.rvm.crypto, loaded once.
inline const Primitives& primitives() {
    static sdk::test::TestHost* const host = [] {
        auto* made = new sdk::test::TestHost; // as long as the process
        made->load(rvm_plugin_entry_v0);
        return made;
    }();
    static const Primitives resolved([](const char* id) {
        const auto& item = host->find<rvm_crypto>(RVM_KIND_CRYPTO, id);
        Resolved out;
        if (item.shape == RVM_CRYPTO_HASH)
            out.hash = {item.hash, item.self, item.digest_size};
        else
            out.crypto = {item.run, item.self};
        return out;
    });
    return resolved;
}

inline Buffer from_hex(std::string_view text) {
    auto bytes = hex::decode(text);
    EXPECT_TRUE(bytes.has_value()) << text;
    return bytes.value_or(Buffer{});
}
inline std::string to_hex(Bytes bytes) { return hex::encode(bytes).substr(2); }
inline Secret secret(std::string_view hex_text) { return Secret::copy_of(from_hex(hex_text)); }

/// A file of the conformance data's wallet area; null where that is not unpacked.
inline json fixture(const std::string& name) {
    const char* root = std::getenv("RVM_FIXTURES");
    if (root == nullptr) return nullptr;
    std::ifstream file(std::filesystem::path(root) / "ethereum/wallet" / name);
    return file ? json::parse(file) : json(nullptr);
}

/// In a test: `json NAME`, or a loud skip.
#define WALLET_FIXTURE(name, file)                                                                                     \
    const ::rvm::wallet::test::json name = ::rvm::wallet::test::fixture(file);                                         \
    if (name.is_null()) GTEST_SKIP() << "NOT RUN: " << (file) << " (RVM_FIXTURES names no unpacked conformance data)"

/// The text of the Refusal that `body` ends with; "" when it ends without.
template <class Body>
std::string refusal(Body body) {
    try {
        static_cast<void>(body());
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

} // namespace rvm::wallet::test
