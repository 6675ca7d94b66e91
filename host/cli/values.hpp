// Values as people write them on a command line or in a file: addresses, 256-bit numbers, hex bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include <rvm/plugin.h>

namespace rvm::host {

/// 0x and 40 hex digits.
[[nodiscard]] std::optional<rvm_address> parse_address(std::string_view text);
[[nodiscard]] std::string address_text(const rvm_address& address);

/// Decimal, or 0x and 1 to 64 hex digits; nullopt beyond 2^256-1.
[[nodiscard]] std::optional<rvm_u256> parse_u256(std::string_view text);
[[nodiscard]] std::string decimal_text(const rvm_u256& value);
/// 0x and as few digits as needed ("0x0", "0x96").
[[nodiscard]] std::string hex_text(const rvm_u256& value);
/// 0x and 64 digits.
[[nodiscard]] std::string word_text(const rvm_u256& value);

[[nodiscard]] bool is_zero(const rvm_u256& value) noexcept;
[[nodiscard]] rvm_u256 u256_of(std::uint64_t value) noexcept;
/// The value of at most 32 big-endian bytes.
[[nodiscard]] rvm_u256 u256_of(ByteView big_endian) noexcept;
[[nodiscard]] std::string bytes_text(ByteView bytes); ///< 0x and two digits a byte
[[nodiscard]] inline rvm_view view_of(ByteView bytes) noexcept { return {bytes.data(), bytes.size()}; }
[[nodiscard]] inline ByteView bytes_of(rvm_view view) noexcept {
    return {view.data, static_cast<std::size_t>(view.size)};
}

} // namespace rvm::host
