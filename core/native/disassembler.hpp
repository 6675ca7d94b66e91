// Container `.rvm` to assembly text `.rasm`.
#pragma once

#include <optional>
#include <string>

#include <rvm/report.hpp>

#include "base/bytes.hpp"

namespace rvm::native {

/// Text that assembles to the same bytes again, for every valid container, with debug information and custom sections.
/// Imports are written out, so no plugin is needed to read it. nullopt with errors when the container is not valid.
[[nodiscard]] std::optional<std::string> disassemble(ByteView bytes, Report& report);

} // namespace rvm::native
