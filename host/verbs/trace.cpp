// rvm trace: what a run did, from a recording or a verb that is run now.
#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/plugin_command.hpp"
#include "cli/session.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "explorer/page.hpp"
#include "plugin/registry.hpp"
#include "record/recording_file.hpp"
#include "record/step_reader.hpp"
#include "trace/feed.hpp"
#include "trace/instruction_names.hpp"
#include "verbs/recorded_verb.hpp"

namespace rvm::host {

namespace {

bool is_verb(Session& session, const std::string& word) {
    if (find_verb(word) != nullptr) return true;
    Report ignored;
    Runtime* runtime = session.try_runtime(ignored);
    return runtime != nullptr && runtime->registry().provider(RVM_KIND_COMMAND, word) != nullptr;
}

/// What the command line asks for.
struct Request {
    std::string tracer;
    TraceFilter filter;
    std::optional<std::uint64_t> execution;
    bool of_steps = false; ///< --op or --range
};

/// The instructions that are told of the executions that are shown: of the longest one.
std::uint64_t steps_of(const std::vector<const record::Call*>& executions, const Request& request) {
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < executions.size(); ++i) {
        if (request.execution && *request.execution != i) continue;
        record::StepReader reader(executions[i]->events, 0, false);
        for (record::Event event; reader.next(event);)
            most = std::max(most, reader.steps());
    }
    return most;
}

/// Refuses numbers and names that a recording has none of.
void check(Session& session, const record::Recording& recording, const std::vector<const record::Call*>& executions,
           const Request& request) {
    if (request.execution && *request.execution >= executions.size())
        throw UsageError(
            fmt::format("--execution: expected a number below {}, found {}", executions.size(), *request.execution),
            fmt::format("the run has {} execution{}", executions.size(), executions.size() == 1 ? "" : "s"));
    if (!request.of_steps) return;
    const std::uint64_t steps = steps_of(executions, request);
    if (steps == 0) throw UsageError("--op and --range show instructions, of which none are recorded");
    if (request.filter.first >= steps)
        throw UsageError(
            fmt::format("--range: expected steps below {}, found {}", steps, request.filter.first),
            fmt::format("{} has {} steps", request.execution ? "the execution" : "the longest execution", steps));
    if (!request.filter.instructions.empty())
        require_instructions(request.filter.instructions, instruction_names(session, recording));
}

std::string traces(Session& session, const record::Recording& recording, const Request& request) {
    Report report;
    const auto found = session.runtime().registry().find<rvm_tracer>(request.tracer, report);
    if (!found) throw Failure(std::move(report));
    const TraceFilter& filter = request.filter;
    const std::uint32_t asked = (filter.calls ? RVM_TRACE_FRAME : 0U) | (filter.steps ? RVM_TRACE_OP : 0U) |
                                (filter.state ? RVM_TRACE_STATE : 0U) | (filter.logs ? RVM_TRACE_LOG : 0U);
    if ((found.item->interest & (request.of_steps ? std::uint32_t{RVM_TRACE_OP} : asked)) == 0)
        throw UsageError(fmt::format("the tracer {} shows nothing of what is asked for", request.tracer),
                         "`--format jsonl` shows calls, steps, state and logs");
    std::vector<const record::Call*> executions;
    for (const record::World& world : recording.worlds)
        for (const record::Call& call : world.calls)
            if (call.kind == record::Call::Kind::execute) executions.push_back(&call);
    check(session, recording, executions, request);
    std::string text;
    for (std::size_t i = 0; i < executions.size(); ++i)
        if (!request.execution || *request.execution == i) text += trace_text(*found.item, *executions[i], i, filter);
    return text;
}

/// The trace as a member of a document: what a tracer writes as JSON lines is a list, other text stays text.
void add_trace(nlohmann::ordered_json& document, const std::string& text) {
    auto list = nlohmann::ordered_json::array();
    for (const std::string& line : split(text, "\n")) {
        if (line.empty()) continue;
        auto parsed = nlohmann::ordered_json::parse(line, nullptr, false);
        if (!parsed.is_object()) {
            document["text"] = text;
            return;
        }
        list.push_back(std::move(parsed));
    }
    document["trace"] = std::move(list);
}

/// Refuses a word that is neither a verb nor a file.
void require_recording(const std::vector<std::string>& words) {
    const std::string& word = words.front();
    if (word == "-" || std::filesystem::exists(word)) {
        if (words.size() == 1) return;
        throw UsageError(fmt::format("unexpected argument \"{}\"", words[1]),
                         "options of `rvm trace` stand before the recording");
    }
    std::vector<std::string_view> names;
    for (const Verb& verb : verb_table())
        names.push_back(verb.name);
    const std::string near = nearest(word, names);
    if (near.empty() && words.size() == 1) return; // reading it says what is wrong
    throw UsageError(fmt::format("\"{}\" is neither a verb nor a file", word),
                     near.empty() ? "`rvm help` lists all verbs" : fmt::format("did you mean `rvm trace {}`?", near));
}

/// Runs the verb of `words` under the recorder. With --json what it prints becomes a member of `document`.
RecordedVerb run_traced(Session& session, record::Recorder& recorder, const std::vector<std::string>& words,
                        nlohmann::ordered_json& document) {
    if (!session.globals.json) return run_recorded(session, recorder, words);
    session.io.hold();
    try {
        RecordedVerb run = run_recorded(session, recorder, words);
        const std::string said = session.io.take_held();
        auto parsed = nlohmann::ordered_json::parse(said, nullptr, false);
        document["run"] = parsed.is_discarded() ? nlohmann::ordered_json(said) : std::move(parsed);
        return run;
    } catch (...) {
        static_cast<void>(session.io.take_held()); // the refusal is the document
        throw;
    }
}

} // namespace

