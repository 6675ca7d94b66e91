// rvm record: another verb, and everything its programs did in a file.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/dispatch.hpp"
#include "cli/files.hpp"
#include "cli/verb.hpp"
#include "record/recorder.hpp"

namespace rvm::host {

int run_record(Session& session, Options& options) {
    std::string output;
    std::uint64_t steps = record::default_steps;
    bool no_steps = false;
    std::vector<std::string> words;
    options.text("-o,--output", "FILE", output, "where the recording goes");
    options.number("--steps", "N", steps, fmt::format("instructions kept; default {}", record::default_steps), 1, UINT64_MAX);
    options.flag("--no-steps", no_steps, "keep results only: a smaller file, and a difference is found less exactly");
    options.rest("VERB", words, "the verb to run, with its own words");
    options.parse();
    if (output.empty()) throw UsageError("-o FILE is missing", "`rvm record -o run.rvmrec run FILE`");
    if (words.empty()) throw UsageError("VERB is missing", "`rvm record -o run.rvmrec run FILE`");

    record::Recorder recorder(no_steps ? 0 : steps);
    session.prepare = [&](RuntimeOptions& runtime) { recorder.attach(runtime); };
    session.written_last = output;
    const int status = dispatch_verb(session, words);
    record::Recording recording = recorder.take();
    if (recording.worlds.empty())
        throw failure(ErrorCode::recording_empty, {}, {}, fmt::format("`rvm {}` ran no program in a world", words.front()));
    Report report;
    recording.product = RVM_PRODUCT_VERSION;
    recording.semantics = session.runtime().semantics_text(report);
    recording.command = words;
    recording.exit_status = static_cast<std::uint64_t>(status);
    const Bytes file = record::encode(recording);
    write_atomically(output, as_text(file), ErrorCode::output_unwritable);
    session.remark(fmt::format("recorded {} steps in {} bytes", recording.kept_steps, file.size()));
    return status;
}

} // namespace rvm::host
