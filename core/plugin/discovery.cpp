#include "plugin/discovery.hpp"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "plugin/elf.hpp"
#include "plugin/known_kinds.hpp"
#include "plugin/severity.hpp"
#include "plugin/texts.hpp"
#include "plugin/trust.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view library_suffix = ".so";
constexpr std::string_view sidecar_suffix = ".rvm.json";
// Entries of one search path: a folder with more is not a plugin folder.
constexpr std::size_t max_folder_entries = 4096;
constexpr std::uint64_t max_sidecar_file = std::uint64_t{1} << 20; // json.hpp, max_json_bytes
// Linkers put notes right behind the file's headers, and a sidecar is a few KiB: what is read of a library to find it
// there. At a start the libraries would otherwise be read whole, and most of them are not even loaded.
constexpr std::uint64_t usual_notes_bytes = 64 * 1024;

/// Where `path` lies: the first search path or the manifest's folder that contains it, else its own folder. What lies
/// above the allowed folder is the operator's; what lies below is checked component by component.
std::pair<fs::path, fs::path> split_root(const fs::path& path, const std::vector<fs::path>& roots) {
    for (const fs::path& root : roots) {
        const fs::path relative = path.lexically_relative(root);
        if (!relative.empty() && *relative.begin() != ".." && *relative.begin() != ".") return {root, relative};
    }
    return {path.parent_path(), path.filename()};
}

fs::path sidecar_of(const fs::path& library) {
    return library.parent_path() / (library.stem().string() + std::string{sidecar_suffix});
}

} // namespace

Candidate examine_library(const fs::path& root, const fs::path& relative, bool development) {
    Candidate found;
    found.root = root;
    found.relative = relative;
    ReadPolicy policy{development, max_library_bytes};
    const fs::path sidecar = sidecar_of(relative);
    std::error_code error;
    if (fs::exists(fs::symlink_status(root / sidecar, error))) {
        policy.max_bytes = max_sidecar_file;
        Report reading; // in development: warnings, which loading the library gives again
        const auto text = read_trusted(root, sidecar, policy, reading);
        if (!text) {
            found.problems.merge(std::move(reading));
            return found;
        }
        found.sidecar_text = as_text(*text);
        found.sidecar =
            manifest::parse_sidecar(found.sidecar_text, root / sidecar, manifest::SidecarSource::file, found.problems);
        const std::string library = relative.filename().string();
        if (found.sidecar && found.sidecar->library != library) {
            Finding& finding = found.problems.error(ErrorCode::entry_sidecar_differs, (root / sidecar).string(),
                                                    "/library", "the sidecar names another library");
            finding.expected = in_quotes(library);
            finding.found = in_quotes(found.sidecar->library);
            found.sidecar.reset();
        } else if (found.sidecar && !fs::exists(fs::symlink_status(root / relative, error))) {
            Finding& finding = found.problems.error(ErrorCode::plugin_file_unreadable, found.file(), "open",
                                                    "the library that the sidecar names is missing");
            finding.expected = "a readable file";
            finding.found = "No such file or directory";
            finding.plugin = found.sidecar->id;
            found.sidecar.reset();
        }
        return found;
    }

    Report reading;
    std::optional<Bytes> bytes; // all of them
    std::optional<std::string> text;
    if (const auto head = read_trusted_head(root, relative, policy, usual_notes_bytes, reading))
        text = embedded_sidecar(head->bytes, head->size);
    if (!text && reading.ok()) {
        reading = {};
        bytes = read_trusted(root, relative, policy, reading);
        if (bytes) text = embedded_sidecar(*bytes);
    }
    if (text) {
        found.sidecar_text = *text;
        found.sidecar = manifest::parse_sidecar(*text, found.file(), manifest::SidecarSource::embedded, found.problems);
        return found;
    }
    if (!bytes) {
        found.problems.merge(std::move(reading));
        return found;
    }
    // Not a plugin: say what it is, as the preflight sees it.
    if (preflight(*bytes, found.file(), {}, found.problems)) {
        Finding& finding =
            found.problems.error(ErrorCode::sidecar_missing, found.file(), "sidecar", "the library has no sidecar");
        finding.expected = sidecar_of(relative.filename()).string() + " beside it, or a note in it";
        finding.found = "neither";
    }
    return found;
}

