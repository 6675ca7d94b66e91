#include "cli/session.hpp"

#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/confinement.hpp"
#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"
#include "runtime/runtime_impl.hpp"

namespace rvm::host {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t name_column = 12; // "  gas used" and two spaces
constexpr std::chrono::milliseconds progress_interval{100}; // what an eye follows

/// Replaces control characters, so that a file name or a plugin's text cannot steer the terminal.
std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result;
}

/// "debug org.rvm.wallet: text".
std::string log_line(std::uint32_t level, std::string_view plugin, std::string_view text) {
    static constexpr std::string_view names[] = {"trace", "debug", "info", "warning", "error"};
    const std::string_view name = level < std::size(names) ? names[level] : "log";
    return fmt::format("{} {}: {}\n", name, plugin, printable(text));
}

/// What the services of a deployment keep, and `owner`, whose verb is about to run.
void add_needs(Runtime& deployment, const plugin::PluginSlot* owner, manifest::ServiceNeeds& needs) {
    for (const plugin::PluginSlot* slot : deployment.registry().slots()) {
        if (slot != owner && !slot->sidecar().serves()) continue;
        const manifest::ServiceNeeds& declared = slot->sidecar().needs;
        needs.files |= declared.files;
        needs.sockets |= declared.sockets;
        needs.processes |= declared.processes;
    }
}

/// Loads what is not loaded yet: no file is opened any more once files are given up. (Nothing is left of a deployment
/// that asks for it itself.) Throws Failure.
void load_rest(Runtime& deployment) {
    Report report;
    if (!deployment.registry().load_all(report)) throw Failure(std::move(report));
}

void give_up(const manifest::ServiceNeeds& needs, const std::string& manifest_file) {
    std::string why_not;
    if (!confine_process(needs, why_not))
        throw failure(ErrorCode::confinement_failed, manifest_file, "/confine",
                      "the kernel refused to confine the process: " + why_not);
}

} // namespace

Session::Session() = default;
Session::~Session() = default;

fs::path Session::share_dir() const {
    // The program file itself, not the name it was called by: works through symbolic links and from any directory.
    const fs::path program = fs::read_symlink("/proc/self/exe");
    return program.parent_path().parent_path() / "share" / "rvm";
}

fs::path Session::manifest_file() const {
    if (!globals.config.empty()) return globals.config;
    if (const char* variable = ::secure_getenv("RVM_CONFIG"); variable != nullptr && *variable != '\0') return variable;
    return share_dir() / "configs" / "dev.json";
}

Runtime* Session::try_runtime(Report& report) {
    if (runtime_ == nullptr) {
        RuntimeOptions options;
        for (const std::string& file : globals.plugins)
            options.plugin_files.push_back(fs::absolute(file));
        options.builtins = builtins;
        if (globals.verbose)
            options.log = [this](std::uint32_t level, std::string_view plugin, std::string_view text) {
                io.err_any_thread(log_line(level, plugin, text));
            };
        options.confines = true; // every verb that runs programs does
        options.store = store;
        if (prepare) prepare(options);
        runtime_ = Runtime::open(manifest_file(), options, report);
    }
    return runtime_.get();
}

Runtime& Session::runtime() {
    if (runtime_ != nullptr) return *runtime_;
    Report report;
    Runtime* opened = try_runtime(report);
    if (opened == nullptr) throw Failure(std::move(report));
    show(report);
    return *opened;
}

Runtime& Session::runtime_with_store() {
    Runtime& deployment = runtime();
    Report report;
    using Store = RuntimeOptions::Store;
    const Store use = store == Store::must_exist ? store : Store::make;
    if (!deployment.impl().need_store(use, report)) throw Failure(std::move(report));
    show(report);
    return deployment;
}

