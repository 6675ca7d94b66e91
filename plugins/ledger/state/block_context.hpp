// What the transactions of one block share, and the environment words their programs see.
#pragma once

#include <array>

#include <rvm/plugin.hpp>

#include "base/types.hpp"
#include "rules/fork.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

struct BlockContext {
    const Fork* fork = nullptr;
    U256 chain_id = 1;
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;
    std::uint64_t gas_limit = 0;
    Address coinbase{};
    U256 base_fee;      ///< wei a gas; 0 before London
    U256 blob_base_fee; ///< wei a unit of blob gas; see blob_base_fee()
    U256 prevrandao;    ///< since Paris
    U256 difficulty;    ///< before Paris
    /// As in rvm_tx_env; nullptr: no hash is known.
    std::uint32_t (*block_hash)(void* ctx, std::uint64_t number, rvm_bytes32* out) = nullptr;
    void* block_hash_ctx = nullptr;
    const char* tracer = nullptr; ///< id of a tracer, or nullptr
    const char* tracer_config = nullptr;
};

/// Handles of the environment words that Ethereum knows. Made once a process; shared by threads.
class EnvKeys {
  public:
    explicit EnvKeys(sdk::Host host);

    std::uint32_t number, timestamp, coinbase, gas_limit, base_fee, blob_base_fee, prevrandao, difficulty, chain_id,
        origin, gas_price, blob_count;
    /// Most blob hashes that programs can read; more than any fork of the table allows in a block.
    static constexpr std::size_t max_blobs = 64;
    std::array<std::uint32_t, max_blobs> blob_hash;
};

/// The words of one transaction after another. One thread at a time.
class Environment {
  public:
    explicit Environment(const EnvKeys& keys);

    /// Words of the block; those of a transaction become zero.
    void set_block(const BlockContext& block);
    void set_transaction(const Address& origin, const U256& gas_price, std::span<const Hash> blob_hashes);

    /// For tx_begin; valid until this object or `block` changes. set_block() was called with the same block.
    [[nodiscard]] rvm_tx_env tx_env(const BlockContext& block) const noexcept;

  private:
    const EnvKeys& keys_;
    std::vector<rvm_u256> words_;
    std::size_t blobs_ = 0;
    std::array<const char*, 2> rules_{};
};

} // namespace rvm::ledger
