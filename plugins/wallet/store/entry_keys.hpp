// The keys of a wallet's entries.
#pragma once

#include <optional>

#include "derive/node.hpp"
#include "sign/scheme.hpp"
#include "store/entry.hpp"

namespace rvm::wallet {

/// Where keys are without a path: m/44'/60'/0'/0/INDEX; on Ed25519 and X25519, whose steps are all hardened (SLIP-10),
/// m/44'/501'/INDEX'/0', as wallets of Solana have it.
[[nodiscard]] Path default_path(Curve curve, std::uint32_t index = 0);

/// The node of a mnemonic's entry; without a path that of default_path(). Throws Refusal: the entry is one key, or
/// the curve has no such path.
[[nodiscard]] Node node_at(const Entry& entry, Curve curve, const std::optional<Path>& path,
                           const Primitives& primitives);

/// The secret with which an entry signs in a scheme. Throws Refusal: its kind has no such key, or a path is given for
/// one key.
[[nodiscard]] Secret secret_at(const Entry& entry, Scheme scheme, const std::optional<Path>& path,
                               const Primitives& primitives);

} // namespace rvm::wallet
