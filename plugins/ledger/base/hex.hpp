// Hex digits as fixtures, genesis files and messages write them.
#pragma once

#include <optional>
#include <string_view>

#include "base/types.hpp"

namespace rvm::ledger {

/// Appends the bytes of `text` ("0x" optional, an even number of digits) to `out`. False when it is not hex; `out` then
/// holds what was read.
[[nodiscard]] bool append_hex(std::string_view text, Buffer& out);
[[nodiscard]] std::optional<Buffer> bytes_from_hex(std::string_view text);

/// Exactly 20 or 32 bytes.
[[nodiscard]] std::optional<Address> address_from_hex(std::string_view text);
[[nodiscard]] std::optional<Hash> hash_from_hex(std::string_view text);

/// "0x" and two lower-case digits a byte.
[[nodiscard]] std::string to_hex(Bytes bytes);

} // namespace rvm::ledger
