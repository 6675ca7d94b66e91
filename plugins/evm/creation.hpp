// Addresses of creations and what their code has to satisfy.
#pragma once

#include "machine.hpp"

namespace rvm::evm {

/// Keccak-256 of RLP(creator, nonce) (Yellow Paper, section 7), with a salt of 0xff creator salt keccak(init code)
/// (EIP-1014).
[[nodiscard]] rvm_address creation_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                                           rvm_view init_code) noexcept;

/// What init code returned becomes code: checks size and prefix, charges for its bytes. Frontier keeps the account
/// without code when it cannot pay.
[[nodiscard]] Fault accept_code(const Schedule& schedule, std::int64_t& gas, rvm_view& code) noexcept;

/// EIP-7702: code that is 0xef0100 and an address delegates to it.
[[nodiscard]] bool delegation(rvm_view code, rvm_address& target) noexcept;

} // namespace rvm::evm
