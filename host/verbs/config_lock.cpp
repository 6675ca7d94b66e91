// rvm config lock: the same deployment, with every plugin pinned. rvm config init, schema: manifests to begin with.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "manifest/json.hpp"
#include "plugin/registry.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// The folder of a manifest named `file`, as paths in it are read.
fs::path folder_of(const std::string& file) { return fs::weakly_canonical(fs::absolute(file)).parent_path(); }

bool in_search_path(const manifest::Manifest& manifest, const plugin::PluginSlot& slot) {
    return std::ranges::find(manifest.search_paths, fs::path(slot.file()).parent_path()) != manifest.search_paths.end();
}

/// The entry of a slot in the source document; an object with its id when there is none.
Json entry_of(const Json& document, const plugin::PluginSlot& slot) {
    if (slot.entry() != nullptr) {
        const Json::json_pointer pointer(slot.entry()->where);
        if (document.contains(pointer)) return document.at(pointer);
    }
    return Json{{"id", slot.id()}};
}

/// Takes out of `document` the plugins that its profile refuses, and says so.
void leave_out_refused(Session& session, const std::string& name, Json& document) {
    for (;;) {
        const Deployment trial = open_deployment_text(session, name, document.dump());
        if (trial.runtime != nullptr) return;
        Json kept = Json::array();
        for (const Json& entry : document["plugins"]) {
            const auto id = entry.at("id").get<std::string>();
            const auto& findings = trial.report.findings();
            const auto why = std::ranges::find_if(findings, [&](const Finding& finding) {
                return finding.severity == Severity::error && finding.plugin == id;
            });
            if (why == findings.end())
                kept.push_back(entry);
            else if (!session.globals.quiet)
                session.io.err(fmt::format("left out {}: {} {}\n", id, error_info(why->code).text, why->message));
        }
        if (kept.size() == document["plugins"].size()) throw Failure(trial.report);
        document["plugins"] = std::move(kept);
    }
}

/// The warnings of a report as errors.
Report denied(const Report& report) {
    Report errors;
    for (Finding finding : report.findings()) {
        if (finding.severity == Severity::warning) finding.severity = Severity::error;
        errors.add(std::move(finding));
    }
    return errors;
}

} // namespace

Json locked(const Json& document, Deployment& deployment, const fs::path& folder) {
    Runtime& runtime = *deployment.runtime;
    plugin::Registry& registry = runtime.registry();
    const manifest::Manifest& manifest = runtime.manifest();
    const bool moved = folder != manifest.directory;
    Json out = document;
    Json plugins = Json::array();
    for (plugin::PluginSlot* slot : registry.slots()) {
        if (slot->origin() == plugin::Origin::builtin || registry.state(*slot) != plugin::SlotState::loaded) continue;
        Json entry = entry_of(document, *slot);
        entry["id"] = slot->id();
        const bool named = entry.contains("path");
        if ((named && moved) || (!named && !in_search_path(manifest, *slot))) entry["path"] = slot->file();
        entry["sha256"] = registry.library_sha256(*slot, deployment.report);
        plugins.push_back(std::move(entry));
    }
    out["discovery"] = "listed";
    if (manifest.trust.require == manifest::TrustRequirement::none) out["trust"]["require"] = "pin";
    out["plugins"] = std::move(plugins);
    if (moved && out.contains("$schema"))
        out["$schema"] = (manifest.directory / out["$schema"].get<std::string>()).lexically_normal().string();
    if (const Json::json_pointer store("/storage/config/path");
        moved && out.contains(store) && out.at(store).is_string())
        out.at(store) = (manifest.directory / out.at(store).get<std::string>()).lexically_normal().string();
    if (moved && out.contains("search_paths")) {
        out["search_paths"] = Json::array();
        for (const fs::path& path : manifest.search_paths)
            out["search_paths"].push_back(path.string());
    }
    out["expect"]["semantics"] = runtime.semantics_fingerprint(deployment.report);
    return out;
}

std::string manifest_text(const Json& document) {
    std::string text = document.dump(2) + "\n";
    Report report;
    if (!manifest::parse_manifest(text, "manifest.json", report)) throw Failure(std::move(report));
    return text;
}

