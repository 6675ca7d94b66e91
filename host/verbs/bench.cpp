// rvm bench: how long a program takes, and whether another program or another deployment is faster.
#include <deque>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/statistics.hpp"
#include "bench/subject.hpp"
#include "cli/interrupt.hpp"
#include "cli/verb.hpp"
#include "program/receipt.hpp"

namespace rvm::host {

namespace {

using bench::Statistics;
using bench::Subject;

struct BenchOptions {
    std::string file, against, format, state;
    std::uint64_t samples = 30, warm_up_ms = 200, sample_ms = 10;
};

/// A subject and what was measured of it.
struct Side {
    Side(std::string called, Session& session, const std::string& file, const BenchOptions& options,
         const MessageOptions& message)
        : name(std::move(called)), subject(session, file, options.format, options.state, message) {}

    std::string name;
    Subject subject;
    std::uint64_t executions = 0; ///< of a sample
    std::vector<double> samples;  ///< nanoseconds an execution

    [[nodiscard]] Statistics statistics() const { return bench::statistics_of(samples); }
};

double share(double total, std::uint64_t count) { return count == 0 ? 0 : total / static_cast<double>(count); }

nlohmann::ordered_json side_json(const Side& side) {
    const Statistics figures = side.statistics();
    const Subject& subject = side.subject;
    return {
        {"name", side.name},
        {"format", subject.code().format},
        {"code_size", subject.code().bytes.size()},
        {"gas_used", subject.gas()},
        {"steps", subject.steps()},
        {"executions_a_sample", side.executions},
        {"nanoseconds",
         {{"median", figures.median}, {"min", figures.least}, {"mad", figures.deviation}, {"samples", side.samples}}},
        {"ns_per_step", share(figures.median, subject.steps())},
        {"ns_per_gas", share(figures.median, subject.gas())}};
}

/// "1.234 us".
std::string time_text(double nanoseconds) {
    if (nanoseconds < 1e3) return fmt::format("{:.1f} ns", nanoseconds);
    if (nanoseconds < 1e6) return fmt::format("{:.3f} us", nanoseconds / 1e3);
    if (nanoseconds < 1e9) return fmt::format("{:.3f} ms", nanoseconds / 1e6);
    return fmt::format("{:.3f} s", nanoseconds / 1e9);
}

void show_side(Session& session, const Side& side) {
    const Statistics figures = side.statistics();
    const Subject& subject = side.subject;
    session.line("program",
                 fmt::format("{} ({}, {} bytes)", side.name, subject.code().format, subject.code().bytes.size()));
    session.line("executed", fmt::format("{} steps, {} gas", subject.steps(), subject.gas()));
    session.line("median", fmt::format("{} (MAD {}, min {})", time_text(figures.median), time_text(figures.deviation),
                                       time_text(figures.least)));
    if (subject.steps() != 0) session.line("step", fmt::format("{:.2f} ns", share(figures.median, subject.steps())));
    if (subject.gas() != 0) session.line("gas", fmt::format("{:.3f} ns", share(figures.median, subject.gas())));
    session.line("samples", fmt::format("{} of {} executions", side.samples.size(), side.executions));
}

/// A deployment of its own for the second side, when --against names a manifest.
std::unique_ptr<Session> other_session(Session& session, const std::string& manifest) {
    auto other = std::make_unique<Session>();
    other->globals = session.globals;
    other->globals.config = manifest;
    other->builtins = session.builtins;
    other->store = session.store;
    if (session.globals.no_color) other->io.no_colour();
    return other;
}

/// Samples taken in turn, so that what slows the machine down meets both sides.
void measure(Session& session, std::deque<Side>& sides, const BenchOptions& options) {
    for (Side& side : sides)
        side.executions = side.subject.warm_up(static_cast<double>(options.warm_up_ms) / 1e3,
                                               static_cast<double>(options.sample_ms) / 1e3);
    for (std::uint64_t i = 0; i < options.samples && !InterruptWatch::interrupted(); ++i) {
        session.progress("samples", i, options.samples);
        std::vector<double> taken(sides.size());
        for (std::size_t k = 0; k < sides.size(); ++k) {
            const std::size_t at = i % 2 == 0 ? k : sides.size() - 1 - k; // neither is always the first
            taken[at] = sides[at].subject.sample(sides[at].executions);
        }
        if (InterruptWatch::interrupted()) return; // within one: it says nothing
        for (std::size_t k = 0; k < sides.size(); ++k)
            sides[k].samples.push_back(taken[k]);
    }
}

int interrupted(Session& session) {
    if (session.globals.json)
        session.print_json({{"interrupted", true}});
    else
        session.io.out("interrupted\n");
    return RVM_EXIT_TRAPPED;
}

/// Measures and shows what was measured, also when interrupted.
int compare(Session& session, const BenchOptions& bench, const MessageOptions& message) {
    std::unique_ptr<Session> other;
    std::deque<Side> sides; // which stay where they are
    sides.emplace_back(bench.file, session, bench.file, bench, message);
    if (bench.against.ends_with(".json")) {
        other = other_session(session, bench.against);
        sides.front().name = session.manifest_file().filename().string();
        sides.emplace_back(bench.against, *other, bench.file, bench, message);
    } else if (!bench.against.empty()) {
        sides.emplace_back(bench.against, session, bench.against, bench, message);
    }
    session.confine({}, other == nullptr ? nullptr : &other->runtime());
    for (const Side& side : sides)
        if (side.subject.receipt().outcome.status != RVM_OK) {
            if (session.globals.json) {
                nlohmann::ordered_json json{{"file", side.subject.code().file}};
                json.update(receipt_json(side.subject.receipt()));
                session.print_json(json);
            } else {
                session.line("program", side.name);
                show_receipt(session, side.subject.receipt());
            }
            return RVM_EXIT_TRAPPED;
        }
    try {
        measure(session, sides, bench);
    } catch (const Failure&) {
        if (!InterruptWatch::interrupted()) throw;
    }
    session.io.progress({});
    if (sides.front().samples.empty()) return interrupted(session);
    const bool whole = !InterruptWatch::interrupted();

    std::optional<double> ratio;
    bool distinct = false;
    if (sides.size() == 2) {
        const Statistics first = sides[0].statistics(), second = sides[1].statistics();
        ratio = first.median == 0 ? 0 : second.median / first.median;
        distinct = bench::differ(first, second, sides[0].samples.size());
    }
    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", bench.file}, {"samples", sides[0].samples.size()}};
        for (const Side& side : sides)
            json["sides"].push_back(side_json(side));
        if (ratio) json["comparison"] = {{"ratio", *ratio}, {"distinct", distinct}};
        json["interrupted"] = !whole;
        session.print_json(json);
        return whole ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
    }
    for (const Side& side : sides)
        show_side(session, side);
    if (ratio)
        session.line("compared",
                     distinct ? fmt::format("{} takes {:.3f} times as long as {}", sides[1].name, *ratio, sides[0].name)
                              : fmt::format("no difference beyond the spread (ratio {:.3f})", *ratio));
    return whole ? RVM_EXIT_OK : interrupted(session);
}

} // namespace

