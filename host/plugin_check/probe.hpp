// A real frame for items that need one: a format of the check's own, whose programs are functions of the check.
#pragma once

#include <cstdint>
#include <functional>

#include <rvm/plugin.h>
#include <rvm/runtime.hpp>

namespace rvm::host {

/// The built-in plugin behind in_frame().
extern "C" const rvm_entry probe_entry;

/// Runs `work` as a program: at depth 0 in an empty, ephemeral world that is forgotten afterwards, on an account with
/// some wei, code and one slot, with `gas`. What `work` returns is the frame's status. `work` must not throw.
[[nodiscard]] Outcome in_frame(Runtime& runtime, std::int64_t gas, const std::function<rvm_status(rvm_frame*)>& work);

} // namespace rvm::host
