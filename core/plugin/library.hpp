// Loading a verified library into the process, for good.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {

/// Whether a change of the floating-point environment by a constructor refuses the plugin or only warns; the host's
/// setting is restored either way.
enum class FpChange { warn, refuse };

/// Loads the bytes that trust and preflight accepted, and returns the address of `entry_symbol` (to be judged before
/// use); nullptr with F03, F04 or F06 findings. The library is never unloaded: thread-local destructors, pthread keys
/// and pointers held by other plugins outlive any attempt. The same bytes are mapped once in a process and serve every
/// runtime in it. `id` and `sha256` (lower-case hex) name the copy. Thread-safe: one library is loaded at a time.
[[nodiscard]] const rvm_entry* load_library(ByteView bytes, const std::string& id, const std::string& sha256,
                                            const std::string& entry_symbol, FpChange fp_change,
                                            const std::string& file, Report& report);

/// The same for a library that is no plugin: the address of its exported function `symbol`, which preflight() listed.
[[nodiscard]] void* load_function(ByteView bytes, const std::string& id, const std::string& sha256,
                                  const std::string& symbol, FpChange fp_change, const std::string& file,
                                  Report& report);

} // namespace rvm::plugin
