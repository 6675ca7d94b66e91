// rvm config: makes, judges, explains, pins and compares deployment manifests.
#include <array>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "manifest/json.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

Deployment open_deployment_text(Session& session, std::string file, std::string text) {
    Deployment opened;
    opened.file = std::move(file);
    opened.text = std::move(text);
    RuntimeOptions options;
    for (const std::string& plugin : session.globals.plugins)
        options.plugin_files.push_back(std::filesystem::absolute(plugin));
    options.load_all = true;
    options.builtins = session.builtins;
    options.confines = true;
    options.store = session.store;
    opened.runtime = Runtime::open_text(opened.text, opened.file, options, opened.report);
    return opened;
}

Deployment open_deployment(Session& session, const std::string& file) {
    const std::string name = file.empty() ? session.manifest_file().string() : file;
    if (name == "-")
        return open_deployment_text(session, "standard input", read_input(session.io, "-", manifest::max_json_bytes));
    Report report;
    auto text = manifest::read_text_file(name, manifest::max_json_bytes, report);
    if (!text) throw Failure(std::move(report));
    return open_deployment_text(session, name, std::move(*text));
}

void Deployment::close() { Runtime::close(std::move(runtime), Session::stop_deadline_ms, report); }
Deployment::~Deployment() {
    if (runtime != nullptr) close();
}

namespace {

constexpr std::array<std::string_view, 6> actions{"check", "diff", "explain", "init", "lock", "schema"};

void expect_files(std::string_view action, const std::vector<std::string>& files, std::size_t least,
                  std::size_t most) {
    if (files.size() > most) throw UsageError(fmt::format("unexpected argument \"{}\"", files[most]));
    if (files.size() < least)
        throw UsageError(
            fmt::format("{} needs {} {}, not {}", action, least, least == 1 ? "file" : "files", files.size()),
            "`rvm config --help` shows every action");
}

} // namespace

int run_config(Session& session, Options& options) {
    std::string action, output, profile = "development";
    std::vector<std::string> files;
    bool deny_warnings = false;
    options.action(action, actions);
    options.arguments("FILE", files, "manifest; default: the one in use; -: stdin");
    options.only_for({"check", "lock"});
    options.flag("--deny-warnings", deny_warnings, "a warning is an error");
    options.only_for({"lock"});
    options.text("-o,--output", "FILE", output, "write here; default: standard output");
    options.only_for({"init"});
    options.text("--profile", "PROFILE", profile, "development, standard or consensus; default development");
    options.parse();

    const auto file = [&](std::size_t at) { return files.size() > at ? files[at] : std::string(); };
    if (action == "diff") {
        expect_files(action, files, 2, 2);
        return diff_configs(session, files[0], files[1]);
    }
    expect_files(action, files, action == "init" ? 1 : 0, 1);
    if (action == "check") return check_config(session, file(0), deny_warnings);
    if (action == "explain") return explain_config(session, file(0));
    if (action == "init") return init_config(session, file(0), profile);
    if (action == "lock") return lock_config(session, file(0), output, deny_warnings);
    return print_schema(session, file(0));
}

} // namespace rvm::host
