// Transactions of types 0 to 4 (EIP-2718) as values. `Address` and `Hash` have an array `bytes` of 20 and 32.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "u256/u256.hpp"

namespace rvm::tx {

using u256::U256;

enum class Type : std::uint8_t {
    legacy = 0,
    access_list = 1, ///< EIP-2930
    dynamic_fee = 2, ///< EIP-1559
    blob = 3,        ///< EIP-4844
    set_code = 4,    ///< EIP-7702
};
inline constexpr std::uint8_t last_type = 4;

/// One entry of an access list (EIP-2930).
template <class Address>
struct AccessEntry {
    Address address;
    std::vector<U256> keys;
};

/// An authority's signed wish to run another account's code (EIP-7702).
template <class Address>
struct Authorization {
    U256 chain_id;
    Address address{};
    std::uint64_t nonce = 0;
    std::uint8_t y_parity = 0;
    U256 r, s;
};

/// Fields that a type lacks are zero or empty. `data` is a view: whoever made the transaction keeps the bytes.
template <class Address, class Hash>
struct Transaction {
    Type type = Type::legacy;
    std::optional<U256> chain_id; ///< nullopt: a legacy transaction without replay protection (EIP-155)
    std::uint64_t nonce = 0;
    std::uint64_t gas_limit = 0;
    U256 max_fee;              ///< wei a gas; the gas price of types 0 and 1
    U256 max_priority_fee;     ///< equals max_fee in types 0 and 1
    std::optional<Address> to; ///< nullopt: a creation
    U256 value;
    std::span<const std::uint8_t> data; ///< input, or init code
    std::vector<AccessEntry<Address>> access_list;
    U256 max_fee_per_blob_gas;
    std::vector<Hash> blob_hashes;
    std::vector<Authorization<Address>> authorizations;
    bool y_parity = false;
    U256 r, s;

    [[nodiscard]] bool is_create() const noexcept { return !to.has_value(); }
    [[nodiscard]] bool has_fee_market() const noexcept { return type >= Type::dynamic_fee; }
};

} // namespace rvm::tx
