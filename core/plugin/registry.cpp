#include "plugin/registry.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "plugin/discovery.hpp"
#include "plugin/foreign_library.hpp"
#include "plugin/instance.hpp"
#include "plugin/judge.hpp"
#include "plugin/severity.hpp"
#include "plugin/slot_loader.hpp"
#include "plugin/texts.hpp"
#include "plugin/trust.hpp"

namespace rvm::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view builtin_file = "(built in)";

/// Adds what `to` does not say yet, so that discover() and load_all() may report into one Report.
void add_missing(Report& to, const Report& from) {
    const auto same = [](const Finding& a, const Finding& b) {
        return a.code == b.code && a.severity == b.severity && a.file == b.file && a.where == b.where &&
               a.plugin == b.plugin && a.message == b.message && a.found == b.found;
    };
    for (const Finding& finding : from.findings())
        if (std::ranges::none_of(to.findings(), [&](const Finding& known) { return same(known, finding); }))
            to.add(finding);
}

} // namespace

PluginSlot::PluginSlot(Registry& registry) : registry_(&registry) {}
PluginSlot::~PluginSlot() = default;

bool PluginSlot::declares(std::string_view kind, std::string_view id) const noexcept {
    return std::ranges::any_of(sidecar_.requirements, [&](const manifest::Requirement& requirement) {
        return requirement.capability.kind == kind && requirement.capability.id == id;
    });
}

Registry::Registry(const manifest::Manifest& deployment, HostServices services)
    : deployment_(deployment), services_(services), search_paths_(deployment.search_paths) {}

Registry::~Registry() {
    Report lost; // nobody is left to hear it
    shutdown(default_stop_deadline_ms, lost);
}

PluginSlot& Registry::new_slot() {
    return *slots_.emplace_back(std::unique_ptr<PluginSlot, PluginSlot::Delete>{new PluginSlot{*this}});
}

bool Registry::add_builtin(const rvm_entry* entry, Report& report) {
    const std::string file{builtin_file};
    auto said = judge_entry(entry, file, report);
    if (!said) return false;
    if (const auto taken = by_id_.find(said->id); taken != by_id_.end()) {
        Finding& finding = report.error(ErrorCode::plugin_duplicate, file, "id", "the plugin is present already");
        finding.expected = "one plugin " + in_quotes(said->id);
        finding.found = "also " + taken->second->file_;
        finding.plugin = said->id;
        return false;
    }
    PluginSlot& slot = new_slot();
    slot.sidecar_ = std::move(*said);
    slot.file_ = file;
    slot.origin_ = Origin::builtin;
    slot.builtin_ = entry;
    by_id_.emplace(slot.sidecar_.id, &slot);
    return true;
}

bool Registry::add_file(const fs::path& library, Report& report) {
    return Discovery{*this, report}.add_option(library);
}

void Registry::add_search_path(const fs::path& folder) { search_paths_.push_back(folder); }

bool Registry::discover(Report& report) {
    const std::lock_guard guard{lock_};
    Report found;
    Discovery{*this, found}.run();
    const bool ok = found.ok();
    add_missing(report, found);
    return ok;
}

bool Registry::ensure_loaded(PluginSlot& slot) {
    if (slot.state_ != SlotState::known) return slot.state_ == SlotState::loaded;
    slot.state_ = SlotState::loading;
    for (const Dependency& dependency : slot.dependencies_) {
        if (ensure_loaded(*dependency.slot) || dependency.optional) continue;
        Finding& finding = slot.report_.error(ErrorCode::dependency_missing, slot.file_, "requires",
                                              fmt::format("the provider of {} was refused", dependency.capability));
        finding.expected = "a loaded plugin";
        finding.found = fmt::format("{} ({}): {}", dependency.slot->id(), dependency.slot->file_,
                                    dependency.slot->report_.findings().empty()
                                        ? std::string_view{"not loaded"}
                                        : error_info(dependency.slot->report_.findings().front().code).text);
        finding.plugin = slot.id();
        slot.state_ = SlotState::refused;
        return false;
    }
    const bool loaded = SlotLoader{*this, slot}.run();
    slot.state_ = loaded ? SlotState::loaded : SlotState::refused;
    if (loaded) loaded_.push_back(&slot);
    return loaded;
}

