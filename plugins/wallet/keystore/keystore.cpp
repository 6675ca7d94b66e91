#include "keystore/keystore.hpp"

#include <algorithm>
#include <cstring>

#include "base/address.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "hex/hex.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t cipher_key_bytes = 16;
constexpr std::size_t block_bytes = 16;
constexpr const char* crypto_place = "\"crypto\"";
constexpr const char* parameters_place = "\"kdfparams\"";
constexpr std::uint64_t least_derived = 32; // the cipher's key and the key of the MAC

std::array<std::uint8_t, 8> wide(std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(value >> (8 * (bytes.size() - 1 - i)));
    }
    return bytes;
}

Secret run_scrypt(Bytes password, Bytes salt, const KeystoreCost& cost, std::uint64_t length,
                  const Primitives& primitives) {
    constexpr std::uint64_t most = UINT32_MAX;
    if (cost.r > most || cost.p > most) throw Refusal("\"kdfparams\": r and p are at most 4294967295");
    const std::string place = std::string(parameters_place) + ", n " + std::to_string(cost.n) + ", r " +
                              std::to_string(cost.r) + ", p " + std::to_string(cost.p);
    return at_place(place, [&] {
        auto key = primitives.ask(
            Primitive::scrypt,
            {wide(cost.n), Number(cost.r), Number(cost.p), Number(length), Number(salt.size()), salt, password},
            static_cast<std::size_t>(length));
        if (!key) throw Refusal("expected n a power of two above 1, r and p above 0");
        return std::move(*key);
    });
}

Secret derive(const Json& crypto, Bytes password, const Primitives& primitives) {
    const std::string& kdf = text_of(member(crypto, "kdf", crypto_place), "kdf");
    const Json& parameters = member(crypto, "kdfparams", crypto_place);
    const Buffer salt = bytes_from(member(parameters, "salt", parameters_place), "salt");
    const std::uint64_t length = small_number_of(member(parameters, "dklen", parameters_place), "dklen");
    constexpr std::uint64_t most_derived = 1024;
    if (length < least_derived || length > most_derived) {
        throw Refusal("\"dklen\": expected 32 to 1024, found " + std::to_string(length));
    }
    if (kdf == "scrypt") {
        const auto number = [&](const char* key) {
            return small_number_of(member(parameters, key, parameters_place), key);
        };
        return run_scrypt(password, salt, {number("n"), number("r"), number("p")}, length, primitives);
    }
    if (kdf != "pbkdf2") throw Refusal("\"kdf\": expected scrypt or pbkdf2, found \"" + kdf.substr(0, 80) + "\"");
    const std::string& prf = text_of(member(parameters, "prf", parameters_place), "prf");
    const bool wide_hash = prf == "hmac-sha512";
    if (!wide_hash && prf != "hmac-sha256") {
        throw Refusal("\"prf\": expected hmac-sha256 or hmac-sha512, found \"" + prf.substr(0, 80) + "\"");
    }
    const std::uint64_t iterations = small_number_of(member(parameters, "c", parameters_place), "c");
    if (iterations == 0 || iterations > UINT32_MAX)
        throw Refusal("\"c\": expected 1 to 4294967295, found " + std::to_string(iterations));
    return at_place(std::string(parameters_place) + ", c " + std::to_string(iterations), [&] {
        return primitives.run(wide_hash ? Primitive::pbkdf2_sha512 : Primitive::pbkdf2_sha256,
                              {Number(iterations), Number(length), Number(salt.size()), salt, password},
                              static_cast<std::size_t>(length));
    });
}

/// Big-endian numbers of at most 32 bytes; geth once dropped leading zeros.
Secret padded(const Secret& number) {
    if (number.empty() || number.size() > key_bytes) {
        throw Refusal("the key has the wrong size: expected 1 to 32 bytes, found " + std::to_string(number.size()));
    }
    Secret key(key_bytes);
    std::memcpy(key.data() + (key_bytes - number.size()), number.data(), number.size());
    return key;
}

void check_mac(const Json& crypto, const Secret& derived, Bytes ciphertext, const Primitives& primitives) {
    const Buffer expected = bytes_from(member(crypto, "mac", crypto_place), "mac");
    const Secret mac =
        primitives.run(Primitive::keccak256, {derived.part(cipher_key_bytes, cipher_key_bytes), ciphertext});
    if (!same_secret(mac, expected)) throw Refusal("the password is wrong, or the file was changed: its MAC differs");
}

/// What the counter or vector of the cipher is, as block.
Buffer initial_block(const Json& crypto) {
    Buffer iv = bytes_from(member(member(crypto, "cipherparams", crypto_place), "iv", "\"cipherparams\""), "iv");
    // Shorter ones are numbers without their leading zeros. The MAC does not cover it: none at all is no number.
    if (iv.empty() || iv.size() > block_bytes)
        throw Refusal("\"iv\": expected 1 to 16 bytes, found " + std::to_string(iv.size()));
    iv.insert(iv.begin(), block_bytes - iv.size(), 0);
    return iv;
}

Secret read_version_3(const Json& crypto, Bytes password, const Primitives& primitives) {
    const std::string& cipher = text_of(member(crypto, "cipher", crypto_place), "cipher");
    if (cipher != "aes-128-ctr") {
        throw Refusal("\"cipher\": expected aes-128-ctr, found \"" + cipher.substr(0, 80) + "\"");
    }
    const Buffer iv = initial_block(crypto);
    const Buffer ciphertext = bytes_from(member(crypto, "ciphertext", crypto_place), "ciphertext");
    const Secret derived = derive(crypto, password, primitives);
    check_mac(crypto, derived, ciphertext, primitives);
    return padded(primitives.run(Primitive::aes_ctr,
                                 {Number(cipher_key_bytes), derived.part(0, cipher_key_bytes), iv, ciphertext},
                                 ciphertext.size()));
}

