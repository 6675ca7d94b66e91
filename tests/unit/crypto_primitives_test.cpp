// The plugin org.rvm.crypto in the SDK's test host. Answers of specifications are the plugin's own known-answer tests;
// what is here are the rules around them.
#include <gtest/gtest.h>

#include <rvm/test_host.hpp>

#include "plugin_sidecar.hpp"

namespace rvm::crypto {
namespace {

using sdk::test::Bytes;
using sdk::test::BytesRun;

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

Bytes from_hex(std::string_view text) {
    Bytes bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

class crypto_primitives : public ::testing::Test {
  protected:
    crypto_primitives() { host.load(rvm_plugin_entry_v0); }
    ~crypto_primitives() override { EXPECT_EQ(host.violations(), std::vector<std::string>()); }

    sdk::test::TestHost host;
};

/// Order of the secp256k1 group (SEC 2, section 2.4.1).
constexpr std::string_view group_order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

TEST_F(crypto_primitives, pass_their_known_answer_tests) {
    std::size_t primitives = 0;
    for (const rvm_contribution& item : host.items()) {
        if (std::string_view(item.kind) != RVM_KIND_CRYPTO) continue;
        const auto* primitive = static_cast<const rvm_crypto*>(item.item);
        ++primitives;
        EXPECT_GT(primitive->kat_count, 0u) << primitive->id;
        EXPECT_EQ(host.failing_known_answers(primitive->id), 0u) << primitive->id;
    }
    EXPECT_EQ(primitives, 72u);
}

TEST_F(crypto_primitives, are_the_same_as_primitive_syscall_and_opcode) {
    const Bytes data(100, 0x5a);
    for (const char* name : {"keccak256", "sha256", "ripemd160", "sha512", "blake2b256", "blake2b512", "sha224",
                             "sha384", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2s256"}) {
        const std::string syscall = std::string("crypto.") + name;
        const Bytes digest = host.run_crypto(name, data).output;
        EXPECT_EQ(host.run_syscall(syscall, data).output, digest) << name;
        Bytes memory = data;
        memory.resize(200);
        const auto run = host.run_opcode(syscall, {0, 100, 136}, {.memory = memory});
        ASSERT_EQ(run.status, RVM_OK) << name;
        EXPECT_EQ(Bytes(run.memory.begin() + 136, run.memory.begin() + 136 + static_cast<long>(digest.size())), digest);
        EXPECT_EQ(run.gas_used, host.run_syscall(syscall, data).gas_used) << name << ": one price for both";
    }
}

TEST_F(crypto_primitives, opcodes_trap_outside_memory_and_out_of_gas) {
    const Bytes memory(64);
    EXPECT_EQ(host.run_opcode("crypto.keccak256", {0, 65, 0}, {.memory = memory}).status, RVM_TRAP_MEMORY);
    EXPECT_EQ(host.run_opcode("crypto.keccak256", {~0ull, 2, 0}, {.memory = memory}).status, RVM_TRAP_MEMORY);
    EXPECT_EQ(host.run_opcode("crypto.keccak256", {0, 0, 33}, {.memory = memory}).status, RVM_TRAP_MEMORY);
    EXPECT_EQ(host.run_opcode("crypto.keccak256", {0, 64, 0}, {.memory = memory, .gas = 125 + 60 - 1}).status,
              RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(host.run_opcode("crypto.keccak256", {0, 64, 32}, {.memory = memory, .gas = 125 + 60}).status, RVM_OK);
}

TEST_F(crypto_primitives, syscalls_need_room_for_their_answer) {
    EXPECT_EQ(host.run_syscall("crypto.sha256", {}, 31).status, RVM_TRAP_LIMIT);
    const Bytes seed_and_message(40, 1);
    EXPECT_EQ(host.run_syscall("crypto.ed25519.sign", seed_and_message, 63).status, RVM_TRAP_LIMIT);
    EXPECT_EQ(host.run_crypto("ed25519.sign", seed_and_message, 63).status, RVM_E_BUFFER_TOO_SMALL);
}

TEST_F(crypto_primitives, secp256k1_signs_verifies_and_recovers_its_own) {
    for (std::uint8_t i = 1; i <= 20; ++i) {
        const Bytes secret(32, i);
        const Bytes digest = host.run_crypto("sha256", secret).output;
        const Bytes signature = host.run_crypto("secp256k1.sign", join({secret, digest})).output;
        ASSERT_EQ(signature.size(), 65u);
        const Bytes key = host.run_crypto("secp256k1.recover", join({digest, signature})).output;
        ASSERT_EQ(key.size(), 64u);
        const Bytes compact(signature.begin(), signature.end() - 1);
        const Bytes uncompressed = join({{4}, key});
        const Bytes compressed =
            join({{static_cast<std::uint8_t>(2 + key.back() % 2)}, Bytes(key.begin(), key.begin() + 32)});
        EXPECT_EQ(host.run_crypto("secp256k1.verify", join({digest, compact, uncompressed})).output, Bytes{1});
        EXPECT_EQ(host.run_crypto("secp256k1.verify", join({digest, compact, compressed})).output, Bytes{1});
        EXPECT_EQ(host.run_syscall("crypto.secp256k1.verify", join({secret, compact, compressed})).output, Bytes{0});
    }
}

TEST_F(crypto_primitives, secp256k1_refuses_what_is_malformed) {
    const Bytes word(32, 1);
    const Bytes order = from_hex(group_order);
    EXPECT_EQ(host.run_crypto("secp256k1.sign", join({order, word})).status, RVM_TRAP_CRYPTO) << "secret = n";
    EXPECT_EQ(host.run_crypto("secp256k1.sign", word).status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(host.run_crypto("secp256k1.recover", join({word, order, word, {0}})).status, RVM_TRAP_CRYPTO) << "r = n";
    EXPECT_EQ(host.run_crypto("secp256k1.recover", join({word, Bytes(64), {0}})).status, RVM_TRAP_CRYPTO)
        << "r = s = 0";
    EXPECT_EQ(host.run_crypto("secp256k1.recover", join({word, word, word, {255}})).status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(host.run_crypto("secp256k1.verify", join({word, word, word, {5}, word})).status, RVM_TRAP_CRYPTO)
        << "no such key prefix";
    EXPECT_EQ(host.run_crypto("secp256k1.verify", join({word, word, word})).status, RVM_TRAP_CRYPTO) << "no key";
    const Bytes generator = from_hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    EXPECT_EQ(host.run_crypto("secp256k1.verify", join({word, order, word, generator})).output, Bytes{0}) << "r = n";
    EXPECT_EQ(host.run_crypto("secp256k1.verify", join({word, Bytes(64), generator})).output, Bytes{0});
}

TEST_F(crypto_primitives, secp256k1_accepts_both_signatures_of_a_pair) {
    // The high-s signature of Ethereum's ecrecover test, under the key it recovers to.
    const Bytes digest = from_hex("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c");
    const Bytes signature = from_hex("73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f"
                                     "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549");
    const Bytes key = host.run_crypto("secp256k1.recover", join({digest, signature, {1}})).output;
    EXPECT_EQ(host.run_crypto("secp256k1.verify", join({digest, signature, {4}, key})).output, Bytes{1});
    const Bytes hash = host.run_crypto("keccak256", key).output;
    EXPECT_EQ(Bytes(hash.begin() + 12, hash.end()), from_hex("a94f5374fce5edbc8e2a8697c15331677e6ebf0b"));
}

TEST_F(crypto_primitives, ed25519_notices_every_changed_byte) {
    const Bytes seed(32, 9);
    const Bytes message = {'r', 'v', 'm'};
    const Bytes signature = host.run_crypto("ed25519.sign", join({seed, message})).output;
    // RFC 8032, section 7.1, test 1: the key of this seed.
    const Bytes key = from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const Bytes rfc_seed = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    Bytes input = join({host.run_crypto("ed25519.sign", join({rfc_seed, message})).output, key, message});
    EXPECT_EQ(host.run_crypto("ed25519.verify", input).output, Bytes{1});
    for (std::size_t i = 0; i < input.size(); ++i) {
        input[i] ^= 1;
        EXPECT_EQ(host.run_crypto("ed25519.verify", input).output, Bytes{0}) << i;
        input[i] ^= 1;
    }
    EXPECT_EQ(host.run_crypto("ed25519.verify", join({signature, key, message})).output, Bytes{0}) << "another's key";
}

TEST_F(crypto_primitives, programs_get_bounded_work_and_memory) {
    const auto argon2id = [](std::uint8_t mib) { // one pass
        return join({{0, 0, 0, 1}, {0, 0, static_cast<std::uint8_t>(mib * 4), 0}, {0, 0, 0, 32}, Bytes(16), {'p'}});
    };
    constexpr std::int64_t ample = 1'000'000'000;
    EXPECT_EQ(host.run_syscall("crypto.argon2id", argon2id(1), 32, ample).status, RVM_OK);
    EXPECT_EQ(host.run_syscall("crypto.argon2id", argon2id(32), 32, ample).status, RVM_OK);
    EXPECT_EQ(host.run_syscall("crypto.argon2id", argon2id(1), 32, 300'000).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(host.run_syscall("crypto.argon2id", argon2id(33), 32, INT64_MAX).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(host.run_crypto("argon2id", argon2id(33)).status, RVM_OK) << "other plugins get more";
    const Bytes pbkdf2 = join({{0, 0, 4, 0}, {0, 0, 0, 32}, {0, 0, 0, 0}, {'p'}});
    EXPECT_GT(host.run_syscall("crypto.pbkdf2.sha256", pbkdf2).gas_used, 1024 * 100);
}

TEST_F(crypto_primitives, bls_signs_in_the_time_of_any_secret_what_verifies) {
    // Secrets whose digits are all zero, all ones, and one: the window's edges.
    for (const std::string_view secret : {"0000000000000000000000000000000000000000000000000000000000000001",
                                          "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000",
                                          "0fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                                          "1000000000000000000000000000000000000000000000000000000000000000"}) {
        const Bytes message = {1, 2, 3};
        const Bytes key = host.run_crypto("bls.key", from_hex(secret)).output;
        const Bytes signature = host.run_crypto("bls.sign", join({from_hex(secret), message})).output;
        EXPECT_EQ(host.run_crypto("bls.verify", join({signature, key, message})).output, Bytes{1}) << secret;
        EXPECT_EQ(host.run_crypto("bls.verify", join({signature, key, {1, 2}})).output, Bytes{0}) << secret;
    }
}

TEST_F(crypto_primitives, p256_signatures_verify) {
    for (std::uint8_t i = 1; i <= 10; ++i) {
        const Bytes secret(32, i);
        const Bytes digest = host.run_crypto("sha256", secret).output;
        const Bytes key = host.run_crypto("secp256r1.key", secret).output;
        Bytes signature = host.run_crypto("secp256r1.sign", join({secret, digest})).output;
        EXPECT_EQ(host.run_crypto("secp256r1.verify", join({digest, signature, key})).output, Bytes{1});
        signature[40] ^= 1;
        EXPECT_EQ(host.run_crypto("secp256r1.verify", join({digest, signature, key})).output, Bytes{0});
    }
}

TEST_F(crypto_primitives, are_described_by_the_sidecar) {
    test::expect_sidecar_matches(rvm_plugin_entry_v0, RVM_SOURCE_DIR "/plugins/crypto/crypto.rvm.json.in");
}

} // namespace
} // namespace rvm::crypto
