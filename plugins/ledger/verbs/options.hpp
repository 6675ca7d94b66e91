// What all verbs over fixtures understand.
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>

#include <rvm/plugin.h>

#include "rules/fork.hpp"
#include "verb/error.hpp"

namespace rvm::ledger {

using verb::Unreadable;
using verb::UsageError;

/// Tests that are known not to pass here, each with the reason. A line is `NAME # REASON`: the name of a test, or the
/// end of a file's path. Lines that are empty or begin with # say nothing.
class SkipList {
  public:
    /// Throws UsageError with file and line, Unreadable.
    void load(const std::string& file);
    /// nullptr: not in the list.
    [[nodiscard]] const std::string* test(std::string_view name) const;
    [[nodiscard]] const std::string* file(std::string_view path) const;

  private:
    std::unordered_map<std::string, std::string> reasons_;
};

struct SuiteOptions {
    std::vector<std::string> paths; ///< files and directories; "-": a list of them on standard input
    std::string fork;               ///< empty: all
    std::optional<std::regex> run;  ///< searched in a test's name
    unsigned jobs = 1;
    SkipList skip;
    std::string tracer;         ///< empty: none
    bool witness = false;       ///< run everything again over its witness alone
    std::string witness_folder; ///< where witnesses of blocks are written; empty: nowhere
    bool keep_going = false;
    bool verbose = false;

    [[nodiscard]] bool wants_fork(std::string_view name, const Fork* fork_of_name) const;
    [[nodiscard]] bool wants_test(std::string_view name) const;
};

/// Throws UsageError.
[[nodiscard]] SuiteOptions parse_suite_options(std::int32_t argc, const char* const* argv);

} // namespace rvm::ledger
