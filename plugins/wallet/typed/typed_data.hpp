// Typed structured data (EIP-712): from the JSON that wallets exchange to the hash that is signed.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace rvm::wallet {

using Digest = std::array<std::uint8_t, 32>;

/// Of {types, primaryType, domain, message}: keccak256(0x1901 || domain || message). "EIP712Domain" may be missing from
/// the types: it is then made of the domain's members. Throws Refusal that names the place.
[[nodiscard]] Digest typed_data_digest(std::string_view json);

/// encodeType of the primary type, and the two hashes: what a person can check before signing.
struct TypedDataParts {
    std::string type;
    Digest domain;
    std::optional<Digest> message; ///< nullopt: the domain itself is what is signed
};
[[nodiscard]] TypedDataParts typed_data_parts(std::string_view json);

/// EIP-191, version 0x45: keccak256("\x19Ethereum Signed Message:\n" || decimal size || message).
[[nodiscard]] Digest personal_message_digest(Bytes message);
/// EIP-191, version 0x00: keccak256(0x19 || 0x00 || validator's address || data).
[[nodiscard]] Digest validator_data_digest(Bytes address, Bytes data);

} // namespace rvm::wallet
