// The environment words a virtual machine asks for in one piece.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <rvm/plugin.hpp>

#include "evmc_abi.h"

namespace rvm::evmc {

/// Blob hashes that are passed on; Osaka's blob schedule stays far below (EIP-7691, EIP-7892).
inline constexpr std::uint32_t max_blob_hashes = 64;

/// Handles of the words, resolved once.
class Environment {
  public:
    explicit Environment(sdk::Host host);

    /// The context of a frame's transaction. `blobs` is its storage for blob hashes. RVM_E_INVALID_ARGUMENT: block
    /// number, time or gas limit above 2^63-1, which EVMC cannot say, or more blob hashes than max_blob_hashes.
    [[nodiscard]] rvm_status context(const rvm_frame& frame, Revision revision, std::vector<Bytes32>& blobs,
                                     TxContext& out) const;

  private:
    std::uint32_t gas_price_, origin_, coinbase_, number_, timestamp_, gas_limit_, prevrandao_, difficulty_, chain_id_,
        base_fee_, blob_base_fee_, blob_count_;
    std::array<std::uint32_t, max_blob_hashes> blob_hashes_{};
};

} // namespace rvm::evmc
