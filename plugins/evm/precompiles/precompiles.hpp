// The precompiled contracts of Ethereum as programs at fixed addresses (rvm.program/1).
#pragma once

#include <span>
#include <vector>

#include "precompiles/primitives.hpp"

namespace rvm::evm {

/// All precompiles of all rule sets, for one plugin object. The programs point into it: it neither moves nor dies
/// before they do.
class Precompiles {
  public:
    Precompiles();
    Precompiles(const Precompiles&) = delete;
    Precompiles& operator=(const Precompiles&) = delete;

    /// In plugin->link. RVM_E_UNSUPPORTED: the host has no rvm.host.items/1. [main]
    rvm_status link(const rvm_host* host) noexcept { return primitives_.source.link(host); }

    /// Several share an address, under disjoint rule sets.
    [[nodiscard]] std::span<const rvm_program> programs() const noexcept { return programs_; }

  private:
    Primitives primitives_;
    std::vector<rvm_program> programs_;
};

} // namespace rvm::evm
