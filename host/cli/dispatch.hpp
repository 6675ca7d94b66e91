// From the words of a command line to the verb that does the work.
#pragma once

#include <string>
#include <vector>

#include "cli/session.hpp"

namespace rvm::host {

/// Runs `rvm ARGUMENTS...` and returns the exit status: 0, 1, 2, 70 or 78. Never throws; everything that went wrong is
/// on the error stream, and with --json as {"exit", "findings"} on standard output too.
[[nodiscard]] int dispatch(Session& session, std::vector<std::string> arguments) noexcept;

/// The same without the final words on errors, for commands that run another verb. Throws.
[[nodiscard]] int dispatch_verb(Session& session, std::vector<std::string> arguments);

} // namespace rvm::host
