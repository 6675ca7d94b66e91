// rvm plugin inspect: reads a plugin without running one instruction of it.
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "manifest/sidecar.hpp"
#include "plugin/elf.hpp"
#include "plugin/trust.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

/// The sidecar in the file, else the one beside it; nullopt with findings.
std::optional<manifest::Sidecar> sidecar_of(const std::optional<plugin::ElfFacts>& facts, const std::string& file,
                                            Report& report) {
    if (facts && facts->sidecar)
        return manifest::parse_sidecar(*facts->sidecar, file, manifest::SidecarSource::embedded, report);
    const fs::path beside = fs::path(file).replace_extension(".rvm.json");
    std::error_code error;
    if (fs::exists(beside, error)) return manifest::load_sidecar(beside, report);
    report.warning(ErrorCode::json_unreadable, file, {}, "no sidecar in the file and none beside it").expected =
        beside.string();
    return std::nullopt;
}

nlohmann::ordered_json sidecar_json(const manifest::Sidecar& sidecar) {
    nlohmann::ordered_json json;
    json["id"] = sidecar.id;
    json["name"] = sidecar.name;
    json["version"] = sidecar.version.text();
    json["abi"] = {{"major", sidecar.abi.major}, {"built", sidecar.abi.built}, {"needs", sidecar.abi.needs}};
    json["target"] = {{"os", sidecar.target.os}, {"arch", sidecar.target.arch}, {"libc", sidecar.target.libc}};
    json["provides"] = nlohmann::ordered_json::array();
    for (const manifest::Capability& capability : sidecar.provides)
        json["provides"].push_back(capability.text());
    json["requires"] = nlohmann::ordered_json::array();
    for (const manifest::Requirement& requirement : sidecar.requirements)
        json["requires"].push_back((requirement.optional ? "?" : "") + requirement.capability.text());
    json["commands"] = nlohmann::ordered_json::object();
    for (const auto& [verb, help] : sidecar.commands)
        json["commands"][verb] = {{"summary", help.summary}, {"usage", help.usage}, {"example", help.example}};
    if (!sidecar.config_schema.empty()) json["config_schema"] = nlohmann::ordered_json::parse(sidecar.config_schema);
    for (const auto& [key, text] : {std::pair{"vendor", &sidecar.vendor}, std::pair{"license", &sidecar.license},
                                    std::pair{"description", &sidecar.description}, std::pair{"url", &sidecar.url}})
        if (!text->empty()) json[key] = *text;
    return json;
}

void show_sidecar(Session& session, const manifest::Sidecar& sidecar) {
    session.line("id", sidecar.id);
    session.line("name", sidecar.name);
    session.line("version", sidecar.version.text());
    session.line("abi", fmt::format("{}.{}, needs {}.{}", sidecar.abi.major, sidecar.abi.built, sidecar.abi.major,
                                    sidecar.abi.needs));
    for (const manifest::Capability& capability : sidecar.provides)
        session.line("provides", capability.text());
    for (const manifest::Requirement& requirement : sidecar.requirements)
        session.line("requires", requirement.capability.text() + (requirement.optional ? " (optional)" : ""));
    for (const auto& [verb, help] : sidecar.commands)
        session.line("verb", fmt::format("{}: {}", verb, help.summary));
    if (!sidecar.config_schema.empty()) session.line("config", sidecar.config_schema);
    if (!sidecar.vendor.empty()) session.line("vendor", sidecar.vendor);
    if (!sidecar.license.empty()) session.line("license", sidecar.license);
    if (!sidecar.description.empty()) session.line("about", sidecar.description);
}

} // namespace

int inspect_plugin(Session& session, const std::string& file) {
    const std::string text = read_input(session.io, file, plugin::max_library_bytes);
    const std::string name = file == "-" ? "standard input" : file;
    const ByteView bytes = as_bytes(text);
    Report report;
    const auto facts = plugin::preflight(bytes, name, {}, report);
    const auto sidecar = sidecar_of(facts, name, report);
    const std::string digest = to_hex(sha256(bytes));
    const int status = report.ok() ? RVM_EXIT_OK : report.exit_status();

    if (session.globals.json) {
        nlohmann::ordered_json json{{"file", name}, {"size", bytes.size()}, {"sha256", digest}, {"exit", status}};
        if (sidecar) json["sidecar"] = sidecar_json(*sidecar);
        if (facts)
            json["elf"] = {{"entry", facts->entry_symbol},
                           {"soname", facts->soname},
                           {"needed", facts->needed},
                           {"imports", facts->imports},
                           {"build_id", to_hex(facts->build_id)}};
        json["findings"] = report_json(report);
        session.print_json(json);
        return status;
    }
    session.show(report);
    session.line("file", fmt::format("{} ({} bytes)", name, bytes.size()));
    session.line("sha256", digest);
    if (sidecar) show_sidecar(session, *sidecar);
    if (facts) {
        session.line("entry", facts->entry_symbol);
        for (const std::string& library : facts->needed)
            session.line("needs", library);
        if (session.globals.verbose)
            for (const std::string& symbol : facts->imports)
                session.line("imports", symbol);
        else
            session.line("imports", fmt::format("{} symbols (-v lists them)", facts->imports.size()));
        if (!facts->build_id.empty()) session.line("build id", to_hex(facts->build_id));
    }
    return status;
}

} // namespace rvm::host
