// rvm config check: judges a deployment manifest by really loading what it names.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "plugin/registry.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

int check_config(Session& session, const std::string& file, bool deny_warnings) {
    Deployment deployment = open_deployment(session, file);
    const bool opened = deployment.runtime != nullptr;
    nlohmann::ordered_json facts = nlohmann::ordered_json::object(); // of a deployment that opened
    if (opened) {
        Runtime& runtime = *deployment.runtime;
        plugin::Registry& registry = runtime.registry();
        judge_names(deployment);
        const auto loaded = std::ranges::count_if(
            registry.slots(), [&](const auto* slot) { return registry.state(*slot) == plugin::SlotState::loaded; });
        facts["name"] = runtime.manifest().name;
        facts["profile"] = manifest::profile_name(runtime.manifest().profile);
        facts["plugins_loaded"] = loaded;
        facts["semantics"] = runtime.semantics_fingerprint(deployment.report);
        facts["binaries"] = runtime.binaries_fingerprint();
        deployment.close();
    }
    const auto& findings = deployment.report.findings();
    const auto warnings = std::ranges::count(findings, Severity::warning, &Finding::severity);
    const bool sound = opened && deployment.report.ok() && !(deny_warnings && warnings != 0);
    const int status = sound ? RVM_EXIT_OK : RVM_EXIT_CONFIG;
    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", deployment.file}, {"valid", sound}, {"exit", status}};
        json.update(facts);
        json["findings"] = report_json(deployment.report);
        session.print_json(json);
        return status;
    }
    session.show(deployment.report);
    session.line("manifest", deployment.file);
    if (opened) {
        if (const auto name = facts["name"].get<std::string>(); !name.empty()) session.line("name", name);
        session.line("profile", facts["profile"].get<std::string>());
        session.line("plugins", fmt::format("{} loaded", facts["plugins_loaded"].get<long>()));
        session.line("semantics", facts["semantics"].get<std::string>());
        session.line("binaries", facts["binaries"].get<std::string>());
    }
    std::string verdict = sound ? "yes" : "no";
    if (opened && deployment.report.ok() && !sound)
        verdict += warnings == 1 ? ": 1 warning is denied" : fmt::format(": {} warnings are denied", warnings);
    session.line("sound", verdict, sound ? Style::good : Style::bad);
    return status;
}

} // namespace rvm::host
