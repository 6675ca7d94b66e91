// rvm profile: one message, and where its gas and time went.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/values.hpp"
#include "cli/verb.hpp"
#include "manifest/manifest.hpp"
#include "profile/flamegraph.hpp"
#include "program/code.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

namespace {

using profiling::Node;

nlohmann::ordered_json node_json(const Node& node) {
    nlohmann::ordered_json json{{"name", node.name},
                                {"gas", node.total.gas},
                                {"nanoseconds", node.total.nanoseconds},
                                {"count", node.total.count}};
    for (const Node& child : node.children)
        json["children"].push_back(node_json(child));
    return json;
}

void show_places(Session& session, const Node& root, std::uint64_t top) {
    session.io.out(session.io.paint(Style::heading, fmt::format("{:>12}  {:>6}  {:>12}  {:>10}  {}\n", "gas", "share",
                                                                "us", "times", "place")));
    std::uint64_t shown = 0;
    for (const Node& place : profiling::by_place(root)) {
        if (shown++ == top) break;
        const double share = root.total.gas == 0
                                 ? 0
                                 : 100.0 * static_cast<double>(place.total.gas) / static_cast<double>(root.total.gas);
        session.io.out(fmt::format("{:>12}  {:>5.1f}%  {:>12.1f}  {:>10}  {}\n", place.total.gas, share,
                                   static_cast<double>(place.total.nanoseconds) / 1000, place.total.count, place.name));
    }
}

} // namespace

int run_profile(Session& session, Options& options) {
    std::string file, format, state, output, measure = "gas";
    std::uint64_t top = 20;
    MessageOptions message;
    options.argument("FILE|ADDRESS", file,
                     "a program as `rvm run` takes it, or an account with code as `rvm call` takes it");
    message.declare(options, true);
    options.text("--format", "ID", format, "execution format of the code; default: the one that recognises it");
    options.text(
        "--state", "FILE", state,
        "JSON world to start from; it is not changed; of an ADDRESS by default the manifest's storage, if it lasts");
    options.text("-o,--output", "FILE", output, "write a flame graph (SVG)");
    options.text("--by", "gas|time", measure, "what the widths of the flame graph show; default gas");
    options.number("--top", "N", top, "places listed; default 20", 1, UINT32_MAX);
    options.parse();
    message.resolve(session);
    if (measure != "gas" && measure != "time")
        throw UsageError(fmt::format("--by: expected gas or time, found \"{}\"", measure));
    if (!message.trace.empty()) throw UsageError("--trace: a profile is a trace of its own");
    message.trace = profiling::profile_tracer;
    session.builtins.push_back(profiling::profile_plugin());

    const auto address = parse_address(file);
    const bool deployed = address && !std::filesystem::exists(file);
    if (deployed && state.empty()) session.store = RuntimeOptions::Store::must_exist; // an empty one has no program
    if (deployed) require_place(session, state, "`rvm deploy FILE --state FILE` makes one");
    Machine machine = deployed && state.empty() ? Machine(session) : Machine(session, state, true);
    rvm_address target = program_address;
    if (deployed) {
        target = *address;
        if (!machine.format_at(target))
            throw failure(ErrorCode::state_account_missing, state.empty() ? session.runtime().manifest().file : state,
                          state.empty() ? "/storage" : "/" + address_text(target),
                          fmt::format("the account {} has no code", address_text(target)),
                          "`rvm deploy` prints the address of a program");
    } else {
        const Code code = load_code(session, file, format);
        Report report;
        if (!check_imports(session.runtime(), code.bytes, code.file, report)) throw Failure(std::move(report));
        machine.place(target, code.bytes, code.format);
        if (machine.ephemeral()) machine.fund(message.sender, message.value);
    }
    if (!output.empty()) session.written_last = output;
    session.confine({});
    const Receipt receipt = machine.call(target, message);
    const Node root = profiling::last_profile(session, machine);
    if (!output.empty())
        write_atomically(output,
                         profiling::flamegraph_svg(
                             root, measure == "gas" ? profiling::Measure::gas : profiling::Measure::time,
                             fmt::format("{}: {} gas, widths by {}", file, root.total.gas, measure)),
                         ErrorCode::output_unwritable);
    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", file}};
        json.update(receipt_json(receipt));
        json["profile"] = node_json(root);
        session.print_json(json);
    } else {
        session.line("program", file);
        show_receipt(session, receipt);
        show_places(session, root, top);
        if (!output.empty()) session.line("written", output);
    }
    return receipt_status(receipt);
}

} // namespace rvm::host