void Session::confine(const std::string& state_file, Runtime* second) {
    Runtime& deployment = runtime();
    if (rights_ == Rights::none) return;
    const bool asked = deployment.manifest().confine;
    if (!asked && (second == nullptr || !second->manifest().confine)) return;
    const std::string& file = asked ? deployment.manifest().file : second->manifest().file;
    if (!state_file.empty())
        throw failure(ErrorCode::confinement_failed, file, "/confine",
                      fmt::format("--state {} is written after the program has run", state_file),
                      "keep the world in the manifest's storage");
    if (!written_last.empty())
        throw failure(ErrorCode::confinement_failed, file, "/confine",
                      fmt::format("{} is written after the program has run", written_last),
                      "use a manifest that is the same but for \"confine\"");
    manifest::ServiceNeeds needs;
    for (Runtime* side : {&deployment, second}) {
        if (side == nullptr) continue;
        load_rest(*side);
        add_needs(*side, nullptr, needs);
    }
    give_up(needs, file);
    rights_ = Rights::none;
    remark("confined: no new files, sockets or processes");
}

void Session::confine_but_for_files(Programs programs, const plugin::PluginSlot* owner) {
    Runtime& deployment = runtime();
    if (!deployment.manifest().confine || rights_ != Rights::all) return;
    const std::string& file = deployment.manifest().file;
    manifest::ServiceNeeds needs;
    add_needs(deployment, owner, needs);
    needs.files = true;
    give_up(needs, file);
    rights_ = Rights::files;
    remark("confined but for files: no new sockets or processes");
    if (programs == Programs::none) return;
    Report report;
    report.warning(ErrorCode::confinement_failed, file, "/confine",
                   "this verb opens files while programs run: the process can go on opening files");
    show(report);
}

void Session::close(Report& report) { Runtime::close(std::move(runtime_), stop_deadline_ms, report); }

void Session::show(const Report& report) {
    for (const Finding& finding : report.findings()) {
        if (finding.severity != Severity::error && globals.quiet) continue;
        if (finding.severity == Severity::note && !globals.verbose) continue;
        const std::string text = printable(finding.text());
        const Style style = finding.severity == Severity::error ? Style::bad : Style::warning;
        const std::size_t word = std::min(text.find(' '), text.size()); // "error" or "warning" alone is coloured
        io.err(io.paint_error(style, text.substr(0, word)) + text.substr(word) + "\n");
    }
}

void Session::print_json(const nlohmann::ordered_json& document) {
    // Texts may come from files: invalid UTF-8 is replaced rather than thrown over.
    io.out(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void Session::line(std::string_view name, std::string_view value, Style style) {
    const std::size_t padding = name.size() < name_column ? name_column - name.size() : 1;
    io.out(io.paint(style, name) + std::string(padding, ' ') + printable(value) + "\n");
}

void Session::remark(std::string_view text) {
    if (globals.verbose) io.err(io.paint_error(Style::faint, printable(text)) + "\n");
}

void Session::progress(std::string_view what, std::uint64_t done, std::uint64_t total) {
    if (globals.quiet || !io.err_is_terminal()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - progress_at_ < progress_interval) return;
    progress_at_ = now;
    io.progress(
        printable(total == 0 ? fmt::format("{}: {}", what, done) : fmt::format("{}: {} of {}", what, done, total)));
}

nlohmann::ordered_json finding_json(const Finding& finding) {
    static constexpr const char* severities[] = {"note", "warning", "error"};
    nlohmann::ordered_json json;
    json["code"] = error_info(finding.code).text;
    json["severity"] = severities[static_cast<std::size_t>(finding.severity)];
    const std::pair<const char*, const std::string*> members[] = {
        {"file", &finding.file},         {"where", &finding.where}, {"message", &finding.message},
        {"expected", &finding.expected}, {"found", &finding.found}, {"hint", &finding.hint},
        {"plugin", &finding.plugin}};
    for (const auto& [key, text] : members)
        if (!text->empty()) json[key] = *text;
    return json;
}

nlohmann::ordered_json report_json(const Report& report) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Finding& finding : report.findings())
        list.push_back(finding_json(finding));
    return list;
}

Failure failure(ErrorCode code, std::string file, std::string where, std::string message, std::string hint) {
    Report report;
    report.error(code, std::move(file), std::move(where), std::move(message)).hint = std::move(hint);
    return Failure(std::move(report));
}

} // namespace rvm::host
