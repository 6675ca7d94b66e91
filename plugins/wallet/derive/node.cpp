#include "derive/node.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "derive/base58.hpp"

namespace rvm::wallet {
namespace {

constexpr std::size_t half = 32; // of what HMAC-SHA512 gives: key material, chain code

struct CurveTraits {
    std::string_view name;
    std::string_view seed_key; ///< SLIP-10: key of the HMAC that makes the root
    Primitive key;
    Primitive secret_add;
    Primitive key_add;
};
constexpr CurveTraits traits[] = {
    {"secp256k1", "Bitcoin seed", Primitive::secp256k1_key, Primitive::secp256k1_secret_add,
     Primitive::secp256k1_key_add},
    {"secp256r1", "Nist256p1 seed", Primitive::secp256r1_key, Primitive::secp256r1_secret_add,
     Primitive::secp256r1_key_add},
    // No sums: a child's secret is the material itself.
    {"ed25519", "ed25519 seed", Primitive::ed25519_key, Primitive::ed25519_key, Primitive::ed25519_key},
    {"x25519", "curve25519 seed", Primitive::x25519_key, Primitive::x25519_key, Primitive::x25519_key},
};
/// Every 32 bytes are a secret, and secrets are not added.
bool any_secret(Curve curve) noexcept { return only_hardened(curve); }

const CurveTraits& of(Curve curve) noexcept { return traits[static_cast<std::size_t>(curve)]; }

constexpr std::uint8_t private_version[] = {0x04, 0x88, 0xad, 0xe4}; // "xprv"
constexpr std::uint8_t public_version[] = {0x04, 0x88, 0xb2, 0x1e};  // "xpub"
constexpr std::size_t extended_key_bytes = 78;

} // namespace

bool only_hardened(Curve curve) noexcept { return curve == Curve::ed25519 || curve == Curve::x25519; }

std::string_view name_of(Curve curve) noexcept { return of(curve).name; }

Node::Key compress(Bytes x_and_y) noexcept {
    Node::Key key;
    key[0] = static_cast<std::uint8_t>(2 + (x_and_y.back() & 1u));
    std::memcpy(key.data() + 1, x_and_y.data(), half);
    return key;
}

void Node::find_key(const Primitives& primitives) {
    const Secret key = primitives.run(of(curve_).key, {secret_});
    if (any_secret(curve_))
        std::memcpy(key_.data() + 1, key.data(), half);
    else
        key_ = compress(key);
}

Node Node::root(Curve curve, Bytes seed, const Primitives& primitives) {
    if (seed.size() < 16 || seed.size() > 64) {
        throw Refusal("the seed has the wrong size: expected 16 to 64 bytes, found " + std::to_string(seed.size()));
    }
    Node node(curve);
    const std::string_view name = of(curve).seed_key;
    Secret material = Secret::copy_of(seed);
    for (;;) {
        material = primitives.run(Primitive::hmac_sha512, {Number(name.size()), bytes_of(name), material});
        // SLIP-10: what is no secret of the curve is hashed again.
        if (any_secret(curve) || primitives.ask(of(curve).key, {material.part(0, half)})) break;
    }
    node.secret_ = Secret::copy_of(material.part(0, half));
    node.chain_code_ = Secret::copy_of(material.part(half, half));
    node.find_key(primitives);
    return node;
}

std::optional<Node> Node::child_from(Bytes material, std::uint32_t index, const Primitives& primitives) const {
    Node node(curve_);
    node.chain_code_ = Secret::copy_of(material.subspan(half));
    node.depth_ = static_cast<std::uint8_t>(depth_ + 1);
    node.index_ = index;
    node.parent_ = fingerprint(primitives);
    if (any_secret(curve_)) {
        node.secret_ = Secret::copy_of(material.first(half));
        node.find_key(primitives);
    } else if (has_secret()) {
        auto sum = primitives.ask(of(curve_).secret_add, {secret_, material.first(half)});
        if (!sum) return std::nullopt;
        node.secret_ = std::move(*sum);
        node.find_key(primitives);
    } else {
        const auto sum = primitives.ask(of(curve_).key_add, {material.first(half), key_});
        if (!sum) return std::nullopt;
        std::memcpy(node.key_.data(), sum->data(), node.key_.size());
    }
    return node;
}

Node Node::child(std::uint32_t index, const Primitives& primitives) const {
    const bool is_hardened = (index & hardened) != 0;
    if (depth_ == 255) throw Refusal("the key is 255 steps below the root: it has no children");
    if (is_hardened && !has_secret()) throw Refusal("a hardened child needs the private key");
    if (any_secret(curve_) && !is_hardened) {
        throw Refusal(std::string(name_of(curve_)) + " has hardened children only (SLIP-10)");
    }
    constexpr std::uint8_t zero = 0;
    constexpr std::uint8_t one = 1;
    const Number number(index);
    const Number key_size(half);
    Secret material = is_hardened
                          ? primitives.run(Primitive::hmac_sha512, {key_size, chain_code_, {&zero, 1}, secret_, number})
                          : primitives.run(Primitive::hmac_sha512, {key_size, chain_code_, key_, number});
    for (;;) {
        if (auto node = child_from(material, index, primitives)) return std::move(*node);
        // SLIP-10: what is no key of the curve is hashed again.
        material = primitives.run(Primitive::hmac_sha512,
                                  {key_size, chain_code_, {&one, 1}, material.part(half, half), number});
    }
}

Node Node::copy() const {
    Node node = without_secret();
    node.secret_ = Secret::copy_of(secret_);
    return node;
}

Node Node::at(const Path& path, const Primitives& primitives) const {
    Node node = copy();
    for (const std::uint32_t index : path) {
        node = node.child(index, primitives);
    }
    return node;
}

Node Node::without_secret() const {
    Node node(curve_);
    node.chain_code_ = Secret::copy_of(chain_code_);
    node.key_ = key_;
    node.parent_ = parent_;
    node.depth_ = depth_;
    node.index_ = index_;
    return node;
}

Node::Fingerprint Node::fingerprint(const Primitives& primitives) const {
    const Secret hash = primitives.run(Primitive::ripemd160, {primitives.run(Primitive::sha256, {key_})});
    Fingerprint out;
    std::memcpy(out.data(), hash.data(), out.size());
    return out;
}

Secret Node::text(const Primitives& primitives) const {
    if (curve_ != Curve::secp256k1) {
        throw Refusal("extended keys have a text on secp256k1 only, not on " + std::string(name_of(curve_)));
    }
    constexpr std::uint8_t zero = 0;
    const Bytes version = has_secret() ? Bytes(private_version) : Bytes(public_version);
    const Secret key = has_secret() ? Secret::join({{&zero, 1}, secret_}) : Secret::copy_of(key_);
    return encode_base58check(Secret::join({version, {&depth_, 1}, parent_, Number(index_), chain_code_, key}),
                              primitives);
}

Node Node::read(std::string_view text, const Primitives& primitives) {
    const Secret bytes = decode_base58check(text, primitives);
    if (bytes.size() != extended_key_bytes) {
        throw Refusal("the extended key has the wrong size: expected 78 bytes, found " + std::to_string(bytes.size()));
    }
    const bool is_private = std::ranges::equal(bytes.part(0, 4), private_version);
    if (!is_private && !std::ranges::equal(bytes.part(0, 4), public_version)) {
        throw Refusal("the extended key has an unknown version: expected xprv or xpub");
    }
    Node node(Curve::secp256k1);
    node.depth_ = bytes.data()[4];
    std::memcpy(node.parent_.data(), bytes.data() + 5, node.parent_.size());
    for (std::size_t i = 0; i < 4; ++i) {
        node.index_ = node.index_ << 8u | bytes.data()[9 + i];
    }
    if (node.depth_ == 0 && (node.index_ != 0 || node.parent_ != Fingerprint{})) {
        throw Refusal("the extended key is a root with an index or a parent");
    }
    node.chain_code_ = Secret::copy_of(bytes.part(13, half));
    if (is_private) {
        if (bytes.data()[45] != 0 || !primitives.ask(Primitive::secp256k1_key, {bytes.part(46, half)})) {
            throw Refusal("the extended key holds no private key of secp256k1");
        }
        node.secret_ = Secret::copy_of(bytes.part(46, half));
        node.find_key(primitives);
    } else {
        std::memcpy(node.key_.data(), bytes.data() + 45, node.key_.size());
        constexpr std::array<std::uint8_t, half> nothing{};
        if (!primitives.ask(Primitive::secp256k1_key_add, {nothing, node.key_})) { // decodes the point
            throw Refusal("the extended key holds no point of secp256k1");
        }
    }
    return node;
}

} // namespace rvm::wallet
