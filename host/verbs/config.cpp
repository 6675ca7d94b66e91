// rvm config: judges a deployment manifest by really loading what it names.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "cli/session.hpp"
#include "cli/verb.hpp"
#include "manifest/json.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"

namespace rvm::host {

namespace {

struct Judged {
    Report report;
    bool opened = false; ///< the rest is filled
    std::string name, semantics, binaries;
    std::string_view profile;
    std::size_t loaded = 0;
};

Judged judge(Session& session, const std::string& file) {
    Judged judged;
    RuntimeOptions options;
    for (const std::string& plugin : session.globals.plugins)
        options.plugin_files.push_back(std::filesystem::absolute(plugin));
    options.load_all = true;
    std::unique_ptr<Runtime> runtime;
    if (file == "-") {
        const std::string text = read_input(session.io, "-", manifest::max_json_bytes);
        runtime = Runtime::open_text(text, std::filesystem::current_path() / "standard input", options, judged.report);
    } else {
        runtime = Runtime::open(file, options, judged.report);
    }
    if (runtime == nullptr) return judged;
    judged.opened = true;
    judged.name = runtime->manifest().name;
    judged.profile = manifest::profile_name(runtime->manifest().profile);
    judged.semantics = runtime->semantics_fingerprint(judged.report);
    judged.binaries = runtime->binaries_fingerprint();
    plugin::Registry& registry = runtime->registry();
    for (const plugin::PluginSlot* slot : registry.slots())
        if (registry.state(*slot) == plugin::SlotState::loaded) ++judged.loaded;
    Runtime::close(std::move(runtime), Session::stop_deadline_ms, judged.report);
    return judged;
}

} // namespace

int run_config(Session& session, Options& options) {
    std::string action, file;
    options.argument("ACTION", action, "check");
    options.argument("FILE", file, "manifest; default: the one in use; -: stdin", false);
    options.parse();
    if (action != "check")
        throw UsageError(fmt::format("unknown action \"{}\"", action), "did you mean `rvm config check`?");
    if (file.empty()) file = session.manifest_file().string();

    const Judged judged = judge(session, file);
    const bool sound = judged.opened && judged.report.ok();
    const int status = sound ? RVM_EXIT_OK : RVM_EXIT_CONFIG;
    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", file}, {"valid", sound}, {"exit", status}};
        if (judged.opened) {
            json["name"] = judged.name;
            json["profile"] = judged.profile;
            json["plugins_loaded"] = judged.loaded;
            json["semantics"] = judged.semantics;
            json["binaries"] = judged.binaries;
        }
        json["findings"] = report_json(judged.report);
        session.print_json(json);
        return status;
    }
    session.show(judged.report);
    session.line("manifest", file);
    if (judged.opened) {
        session.line("name", judged.name);
        session.line("profile", judged.profile);
        session.line("plugins", fmt::format("{} loaded", judged.loaded));
        session.line("semantics", judged.semantics);
        session.line("binaries", judged.binaries);
    }
    session.line("sound", sound ? "yes" : "no", sound ? Style::good : Style::bad);
    return status;
}

} // namespace rvm::host