int run_trace(Session& session, Options& options) {
    constexpr std::uint64_t any_depth = UINT64_MAX;
    std::string tracer, output, address, instructions, only, range, execution;
    std::uint64_t depth = any_depth;
    bool html = false;
    std::vector<std::string> words;
    options.text("--format", "TRACER", tracer, "calltree (default), jsonl, eip3155, or another tracer of a plugin");
    options.flag("--html", html, "write a page to look into the run with");
    options.text("-o,--output", "FILE", output,
                 "where the trace goes; default standard output, for a page RECORDING.html or trace.html");
    options.text("--execution", "N", execution, "only this execution, from 0");
    options.text("--only", "KINDS", only, "some of calls,steps,state,logs");
    options.text("--op", "NAMES", instructions, "only these instructions, separated by commas");
    options.text("--address", "ADDRESS", address, "only frames of this account");
    options.number("--depth", "N", depth, "no frames deeper than this; 0 is the outermost", 0, UINT32_MAX);
    options.text("--range", "N..M", range, "only these steps of an execution, from 0");
    options.rest("RECORDING | VERB", words, "a file made by `rvm record`, or a verb with its own words");
    options.parse();
    if (words.empty()) throw UsageError("RECORDING or VERB is missing", "`rvm trace run FILE`");
    if (html)
        for (const auto& [given, name] : {std::pair(!tracer.empty(), "--format"),
                                          {!execution.empty(), "--execution"},
                                          {!only.empty(), "--only"},
                                          {!instructions.empty(), "--op"},
                                          {!address.empty(), "--address"},
                                          {depth != any_depth, "--depth"},
                                          {!range.empty(), "--range"}})
            if (given)
                throw UsageError(fmt::format("--html and {} do not go together", name),
                                 "the page shows the whole run, and has a search");
    Request request;
    request.tracer = tracer.empty() ? "calltree" : tracer;
    request.of_steps = !instructions.empty() || !range.empty();
    TraceFilter& filter = request.filter;
    if (depth != any_depth) filter.depth = depth;
    filter.instructions = split(instructions, ",");
    std::erase(filter.instructions, "");
    if (!instructions.empty() && filter.instructions.empty())
        throw UsageError(fmt::format("--op: expected names of instructions, found \"{}\"", instructions));
    if (!only.empty()) filter.only(only);
    if (request.of_steps && !filter.steps)
        throw UsageError("--op and --range show steps, which --only leaves out", "`--only steps`");
    if (!range.empty()) filter.range(range);
    if (!address.empty()) {
        filter.address = parse_address(address);
        if (!filter.address)
            throw UsageError(fmt::format("--address: expected 0x and 40 hex digits, found \"{}\"", address));
    }
    if (!execution.empty()) request.execution = parse_number(execution);
    if (!execution.empty() && !request.execution)
        throw UsageError(fmt::format("--execution: expected a number, found \"{}\"", execution));

    int status = RVM_EXIT_OK;
    record::Recording recording;
    nlohmann::ordered_json document; // with --json
    // Whether a word is a verb may depend on the deployment, which must be opened with the recorder in place.
    record::Recorder recorder(record::default_steps);
    session.prepare = [&](RuntimeOptions& runtime) { recorder.attach(runtime); };
    if (is_verb(session, words.front())) {
        if (html && output.empty()) output = "trace.html";
        if (output != "-") session.written_last = output;
        if (!output.empty() && output != "-")
            prove_writable(output, ErrorCode::output_unwritable); // what the verb does stays done
        RecordedVerb run = run_traced(session, recorder, words, document);
        status = run.status;
        recording = std::move(run.recording);
    } else {
        std::erase(words, "--json"); // taken already, wherever it stands
        require_recording(words);
        recording = read_recording(session, words.front());
        if (html && output.empty()) output = words.front() + ".html";
        if (output.empty() || output == "-")
            session.confine({});
        else
            session.confine_but_for_files(Session::Programs::none); // plugins' tracers and disassemblers
    }
    try {
        const std::string text = html ? explorer_page(session, recording) : traces(session, recording, request);
        const bool in_file = !output.empty() && output != "-";
        if (in_file) {
            write_atomically(output, text, ErrorCode::output_unwritable);
            session.remark(fmt::format("written {} bytes to {}", text.size(), output));
        }
        if (session.globals.json) {
            if (!html) document["tracer"] = request.tracer;
            if (in_file)
                document["file"] = output;
            else
                add_trace(document, text);
            session.print_json(document);
        } else if (!in_file) {
            session.io.out(text);
        }
    } catch (const record::Malformed& malformed) {
        throw recording_failure(words.front(), malformed);
    }
    return status;
}

} // namespace rvm::host
