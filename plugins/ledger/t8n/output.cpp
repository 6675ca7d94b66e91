#include "t8n/output.hpp"

#include "base/hex.hpp"

namespace rvm::ledger {
namespace {

/// The hash that stands for a block which has none yet.
constexpr Hash no_block_hash{{0x13, 0x37}};

void write_log(JsonWriter& out, const T8nLog& log, const T8nReceipt& receipt, std::size_t tx_index,
               std::size_t log_index, const T8nEnvironment& env) {
    out.begin_object();
    out.member("address", bytes(log.address));
    out.key("topics");
    out.begin_array();
    for (const Hash& topic : log.topics)
        out.bytes(bytes(topic));
    out.end_array();
    out.member("data", log.data);
    out.member("blockNumber", U256{env.number});
    out.member("transactionHash", bytes(receipt.hash));
    out.member("transactionIndex", U256{tx_index});
    out.member("blockHash", bytes(no_block_hash));
    out.member("logIndex", U256{log_index});
    out.key("removed");
    out.boolean(false);
    out.end_object();
}

void write_receipt(JsonWriter& out, const T8nReceipt& receipt, std::size_t index, std::size_t& log_index,
                   const T8nEnvironment& env) {
    out.begin_object();
    out.member("type", U256{static_cast<std::uint8_t>(receipt.type)});
    out.member("root", receipt.post_root ? bytes(*receipt.post_root) : Bytes{});
    out.member("status", U256{receipt.succeeded && !receipt.post_root ? 1u : 0u});
    out.member("cumulativeGasUsed", U256{receipt.cumulative_gas_used});
    out.member("logsBloom", receipt.bloom.bytes());
    out.key("logs");
    if (receipt.logs.empty()) {
        out.null();
    } else {
        out.begin_array();
        for (const T8nLog& log : receipt.logs)
            write_log(out, log, receipt, index, log_index++, env);
        out.end_array();
    }
    out.member("transactionHash", bytes(receipt.hash));
    out.member("contractAddress", bytes(receipt.created));
    out.member("gasUsed", U256{receipt.gas_used});
    out.member("effectiveGasPrice", receipt.effective_gas_price);
    if (receipt.blob_gas_used) {
        out.member("blobGasUsed", U256{*receipt.blob_gas_used});
        out.member("blobGasPrice", receipt.blob_gas_price);
    }
    out.member("blockHash", bytes(no_block_hash));
    out.member("blockNumber", U256{env.number});
    out.member("transactionIndex", U256{index});
    out.end_object();
}

} // namespace

void write_alloc(JsonWriter& out, const Alloc& alloc) {
    out.begin_object();
    for (const AllocAccount& account : alloc) {
        out.key(to_hex(bytes(account.address)));
        out.begin_object();
        if (!account.code.empty()) out.member("code", account.code);
        if (!account.slots.empty()) {
            out.key("storage");
            out.begin_object();
            for (const AllocSlot& slot : account.slots) {
                out.key(to_hex(BigEndian(slot.key)));
                out.bytes(BigEndian(slot.value));
            }
            out.end_object();
        }
        out.member("balance", account.balance);
        if (account.nonce != 0) out.member("nonce", U256{account.nonce});
        out.end_object();
    }
    out.end_object();
}

void write_result(JsonWriter& out, const T8nResult& result, const T8nEnvironment& env) {
    out.begin_object();
    out.member("stateRoot", bytes(result.state_root));
    out.member("txRoot", bytes(result.transactions_root));
    out.member("receiptsRoot", bytes(result.receipts_root));
    out.member("logsHash", bytes(result.logs_hash));
    out.member("logsBloom", result.logs_bloom.bytes());
    out.key("receipts");
    out.begin_array();
    std::size_t log_index = 0;
    for (std::size_t i = 0; i < result.receipts.size(); ++i)
        write_receipt(out, result.receipts[i], i, log_index, env);
    out.end_array();
    if (!result.rejected.empty()) {
        out.key("rejected");
        out.begin_array();
        for (const T8nRejected& rejected : result.rejected) {
            out.begin_object();
            out.key("index");
            out.number(rejected.index);
            out.key("error");
            out.string(rejected.error);
            out.end_object();
        }
        out.end_array();
    }
    out.key("currentDifficulty");
    if (env.difficulty) {
        out.quantity(*env.difficulty);
    } else {
        out.null();
    }
    out.member("gasUsed", U256{result.gas_used});
    if (env.base_fee) out.member("currentBaseFee", *env.base_fee);
    if (env.withdrawals) out.member("withdrawalsRoot", bytes(withdrawals_root(*env.withdrawals)));
    if (env.excess_blob_gas) out.member("currentExcessBlobGas", U256{*env.excess_blob_gas});
    if (result.blob_gas_used) out.member("blobGasUsed", U256{*result.blob_gas_used});
    if (result.requests_hash) {
        out.member("requestsHash", bytes(*result.requests_hash));
        out.key("requests");
        out.begin_array();
        for (const Buffer& request : result.requests)
            out.bytes(request);
        out.end_array();
    }
    out.end_object();
}

} // namespace rvm::ledger
