// What a wallet holds.
#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"

namespace rvm::wallet {

enum class EntryKind : std::uint8_t {
    mnemonic = 1,  ///< the entropy of a phrase; keys are derived
    secp256k1 = 2, ///< one secret of 32 bytes, as the next ones
    ed25519 = 3,
    bls = 4,
};
[[nodiscard]] const char* name_of(EntryKind kind) noexcept;

struct Entry {
    std::string name;
    EntryKind kind = EntryKind::secp256k1;
    std::string language; ///< mnemonic: the word list
    Secret secret;        ///< entropy, or the 32 bytes
    Secret passphrase;    ///< mnemonic: BIP-39's, often empty
};

/// A wallet has no more: decode_entries() refuses them, so that encode_entries() must not make them.
inline constexpr std::size_t most_entries = 4096;

/// The plain text that is sealed; its layout is in README.md. In locked memory. Throws Refusal: there
/// are too many.
[[nodiscard]] Secret encode_entries(const std::vector<Entry>& entries);
/// Throws Refusal when the bytes are no such text.
[[nodiscard]] std::vector<Entry> decode_entries(Bytes plain);

/// 1 to 64 letters, digits, ".", "_" and "-". Throws Refusal.
void check_name(const std::string& name);

} // namespace rvm::wallet