int run_bench(Session& session, Options& options) {
    BenchOptions bench;
    MessageOptions message;
    options.argument("FILE", bench.file, "a program as `rvm run` takes it");
    options.text("--against", "FILE", bench.against,
                 "another program to compare with, or a manifest (.json) to run the same program under");
    options.number("--samples", "N", bench.samples, "samples to take; default 30", 1, 100'000);
    options.number("--warm-up", "MS", bench.warm_up_ms, "milliseconds to execute before measuring; default 200", 0,
                   60'000);
    options.number("--sample-time", "MS", bench.sample_ms, "milliseconds a sample should take; default 10", 0, 60'000);
    options.text("--format", "ID", bench.format, "execution format of the code; default: the one that recognises it");
    options.text("--state", "FILE", bench.state, "JSON world to start from; it is not changed");
    message.declare(options, true);
    options.parse();
    if (!message.trace.empty()) throw UsageError("--trace: a traced program takes longer");
    message.resolve(session);
    session.builtins.push_back(bench::count_plugin());
    session.store = RuntimeOptions::Store::when_used; // never: both sides may name the same one

    const InterruptWatch watch;
    try {
        return compare(session, bench, message);
    } catch (const Failure&) {
        if (!InterruptWatch::interrupted()) throw;
        return interrupted(session);
    }
}

} // namespace rvm::host
