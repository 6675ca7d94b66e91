// The lines of `rvm repl` that begin with a colon, and what completion offers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"
#include "repl/evaluator.hpp"

namespace rvm::host::repl {

enum class Answer : std::uint8_t { done, failed, quit };

/// Runs `line`, which begins with ':'. Throws Failure and UsageError, which end the command and not the session.
Answer run_command(Session& session, Evaluator& evaluator, std::string_view line);

/// What may stand where `word` stands: commands, mnemonics of this deployment, declarations, names of the session, ids
/// in quotes, files. Loads no plugin.
[[nodiscard]] std::vector<std::string> completions(Session& session, const Evaluator& evaluator,
                                                   std::string_view before, std::string_view word);

} // namespace rvm::host::repl
