// EVM programs of our own that lean on the host: slots, calls, creations, tokens; and the worst that gas can buy.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::bench {

using Bytes = std::vector<std::uint8_t>;

struct ProgramAccount {
    rvm_address address{};
    Bytes code;
    std::vector<std::pair<rvm_u256, rvm_u256>> slots;
};

/// A world and one transaction in it, which leaves the world as it was when it is aborted.
struct Program {
    std::string name;
    std::int64_t gas = 0;
    Bytes input;
    std::vector<ProgramAccount> accounts; ///< the first one is called
    std::uint64_t operations = 1;         ///< of what the name says, in one execution
    std::string baseline;                 ///< the same program without them; empty: the whole is measured
    bool first_only = false;              ///< only its first execution counts: its code is new to the host
};

[[nodiscard]] rvm_address program_address(std::uint64_t number);

/// One host function in a row of copies, with its baseline: warm SLOAD, CALL of an empty account, CREATE of an empty
/// contract.
[[nodiscard]] std::vector<Program> host_functions();
/// ERC-20 transfers, swaps, storage churn, deep calls.
[[nodiscard]] std::vector<Program> state_heavy();
/// Most time for gas: deep calls, memory at its limits, init code of the greatest size, code full of JUMPDESTs.
/// `variant` changes code whose first execution counts.
[[nodiscard]] std::vector<Program> worst(std::uint64_t variant);

} // namespace rvm::bench
