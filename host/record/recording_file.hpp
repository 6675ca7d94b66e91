// Recordings on disk.
#pragma once

#include <string>

#include "cli/session.hpp"
#include "record/coding.hpp"
#include "record/recording.hpp"

namespace rvm::host {

/// Throws Failure: RVM-U02, or RVM-G01 and RVM-G02 for what is in it.
[[nodiscard]] record::Recording read_recording(Session& session, const std::string& file);
/// The finding for what a reader refused.
[[nodiscard]] Failure recording_failure(const std::string& file, const record::Malformed& malformed);

} // namespace rvm::host
