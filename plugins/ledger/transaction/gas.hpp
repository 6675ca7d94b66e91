// What a transaction costs before its first instruction runs.
#pragma once

#include "rules/fork.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// EIP-3860: bytes of init code at most, since Shanghai.
inline constexpr std::uint64_t max_init_code_size = 2 * 0x6000;
/// EIP-7825: gas of one transaction at most, since Osaka.
inline constexpr std::uint64_t max_tx_gas = 1u << 24u;
/// EIP-7702: charged for each authorization; what is above `base` comes back for an account that exists.
inline constexpr std::uint64_t authorization_gas = 25000;
inline constexpr std::uint64_t authorization_base_gas = 12500;

struct IntrinsicGas {
    std::uint64_t intrinsic; ///< paid before execution
    std::uint64_t floor;     ///< EIP-7623: least gas used; 0 before Prague
};

/// Never wraps: 2^64 - 1 when it would. Yellow paper section 6.2, EIP-2, 2028, 2930, 3860, 7623, 7702.
[[nodiscard]] IntrinsicGas intrinsic_gas(const Transaction& tx, const Fork& fork) noexcept;

} // namespace rvm::ledger
