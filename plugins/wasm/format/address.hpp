// Identity of code and addresses of creations: Ethereum's, so that one chain has one scheme for all its contracts.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::wasm::format {

/// Keccak-256 of the code.
void code_hash(rvm_view code, rvm_bytes32* out) noexcept;
/// keccak256(rlp([creator, nonce])), or with a salt keccak256(0xff, creator, salt, keccak256(init_code)) (EIP-1014):
/// the last 20 bytes.
[[nodiscard]] rvm_address create_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                                         rvm_view init_code) noexcept;

} // namespace rvm::wasm::format
