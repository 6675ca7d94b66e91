// Trees of keys: BIP-32 on secp256k1, SLIP-10 on P-256, Ed25519 and X25519.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/primitives.hpp"
#include "derive/path.hpp"

namespace rvm::wallet {

enum class Curve : std::uint8_t { secp256k1, secp256r1, ed25519, x25519 };
[[nodiscard]] std::string_view name_of(Curve curve) noexcept;
/// Whether every step of a path must be hardened (SLIP-10): Ed25519, X25519.
[[nodiscard]] bool only_hardened(Curve curve) noexcept;

/// One key of a tree with its chain code; without the secret it derives public keys only. Immutable.
class Node {
  public:
    using Key = std::array<std::uint8_t, 33>;        ///< compressed; Ed25519 and X25519: 0, then the 32 bytes
    using Fingerprint = std::array<std::uint8_t, 4>; ///< of a key: the beginning of its hash

    /// The root of a seed of 16 to 64 bytes. Throws Refusal for another size.
    [[nodiscard]] static Node root(Curve curve, Bytes seed, const Primitives& primitives);
    /// An extended key of secp256k1 (BIP-32, mainnet). Throws Refusal that says what is wrong.
    [[nodiscard]] static Node read(std::string_view text, const Primitives& primitives);

    /// Throws Refusal: a hardened child without the secret, an index of Ed25519 or X25519 that is not hardened, a depth
    /// above 255.
    [[nodiscard]] Node child(std::uint32_t index, const Primitives& primitives) const;
    [[nodiscard]] Node at(const Path& path, const Primitives& primitives) const;
    [[nodiscard]] Node without_secret() const;
    [[nodiscard]] Node copy() const;

    [[nodiscard]] Curve curve() const noexcept { return curve_; }
    [[nodiscard]] bool has_secret() const noexcept { return !secret_.empty(); }
    [[nodiscard]] const Secret& secret() const noexcept { return secret_; }
    [[nodiscard]] const Secret& chain_code() const noexcept { return chain_code_; }
    [[nodiscard]] const Key& key() const noexcept { return key_; }
    [[nodiscard]] const Fingerprint& parent() const noexcept { return parent_; }
    [[nodiscard]] std::uint8_t depth() const noexcept { return depth_; }
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
    [[nodiscard]] Fingerprint fingerprint(const Primitives& primitives) const;
    /// "xprv..." or "xpub..." (BIP-32). Throws Refusal on the other curves, which have no such form.
    [[nodiscard]] Secret text(const Primitives& primitives) const;

  private:
    explicit Node(Curve curve) noexcept : curve_(curve) {}
    void find_key(const Primitives& primitives);
    [[nodiscard]] std::optional<Node> child_from(Bytes material, std::uint32_t index,
                                                 const Primitives& primitives) const;

    Curve curve_;
    Secret secret_;     ///< 32 bytes, or empty
    Secret chain_code_; ///< 32 bytes
    Key key_{};
    Fingerprint parent_{};
    std::uint8_t depth_ = 0;
    std::uint32_t index_ = 0;
};

/// 33 bytes of a key as x and y.
[[nodiscard]] Node::Key compress(Bytes x_and_y) noexcept;

} // namespace rvm::wallet
