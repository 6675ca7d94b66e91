// rvm test: the tests that stand beside programs.
#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/interrupt.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "testing/coverage.hpp"
#include "testing/gas_snapshot.hpp"
#include "testing/junit.hpp"
#include "testing/runner.hpp"

namespace rvm::host {

namespace {

using namespace testing;

constexpr std::size_t most_names = 3; ///< that a refusal shows

struct TestOptions {
    std::vector<std::string> paths;
    std::string filter, junit, snapshot, check;
    std::uint64_t seed = 0, runs = 0;
    bool fail_fast = false, coverage = false;
};

/// What was asked for, and what came of it.
class TestRun {
  public:
    TestRun(Session& session, const TestOptions& options) : session_(session), options_(options) {
        try {
            filter_ = std::regex(options.filter, std::regex::ECMAScript | std::regex::optimize);
        } catch (const std::regex_error& error) {
            throw UsageError(fmt::format("--filter: not a regular expression: {}", error.what()));
        }
        if (!options.check.empty()) gas_before_ = load_gas_snapshot(session, options.check);
        if (!options.snapshot.empty() && std::filesystem::exists(options.snapshot))
            gas_kept_ = load_gas_snapshot(session, options.snapshot);
        settings_.seed = options.seed;
        if (options.runs != 0) settings_.runs = options.runs;
        if (options.coverage) {
            settings_.tracer = coverage_tracer;
            session.builtins.push_back(coverage_plugin());
        }
    }

    /// For a suite whose turn comes later. Its programs have been read, unless no test of it is wanted.
    [[nodiscard]] Runner runner(const Suite& suite) const {
        Runner made(session_, suite, settings_);
        const auto any = [&](const auto& tests) {
            return std::ranges::any_of(tests, [&](const auto& test) { return wanted(suite, test.name); });
        };
        if (any(suite.tests) || any(suite.properties) || any(suite.invariants)) made.read_programs();
        return made;
    }

    /// Throws UsageError when the filter leaves nothing of these suites, and names what comes near.
    void require_selected(const std::vector<Suite>& suites) const {
        std::vector<std::string> names;
        for (const Suite& suite : suites) {
            const auto add = [&](const auto& tests) {
                for (const auto& test : tests)
                    names.push_back(suite.name + ": " + test.name);
            };
            add(suite.tests);
            add(suite.properties);
            add(suite.invariants);
        }
        if (names.empty() || std::ranges::any_of(names, [&](const std::string& name) { return selected(name); }))
            return;
        std::ranges::sort(
            names, {}, [&](const std::string& name) { return std::pair(edits_to_find(options_.filter, name), name); });
        names.resize(std::min(names.size(), most_names));
        throw UsageError(fmt::format("--filter: no test's \"suite: name\" holds \"{}\"", options_.filter),
                         fmt::format("nearest: {}", fmt::join(names, ", ")));
    }

    void run(const Suite& suite, Runner& runner) {
        if (!session_.globals.json) session_.io.out(session_.io.paint(Style::heading, suite.file.string()) + "\n");
        clear_coverage();
        for (const Example& test : suite.tests)
            run(runner, suite, test);
        for (const Property& test : suite.properties)
            run(runner, suite, test);
        for (const Invariant& test : suite.invariants)
            run(runner, suite, test);
        if (!options_.coverage || InterruptWatch::interrupted()) return;
        Stage stage = runner.plain_stage();
        show_coverage(coverage_of(session_, suite, stage));
    }

    [[nodiscard]] bool over() const noexcept {
        return (options_.fail_fast && failed_ != 0) || InterruptWatch::interrupted();
    }

