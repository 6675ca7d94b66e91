// rvm plugin check: prepares the candidate, runs every step in a child process and sums up.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/bytes.hpp"
#include "cli/files.hpp"
#include "cli/interrupt.hpp"
#include "manifest/sidecar.hpp"
#include "plugin/elf.hpp"
#include "plugin/registry.hpp"
#include "plugin/rehearsal.hpp"
#include "plugin/trust.hpp"
#include "plugin_check/check.hpp"
#include "plugin_check/sandbox.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

/// A private folder that goes away with its contents.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "rvm-check.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw failure(ErrorCode::internal, name, {}, fmt::format("cannot make a folder: {}", std::strerror(errno)));
        path_ = fs::canonical(name);
        fs::create_directory(path_ / "plugin");
        fs::create_directory(path_ / "empty");
        fs::permissions(path_ / "plugin", fs::perms::owner_all); // whatever the umask
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  private:
    fs::path path_;
};

struct StepResult {
    const CheckStep* step = nullptr;
    std::string skipped;
    std::vector<std::string> notes;
    std::string doing; ///< what the child tried last
    Report report;
    [[nodiscard]] std::string_view verdict() const {
        return !report.ok() ? "failed" : skipped.empty() ? "passed" : "skipped";
    }
};

void write_private(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

/// Adds the providers of what `sidecar` requires, of what those require, and so on.
void add_dependencies(plugin::Registry& registry, const manifest::Sidecar& sidecar, const std::string& own_id,
                      std::set<std::string>& seen, nlohmann::ordered_json& plugins) {
    for (const manifest::Requirement& requirement : sidecar.requirements) {
        plugin::PluginSlot* slot = registry.provider(requirement.capability.kind, requirement.capability.id);
        if (slot == nullptr || slot->origin() == plugin::Origin::builtin || slot->id() == own_id) continue;
        if (!seen.insert(slot->id()).second) continue;
        Report ignored; // a dependency that cannot be read is missing in the child, which says so
        const std::string digest = registry.library_sha256(*slot, ignored);
        plugins.push_back({{"id", slot->id()}, {"path", slot->file()}, {"sha256", digest}});
        add_dependencies(registry, slot->sidecar(), own_id, seen, plugins);
    }
}

/// The object in the file `--plugin-config` names.
nlohmann::ordered_json read_config(Session& session, const std::string& file) {
    auto config = nlohmann::ordered_json::parse(read_input(session.io, file), nullptr, false);
    if (!config.is_object())
        throw UsageError(
            fmt::format("--plugin-config: {} holds {}", file, config.is_discarded() ? "no JSON" : config.type_name()),
            "expected a JSON object, as \"config\" of a plugin in a manifest");
    return config;
}

Candidate prepare(Session& session, const std::string& file, const PluginCheckOptions& options,
                  const fs::path& folder) {
    Candidate candidate;
    const std::string text = read_input(session.io, file, plugin::max_library_bytes);
    candidate.library = folder / "plugin" / fs::path(file).filename();
    write_private(candidate.library, text);
    candidate.manifest_path = folder / "check.json";

    // What the file says of itself, without running it. What is wrong with it, the first step reports in full.
    Report report;
    std::optional<manifest::Sidecar> sidecar;
    const fs::path beside = fs::path(file).replace_extension(".rvm.json");
    if (fs::exists(beside)) {
        const std::string sidecar_text = read_input(session.io, beside.string());
        write_private(fs::path(candidate.library).replace_extension(".rvm.json"), sidecar_text);
        sidecar = manifest::parse_sidecar(sidecar_text, beside, manifest::SidecarSource::file, report);
    } else if (const auto embedded = plugin::embedded_sidecar(as_bytes(text))) {
        sidecar = manifest::parse_sidecar(*embedded, file, manifest::SidecarSource::embedded, report);
    }
    nlohmann::ordered_json plugins = nlohmann::ordered_json::array();
    plugins.push_back({{"path", candidate.library.string()}, {"sha256", to_hex(sha256(as_bytes(text)))}});
    if (!options.config.empty()) plugins[0]["config"] = read_config(session, options.config);
    if (sidecar) {
        candidate.id = sidecar->id;
        candidate.config_schema = sidecar->config_schema;
        std::set<std::string> seen;
        if (!sidecar->requirements.empty())
            add_dependencies(session.runtime().registry(), *sidecar, sidecar->id, seen, plugins);
    }
    candidate.manifest = nlohmann::ordered_json{
        {"format_version", 1},   {"name", "plugin-check"},        {"profile", options.profile},
        {"discovery", "listed"}, {"trust", {{"require", "pin"}}}, {"plugins", std::move(plugins)},
        {"syscalls", {"*"}}}.dump();
    return candidate;
}

/// The private copy's path is no news to anybody: messages name the file, and the sidecar beside it, as the user did.
std::string renamed(std::string text, const Candidate& candidate, const std::string& file) {
    const std::string copy = fs::path(candidate.library).replace_extension().string();
    const std::string original = fs::path(file).replace_extension().string();
    for (std::size_t at = text.find(copy); at != std::string::npos; at = text.find(copy, at + original.size()))
        text.replace(at, copy.size(), original);
    return text;
}

void read_lines(const ChildResult& child, const Candidate& candidate, const std::string& file, StepResult& result,
                std::string& digest) {
    std::string_view rest = child.output;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const auto json = nlohmann::json::parse(rest.substr(0, end), nullptr, false);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!json.is_object()) continue; // a plugin that found the descriptor may write anything
        if (json.contains("note") && json["note"].is_string())
            result.notes.push_back(renamed(json["note"].get<std::string>(), candidate, file));
        if (json.contains("doing") && json["doing"].is_string()) result.doing = json["doing"].get<std::string>();
        if (json.contains("skip") && json["skip"].is_string()) result.skipped = json["skip"].get<std::string>();
        if (json.contains("done") && json["done"].is_string()) digest = json["done"].get<std::string>();
        if (!json.contains("fail") || !json["fail"].is_object()) continue;
        const auto& fail = json["fail"];
        const auto text = [&](const char* key) {
            return fail.contains(key) && fail[key].is_string() ? renamed(fail[key].get<std::string>(), candidate, file)
                                                               : std::string{};
        };
        const std::size_t code = fail.contains("code") && fail["code"].is_number_unsigned()
                                     ? fail["code"].get<std::size_t>()
                                     : all_errors().size();
        if (code >= all_errors().size()) continue;
        Finding finding;
        finding.code = static_cast<ErrorCode>(code);
        finding.file = text("file").empty() ? file : text("file");
        finding.where = text("where");
        finding.message = text("message");
        finding.expected = text("expected");
        finding.found = text("found");
        finding.hint = text("hint");
        finding.plugin = candidate.id;
        result.report.add(std::move(finding));
    }
}

