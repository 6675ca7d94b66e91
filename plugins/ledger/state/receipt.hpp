// Receipts, blooms and log hashes (yellow paper, section 4.4.1; EIP-658, EIP-2718).
#pragma once

#include <array>

#include "state/transition.hpp"

namespace rvm::ledger {

/// 2048 bits over the addresses and topics of logs.
class Bloom {
  public:
    void add(Bytes item) noexcept;
    void add(const rvm_log& log) noexcept;
    void add(const Bloom& other) noexcept;
    [[nodiscard]] Bytes bytes() const noexcept { return bits_; }

  private:
    std::array<std::uint8_t, 256> bits_{};
};

/// keccak256 of the RLP list of logs: how state fixtures name them.
[[nodiscard]] Hash logs_hash(std::span<const rvm_log> logs);

/// What a block's receipt trie holds. Views must outlive their use.
struct Receipt {
    TxType type = TxType::legacy;
    const Hash* post_root =
        nullptr; ///< before Byzantium: the state root after the transaction, in place of `succeeded`
    bool succeeded = false;
    std::uint64_t cumulative_gas_used = 0;
    Bloom bloom;
    std::span<const rvm_log> logs;
};

/// Typed receipts begin with the type's byte.
void encode_receipt(const Receipt& receipt, Buffer& out);

} // namespace rvm::ledger