    int finish() {
        if (results_.empty())
            throw failure(ErrorCode::input_malformed, options_.paths.empty() ? "." : options_.paths.front(), {},
                          "there is no test here", "tests stand in files named *.rtest.json");
        std::vector<std::string> gas;
        if (!options_.check.empty()) {
            GasSnapshot compared = gas_before_; // with what ran and passed: all else says nothing of gas
            std::erase_if(compared, [&](const auto& entry) { return !judged(entry.first); });
            gas = gas_differences(compared, gas_);
        }
        if (!options_.snapshot.empty()) {
            GasSnapshot written = gas_kept_;
            std::erase_if(written, [&](const auto& entry) { return judged(entry.first); });
            for (const auto& [test, spent] : gas_)
                written[test] = spent;
            save_gas_snapshot(options_.snapshot, written);
        }
        if (!options_.junit.empty())
            write_atomically(options_.junit, junit_xml(results_), ErrorCode::output_unwritable);
        const bool good = failed_ == 0 && gas.empty() && !InterruptWatch::interrupted();
        const int status = good ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
        if (session_.globals.json) {
            session_.print_json({{"tests", list_},
                                 {"coverage", coverage_},
                                 {"gas_differences", gas},
                                 {"passed", passed_},
                                 {"failed", failed_},
                                 {"skipped", skipped_},
                                 {"interrupted", InterruptWatch::interrupted()},
                                 {"seed", options_.seed},
                                 {"exit", status}});
            return status;
        }
        for (const std::string& line : gas)
            session_.io.out(session_.io.paint(Style::bad, "gas   ") + line + "\n");
        if (InterruptWatch::interrupted()) session_.io.out("interrupted\n");
        session_.io.out(fmt::format("{} passed, {} failed, {} skipped\n", passed_, failed_, skipped_));
        return status;
    }

  private:
    [[nodiscard]] bool selected(const std::string& full_name) const { return std::regex_search(full_name, filter_); }
    [[nodiscard]] bool wanted(const Suite& suite, const std::string& test) const {
        return selected(suite.name + ": " + test);
    }
    /// Whether this run knows what the test of a snapshot's entry costs now, or that it is gone.
    [[nodiscard]] bool judged(const std::string& full_name) const {
        return selected(full_name) && (gas_.contains(full_name) || !examples_.contains(full_name));
    }
    /// The cost of finding `pattern` somewhere in `text`: characters to add, drop or change.
    [[nodiscard]] static std::size_t edits_to_find(std::string_view pattern, std::string_view text) {
        std::vector<std::size_t> row(text.size() + 1, 0); // begins anywhere
        for (const char wanted : pattern) {
            std::size_t diagonal = row[0]++;
            for (std::size_t i = 0; i < text.size(); ++i) {
                const std::size_t changed = diagonal + (text[i] == wanted ? 0 : 1);
                diagonal = row[i + 1];
                row[i + 1] = std::min({changed, row[i] + 1, diagonal + 1});
            }
        }
        return std::ranges::min(row);
    }

    template <typename Test>
    void run(Runner& runner, const Suite& suite, const Test& test) {
        const std::string full_name = suite.name + ": " + test.name;
        if constexpr (std::is_same_v<Test, Example>) examples_.insert(full_name);
        if (over() || !selected(full_name)) {
            ++skipped_;
            const std::string why = !selected(full_name)            ? "not selected"
                                    : InterruptWatch::interrupted() ? "interrupted"
                                                                    : "after a failure";
            results_.push_back({suite.name, test.name, false, {}, 0, 0, 0, why});
            return;
        }
        TestResult result = runner.run(test);
        ++(result.passed ? passed_ : result.skipped.empty() ? failed_ : skipped_);
        if constexpr (std::is_same_v<Test, Example>)
            if (result.passed) gas_[full_name] = result.gas;
        show(result);
        results_.push_back(std::move(result));
    }

    void show(const TestResult& result) {
        const std::string amount =
            result.runs == 0 ? fmt::format("{} gas", result.gas) : fmt::format("{} runs", result.runs);
        if (session_.globals.json) {
            nlohmann::ordered_json json{{"suite", result.suite},
                                        {"name", result.name},
                                        {"passed", result.passed},
                                        {"interrupted", !result.skipped.empty()},
                                        {"seconds", result.seconds},
                                        {"messages", result.messages}};
            if (result.runs == 0)
                json["gas"] = result.gas;
            else
                json["runs"] = result.runs;
            list_.push_back(std::move(json));
            return;
        }
        session_.io.out(fmt::format("  {}  {}  {}\n",
                                    !result.skipped.empty() ? session_.io.paint(Style::bad, "stop")
                                    : result.passed ? session_.io.paint(Style::good, "ok  ")
                                                  : session_.io.paint(Style::bad, "FAIL"),
                                    result.name, session_.io.paint(Style::faint, "(" + amount + ")")));
        for (const std::string& message : result.messages)
            session_.io.out("        " + message + "\n");
        session_.io.flush();
    }