void Discovery::run() {
    const manifest::Manifest& deployment = registry_.deployment_;
    const bool directory = deployment.discovery == manifest::Discovery::directory;
    const bool by_id = std::ranges::any_of(deployment.plugins, [this](const manifest::PluginEntry& entry) {
        return entry.path.empty() && registry_.by_id_.find(entry.id) == registry_.by_id_.end();
    });
    if (directory || by_id)
        for (const fs::path& folder : registry_.search_paths_)
            scan(folder);
    add_listed();
    if (directory) add_discovered();
    order_slots();
    find_providers();
    find_dependencies();
    find_cycles();
}

void Discovery::scan(const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
        names.push_back(entry->path().filename().string());
        if (names.size() <= max_folder_entries) continue;
        Finding& finding = report_.error(ErrorCode::plugin_file_unreadable, folder.string(), "search path",
                                         "the folder has too many entries to be a plugin folder");
        finding.expected = fmt::format("at most {}", max_folder_entries);
        finding.found = "more";
        return;
    }
    if (error) {
        Finding& finding = report_.warning(ErrorCode::plugin_file_unreadable, folder.string(), "search path",
                                           "the search path cannot be read");
        finding.expected = "a readable folder";
        finding.found = error.message();
        return;
    }
    std::set<std::string> libraries; // in name order; from sidecars too, so that one without its library is reported
    for (const std::string& name : names) {
        if (name.ends_with(library_suffix)) libraries.insert(name);
        if (name.ends_with(sidecar_suffix))
            libraries.insert(name.substr(0, name.size() - sidecar_suffix.size()) + std::string{library_suffix});
    }
    const bool development = registry_.deployment_.profile == manifest::Profile::development;
    for (const std::string& name : libraries)
        candidates_.push_back(examine_library(folder, name, development));
}

void Discovery::add_listed() {
    for (const manifest::PluginEntry& entry : registry_.deployment_.plugins) {
        if (const auto builtin = registry_.by_id_.find(entry.id);
            builtin != registry_.by_id_.end() && builtin->second->origin_ == Origin::builtin) {
            builtin->second->entry_ = &entry;
            continue;
        }
        if (entry.path.empty())
            add_listed_id(entry);
        else
            add_listed_path(entry);
    }
}

void Discovery::add_listed_path(const manifest::PluginEntry& entry) {
    const auto same = std::ranges::find_if(
        candidates_, [&](const Candidate& candidate) { return candidate.root / candidate.relative == entry.path; });
    Candidate apart;
    if (same == candidates_.end()) {
        std::vector<fs::path> roots = registry_.search_paths_;
        roots.push_back(registry_.deployment_.directory);
        const auto [root, relative] = split_root(entry.path, roots);
        apart = examine_library(root, relative, registry_.deployment_.profile == manifest::Profile::development);
    }
    Candidate& candidate = same == candidates_.end() ? apart : *same;
    if (candidate.sidecar && !entry.id.empty() && candidate.sidecar->id != entry.id) {
        Finding& finding = candidate.problems.error(ErrorCode::entry_sidecar_differs, candidate.file(), "id",
                                                    "the file is another plugin than the manifest says");
        finding.expected = in_quotes(entry.id);
        finding.found = in_quotes(candidate.sidecar->id);
        candidate.sidecar.reset();
    }
    add_slot(candidate, Origin::listed, &entry);
}

void Discovery::add_listed_id(const manifest::PluginEntry& entry) {
    std::vector<Candidate*> matching;
    for (Candidate& candidate : candidates_)
        if (candidate.sidecar && candidate.sidecar->id == entry.id) matching.push_back(&candidate);
    if (matching.size() == 1) return add_slot(*matching.front(), Origin::listed, &entry);

    Report problem;
    if (matching.empty()) {
        Finding& finding = problem.error(ErrorCode::plugin_file_unreadable, registry_.deployment_.file, entry.where,
                                         "no search path has the plugin");
        finding.expected =
            fmt::format("a plugin {} in one of {} search paths", in_quotes(entry.id), registry_.search_paths_.size());
        finding.found = "none";
        finding.plugin = entry.id;
        if (registry_.search_paths_.empty()) finding.hint = "\"search_paths\" names the folders that plugins lie in";
        // One of the files that could not be read may be it: their findings are the likely cause.
        for (const Candidate& candidate : candidates_)
            if (!candidate.sidecar) problem.merge(candidate.problems);
    } else {
        Finding& finding = problem.error(ErrorCode::plugin_duplicate, matching[1]->file(), entry.where,
                                         "two files carry one plugin id; the first one does not win");
        finding.expected = "one file with id " + in_quotes(entry.id);
        finding.found = matching[0]->file() + " and " + matching[1]->file();
        finding.plugin = entry.id;
        for (Candidate* candidate : matching)
            candidate->used = true; // reported here once
    }
    registry_.broken_.merge(entry.optional ? softened(problem) : problem);
    report_.merge(entry.optional ? softened(std::move(problem)) : std::move(problem));
}

