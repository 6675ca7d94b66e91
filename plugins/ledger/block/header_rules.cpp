#include "block/header_rules.hpp"

#include <algorithm>
#include <string_view>

#include "block/difficulty.hpp"
#include "rules/blob_fee.hpp"
#include "u256/divide.hpp"
#include "u256/text.hpp"

namespace rvm::ledger {
namespace {

constexpr std::uint64_t min_gas_limit = 5000;
constexpr std::uint64_t max_gas_limit = INT64_MAX; // EIP-1985
constexpr std::uint64_t gas_limit_bound_divisor = 1024;
// EIP-1559
constexpr std::uint64_t elasticity = 2;
constexpr std::uint64_t base_fee_max_change_denominator = 8;
constexpr std::uint64_t initial_base_fee = 1'000'000'000;
// EIP-7918
constexpr std::uint64_t blob_base_cost = 1u << 13u;
// EIP-779
constexpr std::string_view dao_extra_data = "dao-hard-fork";
constexpr std::uint64_t dao_blocks = 10;

std::string text_of(std::uint64_t value) { return std::to_string(value); }
std::string text_of(const U256& value) { return u256::to_decimal(value); }

template <class T>
Refusal differs(BlockFault fault, std::string_view field, const T& found, const T& expected) {
    return refuse(fault, std::string(field) + " is " + text_of(found) + ", expected " + text_of(expected));
}

/// A field that exists since a fork must be there exactly then.
Refusal check_presence(std::string_view field, bool present, bool expected) {
    if (present == expected) return std::nullopt;
    return refuse(BlockFault::header_fields,
                  std::string(field) + (present ? " does not exist in this fork" : " is missing"));
}

Refusal check_fields(const Header& header, const Fork& fork) {
    const bool cancun = fork.has(Revision::cancun);
    const struct {
        std::string_view name;
        bool present, expected;
    } fields[] = {
        {"base fee", header.base_fee.has_value(), fork.has(Revision::london)},
        {"withdrawals root", header.withdrawals_root.has_value(), fork.has(Revision::shanghai)},
        {"blob gas used", header.blob_gas_used.has_value(), cancun},
        {"excess blob gas", header.excess_blob_gas.has_value(), cancun},
        {"parent beacon root", header.parent_beacon_root.has_value(), cancun},
        {"requests hash", header.requests_hash.has_value(), fork.has(Revision::prague)},
    };
    for (const auto& field : fields) {
        if (Refusal refusal = check_presence(field.name, field.present, field.expected)) return refusal;
    }
    return std::nullopt;
}

Refusal check_gas_limit(const Header& header, const Fork& fork, const Header& parent, const Fork& parent_fork) {
    // The first block with a base fee doubles the limit: half of it is the target (EIP-1559).
    const bool doubles = fork.has(Revision::london) && !parent_fork.has(Revision::london);
    const std::uint64_t before = doubles ? parent.gas_limit * elasticity : parent.gas_limit;
    const std::uint64_t change = header.gas_limit > before ? header.gas_limit - before : before - header.gas_limit;
    const std::uint64_t bound = before / gas_limit_bound_divisor;
    if (change >= bound) {
        return refuse(BlockFault::gas_limit, "gas limit is " + text_of(header.gas_limit) + ", expected less than " +
                                                 text_of(bound) + " from " + text_of(before));
    }
    if (header.gas_limit < min_gas_limit || header.gas_limit > max_gas_limit) {
        return refuse(BlockFault::gas_limit, "gas limit is " + text_of(header.gas_limit) + ", expected " +
                                                 text_of(min_gas_limit) + " to " + text_of(max_gas_limit));
    }
    if (header.gas_used > header.gas_limit) {
        return refuse(BlockFault::gas_above_limit,
                      "gas used is " + text_of(header.gas_used) + ", above the gas limit " + text_of(header.gas_limit));
    }
    return std::nullopt;
}

/// Difficulty before the merge; its absence afterwards (EIP-3675).
Refusal check_consensus(const Header& header, const Fork& fork, const Header& parent) {
    if (fork.has(Revision::paris)) {
        if (header.difficulty) return differs(BlockFault::after_merge, "difficulty", header.difficulty, U256{});
        if (std::ranges::any_of(header.nonce, [](std::uint8_t byte) { return byte != 0; })) {
            return refuse(BlockFault::after_merge, "nonce is not zero after the merge");
        }
        if (header.has_ommers()) return refuse(BlockFault::after_merge, "ommers after the merge");
        return std::nullopt;
    }
    const DifficultyParent from{parent.difficulty, parent.timestamp, parent.has_ommers()};
    const U256 expected = expected_difficulty(fork, from, header.number, header.timestamp);
    if (header.difficulty != expected)
        return differs(BlockFault::difficulty, "difficulty", header.difficulty, expected);
    return std::nullopt;
}

Refusal check_blob_gas(const Header& header, const Fork& fork, const Header& parent) {
    const std::uint64_t limit = fork.blobs.max * gas_per_blob;
    if (*header.blob_gas_used > limit)
        return refuse(BlockFault::blob_gas_used,
                      "blob gas used is " + text_of(*header.blob_gas_used) + ", above " + text_of(limit));
    if (*header.blob_gas_used % gas_per_blob != 0) {
        return refuse(BlockFault::blob_gas_used, "blob gas used is " + text_of(*header.blob_gas_used) +
                                                     ", expected a multiple of " + text_of(gas_per_blob));
    }
    const std::uint64_t expected = next_excess_blob_gas(parent, fork);
    if (*header.excess_blob_gas != expected)
        return differs(BlockFault::excess_blob_gas, "excess blob gas", *header.excess_blob_gas, expected);
    return std::nullopt;
}

} // namespace

U256 next_base_fee(const Header& parent) noexcept {
    const std::uint64_t target = parent.gas_limit / elasticity;
    const U256 fee = *parent.base_fee;
    if (parent.gas_used == target || target == 0) return fee;
    const std::uint64_t distance = parent.gas_used > target ? parent.gas_used - target : target - parent.gas_used;
    const U256 change = fee * U256{distance} / U256{target} / U256{base_fee_max_change_denominator};
    return parent.gas_used > target ? fee + std::max(change, U256{1}) : fee - change;
}

U256 expected_base_fee(const Header& parent, const Fork& parent_fork) noexcept {
    return parent_fork.has(Revision::london) && parent.base_fee ? next_base_fee(parent) : U256{initial_base_fee};
}

std::uint64_t next_excess_blob_gas(const Header& parent, const Fork& fork) noexcept {
    const std::uint64_t target = fork.blobs.target * gas_per_blob;
    const std::uint64_t excess = parent.excess_blob_gas.value_or(0);
    const std::uint64_t used = parent.blob_gas_used.value_or(0);
    if (used > UINT64_MAX - excess) return UINT64_MAX;
    if (excess + used < target) return 0;
    if (fork.has(Revision::osaka)) { // EIP-7918: while execution costs more than the blobs, the target does not count
        const U256 floor = U256{blob_base_cost} * parent.base_fee.value_or(U256{});
        const u256::U512 price = u256::multiply_wide(blob_base_fee(fork.blobs, excess), U256{gas_per_blob});
        const U256 low{price.limbs[0], price.limbs[1], price.limbs[2], price.limbs[3]};
        if (price.limbs[4] == 0 && floor > low) {
            const U256 kept = U256{used} * U256{fork.blobs.max - fork.blobs.target} / U256{fork.blobs.max};
            return excess + kept.limbs[0]; // at most `used`
        }
    }
    return excess + used - target;
}

Refusal check_header(const Header& header, const Fork& fork, const Header& parent, const Fork& parent_fork) {
    if (header.number != parent.number + 1)
        return differs(BlockFault::number, "number", header.number, parent.number + 1);
    if (header.timestamp <= parent.timestamp) {
        return refuse(BlockFault::timestamp, "timestamp is " + text_of(header.timestamp) +
                                                 ", expected more than the parent's " + text_of(parent.timestamp));
    }
    if (header.extra_data.size() > max_extra_data) {
        return refuse(BlockFault::extra_data, "extra data has " + text_of(header.extra_data.size()) +
                                                  " bytes, at most " + text_of(max_extra_data) + " are allowed");
    }
    if (Refusal refusal = check_fields(header, fork)) return refusal;
    if (Refusal refusal = check_gas_limit(header, fork, parent, parent_fork)) return refusal;
    if (Refusal refusal = check_consensus(header, fork, parent)) return refusal;
    if (fork.has(Revision::london)) {
        const U256 expected = expected_base_fee(parent, parent_fork);
        if (*header.base_fee != expected) return differs(BlockFault::base_fee, "base fee", *header.base_fee, expected);
    }
    if (fork.has(Revision::cancun)) return check_blob_gas(header, fork, parent);
    return std::nullopt;
}

Refusal check_dao_extra_data(const Header& header, std::uint64_t dao_fork) {
    if (header.number < dao_fork || header.number - dao_fork >= dao_blocks) return std::nullopt;
    const std::string_view found(reinterpret_cast<const char*>(header.extra_data.data()), header.extra_data.size());
    if (found == dao_extra_data) return std::nullopt;
    return refuse(BlockFault::dao_extra_data,
                  "extra data is not \"" + std::string(dao_extra_data) + "\" in one of the DAO fork's first blocks");
}

} // namespace rvm::ledger