    void show_coverage(const std::vector<ProgramCoverage>& programs) {
        for (const ProgramCoverage& program : programs) {
            nlohmann::ordered_json missed = nlohmann::ordered_json::array();
            for (const auto& [pc, text, source] : program.missed)
                missed.push_back({{"pc", pc}, {"text", text}, {"source", source}});
            coverage_.push_back({{"program", program.program},
                                 {"executed", program.executed},
                                 {"total", program.total},
                                 {"missed", std::move(missed)}});
            if (session_.globals.json) continue;
            session_.io.out(fmt::format("  coverage of {}: {} instructions\n", program.program,
                                        program.total == 0 ? fmt::format("{}", program.executed)
                                                           : fmt::format("{} of {}", program.executed, program.total)));
            for (const auto& [pc, text, source] : program.missed)
                session_.io.out(fmt::format("        never ran: {} {}\n",
                                            source.empty() ? fmt::format("pc {}", pc) : source, text));
        }
    }

    Session& session_;
    const TestOptions& options_;
    std::regex filter_;
    RunOptions settings_;
    std::vector<TestResult> results_;
    GasSnapshot gas_before_, gas_kept_; ///< of --gas-check; of --gas-snapshot's file as it was
    GasSnapshot gas_;                   ///< of examples that passed
    std::set<std::string> examples_;    ///< there are
    std::size_t passed_ = 0, failed_ = 0, skipped_ = 0;
    nlohmann::ordered_json list_ = nlohmann::ordered_json::array();
    nlohmann::ordered_json coverage_ = nlohmann::ordered_json::array();
};

} // namespace

int run_test(Session& session, Options& options) {
    TestOptions test;
    options.arguments("PATH", test.paths, "test files, or folders searched for *.rtest.json; default: this folder");
    options.text("--filter", "REGEX", test.filter, "only tests whose \"suite: name\" it is found in");
    options.flag("--fail-fast", test.fail_fast, "stop at the first failure");
    options.flag("--coverage", test.coverage, "say which instructions of the tested programs never ran");
    options.number("--fuzz", "RUNS", test.runs, "runs of each property and invariant; default: what the file says", 1,
                   UINT64_MAX);
    options.number("--seed", "N", test.seed, "draw other values; default 0", 0, UINT64_MAX);
    options.text("--gas-snapshot", "FILE", test.snapshot,
                 "write what each passing test costs; keeps entries of tests that fail or are not selected");
    options.text("--gas-check", "FILE", test.check,
                 "compare passing, selected tests with such a file; a difference fails");
    options.text("--junit", "FILE", test.junit, "write the results as JUnit XML, also when interrupted");
    options.parse();

    const InterruptWatch watch;
    std::vector<Suite> suites; // read before anything runs: what is malformed is said at once
    Report malformed;
    for (const std::string& path : test.paths.empty() ? std::vector<std::string>{"."} : test.paths)
        for (const std::filesystem::path& file : find_suites(path))
            try {
                suites.push_back(load_suite(session, file));
            } catch (const Failure& failed) {
                malformed.merge(failed.report());
            }
    if (!malformed.ok()) throw Failure(std::move(malformed));
    TestRun run(session, test);
    run.require_selected(suites);
    std::vector<Runner> runners;
    for (const Suite& suite : suites)
        runners.push_back(run.runner(suite));
    for (const std::string& file : {test.junit, test.snapshot})
        if (!file.empty()) session.written_last = file;
    if (!suites.empty()) session.confine({});
    for (std::size_t i = 0; i < suites.size(); ++i)
        run.run(suites[i], runners[i]);
    return run.finish();
}

} // namespace rvm::host
