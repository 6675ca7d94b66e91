// What t8n reads: an environment and transactions in geth's JSON.
#pragma once

#include <map>
#include <optional>

#include "block/block.hpp"
#include "block/execution.hpp"
#include "fixtures/json.hpp"
#include "rules/fork.hpp"
#include "transaction/sender.hpp"

namespace rvm::ledger {

/// The block to make, as far as the environment says.
struct T8nEnvironment {
    Address coinbase{};
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;
    std::uint64_t gas_limit = 0;
    std::optional<U256> difficulty; ///< before Paris; what the fork demands when only the parent's is given
    std::optional<Hash> random;     ///< since Paris
    std::optional<U256> base_fee;   ///< since London
    std::optional<std::uint64_t> excess_blob_gas;       ///< since Cancun
    std::optional<Hash> parent_beacon_root;             ///< since Cancun
    std::optional<std::vector<Withdrawal>> withdrawals; ///< since Shanghai
    std::vector<OmmerReward> ommers;
    std::map<std::uint64_t, Hash> block_hashes;
};

/// Reads an environment and works out what it gives only through the parent block. Throws FixtureError when the fork
/// needs something that is not there.
[[nodiscard]] T8nEnvironment read_environment(JsonObject env, const Fork& fork);

/// A transaction as it came. `tx.data` points into `data`.
struct T8nTransaction {
    Transaction tx;
    Buffer data;
    std::optional<Hash> secret_key; ///< not signed yet
    std::string malformed;          ///< why it is no transaction; empty: it is one
};

/// From a JSON array of transactions, or from a string with the RLP of a list of them in hex. `chain_id` is for those
/// without one that are still to be signed. Throws FixtureError when the whole is damaged.
[[nodiscard]] std::vector<T8nTransaction> read_transactions(Json txs, const U256& chain_id, Buffer& storage);

/// Signs a transaction; false when the key is none.
[[nodiscard]] bool sign(Transaction& tx, const Hash& secret_key, const rvm_crypto_ref& sign);

} // namespace rvm::ledger