Secret read_version_1(const Json& crypto, Bytes password, const Primitives& primitives) {
    const Buffer iv = initial_block(crypto);
    const Buffer ciphertext = bytes_from(member(crypto, "ciphertext", crypto_place), "ciphertext");
    const Secret derived = derive(crypto, password, primitives);
    check_mac(crypto, derived, ciphertext, primitives);
    const Secret key = primitives.run(Primitive::keccak256, {derived.part(0, cipher_key_bytes)});
    return padded(primitives.run(Primitive::aes_cbc_decrypt,
                                 {Number(cipher_key_bytes), key.part(0, cipher_key_bytes), iv, ciphertext},
                                 ciphertext.size()));
}

/// The presale's file: the key is the hash of a decrypted text.
Secret read_presale(const Json& document, Bytes password, const Primitives& primitives) {
    constexpr std::uint64_t iterations = 2000;
    const Buffer sealed = bytes_from(member(document, "encseed"), "encseed");
    if (sealed.size() <= block_bytes) throw Refusal("\"encseed\": expected more than 16 bytes");
    const Secret key = primitives.run(
        Primitive::pbkdf2_sha256,
        {Number(iterations), Number(cipher_key_bytes), Number(password.size()), password, password}, cipher_key_bytes);
    const auto seed = primitives.ask(Primitive::aes_cbc_decrypt, {Number(key.size()), key, sealed}, sealed.size());
    if (!seed) throw Refusal("the password is wrong: the padding is damaged");
    return primitives.run(Primitive::keccak256, {*seed});
}

/// Compares the key with the address the file names, if it names one.
void check_address(const Json& document, const char* name, const Secret& key, const Primitives& primitives) {
    const Json* named = find_member(document, name);
    if (named == nullptr || text_of(*named, name).empty()) return;
    const rvm_address expected = read_address(text_of(*named, name), name);
    const rvm_address found = address_of_key(primitives.run(Primitive::secp256k1_key, {key}));
    if (!std::ranges::equal(expected.bytes, found.bytes)) {
        throw Refusal("\"" + std::string(name) + "\": the key's address is " + checksummed(found) + ", the file says " +
                      checksummed(expected));
    }
}

} // namespace

Secret read_keystore(std::string_view json, Bytes password, const Primitives& primitives) {
    const Json document = parse_json(json, "the key file");
    if (!document.is_object()) throw Refusal("the key file: expected an object");
    if (find_member(document, "encseed") != nullptr) {
        Secret key = read_presale(document, password, primitives);
        check_address(document, "ethaddr", key, primitives);
        return key;
    }
    const Json& version = member(document, "version");
    const bool first = version.is_string() && version.get_ref<const std::string&>() == "1";
    if (!first && small_number_of(version, "version") != 3) {
        throw Refusal("\"version\": expected 3 or \"1\", found " + shown(version));
    }
    const Json* capital = find_member(document, "Crypto"); // as ethers and old geth write it
    const Json& crypto = capital != nullptr ? *capital : member(document, "crypto");
    Secret key = first ? read_version_1(crypto, password, primitives) : read_version_3(crypto, password, primitives);
    if (!primitives.ask(Primitive::secp256k1_key, {key})) throw Refusal("the file holds no private key of secp256k1");
    check_address(document, "address", key, primitives);
    return key;
}

std::string write_keystore(Bytes secret, Bytes password, const KeystoreCost& cost, const Primitives& primitives) {
    const Secret salt = random_secret(32);
    const Secret iv = random_secret(block_bytes);
    Secret id = random_secret(16); // UUID version 4 (RFC 9562, section 5.4)
    id.data()[6] = static_cast<std::uint8_t>((id.data()[6] & 0x0fu) | 0x40u);
    id.data()[8] = static_cast<std::uint8_t>((id.data()[8] & 0x3fu) | 0x80u);
    const Secret derived = run_scrypt(password, salt, cost, least_derived, primitives);
    const Secret ciphertext = primitives.run(
        Primitive::aes_ctr, {Number(cipher_key_bytes), derived.part(0, cipher_key_bytes), iv, secret}, secret.size());
    const Secret mac =
        primitives.run(Primitive::keccak256, {derived.part(cipher_key_bytes, cipher_key_bytes), ciphertext});
    const auto digits = [](Bytes bytes) { return hex::encode(bytes).substr(2); };
    std::string uuid = digits(id);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) {
        uuid.insert(at, "-");
    }
    const rvm_address address = address_of_key(primitives.run(Primitive::secp256k1_key, {secret}));
    const Json document = {
        {"address", digits(address.bytes)},
        {"crypto",
         {{"cipher", "aes-128-ctr"},
          {"cipherparams", {{"iv", digits(iv)}}},
          {"ciphertext", digits(ciphertext)},
          {"kdf", "scrypt"},
          {"kdfparams",
           {{"dklen", least_derived}, {"n", cost.n}, {"p", cost.p}, {"r", cost.r}, {"salt", digits(salt)}}},
          {"mac", digits(mac)}}},
        {"id", uuid},
        {"version", 3},
    };
    return document.dump() + "\n";
}

} // namespace rvm::wallet
