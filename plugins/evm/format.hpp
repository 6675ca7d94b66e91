// The execution format `evm` as the host sees it.
#pragma once

#include <rvm/plugin.hpp>

#include "interpreter.hpp"

namespace rvm::evm {

/// Everything the format's functions reach through `self`; one for the life of the plugin.
class Format {
  public:
    explicit Format(const sdk::Host& host);
    Format(const Format&) = delete;
    Format& operator=(const Format&) = delete;

    [[nodiscard]] const rvm_format& table() const noexcept { return table_; }
    [[nodiscard]] const Host& host() const noexcept { return host_; }
    [[nodiscard]] const DispatchTables& dispatch() const noexcept { return dispatch_; }

  private:
    Host host_;
    DispatchTables dispatch_;
    rvm_format table_{};
};

} // namespace rvm::evm
