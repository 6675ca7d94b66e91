// rvm trace: what a run did, from a recording or a verb that is run now.
#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"
#include "cli/plugin_command.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "explorer/page.hpp"
#include "plugin/registry.hpp"
#include "record/recording_file.hpp"
#include "trace/feed.hpp"
#include "verbs/recorded_verb.hpp"

namespace rvm::host {

namespace {

bool is_verb(Session& session, const std::string& word) {
    if (find_verb(word) != nullptr) return true;
    Report ignored;
    Runtime* runtime = session.try_runtime(ignored);
    return runtime != nullptr && runtime->registry().provider(RVM_KIND_COMMAND, word) != nullptr;
}

std::string traces(Session& session, const record::Recording& recording, const std::string& tracer, const TraceFilter& filter,
                   std::optional<std::uint64_t> wanted) {
    Report report;
    const auto found = session.runtime().registry().find<rvm_tracer>(tracer, report);
    if (!found) throw Failure(std::move(report));
    std::string text;
    std::uint64_t number = 0;
    for (const record::World& world : recording.worlds)
        for (const record::Call& call : world.calls) {
            if (call.kind != record::Call::Kind::execute) continue;
            if (!wanted || *wanted == number) text += trace_text(*found.item, call, number, filter);
            ++number;
        }
    if (wanted && *wanted >= number)
        throw UsageError(fmt::format("--execution: expected a number below {}, found {}", number, *wanted));
    return text;
}

} // namespace

int run_trace(Session& session, Options& options) {
    std::string tracer = "calltree", output, address, instructions, only, range, execution;
    std::uint64_t depth = UINT32_MAX;
    bool html = false;
    std::vector<std::string> words;
    options.text("--format", "TRACER", tracer, "calltree (default), jsonl, eip3155, or another tracer of a plugin");
    options.flag("--html", html, "write a page to look into the run with");
    options.text("-o,--output", "FILE", output, "where the trace goes; default standard output, for a page RECORDING.html or trace.html");
    options.text("--execution", "N", execution, "only this execution, from 0");
    options.text("--only", "KINDS", only, "some of calls,steps,state,logs");
    options.text("--op", "NAMES", instructions, "only these instructions, separated by commas");
    options.text("--address", "ADDRESS", address, "only frames of this account");
    options.number("--depth", "N", depth, "no frames deeper than this; 0 is the outermost", 0, UINT32_MAX);
    options.text("--range", "N..M", range, "only these steps of an execution, from 0");
    options.rest("RECORDING | VERB", words, "a file made by `rvm record`, or a verb with its own words");
    options.parse();
    if (words.empty()) throw UsageError("RECORDING or VERB is missing", "`rvm trace run FILE`");
    TraceFilter filter;
    filter.depth = depth;
    filter.instructions = split(instructions, ",");
    std::erase(filter.instructions, "");
    if (!only.empty()) filter.only(only);
    if (!range.empty()) filter.range(range);
    if (!address.empty()) {
        filter.address = parse_address(address);
        if (!filter.address) throw UsageError(fmt::format("--address: expected 0x and 40 hex digits, found \"{}\"", address));
    }
    const auto wanted = execution.empty() ? std::optional<std::uint64_t>() : parse_number(execution);
    if (!execution.empty() && !wanted) throw UsageError(fmt::format("--execution: expected a number, found \"{}\"", execution));

    int status = RVM_EXIT_OK;
    record::Recording recording;
    // Whether a word is a verb may depend on the deployment, which must be opened with the recorder in place.
    record::Recorder recorder(record::default_steps);
    session.prepare = [&](RuntimeOptions& runtime) { recorder.attach(runtime); };
    if (is_verb(session, words.front())) {
        if (html && output.empty()) output = "trace.html";
        if (output != "-") session.written_last = output;
        RecordedVerb run = run_recorded(session, recorder, words);
        status = run.status;
        recording = std::move(run.recording);
    } else {
        if (words.size() > 1) throw UsageError(fmt::format("unexpected argument \"{}\"", words[1]), "options of `rvm trace` stand before the recording");
        recording = read_recording(session, words.front());
        if (html && output.empty()) output = words.front() + ".html";
        if (output.empty() || output == "-")
            session.confine({});
        else
            session.confine_but_for_files(Session::Programs::none); // plugins' tracers and disassemblers
    }
    try {
        const std::string text = html ? explorer_page(session, recording) : traces(session, recording, tracer, filter, wanted);
        if (output.empty() || output == "-") {
            session.io.out(text);
        } else {
            write_atomically(output, text, ErrorCode::output_unwritable);
            session.remark(fmt::format("written {} bytes to {}", text.size(), output));
        }
    } catch (const record::Malformed& malformed) {
        throw recording_failure(words.front(), malformed);
    }
    return status;
}

} // namespace rvm::host
