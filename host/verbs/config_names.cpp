// Names in a manifest that nothing in the deployment answers to: most likely typing errors, which a node would find out
// about when its results differ from those of the others.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "manifest/json.hpp"
#include "plugin/registry.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

namespace {

using manifest::json_pointer;
using Names = std::set<std::string, std::less<>>;

/// One manifest against what its plugins say they provide.
class NameJudge {
  public:
    NameJudge(plugin::Registry& registry, const manifest::Manifest& manifest, Report& report)
        : registry_(registry), manifest_(manifest), report_(report), syscalls_(ids(RVM_KIND_SYSCALL)),
          formats_(ids(RVM_KIND_FORMAT)), priced_(ids(RVM_KIND_OPCODE)) {
        priced_.insert(syscalls_.begin(), syscalls_.end());
    }

    void judge() {
        patterns(manifest_.syscalls, "/syscalls", syscalls_, "syscall");
        patterns(manifest_.free_items, "/free_items", priced_, "opcode or syscall");
        rules(manifest_.chain.rules, "/chain/rules");
        prices(manifest_.gas, "/gas");
        for (std::size_t i = 0; i < manifest_.chain.activations.size(); ++i) {
            const std::string where = json_pointer("/chain/activations", i);
            rules(manifest_.chain.activations[i].rules, where + "/rules");
            prices(manifest_.chain.activations[i].gas, where + "/gas");
        }
        for (const auto& [item, plugin] : manifest_.prefer)
            preference(item, plugin);
        if (const std::string& format = manifest_.pre_state_format; !format.empty() && !formats_.contains(format))
            warn("/pre_state_format", "format", format, formats_);
    }

  private:
    [[nodiscard]] Names ids(std::string_view kind) const {
        Names names;
        for (const plugin::Provided& provided : registry_.provided(kind))
            names.insert(provided.id);
        return names;
    }

    Finding& warn(std::string where, std::string_view what, const std::string& name, const Names& known) {
        Finding& finding = report_.warning(ErrorCode::dependency_missing, manifest_.file, std::move(where),
                                           fmt::format("no plugin provides the {} \"{}\"", what, name));
        finding.expected = "an id that the deployment has";
        finding.found = fmt::format("\"{}\"", name);
        const std::vector<std::string_view> candidates(known.begin(), known.end());
        if (const std::string near = nearest(name, candidates); !near.empty())
            finding.hint = fmt::format("did you mean \"{}\"?", near);
        return finding;
    }

    /// Beginnings of ids grant what is there, be it nothing: where the deployment has no such items at all, they are in
    /// place for plugins that an operator adds.
    void patterns(const std::vector<std::string>& list, std::string_view parent, const Names& known,
                  std::string_view what) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string& pattern = list[i];
            if (pattern == "*" || std::ranges::any_of(known, [&](const std::string& id) {
                    return manifest::matches_pattern(pattern, id);
                }))
                continue;
            if (!pattern.ends_with('*')) {
                warn(json_pointer(parent, i), what, pattern, known);
                continue;
            }
            Finding finding = beginning(pattern, known, what);
            finding.where = json_pointer(parent, i);
            report_.add(std::move(finding));
        }
    }

    [[nodiscard]] Finding beginning(const std::string& pattern, const Names& known, std::string_view what) const {
        Finding finding;
        finding.code = ErrorCode::dependency_missing;
        finding.severity = known.empty() ? Severity::note : Severity::warning;
        finding.file = manifest_.file;
        finding.message = fmt::format("no plugin provides a {} that begins with \"{}\"", what,
                                      pattern.substr(0, pattern.size() - 1));
        finding.expected = "the beginning of an id that the deployment has";
        finding.found = fmt::format("\"{}\"", pattern);
        Names prefixes; // "crypto.*" of "crypto.sha256"
        for (const std::string& id : known)
            if (const std::size_t dot = id.find('.'); dot != std::string::npos)
                prefixes.insert(id.substr(0, dot + 1) + "*");
        const std::vector<std::string_view> candidates(prefixes.begin(), prefixes.end());
        if (const std::string near = nearest(pattern, candidates); !near.empty())
            finding.hint = fmt::format("did you mean \"{}\"?", near);
        return finding;
    }

    void prices(const std::map<std::string, manifest::GasOverride, std::less<>>& gas, const std::string& parent) {
        for (const auto& [id, price] : gas) {
            const std::string where = json_pointer(parent, id);
            if (!priced_.contains(id)) {
                warn(where, "opcode or syscall", id, priced_);
            } else if (price.per_unit && !syscalls_.contains(id)) {
                Finding& finding = report_.warning(ErrorCode::dependency_missing, manifest_.file, where + "/per_unit",
                                                   fmt::format("\"{}\" is an opcode, which has no units", id));
                finding.expected = "\"base\" alone";
                finding.found = std::to_string(*price.per_unit);
            }
        }
    }

    void rules(const std::map<std::string, std::string, std::less<>>& chosen, const std::string& parent) {
        for (const auto& [format, name] : chosen)
            if (!formats_.contains(format)) warn(json_pointer(parent, format), "format", format, formats_);
    }

    void preference(const std::string& item, const std::string& preferred) {
        const std::string where = json_pointer("/prefer", item);
        const std::size_t colon = item.find(':');
        Names offered; // of the same kind, by anybody
        bool found = false;
        for (const plugin::PluginSlot* slot : registry_.slots())
            for (const manifest::Capability& capability : slot->sidecar().provides) {
                if (capability.kind != item.substr(0, colon)) continue;
                offered.insert(capability.text());
                found = found || (slot->id() == preferred && capability.text() == item);
            }
        if (found) return;
        if (!offered.contains(item)) {
            warn(where, "item", item, offered);
            return;
        }
        Finding& finding = report_.warning(ErrorCode::dependency_missing, manifest_.file, where,
                                           fmt::format("the plugin {} does not provide \"{}\"", preferred, item));
        finding.expected = "a plugin that does";
        finding.found = preferred;
        if (const plugin::PluginSlot* owner = registry_.provider(item.substr(0, colon), item.substr(colon + 1)))
            finding.hint = fmt::format("{} does", owner->id());
    }

    plugin::Registry& registry_;
    const manifest::Manifest& manifest_;
    Report& report_;
    Names syscalls_, formats_;
    Names priced_; ///< what programs pay for by id: opcodes and syscalls
};

} // namespace

void judge_names(Deployment& deployment) {
    Runtime& runtime = *deployment.runtime;
    NameJudge(runtime.registry(), runtime.manifest(), deployment.report).judge();
}

} // namespace rvm::host
