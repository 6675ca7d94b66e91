// The format `wasm` (rvm.format/1): modules as programs of accounts.
//
// A program exports one entry: `execute: () -> ()`, or `user_entrypoint: (i32) -> (i32)` as contracts of vm_hooks do,
// or
// `_start: () -> ()` as programs of WASI do. It is called once a frame, in an instance of its own. As init code a
// module deploys itself; if it exports `deploy: () -> ()`, that runs first.
#pragma once

#include <rvm/plugin.h>

#include "format/configuration.hpp"
#include "hosts/imports.hpp"

namespace rvm::wasm::format {

class Format {
  public:
    Format();
    Format(const Format&) = delete;
    Format& operator=(const Format&) = delete;

    /// Both before anything is compiled.
    void configure(Configuration configuration) { configuration_ = std::move(configuration); }
    void link(const hosts::HostTables& host) noexcept { host_ = host; }
    [[nodiscard]] const rvm_format& table() const noexcept { return table_; }

  private:
    rvm_status compile(rvm_view code, std::uint32_t rules, rvm_artifact** out, rvm_error* error) const;
    rvm_status deployed(rvm_frame* frame, rvm_view* code) const;

    Configuration configuration_;
    hosts::HostTables host_;
    rvm_format table_{};
};

} // namespace rvm::wasm::format
