// Numbers, addresses and bytes as people and JSON write them.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::evm {

using Bytes = std::vector<std::uint8_t>;

/// A command line or an input that the verb does not take; the text says what was expected and what was found.
class BadInput : public std::runtime_error {
  public:
    /// `code` is one of the registry's: "RVM-U01" wrong command line, "RVM-U02" unreadable, "RVM-U03" malformed.
    BadInput(std::string code, const std::string& text) : std::runtime_error(text), code_(std::move(code)) {}
    [[nodiscard]] const std::string& code() const noexcept { return code_; }

  private:
    std::string code_;
};

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
