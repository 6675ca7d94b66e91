// Derivation paths (BIP-32): m/44'/60'/0'/0/0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::wallet {

/// Indexes from here on are hardened.
inline constexpr std::uint32_t hardened = 1u << 31u;

using Path = std::vector<std::uint32_t>;

/// Hardened indexes end in ', h or H. Throws Refusal that names the step.
[[nodiscard]] Path read_path(std::string_view text);
[[nodiscard]] std::string path_text(const Path& path);

/// BIP-44: m / 44' / coin type' / account' / change / index.
[[nodiscard]] Path bip44_path(std::uint32_t coin_type, std::uint32_t account, std::uint32_t change,
                              std::uint32_t index);

} // namespace rvm::wallet
