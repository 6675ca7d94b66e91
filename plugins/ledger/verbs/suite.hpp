// Runs a verb's work over all files of fixtures, on as many threads as asked for.
#pragma once

#include <functional>
#include <memory>

#include "fixtures/json.hpp"
#include "verbs/options.hpp"
#include "verbs/report.hpp"

namespace rvm::ledger {

/// Runs one file after another; one object a thread.
class SuiteWorker {
  public:
    SuiteWorker() = default;
    SuiteWorker(const SuiteWorker&) = delete;
    SuiteWorker& operator=(const SuiteWorker&) = delete;
    virtual ~SuiteWorker() = default;

    /// Whether this object is one test by itself, and not an object of named tests.
    [[nodiscard]] virtual bool is_one_test(JsonObject document) const {
        static_cast<void>(document);
        return false;
    }
    /// One named test of a file. What it throws becomes a failure of that test.
    virtual void run_test(const std::string& file, std::string_view name, Json test, Tally& tally) = 0;
};

/// Everything between a command line and its exit status. `prepare` is called on the main thread, after the options are
/// understood and before the first worker is made: what it throws is a configuration error (exit 78). `what` names the
/// work in the progress line. [main]
[[nodiscard]] std::int32_t run_suite(const rvm_command_io& io, std::int32_t argc, const char* const* argv,
                                     const char* what, const std::function<void(const SuiteOptions&)>& prepare,
                                     const std::function<std::unique_ptr<SuiteWorker>(const SuiteOptions&)>& make);

} // namespace rvm::ledger
