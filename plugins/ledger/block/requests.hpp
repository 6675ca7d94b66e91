// What the execution layer asks of the consensus layer (EIP-7685): deposits, exits, consolidations.
#pragma once

#include "base/types.hpp"

namespace rvm::ledger {

/// The kinds of requests; the numbers are their first byte.
enum class RequestType : std::uint8_t {
    deposit = 0,       ///< EIP-6110
    withdrawal = 1,    ///< EIP-7002
    consolidation = 2, ///< EIP-7251
};

/// EIP-6110: the deposit contract of mainnet, whose logs are deposits.
inline constexpr Address mainnet_deposit_contract{{0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5, 0x40, 0x35, 0x6c,
                                                   0xbb, 0x83, 0x9c, 0xbe, 0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}};

/// Hash of a block's requests when there are none: SHA-256 of nothing.
inline constexpr Hash empty_requests_hash{{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                           0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                           0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}};

/// The requests of one block: each kind's data in the order they came. Kinds without data do not count.
class Requests {
  public:
    void add(RequestType type, Bytes data);
    /// Takes the deposits out of one transaction's logs; false: one of them has not the layout of the deposit contract,
    /// which makes the block invalid.
    [[nodiscard]] bool add_deposits(std::span<const rvm_log> logs, const Address& contract);

    /// Each a type byte and data, ascending by type.
    [[nodiscard]] std::vector<Buffer> list() const;
    /// `sha256` is the primitive of that name.
    [[nodiscard]] Hash hash(const rvm_hash_ref& sha256) const;

  private:
    Buffer data_[3];
};

} // namespace rvm::ledger
