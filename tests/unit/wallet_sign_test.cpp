// Signing and verifying in every scheme, one by one and in batches.
#include "sign/batch.hpp"

#include "base/address.hpp"
#include "wallet_support.hpp"

namespace rvm::wallet::test {
namespace {

constexpr Scheme schemes[] = {Scheme::raw,    Scheme::eip191, Scheme::eip712, Scheme::ed25519,
                              Scheme::bip340, Scheme::p256,   Scheme::bls};

Buffer message_for(Scheme scheme, std::uint8_t number) {
    if (scheme == Scheme::raw) return Buffer(32, number);
    std::string text = "message " + std::to_string(number);
    if (scheme == Scheme::eip712) {
        text =
            R"({"types": {"T": [{"name": "x", "type": "uint8"}]}, "primaryType": "T", "domain": {"name": "d"}, "message": {"x": )" +
            std::to_string(number) + "}}";
    }
    return {text.begin(), text.end()};
}

SignedMessage make(Scheme scheme, std::uint8_t number) {
    const Buffer secret(32, number);
    const Buffer message = message_for(scheme, number);
    return {scheme, key_of(scheme, secret, primitives()), sign(scheme, secret, message, primitives()), message};
}
bool holds(const SignedMessage& item) {
    return verify(item.scheme, item.signer, item.signature, item.message, primitives());
}

TEST(wallet_sign, every_scheme_verifies_its_own_and_nothing_else) {
    for (const Scheme scheme : schemes) {
        const SignedMessage good = make(scheme, 3);
        EXPECT_TRUE(holds(good)) << name_of(scheme);
        EXPECT_EQ(scheme_named(name_of(scheme)), scheme);
        SignedMessage other = good;
        other.message = message_for(scheme, 4);
        EXPECT_FALSE(holds(other)) << name_of(scheme);
        other = good;
        other.signer = key_of(scheme, Buffer(32, 5), primitives());
        EXPECT_FALSE(holds(other)) << name_of(scheme);
        for (std::size_t i = 0; i < good.signature.size(); i += 7) {
            other = good;
            other.signature[i] ^= 0x40;
            EXPECT_FALSE(holds(other)) << name_of(scheme) << " byte " << i;
        }
        other = good;
        other.signature.pop_back();
        if (scheme > Scheme::eip712) {
            EXPECT_FALSE(holds(other)) << name_of(scheme);
        }
        other.signature.clear();
        EXPECT_FALSE(holds(other)) << name_of(scheme);
        EXPECT_NE(refusal([&] { return sign(scheme, Buffer(31, 1), good.message, primitives()); }), "");
        if (scheme != Scheme::ed25519) {
            EXPECT_NE(refusal([&] { return sign(scheme, Buffer(32, 0), good.message, primitives()); }), "");
        }
    }
}

TEST(wallet_sign, addresses_stand_for_keys) {
    SignedMessage item = make(Scheme::eip191, 9);
    const auto signer = recover(item.scheme, item.signature, item.message, primitives());
    ASSERT_TRUE(signer.has_value());
    item.signer.assign(std::begin(signer->bytes), std::end(signer->bytes));
    EXPECT_TRUE(holds(item));
    item.signer[0] ^= 1;
    EXPECT_FALSE(holds(item));
}

TEST(wallet_sign, high_s_and_other_recovery_ids_are_refused) {
    // The high-s signature of Ethereum's ecrecover test.
    SignedMessage item{Scheme::raw,
                       {},
                       from_hex("73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75feeb940b1d03b21e36b0e47"
                                "e79769f095fe2ab855bd91e3a38756b7d75a9c45491c"),
                       from_hex("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c")};
    item.signer = from_hex("a94f5374fce5edbc8e2a8697c15331677e6ebf0b");
    EXPECT_FALSE(holds(item));
    EXPECT_EQ(recover(item.scheme, item.signature, item.message, primitives()), std::nullopt);
    SignedMessage own = make(Scheme::raw, 2);
    own.signature.back() = 29;
    EXPECT_FALSE(holds(own));
    own.signature.back() = 0;
    const bool zero = holds(own);
    own.signature.back() = 27;
    EXPECT_EQ(holds(own), zero) << "27 and 0 are the same parity";
}

TEST(wallet_sign, a_batch_names_what_is_not_valid) {
    std::vector<SignedMessage> batch;
    for (std::uint8_t i = 1; i <= 6; ++i) {
        for (const Scheme scheme : schemes) {
            batch.push_back(make(scheme, i));
        }
    }
    for (const unsigned threads : {1u, 3u}) {
        const std::vector<bool> all = verify_all(batch, threads, primitives());
        EXPECT_TRUE(std::ranges::all_of(all, [](bool valid) { return valid; }));
    }
    batch[5].message = {1};                              // p256
    batch[6].signature[3] ^= 1;                          // bls: its group is checked one by one
    batch[13].signer.pop_back();                         // bls
    batch[14].message = {1, 2};                          // raw: no digest
    std::swap(batch[20].signature, batch[27].signature); // bls: sums stay
    const std::vector<bool> some = verify_all(batch, 2, primitives());
    for (std::size_t i = 0; i < some.size(); ++i) {
        const bool bad = i == 5 || i == 6 || i == 13 || i == 14 || i == 20 || i == 27;
        EXPECT_EQ(some[i], !bad) << i;
    }
    EXPECT_TRUE(verify_all({}, 1, primitives()).empty());
}

TEST(wallet_sign, keys_and_signatures_of_a_wrong_size_are_told_from_wrong_ones) {
    const auto signer = [](Scheme scheme, std::size_t size) {
        return refusal([&] {
            check_signer(scheme, Buffer(size));
            return 0;
        });
    };
    const auto signature = [](Scheme scheme, std::size_t size) {
        return refusal([&] {
            check_signature(scheme, Buffer(size));
            return 0;
        });
    };
    for (const Scheme scheme :
         {Scheme::raw, Scheme::eip191, Scheme::eip712, Scheme::ed25519, Scheme::bip340, Scheme::p256, Scheme::bls}) {
        const Buffer secret(32, 0x11);
        const Buffer key = key_of(scheme, secret, primitives());
        const Buffer message(scheme == Scheme::raw ? 32 : 5, 1);
        EXPECT_EQ(signer(scheme, key.size()), "") << name_of(scheme);
        EXPECT_NE(signer(scheme, key.size() + 1), "") << name_of(scheme);
        if (scheme == Scheme::eip712) continue;
        const std::size_t size = sign(scheme, secret, message, primitives()).size();
        EXPECT_EQ(signature(scheme, size), "") << name_of(scheme);
        EXPECT_NE(signature(scheme, size + 1), "") << name_of(scheme);
    }
    EXPECT_EQ(signer(Scheme::eip191, 20), "");
    EXPECT_EQ(signer(Scheme::ed25519, 20), "a key of ed25519 has 32 bytes, found 20");
    EXPECT_EQ(signature(Scheme::raw, 2), "a signature of raw has 64 or 65 bytes, found 2");
}

/// Every digest, HMAC and derived key of ethers.
TEST(wallet_primitives, ethers_hashes) {
    WALLET_FIXTURE(document, "ethers/hashes.json");
    ASSERT_EQ(document.size(), 167u);
    for (const json& entry : document) {
        const Buffer data = from_hex(entry["data"].get<std::string>());
        EXPECT_EQ("0x" + to_hex(primitives().run(Primitive::sha256, {data})), entry["sha256"].get<std::string>());
        EXPECT_EQ("0x" + to_hex(primitives().run(Primitive::keccak256, {data})), entry["keccak256"].get<std::string>());
        EXPECT_EQ("0x" + to_hex(primitives().run(Primitive::ripemd160, {data})), entry["ripemd160"].get<std::string>());
    }
}

TEST(wallet_primitives, ethers_pbkdf) {
    WALLET_FIXTURE(document, "ethers/pbkdf.json");
    ASSERT_EQ(document.size(), 161u);
    for (const json& entry : document) {
        const Buffer password = from_hex(entry["password"].get<std::string>());
        const Buffer salt = from_hex(entry["salt"].get<std::string>());
        const auto length = entry["dkLen"].get<std::size_t>();
        const json& pbkdf2 = entry["pbkdf2"];
        const Primitive which = pbkdf2["algorithm"] == "sha256" ? Primitive::pbkdf2_sha256 : Primitive::pbkdf2_sha512;
        const Number iterations(pbkdf2["iterations"].get<std::uint64_t>());
        EXPECT_EQ("0x" + to_hex(primitives().run(
                             which, {iterations, Number(length), Number(salt.size()), salt, password}, length)),
                  pbkdf2["key"].get<std::string>());
        const json& scrypt = entry["scrypt"];
        const Number high(0);
        const Number n(scrypt["N"].get<std::uint64_t>());
        const Number r(scrypt["r"].get<std::uint64_t>());
        const Number p(scrypt["p"].get<std::uint64_t>());
        EXPECT_EQ("0x" + to_hex(primitives().run(Primitive::scrypt,
                                                 {high, n, r, p, Number(length), Number(salt.size()), salt, password},
                                                 length)),
                  scrypt["key"].get<std::string>());
    }
}

} // namespace
} // namespace rvm::wallet::test
