// Runs a recording again: the same calls on worlds of a deployment, and what came of them compared.
#pragma once

#include <optional>

#include <rvm/runtime.hpp>

#include "record/recording.hpp"
#include "replay/divergence.hpp"

namespace rvm::replay {

/// What a replay did.
struct Outcome {
    std::optional<Divergence> divergence; ///< the first one
    std::size_t worlds = 0, executions = 0;
    std::uint64_t steps = 0; ///< instructions that were executed
};

/// What is asked of a replay.
enum class Purpose : std::uint8_t {
    compare, ///< with what was recorded
    repeat,  ///< compare nothing, answer for the outside only: the run is recorded anew meanwhile. A divergence is what this
             ///< deployment cannot be asked to do
};

/// The deployment must have been opened with record::listen(), with steps if the recording has any. Throws Failure where the
/// deployment itself fails, record::Malformed for a stream of events that is none.
[[nodiscard]] Outcome replay(Runtime& runtime, const record::Recording& recording, Purpose purpose = Purpose::compare);

} // namespace rvm::replay
