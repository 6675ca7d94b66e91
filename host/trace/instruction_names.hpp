// What instructions are called: so that a trace of none of them is told from a trace of a word that is misspelt.
#pragma once

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "record/recording.hpp"

namespace rvm::host {

/// Names of the instructions that ran, of those of the formats that ran, and of the deployment's native ones. Throws
/// record::Malformed.
[[nodiscard]] std::vector<std::string> instruction_names(Session& session, const record::Recording& recording);

/// Throws UsageError for the first of `asked` that is none of them in any case, with the one that is nearest.
void require_instructions(const std::vector<std::string>& asked, const std::vector<std::string>& known);

} // namespace rvm::host
