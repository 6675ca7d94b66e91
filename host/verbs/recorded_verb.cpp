#include "verbs/recorded_verb.hpp"

#include <fmt/format.h>

#include "cli/dispatch.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/values.hpp"

namespace rvm::host {

RecordedVerb run_recorded(Session& session, record::Recorder& recorder, const std::vector<std::string>& words) {
    const std::string& verb = words.front();
    if (verb == "record" || verb == "trace" || verb == "replay")
        throw UsageError(fmt::format("`rvm {}` listens to programs itself", verb),
                         verb == "replay"
                             ? "its recording can be traced: `rvm trace FILE`"
                             : "give the verb that runs the program; a recording can be traced: `rvm trace FILE`");
    RecordedVerb out;
    out.status = dispatch_verb(session, words);
    out.recording = recorder.take();
    if (out.recording.worlds.empty())
        throw failure(ErrorCode::recording_empty, {}, {}, fmt::format("`rvm {}` ran no program in a world", verb));
    out.recording.product = RVM_PRODUCT_VERSION;
    out.recording.command = words;
    out.recording.exit_status = static_cast<std::uint64_t>(out.status);
    return out;
}

} // namespace rvm::host
