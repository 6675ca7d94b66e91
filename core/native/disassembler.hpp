// Container `.rvm` to assembly text `.rasm`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <rvm/report.hpp>

#include "base/bytes.hpp"
#include "native/verifier.hpp"

namespace rvm::native {

/// Text that assembles to the same bytes again, for every valid container, with debug information and custom sections.
/// Imports are written out, so no plugin is needed to read it. nullopt with errors when the container is not valid.
[[nodiscard]] std::optional<std::string> disassemble(ByteView bytes, Report& report);

/// One instruction of a verified program as text, with indices for names: "push 10", "jump 3".
[[nodiscard]] std::string describe(const Program& program, std::uint32_t instruction);

} // namespace rvm::native
