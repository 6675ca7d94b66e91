// What Ethereum fixes outside the virtual machine: addresses of creations, the hash of code, delegations, deposits.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

#include "evmc_abi.h"

namespace rvm::evmc {

/// keccak256 of nothing: the code hash of an existing account without code (EIP-1052).
[[nodiscard]] const rvm_bytes32& empty_code_hash() noexcept;

/// Address of a creation: Yellow Paper section 7, or EIP-1014 with a salt.
void create_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt, rvm_view init_code,
                    rvm_address& out) noexcept;

/// EIP-7702: true and *target when `code` is a delegation indicator.
[[nodiscard]] bool delegate_of(rvm_view code, rvm_address& target) noexcept;

/// Judges and prices code that a creation returns: EIP-170, EIP-3541, 200 gas a byte, and Frontier's rule that a
/// deposit that cannot be paid leaves an account without code.
[[nodiscard]] rvm_status deposit(Revision revision, rvm_frame& frame, rvm_view& code) noexcept;

} // namespace rvm::evmc