bool Discovery::add_option(const fs::path& library) {
    std::error_code error;
    const fs::path path = fs::absolute(library, error).lexically_normal();
    Candidate candidate = examine_library(path.parent_path(), path.filename(),
                                          registry_.deployment_.profile == manifest::Profile::development);
    const std::size_t slots = registry_.slots_.size();
    add_slot(candidate, Origin::option, nullptr);
    return registry_.slots_.size() > slots;
}

void Discovery::add_discovered() {
    for (Candidate& candidate : candidates_)
        if (!candidate.used) add_slot(candidate, Origin::discovered, nullptr);
}

void Discovery::add_slot(Candidate& candidate, Origin origin, const manifest::PluginEntry* entry) {
    candidate.used = true;
    const bool insisted = origin == Origin::option || (entry != nullptr && !entry->optional);
    if (!candidate.sidecar) {
        const bool optional = entry != nullptr && entry->optional;
        registry_.broken_.merge(optional ? softened(candidate.problems) : candidate.problems);
        report_.merge(insisted   ? candidate.problems
                      : optional ? softened(candidate.problems)
                                 : all_warnings(candidate.problems));
        return;
    }
    const auto taken = registry_.by_id_.find(candidate.sidecar->id);
    if (taken != registry_.by_id_.end()) {
        Finding finding;
        finding.code = ErrorCode::plugin_duplicate;
        finding.file = candidate.file();
        finding.where = entry != nullptr ? entry->where : "id";
        finding.message = "the plugin is present already";
        finding.expected = "one plugin " + in_quotes(candidate.sidecar->id);
        finding.found = "also " + taken->second->file_;
        finding.plugin = candidate.sidecar->id;
        registry_.broken_.add(finding);
        report_.add(std::move(finding));
        return;
    }
    PluginSlot& slot = registry_.new_slot();
    slot.sidecar_ = *candidate.sidecar; // the candidate stays, to recognise the file when it is named again
    slot.sidecar_text_ = candidate.sidecar_text;
    slot.root_ = candidate.root;
    slot.file_ = candidate.file();
    slot.origin_ = origin;
    slot.entry_ = entry;
    registry_.by_id_.emplace(slot.sidecar_.id, &slot);
    if (entry != nullptr && entry->version && !entry->version->contains(slot.sidecar_.version)) {
        Finding finding;
        finding.code = ErrorCode::plugin_version;
        finding.file = slot.file_;
        finding.where = entry->where + "/version";
        finding.message = "the plugin's version is not in the wanted range";
        finding.expected = entry->version->text();
        finding.found = slot.sidecar_.version.text();
        refuse(slot, std::move(finding));
    }
}

/// Built-ins first; the others as their slots were made: options, the manifest's entries, then discovered files by path
/// and name.
void Discovery::order_slots() {
    registry_.ordered_.clear();
    for (const bool builtin : {true, false})
        for (const auto& slot : registry_.slots_)
            if ((slot->origin_ == Origin::builtin) == builtin) registry_.ordered_.push_back(slot.get());
    for (std::size_t i = 0; i < registry_.ordered_.size(); ++i)
        registry_.ordered_[i]->order_ = i;
}

