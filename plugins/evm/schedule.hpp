// What the rule sets differ in: prices and limits, one constant table each.
#pragma once

#include <array>
#include <cstdint>

#include <rvm/plugin.h>

#include "opcodes.hpp"
#include "rules.hpp"

namespace rvm::evm {

// Prices and limits that never changed, by the names of the Yellow Paper (appendix G) and the EIPs.
inline constexpr std::int64_t kMemoryWordGas = 3, kQuadraticDivisor = 512;
inline constexpr std::int64_t kCopyWordGas = 3, kKeccakWordGas = 6, kLogByteGas = 8;
inline constexpr std::int64_t kCallValueGas = 9000, kNewAccountGas = 25000, kCallStipend = 2300;
inline constexpr std::int64_t kCodeDepositGas = 200;                       // a byte
inline constexpr std::int64_t kInitCodeWordGas = 2;                        // EIP-3860
inline constexpr std::int64_t kGasReserveDivisor = 64;                     // EIP-150
inline constexpr std::int64_t kColdAccountGas = 2600, kColdSlotGas = 2100; // EIP-2929
inline constexpr std::int64_t kWarmAccessGas = 100;                        // EIP-2929
inline constexpr std::int64_t kStoreSentryGas = 2300;                      // EIP-2200
inline constexpr std::int64_t kDestroyRefund = 24000;                      // until EIP-3529
inline constexpr std::uint64_t kMaxCodeBytes = 24576;                      // EIP-170
inline constexpr std::uint64_t kMaxInitCodeBytes = 2 * kMaxCodeBytes;      // EIP-3860
inline constexpr std::uint64_t kBlockHashes = 256;                         // Yellow Paper, BLOCKHASH
inline constexpr std::uint8_t kReservedPrefix = 0xef;                      // EIP-3541

/// Cost of a storage write and what it adds to the refund counter.
struct StorePrice {
    std::int16_t gas = 0;
    std::int16_t refund = 0;
};
inline constexpr std::size_t kSlotChanges = 9; // RVM_SLOT_*

struct Schedule {
    Rules rules = Rules::frontier;
    /// Static gas by opcode; -1: not defined under these rules.
    std::array<std::int16_t, kOpcodes> gas{};
    /// By RVM_SLOT_*; rule sets before EIP-1283, Petersburg again among them, look only at the current and the new
    /// value.
    std::array<StorePrice, kSlotChanges> store{};
    std::int16_t exp_byte = 10;
    std::int16_t cold_account = 0, cold_slot = 0; ///< added to the static gas, which covers a warm access
    std::int16_t cold_store = 0, cold_heir = 0;   ///< SSTORE, SELFDESTRUCT
    std::int16_t store_sentry = 0;                ///< SSTORE with this gas or less runs out of gas
    std::uint64_t max_code = UINT64_MAX, max_init_code = UINT64_MAX;
    std::int64_t init_code_word = 0;
    std::int64_t destroy_refund = kDestroyRefund;

    bool deposit_required = true;         ///< EIP-2: a creation fails when it cannot pay for its code
    bool keeps_64th = false;              ///< EIP-150
    bool empty_is_dead = false;           ///< EIP-161: emptiness instead of existence decides about kNewAccountGas
    bool destroy_prices_heir = false;     ///< EIP-150: SELFDESTRUCT to a new account costs kNewAccountGas
    bool refuses_reserved_prefix = false; ///< EIP-3541
    bool destroys_new_only = false;       ///< EIP-6780
    bool delegates = false;               ///< EIP-7702
    bool meters_net = false;              ///< EIP-1283, EIP-2200: storage is priced by four numbers
    std::array<bool, kOpcodes> from_plugin{}; ///< whose instruction it is, where `gas` is not -1 (plugin_ops.hpp)
    bool has_plugin_ops() const noexcept {
        for (const bool is : from_plugin)
            if (is) return true;
        return false;
    }
    bool overlaid = false;                ///< changed by the deployment (overlay.hpp)
};

/// Net metering: EIP-1283 (noop 200), EIP-2200 (noop 800), EIP-2929 (noop 100, reset without the cold part), EIP-3529
/// (clear). By RVM_SLOT_*.
[[nodiscard]] constexpr std::array<StorePrice, kSlotChanges> net_store_prices(int noop, int set, int reset,
                                                                              int clear) {
    std::array<StorePrice, kSlotChanges> table{};
    const auto price = [](int gas, int refund) {
        return StorePrice{static_cast<std::int16_t>(gas), static_cast<std::int16_t>(refund)};
    };
    table[RVM_SLOT_ASSIGNED] = price(noop, 0);
    table[RVM_SLOT_ADDED] = price(set, 0);
    table[RVM_SLOT_DELETED] = price(reset, clear);
    table[RVM_SLOT_MODIFIED] = price(reset, 0);
    table[RVM_SLOT_DELETED_ADDED] = price(noop, -clear);
    table[RVM_SLOT_MODIFIED_DELETED] = price(noop, clear);
    table[RVM_SLOT_DELETED_RESTORED] = price(noop, reset - noop - clear);
    table[RVM_SLOT_ADDED_DELETED] = price(noop, set - noop);
    table[RVM_SLOT_MODIFIED_RESTORED] = price(noop, reset - noop);
    return table;
}

/// By Rules.
using Schedules = std::array<Schedule, kRuleSets>;

/// The tables of Ethereum's rule sets; static storage.
[[nodiscard]] const Schedules& fork_schedules() noexcept;
/// The table of one rule set of Ethereum; static storage. What a deployment runs under: Format::schedule.
[[nodiscard]] const Schedule& schedule_of(Rules rules) noexcept;

} // namespace rvm::evm
