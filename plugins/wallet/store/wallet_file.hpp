// The encrypted wallet file: Argon2id makes the key of a password, XChaCha20-Poly1305 seals the entries. README.md has
// the layout.
#pragma once

#include "base/primitives.hpp"
#include "store/entry.hpp"

namespace rvm::wallet {

/// What opening costs whoever tries passwords.
struct WalletCost {
    std::uint64_t passes = 3;
    std::uint64_t kib = 256 * 1024; ///< memory
};

inline constexpr std::size_t most_wallet_bytes = 1u << 20u;

/// Whether a file that begins so is a wallet, of any version.
[[nodiscard]] bool begins_wallet(Bytes file) noexcept;

/// A new salt and nonce each time.
[[nodiscard]] Secret seal_wallet(const std::vector<Entry>& entries, Bytes password, const WalletCost& cost,
                                 const Primitives& primitives);

struct OpenWallet {
    std::vector<Entry> entries;
    WalletCost cost; ///< of the file: kept when it is sealed again
};
/// Throws Refusal: no wallet, a newer version, a wrong password (or a file that was changed: nobody can tell apart).
[[nodiscard]] OpenWallet open_wallet(Bytes file, Bytes password, const Primitives& primitives);

} // namespace rvm::wallet
