#include "sign/scheme.hpp"

#include <algorithm>
#include <cstring>

#include "base/address.hpp"
#include "base/error.hpp"
#include "derive/node.hpp"
#include "typed/typed_data.hpp"

namespace rvm::wallet {
namespace {

constexpr std::string_view names[] = {"raw", "eip191", "eip712", "ed25519", "bip340", "p256", "bls"};
constexpr std::size_t digest_bytes = 32;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t compact_bytes = 64;
constexpr std::uint8_t first_v = 27; // yellow paper, appendix F

/// Half of the order of secp256k1, rounded down: EIP-2 allows no larger s.
constexpr std::array<std::uint8_t, 32> half_order{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                  0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                                  0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

bool by_ethereum(Scheme scheme) noexcept { return scheme <= Scheme::eip712; }

Buffer public_bytes(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

Secret sha256(Bytes message, const Primitives& primitives) { return primitives.run(Primitive::sha256, {message}); }

/// What secp256k1 signs of a message.
Digest digest_of(Scheme scheme, Bytes message) {
    if (scheme == Scheme::eip191) return personal_message_digest(message);
    if (scheme == Scheme::eip712) {
        return typed_data_digest({reinterpret_cast<const char*>(message.data()), message.size()});
    }
    if (message.size() != digest_bytes) {
        throw Refusal("the scheme raw signs a digest: expected 32 bytes, found " + std::to_string(message.size()));
    }
    Digest digest;
    std::memcpy(digest.data(), message.data(), digest.size());
    return digest;
}

bool low_s(Bytes signature) { return !std::ranges::lexicographical_compare(half_order, signature.subspan(32, 32)); }

/// The recovery id of a signature of 65 bytes whose last is 0, 1, 27 or 28.
std::optional<std::uint8_t> recovery_id(Bytes signature) {
    if (signature.size() != compact_bytes + 1 || !low_s(signature)) return std::nullopt;
    const std::uint8_t v = signature[compact_bytes];
    if (v <= 1) return v;
    return v == first_v || v == first_v + 1 ? std::optional(static_cast<std::uint8_t>(v - first_v)) : std::nullopt;
}

std::optional<Secret> recover_key(const Digest& digest, Bytes signature, const Primitives& primitives) {
    const auto id = recovery_id(signature);
    if (!id) return std::nullopt;
    return primitives.ask(Primitive::secp256k1_recover, {digest, signature.first(compact_bytes), {&*id, 1}});
}

bool verify_ethereum(Bytes signer, Bytes signature, const Digest& digest, const Primitives& primitives) {
    if (signer.size() == sizeof(rvm_address::bytes)) {
        const auto key = recover_key(digest, signature, primitives);
        return key && std::ranges::equal(address_of_key(*key).bytes, signer);
    }
    if (signature.size() == compact_bytes + 1 && !recovery_id(signature)) return false;
    if (signature.size() < compact_bytes || signature.size() > compact_bytes + 1 || !low_s(signature)) return false;
    return primitives.holds(Primitive::secp256k1_verify, {digest, signature.first(compact_bytes), signer});
}

} // namespace

std::optional<Scheme> scheme_named(std::string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == std::end(names)) return std::nullopt;
    return static_cast<Scheme>(found - std::begin(names));
}

std::string_view name_of(Scheme scheme) noexcept { return names[static_cast<std::size_t>(scheme)]; }

std::string scheme_names() {
    std::string out;
    for (const std::string_view name : names) {
        out += (out.empty() ? "" : ", ") + std::string(name);
    }
    return out;
}

Buffer key_of(Scheme scheme, Bytes secret, const Primitives& primitives) {
    if (secret.size() != secret_bytes) {
        throw Refusal("the secret has the wrong size: expected 32 bytes, found " + std::to_string(secret.size()));
    }
    constexpr Primitive makers[] = {Primitive::secp256k1_key, Primitive::secp256k1_key, Primitive::secp256k1_key,
                                    Primitive::ed25519_key,   Primitive::bip340_key,    Primitive::secp256r1_key,
                                    Primitive::bls_key};
    const auto key = primitives.ask(makers[static_cast<std::size_t>(scheme)], {secret});
    if (!key) throw Refusal("the secret is none of the curve: 0, or not below the order");
    if (by_ethereum(scheme)) return public_bytes(compress(*key));
    Buffer bytes = public_bytes(*key);
    if (scheme == Scheme::p256) bytes.insert(bytes.begin(), 4); // uncompressed
    return bytes;
}

Buffer sign_digest(Bytes secret, Bytes digest, const Primitives& primitives) {
    const auto signature = primitives.ask(Primitive::secp256k1_sign, {secret, digest});
    if (!signature) throw Refusal("the secret is none of secp256k1: 0, or not below the order");
    if (signature->data()[compact_bytes] > 1) throw Refusal("the signature has no recovery id of one bit");
    return public_bytes(*signature);
}

Buffer sign(Scheme scheme, Bytes secret, Bytes message, const Primitives& primitives) {
    static_cast<void>(key_of(scheme, secret, primitives)); // refuses what is no secret
    switch (scheme) {
    case Scheme::raw:
    case Scheme::eip191:
    case Scheme::eip712: {
        Buffer signature = sign_digest(secret, digest_of(scheme, message), primitives);
        signature.back() = static_cast<std::uint8_t>(signature.back() + first_v);
        return signature;
    }
    case Scheme::ed25519:
        return public_bytes(primitives.run(Primitive::ed25519_sign, {secret, message}));
    case Scheme::bip340:
        return public_bytes(primitives.run(Primitive::bip340_sign, {secret, random_secret(32), message}));
    case Scheme::p256:
        return public_bytes(primitives.run(Primitive::secp256r1_sign, {secret, sha256(message, primitives)}));
    case Scheme::bls:
        return public_bytes(primitives.run(Primitive::bls_sign, {secret, message}));
    }
    throw Refusal("there is no such scheme");
}

bool verify(Scheme scheme, Bytes signer, Bytes signature, Bytes message, const Primitives& primitives) {
    switch (scheme) {
    case Scheme::raw:
    case Scheme::eip191:
    case Scheme::eip712:
        return verify_ethereum(signer, signature, digest_of(scheme, message), primitives);
    case Scheme::ed25519:
        return signer.size() == 32 && signature.size() == 64 &&
               primitives.holds(Primitive::ed25519_verify, {signature, signer, message});
    case Scheme::bip340:
        return signer.size() == 32 && signature.size() == 64 &&
               primitives.holds(Primitive::bip340_verify, {signature, signer, message});
    case Scheme::p256:
        if (signature.size() != compact_bytes || signer.size() != 65 || signer[0] != 4) return false;
        return primitives.holds(Primitive::secp256r1_verify,
                                {sha256(message, primitives), signature, signer.subspan(1)});
    case Scheme::bls:
        return signer.size() == 48 && signature.size() == 96 &&
               primitives.holds(Primitive::bls_verify, {signature, signer, message});
    }
    return false;
}

namespace {

void check_size(Scheme scheme, const char* what, std::initializer_list<std::size_t> sizes, std::size_t found) {
    if (std::ranges::find(sizes, found) != sizes.end()) return;
    std::string expected;
    for (const std::size_t size : sizes) {
        expected += (expected.empty() ? "" : " or ") + std::to_string(size);
    }
    throw Refusal(std::string(what) + " of " + std::string(name_of(scheme)) + " has " + expected + " bytes, found " +
                  std::to_string(found));
}

} // namespace

void check_signer(Scheme scheme, Bytes signer) {
    switch (scheme) {
    case Scheme::raw:
    case Scheme::eip191:
    case Scheme::eip712:
        return check_size(scheme, "a signer", {sizeof(rvm_address::bytes), 33, 65}, signer.size());
    case Scheme::ed25519:
    case Scheme::bip340:
        return check_size(scheme, "a key", {32}, signer.size());
    case Scheme::p256:
        return check_size(scheme, "a key", {65}, signer.size());
    case Scheme::bls:
        return check_size(scheme, "a key", {48}, signer.size());
    }
}

void check_signature(Scheme scheme, Bytes signature) {
    if (by_ethereum(scheme))
        return check_size(scheme, "a signature", {compact_bytes, compact_bytes + 1}, signature.size());
    check_size(scheme, "a signature", {scheme == Scheme::bls ? 96 : compact_bytes}, signature.size());
}

std::optional<rvm_address> recover(Scheme scheme, Bytes signature, Bytes message, const Primitives& primitives) {
    if (!by_ethereum(scheme)) return std::nullopt;
    const auto key = recover_key(digest_of(scheme, message), signature, primitives);
    if (!key) return std::nullopt;
    return address_of_key(*key);
}

} // namespace rvm::wallet
