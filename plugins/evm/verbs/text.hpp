// Numbers, addresses and bytes as people and JSON write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

#include "verb/error.hpp"

namespace rvm::evm {

using Bytes = std::vector<std::uint8_t>;

using VerbError = verb::Error;

/// Hex digits with or without 0x; white space and comments from # or ; to the end of the line are skipped. nullopt: an
/// odd number of digits or anything else.
[[nodiscard]] std::optional<Bytes> bytes_of_hex(std::string_view text);
[[nodiscard]] std::string hex_of(rvm_view bytes);
[[nodiscard]] std::string hex_of(const rvm_address& address);
/// Without leading zeros.
[[nodiscard]] std::string hex_of(const rvm_u256& number);
/// All 64 digits.
[[nodiscard]] std::string word_of(const rvm_u256& number);

/// 0x and hex digits or decimal digits, at most 256 bits.
[[nodiscard]] std::optional<rvm_u256> number_of(std::string_view text);
/// 40 hex digits with or without 0x.
[[nodiscard]] std::optional<rvm_address> address_of(std::string_view text);
[[nodiscard]] std::string decimal_of(const rvm_u256& number);

} // namespace rvm::evm
