// Another verb, run while a recorder listens: what `rvm record` and `rvm trace` have in common.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.hpp"
#include "record/recorder.hpp"

namespace rvm::host {

struct RecordedVerb {
    int status = 0; ///< of the verb
    record::Recording recording;
};

/// `recorder` is attached to what the session opens. Throws UsageError for a verb that listens itself, Failure
/// (RVM-G03) when nothing ran.
[[nodiscard]] RecordedVerb run_recorded(Session& session, record::Recorder& recorder,
                                        const std::vector<std::string>& words);

} // namespace rvm::host
