// A dress rehearsal: what a library does when it is loaded happens first in a forked child, so that a damaged one,
// whose pin or signature may even be right, costs the child and not the host.
#pragma once

#include <functional>
#include <string>

#include <rvm/report.hpp>

namespace rvm::plugin {

/// Longest a plugin may take from dlopen() to its contributions, seconds; a healthy one takes milliseconds, also on a
/// busy machine.
inline constexpr unsigned rehearsal_seconds = 10;

/// Runs `steps` in a forked child of this process, with default signal dispositions, no core file and an alarm. True
/// when it came to its end, whatever it found there: the caller does the same again and reports. F03 when the child
/// died by a signal, ended itself, or ran out of time. True as well when the system refuses to fork: a rehearsal is a
/// precaution.
///
/// Safe in a process with other threads as far as glibc's fork() is; the child calls only `steps` and _exit(). The
/// parent gets the SIGCHLD of a child that is reaped already.
[[nodiscard]] bool rehearse(const std::function<void()>& steps, const std::string& file, const std::string& plugin,
                            Report& report, unsigned seconds = rehearsal_seconds);

/// For a process that may be lost itself, as the children of `rvm plugin check`: rehearse() does nothing from now on.
void skip_rehearsals() noexcept;

} // namespace rvm::plugin
