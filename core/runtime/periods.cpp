#include "runtime/periods.hpp"

namespace rvm::runtime {
namespace {

thread_local std::uint32_t period_of_thread = 0;

} // namespace

std::uint32_t current_period() noexcept { return period_of_thread; }

PeriodScope::PeriodScope(std::uint32_t period) noexcept : before_(std::exchange(period_of_thread, period)) {}
PeriodScope::~PeriodScope() { period_of_thread = before_; }

const rvm_opcode* PeriodPrices::of(const rvm_opcode& item, std::uint32_t period) {
    const auto price = chain_.prices_in(period, item.id).base;
    if (!price) return &item;
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = opcodes_.try_emplace({&item, period}, item);
    if (is_new) entry->second.gas = *price;
    return &entry->second;
}

const rvm_syscall* PeriodPrices::of(const rvm_syscall& item, std::uint32_t period) {
    const manifest::GasOverride prices = chain_.prices_in(period, item.id);
    if (!prices.base && !prices.per_unit) return &item;
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = syscalls_.try_emplace({&item, period}, Syscall{item, *item.gas});
    Syscall& priced = entry->second;
    if (is_new) {
        priced.gas.base = prices.base.value_or(priced.gas.base);
        priced.gas.per_unit = prices.per_unit.value_or(priced.gas.per_unit);
        priced.item.gas = &priced.gas; // map nodes do not move
    }
    return &priced.item;
}

} // namespace rvm::runtime
