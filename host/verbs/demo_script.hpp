// The script of a demonstration: which programs of a folder run, in which order, and what came of each.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/session.hpp"
#include "program/machine.hpp"

namespace rvm::host {

/// One step of demo.json.
struct DemoStep {
    enum class Action : std::uint8_t { run, deploy, call };
    Action action = Action::run;
    std::string title;
    std::string file;     ///< run, deploy: bare name of a file in the folder
    std::string format;   ///< empty: the one that recognises the code
    std::string plugin;   ///< id of the plugin that makes the step possible, for the line when it is missing
    std::string needs;    ///< "kind:id" the deployment must provide; empty: nothing special
    std::string contract; ///< deploy, call: name of the account within the script
    std::vector<std::string> accounts; ///< call: names whose addresses (20 bytes each) are the input
};

/// What came of one step.
struct DemoResult {
    DemoStep step;
    std::string path;                         ///< absolute path of the program's file
    std::string source;                       ///< its text
    std::optional<Receipt> receipt;           ///< none when the step did not run
    std::optional<rvm_u256> number;           ///< the result as one number
    std::string address;                      ///< deploy, call: of the account
    std::map<std::string, std::string> names; ///< address -> name in the script, for storage changes
    std::uint64_t code_size = 0;              ///< deploy
    std::string missing;                      ///< why the step was left out
    Report report;                            ///< errors of the program's file
    int exit = 0;                             ///< 0 also when a plugin is missing
};

/// Reads demo.json. Throws Failure.
[[nodiscard]] std::vector<DemoStep> load_demo_script(Session& session, const std::filesystem::path& file);

/// Runs steps in one world of their own.
class DemoRunner {
  public:
    DemoRunner(Session& session, std::filesystem::path directory);
    /// Never throws Failure: what is wrong with a step is in its result, and the others go on.
    [[nodiscard]] DemoResult run(const DemoStep& step);

  private:
    void run_program(DemoResult& result);
    void deploy(DemoResult& result);
    void call(DemoResult& result);

    struct Contract {
        rvm_address address{};
        std::string path, source;
    };
    Session& session_;
    std::filesystem::path directory_;
    Machine machine_;
    std::map<std::string, Contract> contracts_;
};

void show_demo(Session& session, const DemoResult& result, bool first);
[[nodiscard]] nlohmann::ordered_json demo_json(const DemoResult& result);

} // namespace rvm::host