std::string death_of(const ChildResult& child, std::uint64_t seconds) {
    if (child.timed_out) return fmt::format("no end after {} seconds", seconds);
    if (!child.forbidden.empty()) return fmt::format("the system call {} is not allowed", child.forbidden);
    if (child.signal != 0) return fmt::format("killed by signal {} ({})", child.signal, ::strsignal(child.signal));
    return fmt::format("ended the process with exit status {}", child.exit);
}

StepResult run_step(const CheckStep& step, const Candidate& candidate, const std::string& file, const fs::path& empty,
                    std::uint64_t seconds) {
    struct Surroundings {
        const char* zone;
        const char* locale;
    };
    // Results must not depend on these; the first is the reference.
    static constexpr Surroundings surroundings[] = {
        {"UTC", "C"}, {"Asia/Kathmandu", "de_DE.UTF-8"}, {"NZ-CHAT", "tr_TR.UTF-8"}};
    StepResult result;
    result.step = &step;
    std::string reference;
    for (const Surroundings& around : surroundings) {
        const ChildResult child = run_sandboxed(empty, seconds, [&](int descriptor) {
            ::setenv("TZ", around.zone, 1);
            ::setenv("LC_ALL", around.locale, 1);
            plugin::skip_rehearsals();
            CheckLog log(descriptor);
            step.run(candidate, log);
            log.finish();
        });
        std::string digest;
        read_lines(child, candidate, file, result, digest);
        if (digest.empty()) {
            Finding& finding = result.report.error(
                ErrorCode::check_crashed, file,
                result.doing.empty() ? std::string{step.name} : fmt::format("{}: {}", step.name, result.doing),
                "the child process did not finish");
            finding.found = death_of(child, seconds);
            finding.plugin = candidate.id;
        } else if (!reference.empty() && digest != reference) {
            result.report
                .error(ErrorCode::check_nondeterministic, file, std::string{step.name},
                       fmt::format("results differ with TZ={} LC_ALL={}", around.zone, around.locale))
                .plugin = candidate.id;
        }
        if (reference.empty()) reference = digest;
        if (!step.repeated || !result.report.ok() || !result.skipped.empty()) break;
    }
    return result;
}

