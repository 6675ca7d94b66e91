// The execution format `evm` as the host sees it.
#pragma once

#include <rvm/plugin.hpp>

#include "interpreter.hpp"
#include "overlay.hpp"

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
    /// By a frame's `rules`.
    [[nodiscard]] const Schedule& schedule(std::uint32_t rules) const noexcept { return schedules_[rules]; }

    /// What this deployment changes; before the first frame. Throws as apply_overlays().
    void overlay(const std::vector<Overlay>& overlays) { apply_overlays(overlays, schedules_); }
    /// Instructions of another plugin; before the first frame. Throws as add_plugin_ops().
    void add_ops(const rvm_evm_ops& ops) {
        add_plugin_ops(ops, dispatch_.ops, schedules_);
        make_dispatch_tables(schedules_, dispatch_);
    }

  private:
    Host host_;
    DispatchTables dispatch_;
    Schedules schedules_ = fork_schedules();
    rvm_format table_{};
};

} // namespace rvm::evm