bool Registry::load_all(Report& report) {
    const std::lock_guard guard{lock_};
    Report found;
    found.merge(broken_);
    for (const auto& [key, finding] : collisions_)
        found.add(finding);
    for (PluginSlot* slot : ordered_) {
        ensure_loaded(*slot);
        const bool optional = slot->entry_ != nullptr && slot->entry_->optional;
        found.merge(optional ? softened(slot->report_) : slot->report_);
    }
    const bool ok = found.ok();
    add_missing(report, found);
    return ok;
}

bool Registry::load(PluginSlot& slot, Report& report) {
    const std::lock_guard guard{lock_};
    const bool was_known = slot.state_ == SlotState::known;
    const bool ok = ensure_loaded(slot);
    if (was_known || !ok) add_missing(report, slot.report_); // warnings once, refusals every time
    return ok;
}

PluginSlot* Registry::require(std::string_view kind, std::string_view id, Report& report) {
    const std::lock_guard guard{lock_};
    const Key key{kind, id};
    const auto found = providers_.find(key);
    if (found != providers_.end() && found->second != nullptr)
        return load(*found->second, report) ? found->second : nullptr;
    if (const auto collision = collisions_.find(key); collision != collisions_.end()) {
        report.add(collision->second);
        return nullptr;
    }
    std::vector<std::string_view> ids;
    for (const auto& [known, owner] : providers_)
        if (known.first == kind) ids.push_back(known.second);
    Finding& finding = report.error(ErrorCode::dependency_missing, deployment_.file, std::string{kind},
                                    fmt::format("no plugin provides {}:{}", kind, printable(id)));
    finding.expected = "a plugin that provides it";
    finding.found = "none";
    if (const std::string near = nearest(id, ids); !near.empty())
        finding.hint = "did you mean " + in_quotes(near) + "?";
    return nullptr;
}

bool Registry::test_crypto(const Key& key, Entry& entry, Report& report) {
    if (key.first != RVM_KIND_CRYPTO || entry.tested == Tested::passed) return true;
    // A failed primitive fails again: the tests are deterministic, and the findings are wanted every time.
    const PluginSlot& owner = *entry.raw.owner;
    const bool passed = run_known_answers(*static_cast<const rvm_crypto*>(entry.raw.table), deployment_.profile,
                                          owner.file_, owner.id(), report);
    entry.tested = passed ? Tested::passed : Tested::failed;
    return passed;
}

Registry::RawItem Registry::find_item(std::string_view kind, std::string_view id, Report& report) {
    const std::lock_guard guard{lock_};
    const Key key{kind, id};
    auto item = items_.find(key);
    if (item == items_.end()) {
        if (require(kind, id, report) == nullptr) return {};
        item = items_.find(key);
        if (item == items_.end()) return {}; // asked for by a plugin that is being loaded and provides it itself
    }
    return test_crypto(key, item->second, report) ? item->second.raw : RawItem{};
}

std::vector<Registry::RawItem> Registry::all_items(std::string_view kind, Report& report) {
    const std::lock_guard guard{lock_};
    std::vector<RawItem> found;
    for (PluginSlot* slot : ordered_) {
        const auto& provides = slot->sidecar_.provides;
        if (std::ranges::none_of(provides, [&](const manifest::Capability& item) { return item.kind == kind; }))
            continue;
        if (!load(*slot, report)) continue;
        for (const Item& item : slot->contributions_.items()) {
            if (item.kind != kind) continue;
            const auto visible = items_.find({item.kind, item.id});
            if (visible == items_.end() || visible->second.raw.owner != slot) continue;
            if (test_crypto(visible->first, visible->second, report)) found.push_back(visible->second.raw);
        }
    }
    return found;
}

Found<rvm_opcode> Registry::opcode_by_mnemonic(std::string_view mnemonic, Report& report) {
    const std::lock_guard guard{lock_};
    const auto known = [&]() -> Found<rvm_opcode> {
        const auto found = mnemonics_.find(mnemonic);
        if (found == mnemonics_.end()) return {};
        return {static_cast<const rvm_opcode*>(found->second.table), found->second.owner};
    };
    if (const auto found = known()) return found;
    Report refused; // of providers that turn out not to matter
    if (provider(RVM_KIND_OPCODE, mnemonic) != nullptr) {
        (void)find<rvm_opcode>(mnemonic, refused);
        if (const auto found = known()) return found;
    }
    (void)all<rvm_opcode>(refused);
    if (const auto found = known()) return found;
    add_missing(report, refused);
    std::vector<std::string_view> names;
    for (const auto& [name, item] : mnemonics_)
        names.push_back(name);
    Finding& finding = report.error(ErrorCode::dependency_missing, deployment_.file, RVM_KIND_OPCODE,
                                    fmt::format("no plugin provides the mnemonic {}", in_quotes(mnemonic)));
    finding.expected = "a plugin that provides it";
    finding.found = "none";
    if (const std::string near = nearest(mnemonic, names); !near.empty())
        finding.hint = "did you mean " + in_quotes(near) + "?";
    return {};
}

