// rvm record: another verb, and everything its programs did in a file.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "verbs/recorded_verb.hpp"

namespace rvm::host {

int run_record(Session& session, Options& options) {
    std::string output;
    std::uint64_t steps = 0; // not given
    bool no_steps = false;
    std::vector<std::string> words;
    options.text("-o,--output", "FILE", output, "where the recording goes");
    options.number("--steps", "N", steps, fmt::format("instructions kept; default {}", record::default_steps), 1,
                   UINT64_MAX);
    options.flag("--no-steps", no_steps, "keep results only: a smaller file, and a difference is found less exactly");
    options.rest("VERB", words, "the verb to run, with its own words");
    options.parse();
    if (output.empty()) throw UsageError("-o FILE is missing", "`rvm record -o run.rvmrec run FILE`");
    if (output == "-") throw UsageError("-o: a recording goes to a file", "standard output is the verb's");
    if (no_steps && steps != 0) throw UsageError("--steps and --no-steps do not go together");
    if (words.empty()) throw UsageError("VERB is missing", "`rvm record -o run.rvmrec run FILE`");

    prove_writable(output, ErrorCode::output_unwritable); // what the verb does stays done

    record::Recorder recorder(no_steps ? 0 : steps != 0 ? steps : record::default_steps);
    session.prepare = [&](RuntimeOptions& runtime) { recorder.attach(runtime); };
    session.written_last = output;
    auto [status, recording] = run_recorded(session, recorder, words);
    Report report;
    recording.semantics = session.runtime().semantics_text(report);
    const Bytes file = record::encode(recording);
    write_atomically(output, as_text(file), ErrorCode::output_unwritable);
    session.remark(fmt::format("recorded {} steps in {} bytes", recording.kept_steps, file.size()));
    return status;
}

} // namespace rvm::host
