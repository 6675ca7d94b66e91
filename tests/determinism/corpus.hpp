// A fixed corpus: accounts with generated native, mini EVM and toy programs, and transactions over them. The same bytes
// on every machine and compiler: SplitMix64, no distribution of the standard library, no order of evaluation left open.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rvm/runtime.hpp>

namespace rvm::determinism {

/// One account of the state before the first transaction.
struct Account {
    rvm_address address{};
    const char* format = nullptr;
    std::vector<std::uint8_t> code;
    std::uint64_t balance = 0; ///< wei
};

struct Transaction {
    std::uint32_t kind = RVM_CALL_CALL; ///< RVM_CALL_CALL, _STATIC or _CREATE
    rvm_address target{};
    const char* format = nullptr;   ///< of a creation
    std::vector<std::uint8_t> data; ///< input or init code
    std::int64_t gas = 0;
    std::uint64_t value = 0;
};

struct Corpus {
    rvm_address sender{};
    std::vector<Account> accounts;
    std::vector<Transaction> transactions;
};

/// The corpus; made once. Thread-safe.
[[nodiscard]] const Corpus& corpus();

/// A deployment that has every format of the corpus, and the tracers of tracers.hpp.
/// `prepare` may add to its options.
[[nodiscard]] std::unique_ptr<Runtime> open_runtime(const std::function<void(RuntimeOptions&)>& prepare = {});

/// What a run may vary without changing a result.
struct Setting {
    std::string tracer{};          ///< id; empty: none
    std::uint32_t world_flags = 0; ///< RVM_WORLD_*
    /// Called after each transaction with its change set, before the next one begins; may be empty.
    std::function<void(World&, const Changes&, std::size_t index)> after{};
};

/// Runs the corpus over a world of its own. One line a transaction: number, kind, status, gas used, refund, the
/// position of a fault, hash of the output, number and hash of the logs, number of changed accounts, digest of the
/// change set.
[[nodiscard]] std::vector<std::string> run(Runtime& runtime, const Setting& setting = {});

} // namespace rvm::determinism