Registry::RawItem Registry::resolve_item(PluginSlot& slot, std::string_view kind, std::string_view id) {
    const std::lock_guard guard{lock_};
    if (!slot.declares(kind, id)) {
        Finding& finding = slot.report_.error(ErrorCode::dependency_undeclared, slot.file_, "requires",
                                              fmt::format("the plugin asked for {}:{}", kind, printable(id)));
        finding.expected = "an id listed in requires";
        finding.found = "not listed";
        finding.plugin = slot.id();
        return {};
    }
    const bool optional = std::ranges::any_of(slot.sidecar_.requirements, [&](const manifest::Requirement& r) {
        return r.optional && r.capability.kind == kind && r.capability.id == id;
    });
    // An interface is how others extend the plugin: that nobody does is nothing to warn of.
    if (optional && kind == RVM_KIND_INTERFACE && !providers_.contains(Key{kind, id})) return {};
    Report missing; // an optional requirement may be absent; a mandatory one was loaded before
    const RawItem found = find_item(kind, id, missing);
    if (found.table == nullptr) {
        slot.report_.merge(optional ? all_warnings(missing) : missing);
    }
    return found;
}

void* Registry::load_for(PluginSlot& slot, const std::string& path, const std::string& pin, const std::string& symbol,
                         Report& report) {
    const std::lock_guard guard{lock_};
    const ForeignLibrary wanted{(deployment_.directory / path).lexically_normal(), pin, symbol};
    Report found;
    std::string sha256;
    void* const address = load_foreign(wanted, slot.id(), deployment_, sha256, found);
    if (address != nullptr && std::ranges::find(slot.foreign_sha256_, sha256) == slot.foreign_sha256_.end())
        slot.foreign_sha256_.push_back(std::move(sha256));
    slot.report_.merge(found);
    report.merge(found);
    return address;
}

std::vector<Provided> Registry::provided(std::string_view kind) const {
    std::vector<Provided> found;
    for (const auto& [key, owner] : providers_)
        if (key.first == kind && owner != nullptr) found.push_back({key.second, owner});
    return found;
}

PluginSlot* Registry::provider(std::string_view kind, std::string_view id) const {
    const auto found = providers_.find(Key{kind, id});
    return found == providers_.end() ? nullptr : found->second;
}

PluginSlot* Registry::slot(std::string_view plugin_id) const {
    const auto found = by_id_.find(plugin_id);
    return found == by_id_.end() ? nullptr : found->second;
}

SlotState Registry::state(const PluginSlot& slot) const {
    const std::lock_guard guard{lock_};
    return slot.state_;
}

Report Registry::findings(const PluginSlot& slot) const {
    const std::lock_guard guard{lock_};
    return slot.report_;
}

std::string Registry::library_sha256(PluginSlot& slot, Report& report) {
    const std::lock_guard guard{lock_};
    if (slot.origin_ == Origin::builtin || !slot.library_sha256_.empty()) return slot.library_sha256_;
    const ReadPolicy policy{deployment_.profile == manifest::Profile::development, max_library_bytes};
    const auto bytes = read_trusted(slot.root_, fs::path{slot.file_}.lexically_relative(slot.root_), policy, report);
    // Not kept: the file may still change until it is loaded.
    return bytes ? to_hex(rvm::sha256(*bytes)) : std::string{};
}

std::vector<std::string> Registry::foreign_sha256(const PluginSlot& slot) const {
    const std::lock_guard guard{lock_};
    return slot.foreign_sha256_;
}

void Registry::shutdown(std::uint64_t deadline_ms, Report& report) {
    const std::lock_guard guard{lock_};
    while (!loaded_.empty()) {
        PluginSlot& slot = *loaded_.back();
        loaded_.pop_back();
        std::erase_if(items_, [&](const auto& item) { return item.second.raw.owner == &slot; });
        std::erase_if(mnemonics_, [&](const auto& item) { return item.second.owner == &slot; });
        slot.instance_->stop(deadline_ms, report);
        slot.instance_.reset();
        slot.contributions_ = {};
        slot.state_ = SlotState::stopped;
    }
}

} // namespace rvm::plugin
