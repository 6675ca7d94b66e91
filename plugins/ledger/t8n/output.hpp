// What t8n writes: the state afterwards and the result, in geth's JSON.
#pragma once

#include <string>

#include "block/execution.hpp"
#include "fixtures/alloc.hpp"
#include "t8n/input.hpp"
#include "verbs/json_writer.hpp"

namespace rvm::ledger {

/// A log, kept beyond its transaction.
struct T8nLog {
    Address address{};
    std::vector<Hash> topics;
    Buffer data;
};

/// A transaction that is part of the block.
struct T8nReceipt {
    TxType type = TxType::legacy;
    Hash hash{};
    std::optional<Hash> post_root; ///< before Byzantium
    bool succeeded = false;
    std::uint64_t gas_used = 0;
    std::uint64_t cumulative_gas_used = 0;
    U256 effective_gas_price;
    std::optional<std::uint64_t> blob_gas_used;
    U256 blob_gas_price;
    Address created{};
    Bloom bloom;
    std::vector<T8nLog> logs;
};

/// One that is not.
struct T8nRejected {
    std::size_t index = 0;
    std::string error;
};

struct T8nResult {
    Hash state_root{}, transactions_root{}, receipts_root{}, logs_hash{};
    Bloom logs_bloom;
    std::vector<T8nReceipt> receipts;
    std::vector<T8nRejected> rejected;
    std::uint64_t gas_used = 0;
    std::optional<std::uint64_t> blob_gas_used;
    std::optional<Hash> requests_hash;
    std::vector<Buffer> requests;
};

void write_alloc(JsonWriter& out, const Alloc& alloc);
void write_result(JsonWriter& out, const T8nResult& result, const T8nEnvironment& env);

} // namespace rvm::ledger
