// Giving up what a process needs no more once its deployment is open: manifests with "confine".
#pragma once

#include <string>

#include "manifest/sidecar.hpp"

namespace rvm::host {

/// A seccomp filter for every thread of the process, present and future; nothing takes it back. What is left are the
/// descriptors that are open, memory that is not executable, threads, signals to itself and time. Everything else,
/// calls that a newer kernel knows included, fails with EPERM, but for what `needs` names. False: the kernel refused,
/// `why_not` says how, and nothing has changed.
[[nodiscard]] bool confine_process(const manifest::ServiceNeeds& needs, std::string& why_not);

} // namespace rvm::host
