// Addresses as people write them (EIP-55).
#pragma once

#include <string>
#include <string_view>

#include <rvm/plugin.h>

#include "base/secret.hpp"

namespace rvm::wallet {

/// The last 20 bytes of the hash of x and y (64 bytes).
[[nodiscard]] rvm_address address_of_key(Bytes x_and_y) noexcept;

/// "0x" and 40 digits whose capitals are the checksum.
[[nodiscard]] std::string checksummed(const rvm_address& address);
/// Digits in one case carry no checksum. Throws Refusal naming `what`: no 40 digits, or capitals that are another
/// address's.
[[nodiscard]] rvm_address read_address(std::string_view text, const std::string& what);

} // namespace rvm::wallet
