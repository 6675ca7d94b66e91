// The ledger's values as hex digits, by lib/hex.
#pragma once

#include <optional>
#include <string_view>

#include "base/types.hpp"
#include "hex/hex.hpp"

namespace rvm::ledger {

[[nodiscard]] inline bool append_hex(std::string_view text, Buffer& out) { return hex::append(text, out); }
[[nodiscard]] inline std::optional<Buffer> bytes_from_hex(std::string_view text) { return hex::decode(text); }
[[nodiscard]] inline std::string to_hex(Bytes bytes) { return hex::encode(bytes); }

/// Exactly 20 or 32 bytes.
[[nodiscard]] std::optional<Address> address_from_hex(std::string_view text);
[[nodiscard]] std::optional<Hash> hash_from_hex(std::string_view text);

} // namespace rvm::ledger
