#include "schedule.hpp"

namespace rvm::evm {
namespace {

constexpr std::array<std::int16_t, kOpcodes> static_gas(Rules rules) {
    std::array<std::int16_t, kOpcodes> table{};
    table.fill(-1);
#define RVM_EVM_OPCODE(name, number, operands, results, gas, since)                                                    \
    if (rules >= Rules::since) table[number] = gas;
#include "opcodes.def"
#undef RVM_EVM_OPCODE
#define RVM_EVM_REPRICED(name, from, gas)                                                                              \
    if (rules >= Rules::from) table[OP_##name] = gas;
#include "opcodes.def"
#undef RVM_EVM_REPRICED
    return table;
}

/// Yellow Paper before net metering: what is stored now and what will be decide. The host names changes by three
/// values; here the first of them does not matter.
constexpr std::array<StorePrice, kSlotChanges> gross_store_prices() {
    constexpr std::int16_t set = 20000, reset = 5000, clear = 15000;
    std::array<StorePrice, kSlotChanges> table{};
    table[RVM_SLOT_ASSIGNED] = {reset, 0};
    table[RVM_SLOT_ADDED] = {set, 0};
    table[RVM_SLOT_DELETED] = {reset, clear};
    table[RVM_SLOT_MODIFIED] = {reset, 0};
    table[RVM_SLOT_DELETED_ADDED] = {set, 0};
    table[RVM_SLOT_MODIFIED_DELETED] = {reset, clear};
    table[RVM_SLOT_DELETED_RESTORED] = {set, 0};
    table[RVM_SLOT_ADDED_DELETED] = {reset, clear};
    table[RVM_SLOT_MODIFIED_RESTORED] = {reset, 0};
    return table;
}

constexpr Schedule make(Rules rules) {
    Schedule s;
    s.rules = rules;
    s.gas = static_gas(rules);

    s.store = gross_store_prices();
    constexpr int set = 20000, warm_reset = 5000 - static_cast<int>(kColdSlotGas);
    if (rules == Rules::constantinople) s.store = net_store_prices(200, set, 5000, 15000);
    if (rules >= Rules::istanbul) s.store = net_store_prices(800, set, 5000, 15000);
    if (rules >= Rules::berlin) s.store = net_store_prices(kWarmAccessGas, set, warm_reset, 15000);
    if (rules >= Rules::london) s.store = net_store_prices(kWarmAccessGas, set, warm_reset, 4800);
    s.meters_net = rules == Rules::constantinople || rules >= Rules::istanbul;
    if (rules >= Rules::istanbul) s.store_sentry = kStoreSentryGas;

    if (rules >= Rules::eip158) s.exp_byte = 50; // EIP-160
    if (rules >= Rules::berlin) {
        s.cold_account = kColdAccountGas - kWarmAccessGas;
        s.cold_slot = kColdSlotGas - kWarmAccessGas;
        s.cold_store = kColdSlotGas;
        s.cold_heir = kColdAccountGas;
    }
    if (rules >= Rules::eip158) s.max_code = kMaxCodeBytes;
    if (rules >= Rules::shanghai) {
        s.max_init_code = kMaxInitCodeBytes;
        s.init_code_word = kInitCodeWordGas;
    }
    if (rules >= Rules::london) s.destroy_refund = 0; // EIP-3529

    s.deposit_required = rules >= Rules::homestead;
    s.keeps_64th = rules >= Rules::eip150;
    s.destroy_prices_heir = rules >= Rules::eip150;
    s.empty_is_dead = rules >= Rules::eip158;
    s.refuses_reserved_prefix = rules >= Rules::london;
    s.destroys_new_only = rules >= Rules::cancun;
    s.delegates = rules >= Rules::prague;
    return s;
}

constexpr Schedules kSchedules = [] {
    Schedules table{};
    for (std::size_t i = 0; i < kRuleSets; ++i)
        table[i] = make(static_cast<Rules>(i));
    return table;
}();

} // namespace

const Schedules& fork_schedules() noexcept { return kSchedules; }

const Schedule& schedule_of(Rules rules) noexcept { return kSchedules[static_cast<std::size_t>(rules)]; }

} // namespace rvm::evm