int lock_config(Session& session, const std::string& file, const std::string& output, bool deny_warnings) {
    Deployment deployment = open_deployment(session, file);
    if (deployment.runtime == nullptr) throw Failure(std::move(deployment.report));
    const fs::path folder = output.empty() ? deployment.runtime->manifest().directory : folder_of(output);
    const Json document = locked(Json::parse(deployment.text), deployment, folder);
    if (!deployment.report.ok()) throw Failure(std::move(deployment.report));
    judge_names(deployment);
    if (deny_warnings && std::ranges::count(deployment.report.findings(), Severity::warning, &Finding::severity) != 0)
        throw Failure(denied(deployment.report));
    session.show(deployment.report); // what was left out, and why
    const std::string text = manifest_text(document);
    if (output.empty()) {
        session.io.out(text);
        return RVM_EXIT_OK;
    }
    write_atomically(output, text, ErrorCode::output_unwritable);
    if (session.globals.json)
        session.print_json({{"file", output},
                            {"plugins", document.at("plugins").size()},
                            {"semantics", document.at("expect").at("semantics")},
                            {"exit", RVM_EXIT_OK}});
    else
        session.line("locked", fmt::format("{} plugins in {}", document.at("plugins").size(), output), Style::good);
    return RVM_EXIT_OK;
}

int init_config(Session& session, const std::string& file, const std::string& profile) {
    const std::map<std::string, Json> storage_and_more{
        {"development", {{"trust", {{"require", "none"}}}, {"syscalls", {"*"}}, {"chain", {{"id", 1337}}}}},
        {"standard", {{"trust", {{"require", "pin"}}}, {"syscalls", {"crypto.*"}}, {"chain", {{"id", 1337}}}}},
        {"consensus", {{"trust", {{"require", "pin"}}}, {"syscalls", {"crypto.*"}}, {"chain", {{"id", 7001}}}}}};
    const auto found = storage_and_more.find(profile);
    if (found == storage_and_more.end())
        throw UsageError(fmt::format("unknown profile \"{}\"", profile), "development, standard or consensus");
    if (file != "-" && fs::exists(fs::symlink_status(file)))
        throw UsageError(fmt::format("{} exists", file), "name another file, or remove it");

    const fs::path share = session.share_dir();
    const fs::path plugins = (share / ".." / ".." / "lib" / "rvm" / "plugins").lexically_normal();
    Json document{{"$schema", (share / "configs" / "manifest.schema.json").string()},
                  {"format_version", 1},
                  {"name", file == "-" ? profile : fs::path(file).stem().string()},
                  {"profile", "development"},
                  {"search_paths", {plugins.string()}},
                  {"discovery", "directory"}};
    document.update(found->second);
    document["storage"] = {{"engine", "memory"}};
    if (profile != "development") {
        // What is there now is pinned; what the profile refuses is left out and said.
        document["trust"]["require"] = "none";
        const std::string name = file == "-" ? "manifest.json" : file;
        Deployment deployment = open_deployment_text(session, name, document.dump());
        if (deployment.runtime == nullptr) throw Failure(std::move(deployment.report));
        document = locked(document, deployment, deployment.runtime->manifest().directory);
        document.erase("expect"); // the profile decides which prices and items are in force
        document["profile"] = profile;
        leave_out_refused(session, name, document);
    }
    const std::string text = manifest_text(document);
    if (file == "-") {
        session.io.out(text);
        return RVM_EXIT_OK;
    }
    write_atomically(file, text, ErrorCode::output_unwritable);
    if (session.globals.json)
        session.print_json({{"file", file}, {"profile", profile}});
    else
        session.line("written", file, Style::good);
    return RVM_EXIT_OK;
}

int print_schema(Session& session, const std::string& which) {
    if (!which.empty() && which != "manifest" && which != "sidecar" && which != "rtest")
        throw UsageError(fmt::format("there is no schema \"{}\"", which), "manifest, sidecar or rtest");
    const fs::path file = session.share_dir() / "configs" / ((which.empty() ? "manifest" : which) + ".schema.json");
    session.io.out(read_input(session.io, file.string()));
    return RVM_EXIT_OK;
}

} // namespace rvm::host
