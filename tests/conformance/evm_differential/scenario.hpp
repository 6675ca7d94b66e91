// What two formats run side by side: accounts and transactions, drawn from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rvm/plugin.h>

namespace rvm::differential {

using Bytes = std::vector<std::uint8_t>;

struct Account {
    rvm_address address{};
    rvm_u256 balance{};
    std::uint64_t nonce = 0;
    Bytes code;
    std::vector<std::pair<rvm_u256, rvm_u256>> slots;
};

struct Transaction {
    std::uint32_t kind = RVM_CALL_CALL; ///< or RVM_CALL_CREATE, with the init code in `input`
    rvm_address sender{};
    rvm_address target{};
    rvm_u256 value{};
    std::int64_t gas = 0;
    Bytes input;
    std::vector<std::pair<rvm_address, std::vector<rvm_u256>>> access_list;
};

struct Scenario {
    std::string rules;         ///< "cancun"; both formats name their rule sets so
    bool removes_empty = true; ///< EIP-161
    bool has_warmth = true;    ///< EIP-2929
    std::vector<Account> accounts;
    std::vector<Transaction> transactions;
    std::vector<rvm_address> watched; ///< accounts whose warmth is compared
};

/// Slots whose warmth is compared.
inline constexpr std::uint64_t watched_slots = 6;

/// Rule sets in order of time: what both formats have.
[[nodiscard]] const std::vector<std::string>& rule_sets();

/// The scenario of a seed. `rules` empty: drawn as well, the newer the likelier.
[[nodiscard]] Scenario draw(std::uint64_t seed, const std::string& rules);

} // namespace rvm::differential
