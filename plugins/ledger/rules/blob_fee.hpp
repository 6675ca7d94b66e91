// The price of blob gas (EIP-4844).
#pragma once

#include "base/types.hpp"
#include "rules/fork.hpp"

namespace rvm::ledger {

inline constexpr std::uint64_t gas_per_blob = 1u << 17u;

/// factor * e^(numerator / denominator) by the EIP's integer series; the largest number when a term of it exceeds 256
/// bits. `denominator` is not zero.
[[nodiscard]] U256 fake_exponential(const U256& factor, std::uint64_t numerator, std::uint64_t denominator) noexcept;

/// wei for one unit of blob gas in a block with this excess.
[[nodiscard]] U256 blob_base_fee(const BlobSchedule& schedule, std::uint64_t excess_blob_gas) noexcept;

} // namespace rvm::ledger
