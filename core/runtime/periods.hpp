// Periods of a deployment (manifest::Chain::activations): which one an execution is in, and what items cost in it.
//
// Formats link items when they compile, so an artifact belongs to the period it was compiled in. The ABI's linking calls do
// not say for which execution they link: the thread does, for as long as the execution runs on it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include <rvm/plugin.h>

#include "manifest/manifest.hpp"

namespace rvm::runtime {

/// Period of the execution that this thread is in; 0, that of the manifest's own prices, outside of executions.
[[nodiscard]] std::uint32_t current_period() noexcept;

/// Puts this thread into a period for as long as it lives. Nests.
class PeriodScope {
  public:
    explicit PeriodScope(std::uint32_t period) noexcept;
    ~PeriodScope();
    PeriodScope(const PeriodScope&) = delete;
    PeriodScope& operator=(const PeriodScope&) = delete;

  private:
    std::uint32_t before_;
};

/// Items with the prices of periods: copies of the registry's, which have the manifest's own. Thread-safe; a copy lives as
/// long as the table.
class PeriodPrices {
  public:
    explicit PeriodPrices(const manifest::Chain& chain) : chain_(chain) {}

    /// `item` itself where the period changes nothing about it.
    [[nodiscard]] const rvm_opcode* of(const rvm_opcode& item, std::uint32_t period);
    [[nodiscard]] const rvm_syscall* of(const rvm_syscall& item, std::uint32_t period);

  private:
    struct Syscall {
        rvm_syscall item;
        rvm_gas_schedule gas;
    };
    const manifest::Chain& chain_;
    std::mutex mutex_;
    std::map<std::pair<const void*, std::uint32_t>, rvm_opcode> opcodes_;
    std::map<std::pair<const void*, std::uint32_t>, Syscall> syscalls_;
};

} // namespace rvm::runtime
