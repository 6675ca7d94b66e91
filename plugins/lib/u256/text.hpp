// 256-bit words as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "u256/u256.hpp"

namespace rvm::u256 {

/// Decimal digits without leading zeros; "0" for zero.
[[nodiscard]] std::string to_decimal(const U256& value);
/// "0x" and lower-case digits without leading zeros; "0x0" for zero.
[[nodiscard]] std::string to_hex(const U256& value);
/// "0x" and exactly 64 lower-case digits.
[[nodiscard]] std::string to_hex_padded(const U256& value);

/// One or more decimal digits; nullopt for anything else and for 2^256 or more.
[[nodiscard]] std::optional<U256> from_decimal(std::string_view text) noexcept;
/// Hex digits of either case, with or without "0x", leading zeros allowed; nullopt for anything else and for 2^256 or
/// more.
[[nodiscard]] std::optional<U256> from_hex(std::string_view text) noexcept;
/// from_hex() when the text begins with "0x", else from_decimal().
[[nodiscard]] std::optional<U256> from_text(std::string_view text) noexcept;

} // namespace rvm::u256
