// Whether a header may follow its parent (yellow paper, section 4.3.4; the EIPs named in header_rules.cpp).
#pragma once

#include "block/header.hpp"
#include "block/refusal.hpp"
#include "rules/fork.hpp"

namespace rvm::ledger {

/// Bytes of extra data at most.
inline constexpr std::size_t max_extra_data = 32;

/// Checks a header against its parent's. `parent_fork` matters where a rule looks back at the block before a fork. The
/// seal of proof of work is not checked.
[[nodiscard]] Refusal check_header(const Header& header, const Fork& fork, const Header& parent,
                                   const Fork& parent_fork);

/// EIP-779: the first ten blocks of the DAO fork carry its name.
[[nodiscard]] Refusal check_dao_extra_data(const Header& header, std::uint64_t dao_fork);

/// EIP-1559: base fee of the child of `parent`, a block since London.
[[nodiscard]] U256 next_base_fee(const Header& parent) noexcept;
/// Of the child, whose fork decides whether there was a base fee before.
[[nodiscard]] U256 expected_base_fee(const Header& parent, const Fork& parent_fork) noexcept;

/// EIP-4844, 7691, 7918: excess of the child of `parent`, by the child's fork.
[[nodiscard]] std::uint64_t next_excess_blob_gas(const Header& parent, const Fork& fork) noexcept;

} // namespace rvm::ledger