int check_in_steps(Session& session, const std::string& file, const PluginCheckOptions& options) {
    if (options.profile != "consensus" && options.profile != "standard" && options.profile != "development")
        throw UsageError(fmt::format("--profile: unknown profile \"{}\"", options.profile),
                         "consensus, standard or development");
    const TemporaryFolder folder;
    const Candidate candidate = prepare(session, file, options, folder.path());

    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    Report all;
    bool stopped = false;
    std::uint64_t step_number = 0;
    for (const CheckStep& step : check_steps()) {
        if (stopped || InterruptWatch::interrupted()) break;
        session.progress(step.name, step_number++, check_steps().size());
        const StepResult result = run_step(step, candidate, file, folder.path() / "empty", options.seconds);
        stopped = step.decisive && !result.report.ok();
        all.merge(result.report);
        if (session.globals.json) {
            nlohmann::ordered_json json{{"step", step.name}, {"verdict", result.verdict()}, {"summary", step.summary}};
            if (!result.skipped.empty()) json["reason"] = result.skipped;
            if (!result.notes.empty()) json["notes"] = result.notes;
            json["findings"] = report_json(result.report);
            list.push_back(std::move(json));
            continue;
        }
        if (result.skipped.empty() || session.globals.verbose || !result.report.ok()) {
            const Style style = !result.report.ok() ? Style::bad : result.skipped.empty() ? Style::good : Style::faint;
            session.io.out(fmt::format("{}  {:<13}  {}\n",
                                       session.io.paint(style, fmt::format("{:<7}", result.verdict())), step.name,
                                       result.skipped.empty() ? std::string{step.summary} : result.skipped));
        }
        for (const std::string& note : result.notes)
            if (!session.globals.quiet) session.io.out(fmt::format("         note: {}\n", note));
        session.show(result.report);
    }
    const bool sound = all.ok();
    const int status = sound ? RVM_EXIT_OK : RVM_EXIT_CONFIG;
    if (session.globals.json)
        session.print_json({{"file", file},
                            {"plugin", candidate.id},
                            {"profile", options.profile},
                            {"sound", sound},
                            {"exit", status},
                            {"steps", std::move(list)}});
    else
        session.line("sound", sound ? "yes" : "no", sound ? Style::good : Style::bad);
    return status;
}

} // namespace

int check_plugin(Session& session, const std::string& file, const PluginCheckOptions& options) {
    int status = RVM_EXIT_INTERNAL;
    bool interrupted = false;
    {
        const InterruptWatch watch; // the private folder is removed first
        status = check_in_steps(session, file, options);
        interrupted = InterruptWatch::interrupted();
    }
    session.io.flush();
    if (interrupted) std::raise(SIGINT); // the shell sees an interrupted program
    return status;
}

} // namespace rvm::host