void Discovery::find_providers() {
    std::map<std::pair<std::string, std::string>, std::vector<PluginSlot*>> all;
    for (PluginSlot* slot : registry_.ordered_)
        for (const manifest::Capability& item : slot->sidecar_.provides)
            if (is_known_kind(item.kind)) all[{item.kind, item.id}].push_back(slot);
    for (auto& [key, owners] : all) {
        if (owners.size() == 1) {
            registry_.providers_.emplace(key, owners.front());
            continue;
        }
        const std::string item = key.first + ":" + key.second;
        std::string names;
        for (const PluginSlot* owner : owners)
            names += fmt::format("{}{} ({})", names.empty() ? "" : " and ", owner->id(), owner->file_);
        const auto preferred = registry_.deployment_.prefer.find(item);
        const auto chosen =
            preferred == registry_.deployment_.prefer.end()
                ? owners.end()
                : std::ranges::find_if(owners, [&](const PluginSlot* slot) { return slot->id() == preferred->second; });
        Finding finding;
        finding.code = key.first == RVM_KIND_CRYPTO ? ErrorCode::crypto_ambiguous : ErrorCode::contribution_collision;
        finding.file = registry_.deployment_.file;
        finding.where = "/prefer";
        finding.found = names;
        if (chosen != owners.end()) {
            registry_.providers_.emplace(key, *chosen);
            finding.severity = Severity::note;
            finding.message = fmt::format("{} is used from {}, as the manifest prefers", item, (*chosen)->id());
            report_.add(std::move(finding));
            continue;
        }
        finding.message = item + " has more than one provider";
        finding.expected = "one provider, or a preference";
        finding.hint = fmt::format("add \"prefer\": {{ \"{}\": \"{}\" }}", item, owners.front()->id());
        registry_.providers_.emplace(key, nullptr);
        registry_.collisions_.emplace(key, finding);
        report_.add(std::move(finding));
    }
}

void Discovery::find_dependencies() {
    const HostServices& services = registry_.services_;
    for (PluginSlot* slot : registry_.ordered_) {
        for (const manifest::Requirement& requirement : slot->sidecar_.requirements) {
            const manifest::Capability& wanted = requirement.capability;
            const auto provider = registry_.providers_.find(std::pair{wanted.kind, wanted.id});
            if (provider != registry_.providers_.end() && provider->second != nullptr) {
                slot->dependencies_.push_back({provider->second, requirement.optional, wanted.text()});
                continue;
            }
            if (services.host_interface != nullptr && services.host_interface(services.ctx, wanted.text()) != nullptr)
                continue;
            if (requirement.optional) continue;
            Finding finding;
            finding.code = ErrorCode::dependency_missing;
            finding.file = slot->file_;
            finding.where = "requires";
            finding.message = fmt::format("nothing provides {}", wanted.text());
            finding.expected = "a plugin or host interface that provides it";
            finding.found = provider == registry_.providers_.end() ? "none" : "more than one, and no preference";
            refuse(*slot, std::move(finding));
        }
    }
}

/// Depth-first search over mandatory dependencies; every plugin of a cycle is refused with the cycle printed.
void Discovery::find_cycles() {
    enum class Mark { none, open, done };
    std::map<PluginSlot*, Mark> marks;
    std::vector<PluginSlot*> path;
    const auto report_cycle = [&](PluginSlot* start) {
        const auto begin = std::ranges::find(path, start);
        std::string text;
        for (auto it = begin; it != path.end(); ++it)
            text += (*it)->id() + " -> ";
        text += start->id();
        for (auto it = begin; it != path.end(); ++it) {
            Finding finding;
            finding.code = ErrorCode::dependency_cycle;
            finding.file = (*it)->file_;
            finding.where = "requires";
            finding.message = "plugins require each other in a circle";
            finding.expected = "an order in which each finds what it requires";
            finding.found = text;
            refuse(**it, std::move(finding));
        }
    };
    // The number of plugins bounds the depth; a deployment has dozens.
    const auto visit = [&](auto&& self, PluginSlot* slot) -> void {
        marks[slot] = Mark::open;
        path.push_back(slot);
        for (const Dependency& dependency : slot->dependencies_) {
            if (dependency.optional) continue;
            const Mark mark = marks[dependency.slot];
            if (mark == Mark::open) report_cycle(dependency.slot);
            if (mark == Mark::none) self(self, dependency.slot);
        }
        path.pop_back();
        marks[slot] = Mark::done;
    };
    for (PluginSlot* slot : registry_.ordered_)
        if (marks[slot] == Mark::none) visit(visit, slot);
}

bool Discovery::insists_on(const PluginSlot& slot) const {
    if (slot.entry_ != nullptr) return !slot.entry_->optional;
    return slot.origin_ != Origin::discovered;
}

void Discovery::refuse(PluginSlot& slot, Finding finding) {
    finding.plugin = slot.id();
    slot.state_ = SlotState::refused;
    slot.report_.add(finding);
    if (!insists_on(slot)) finding.severity = Severity::warning;
    report_.add(std::move(finding));
}

} // namespace rvm::plugin
