// Programs at fixed addresses: which exist under the rule sets of a transaction.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {
class Registry;
}

namespace rvm::runtime {

class AssignedPrograms;

/// Fixed addresses have 16 leading zero bytes, so that most addresses are known to be none without a lookup, and the
/// plugins that provide programs are loaded only when such an address is met.
[[nodiscard]] inline bool may_be_program(const rvm_address& address) noexcept {
    std::uint64_t high[2];
    std::memcpy(high, address.bytes, sizeof high);
    return (high[0] | high[1]) == 0;
}

/// The programs active under one combination of rule sets, ascending by address. Immutable.
struct ProgramSet {
    std::vector<std::string> rules; ///< sorted names the set was made for
    std::vector<const rvm_program*> programs;
};

/// All programs of a deployment: those of its plugins, and the syscalls that its manifest puts at addresses. Thread-safe.
class ProgramTable {
  public:
    ProgramTable(plugin::Registry& registry, const AssignedPrograms& assigned)
        : registry_(registry), assigned_(assigned) {}

    /// The set for the rule-set names in force (any order), loading every provider of programs on first use. Lives as
    /// long as the table. nullptr with findings when two programs of the set share an address.
    [[nodiscard]] const ProgramSet* set_for(std::vector<std::string> rules, Report& report);

  private:
    plugin::Registry& registry_;
    const AssignedPrograms& assigned_; ///< at addresses of no plugin's program
    std::mutex mutex_;
    std::vector<std::unique_ptr<ProgramSet>> sets_;
};

} // namespace rvm::runtime
