// Verified bytecode -> register code of the engine, in one pass over the instructions of each function.
#pragma once

#include <optional>

#include "engine/code.hpp"
#include "native/link.hpp"

namespace rvm::native {

/// Register code with the function numbers of the program; sources are instruction indices. Words that the rules count
/// (engine::Context::logical_limit) are words of the operand stack. An entry function leaves the top of its stack, if there
/// is one. Code runs in an EngineFrame only, and calls the artifact's imports where they are now. Nothing when the program
/// exceeds the engine's limits, which the limits of native bytecode exclude.
[[nodiscard]] std::optional<engine::Code> translate(const Artifact& artifact);

} // namespace rvm::native
