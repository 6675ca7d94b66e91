// Syscalls that the manifest puts at addresses (/programs): programs of every format call them there like a precompile.
//
// A call of such an address runs the syscall on the call's input; what it answers is what the call returns. The frame
// pays the syscall's price of the transaction's period (rvm_gas_schedule), nothing else. A call that cannot pay, and
// one that the syscall traps, ends as it does at the address of a plugin's program: its effects are undone and all gas
// that it was given is gone.
#pragma once

#include <deque>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::manifest {
struct Manifest;
}
namespace rvm::plugin {
class Registry;
}

namespace rvm::runtime {

class GuardFrames;
class PeriodPrices;

class AssignedPrograms {
  public:
    AssignedPrograms() = default;
    AssignedPrograms(const AssignedPrograms&) = delete;
    AssignedPrograms& operator=(const AssignedPrograms&) = delete;

    /// Takes the manifest's assignments, loading the plugins that provide the syscalls and, since an address must be
    /// free under every rule set, all that provide programs. Once, before programs() is asked for. Everything given
    /// outlives this object. False with findings: no such syscall (RVM-R10), one that is not PURE alone (RVM-R11), an
    /// address that is a plugin's (RVM-R12).
    [[nodiscard]] bool open(const manifest::Manifest& manifest, plugin::Registry& registry, GuardFrames& guards,
                            PeriodPrices& prices, Report& report);

    /// One program an assignment, ascending by address; each has the syscall's id. They live as long as this object.
    [[nodiscard]] const std::vector<rvm_program>& programs() const noexcept { return programs_; }

  private:
    /// What a program's `self` points to.
    struct Assigned {
        std::vector<const rvm_syscall*> of_period; ///< the syscall with its price in each period of the chain
        rvm_frame* guard;
        [[nodiscard]] rvm_status run(rvm_view input, std::int64_t& gas, rvm_span& out) const noexcept;
    };
    static rvm_status run(const void* self, rvm_view input, std::int64_t* gas, rvm_span* out) noexcept;

    std::deque<Assigned> assigned_; ///< elements stay where they are
    std::vector<rvm_program> programs_;
};

} // namespace rvm::runtime
