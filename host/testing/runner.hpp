// Runs the tests of a suite: examples, properties over drawn arguments, invariants over drawn sequences of calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "testing/stage.hpp"

namespace rvm::host::testing {

struct RunOptions {
    std::uint64_t seed = 0;
    std::optional<std::uint64_t> runs; ///< of every property and invariant, in place of the file's
    std::string tracer;                ///< id; empty: none
};

/// What came of one test.
struct TestResult {
    std::string suite, name;
    bool passed = false;
    std::vector<std::string> messages; ///< why not
    std::uint64_t gas = 0;             ///< examples: of all calls together
    std::uint64_t runs = 0;            ///< properties, invariants: how many were tried
    double seconds = 0;
    std::string skipped = {};          ///< why it did not run, or not to its end; empty: it did
};

class Runner {
  public:
    /// The suite must outlive the runner.
    Runner(Session& session, const Suite& suite, RunOptions options);

    /// Reads every program of the suite: no file is opened afterwards. Throws Failure.
    void read_programs();
    /// The suite's world, set up once more and observed by nobody. Throws Failure.
    [[nodiscard]] Stage plain_stage() { return {session_, suite_, programs_, {}}; }

    // An interruption ends each soon: as skipped, or with the failure it had found. Each throws Failure when the suite
    // itself cannot be run: a program is missing, setup fails, the host fails.
    [[nodiscard]] TestResult run(const Example& test);
    [[nodiscard]] TestResult run(const Property& test);
    [[nodiscard]] TestResult run(const Invariant& test);

  private:
    /// One call of a sequence, with what was drawn for it.
    struct Step {
        std::size_t call = 0;
        Arguments values;
    };

    [[nodiscard]] Stage stage() { return {session_, suite_, programs_, options_.tracer}; }
    [[nodiscard]] std::vector<std::string> try_property(const Property& test, const Arguments& values);
    [[nodiscard]] std::vector<std::string> try_sequence(const Invariant& test, const std::vector<Step>& steps);
    [[nodiscard]] std::string shown(const Invariant& test, const std::vector<Step>& steps) const;
    void shrink(const Property& test, Arguments& values, std::vector<std::string>& messages);
    void shrink(const Invariant& test, std::vector<Step>& steps, std::vector<std::string>& messages);

    Session& session_;
    const Suite& suite_;
    RunOptions options_;
    Programs programs_;
    std::vector<std::string> accounts_;
};

} // namespace rvm::host::testing
