// The format `wasm` (rvm.format/1): modules as programs of accounts.
//
// A program exports `execute: () -> ()`, called once a frame in an instance of its own, and imports from the module
// `rvm` alone. As init code a module deploys itself; if it exports `deploy: () -> ()`, that runs first.
#pragma once

#include <rvm/plugin.h>

#include "format/environment.hpp"

namespace rvm::wasm::format {

class Format {
  public:
    Format();
    Format(const Format&) = delete;
    Format& operator=(const Format&) = delete;

    void link(const HostTables& host) noexcept { host_ = host; }
    [[nodiscard]] const rvm_format& table() const noexcept { return table_; }

  private:
    rvm_status compile(rvm_view code, rvm_artifact** out, rvm_error* error) const;
    rvm_status execute(const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) const;
    rvm_status deployed(rvm_frame* frame, rvm_view* code) const;

    HostTables host_;
    rvm_format table_{};
};

} // namespace rvm::wasm::format
