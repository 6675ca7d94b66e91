// rvm replay: a recording again, and the first difference.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "manifest/fingerprint.hpp"
#include "record/listener.hpp"
#include "record/recorder.hpp"
#include "record/recording_file.hpp"
#include "record/step_reader.hpp"
#include "replay/replayer.hpp"

namespace rvm::host {

namespace {

using replay::Divergence;
using replay::Place;

nlohmann::ordered_json place_json(const Place& place) {
    nlohmann::ordered_json json{{"step", place.step}, {"pc", place.pc}, {"opcode", place.opcode}, {"name", place.name}};
    json["format"] = place.format;
    json["plugin"] = place.plugin;
    if (!place.source.empty()) json["source"] = place.source;
    json["address"] = address_text(place.address);
    json["depth"] = place.depth;
    json["gas"] = place.gas;
    json["cost"] = place.cost;
    return json;
}

nlohmann::ordered_json window_json(const std::vector<replay::Line>& lines) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const replay::Line& line : lines) {
        nlohmann::ordered_json json;
        if (line.step) json["step"] = *line.step;
        json["text"] = line.text;
        list.push_back(std::move(json));
    }
    return list;
}

nlohmann::ordered_json divergence_json(const Divergence& divergence) {
    nlohmann::ordered_json json{{"execution", divergence.execution}, {"stage", divergence.stage}};
    if (divergence.place) json["place"] = place_json(*divergence.place);
    json["what"] = divergence.what;
    json["recorded"] = divergence.recorded;
    json["replayed"] = divergence.replayed;
    json["window"] = {{"recorded", window_json(divergence.recorded_window)},
                      {"replayed", window_json(divergence.replayed_window)}};
    return json;
}

void show_window(Session& session, std::string_view name, const std::vector<replay::Line>& lines) {
    session.io.out(session.io.paint(Style::heading, fmt::format("\n{}\n", name)));
    for (const replay::Line& line : lines)
        session.io.out(
            session.io.paint(line.differs ? Style::bad : Style::faint,
                             fmt::format("  {:>8}  {}\n", line.step ? fmt::format("{}", *line.step) : "", line.text)));
}

/// What the two sides of a comparison are called: for people, and in JSON.
struct Sides {
    std::string first = "recorded", second = "replayed";
    const char* first_key = "recorded";
    const char* second_key = "here";
};

void show_divergence(Session& session, const Divergence& divergence, const Sides& sides) {
    session.line("result", "not equal", Style::bad);
    session.line("execution", fmt::format("{} ({})", divergence.execution, divergence.stage));
    if (divergence.place) {
        const Place& place = *divergence.place;
        session.line("step", fmt::format("{}", place.step));
        session.line("instruction", fmt::format("{} (opcode {:#x}) at pc {}", place.name, place.opcode, place.pc));
        if (!place.source.empty()) session.line("source", place.source);
        session.line("gas", fmt::format("{}, of which it takes {}", place.gas, place.cost));
        session.line("plugin", place.plugin.empty() ? "unknown" : place.plugin);
        session.line("account",
                     fmt::format("{} ({}, depth {})", address_text(place.address), place.format, place.depth));
    }
    session.line("differs", divergence.what, Style::bad);
    session.line(sides.first, divergence.recorded);
    session.line(sides.second, divergence.replayed);
    if (divergence.recorded_window.empty()) return;
    show_window(session, sides.first, divergence.recorded_window);
    show_window(session, sides.second, divergence.replayed_window);
}

struct Compared {
    replay::Outcome outcome;
    std::string first, second; ///< semantics fingerprints
    Sides sides;
};

/// A recording and this deployment.
Compared compare(Session& session, const record::Recording& recording) {
    session.prepare = [&](RuntimeOptions& runtime) { record::listen(runtime, record::tells_instructions(recording)); };
    Report report;
    const std::string here = session.runtime().semantics_fingerprint(report);
    session.confine({});
    return {replay::replay(session.runtime(), recording), manifest::fingerprint_of(recording.semantics), here, {}};
}

/// This deployment and another.
Compared compare(Session& session, const record::Recording& recording, const std::string& against) {
    RuntimeOptions options;
    options.confines = true; // as this session does, below
    options.store = RuntimeOptions::Store::when_used; // never: both may name the same one
    record::listen(options, true);
    // The recording is made again here: with what the outside answered, but results of this deployment.
    record::Recorder recorder(record::default_steps);
    session.prepare = [&](RuntimeOptions& runtime) { recorder.attach(runtime); };
    Runtime& deployment = session.runtime();
    Report report;
    const std::unique_ptr<Runtime> other = Runtime::open(against, options, report);
    if (other == nullptr) throw Failure(std::move(report));
    session.show(report);
    session.confine({}, other.get());
    Report unheard;
    const std::string here = deployment.semantics_fingerprint(unheard);
    replay::Outcome repeated = replay::replay(deployment, recording, replay::Purpose::repeat);
    if (repeated.divergence)
        return {std::move(repeated), manifest::fingerprint_of(recording.semantics), here, {"recorded", "here"}};
    return {replay::replay(*other, recorder.take()),
            here,
            other->semantics_fingerprint(unheard),
            {"here", against, "here", "against"}};
}

} // namespace

int run_replay(Session& session, Options& options) {
    std::string file, against;
    options.argument("FILE", file, "a recording, made by `rvm record`");
    options.text("--against", "MANIFEST", against,
                 "compare this deployment with another, both running what was recorded");
    options.parse();
    const record::Recording recording = read_recording(session, file);
    session.store = RuntimeOptions::Store::when_used; // never: a recording has what it needs
    Compared compared;
    try {
        compared = against.empty() ? compare(session, recording) : compare(session, recording, against);
    } catch (const record::Malformed& malformed) {
        throw recording_failure(file, malformed);
    }
    const replay::Outcome& outcome = compared.outcome;
    const bool equal = !outcome.divergence;
    const Sides& sides = compared.sides;
    if (session.globals.json) {
        nlohmann::ordered_json json{
            {"file", file}, {"equal", equal}, {"executions", outcome.executions}, {"steps", outcome.steps}};
        json["semantics"] = {{sides.first_key, compared.first}, {sides.second_key, compared.second}};
        if (!equal) json["divergence"] = divergence_json(*outcome.divergence);
        session.print_json(json);
        return equal ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
    }
    std::string command = "rvm";
    for (const std::string& word : recording.command)
        command += " " + word;
    session.line("recording", fmt::format("{} (rvm {}: {})", file, recording.product, command));
    if (compared.first != compared.second) {
        const bool with_recording = sides.second_key == std::string_view("here");
        session.line("semantics",
                     with_recording ? "this deployment is another than the one that was recorded"
                                    : "the deployments differ",
                     Style::warning);
        session.line("", fmt::format("{}  {}", compared.first, sides.first));
        session.line("", fmt::format("{}  {}", compared.second, with_recording ? "here" : against));
    }
    if (equal) {
        session.line("result", fmt::format("equal: {} executions, {} steps", outcome.executions, outcome.steps),
                     Style::good);
        return RVM_EXIT_OK;
    }
    show_divergence(session, *outcome.divergence, sides);
    return RVM_EXIT_TRAPPED;
}

} // namespace rvm::host
