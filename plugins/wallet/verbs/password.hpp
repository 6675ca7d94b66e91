// Passwords: from a file, or from the terminal without an echo. Never from the command line or the environment.
#pragma once

#include <string>

#include "verbs/context.hpp"

namespace rvm::wallet {

/// The first line of the file ("-": of standard input), without its end; the terminal (/dev/tty) when `file` is
/// nullptr. `twice`: a new password is typed again and must not be empty. Throws Unreadable: no such file; UsageError:
/// no terminal, or the input ended; Refusal: the two differ.
[[nodiscard]] Secret read_password(const Context& context, const std::string* file, const std::string& prompt,
                                   bool twice);

} // namespace rvm::wallet
