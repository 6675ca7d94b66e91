// What other programs read about this one: the manual page and the completions of shells, all from the verb table.
#pragma once

#include <string>

#include "cli/session.hpp"

namespace rvm::host {

/// rvm.1 for man(1).
[[nodiscard]] std::string manual_page(Session& session);
/// The completions for "bash", "zsh" or "fish". Throws UsageError for another shell.
[[nodiscard]] std::string completions(Session& session, const std::string& shell);

} // namespace rvm::host
