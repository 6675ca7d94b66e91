// rvm config explain: every decision of a deployment, and the line of the manifest that caused it.
#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "manifest/json.hpp"
#include "manifest/json_lines.hpp"
#include "plugin/registry.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

namespace {

using manifest::json_pointer;

struct Decision {
    std::string subject, decision;
    std::string pointer; ///< what in the manifest caused it; empty: nothing there
    std::string cause;   ///< in words, when nothing there did
};

class Explanation {
  public:
    Explanation(Runtime& runtime, Report& report)
        : manifest_(runtime.manifest()), registry_(runtime.registry()),
          semantics_(nlohmann::json::parse(runtime.semantics_text(report))) {}

    std::vector<Decision> decide() {
        settings();
        for (plugin::PluginSlot* slot : registry_.slots())
            explain_plugin(*slot);
        items();
        formats();
        activations();
        limits();
        return std::move(decisions_);
    }

  private:
    void add(std::string subject, std::string decision, std::string pointer, std::string cause = "default") {
        decisions_.push_back({std::move(subject), std::move(decision), std::move(pointer), std::move(cause)});
    }

    void settings() {
        constexpr const char* requirements[] = {"none", "pin", "signature", "pin or signature"};
        const bool development = manifest_.profile == manifest::Profile::development;
        add("profile", std::string(manifest::profile_name(manifest_.profile)), "/profile");
        add("discovery",
            manifest_.discovery == manifest::Discovery::listed ? "only listed plugins" : "every plugin in the folders",
            "/discovery");
        for (std::size_t i = 0; i < manifest_.search_paths.size(); ++i)
            add("folder", manifest_.search_paths[i].string(), json_pointer("/search_paths", i));
        add("trust", fmt::format("a plugin shows: {}", requirements[static_cast<std::size_t>(manifest_.trust.require)]),
            "/trust/require", development ? "default of profile development" : "default");
        for (const auto& [id, key] : manifest_.trust.keys)
            add("key " + id, "ed25519:" + to_hex(key), json_pointer("/trust/keys", id));
        storage();
        add("chain", fmt::format("{}", manifest_.chain.id), "/chain/id");
        add("pre-state format", manifest_.pre_state_format.empty() ? "code without a format is refused"
                                                                   : manifest_.pre_state_format,
            "/pre_state_format");
        confinement();
        if (!manifest_.expect.semantics.empty())
            add("semantics", "must be " + manifest_.expect.semantics, "/expect/semantics");
    }

    void storage() {
        add("storage", manifest_.storage.engine, "/storage/engine");
        if (manifest_.storage.config != "{}") add("  configured", manifest_.storage.config, "/storage/config");
        if (manifest_.storage.lasts())
            add("  history", fmt::format("the change sets of {} commits", manifest_.storage.history),
                "/storage/history");
    }

    void confinement() {
        if (!manifest_.confine) return add("confinement", "the process keeps every right", "/confine");
        add("confinement", "no new files, sockets or processes after start", "/confine");
        for (const plugin::PluginSlot* slot : registry_.slots()) {
            const manifest::ServiceNeeds& needs = slot->sidecar().needs;
            for (const auto& [asked, what] : {std::pair{needs.files, "files"}, std::pair{needs.sockets, "sockets"},
                                              std::pair{needs.processes, "processes"}})
                if (asked)
                    add("  but for", what, {},
                        slot->sidecar().serves() ? "a service of " + slot->id() + " needs them"
                                                 : "a verb of " + slot->id() + " needs them while it runs");
        }
    }

    void explain_plugin(plugin::PluginSlot& slot) {
        const std::string subject = "plugin " + slot.id();
        const manifest::PluginEntry* entry = slot.entry();
        const std::string where = entry == nullptr ? std::string() : entry->where;
        switch (slot.origin()) {
        case plugin::Origin::builtin:
            add(subject, "version " + slot.sidecar().version.text(), where, "part of the program");
            break;
        case plugin::Origin::option:
            add(subject, slot.file(), where, "--plugin");
            break;
        case plugin::Origin::listed:
            add(subject, slot.file(), where);
            break;
        case plugin::Origin::discovered:
            add(subject, slot.file(), folder_of(slot), "RVM_PLUGIN_PATH");
            break;
        }
        if (slot.origin() != plugin::Origin::builtin) add("  trusted", trust(slot), trust_pointer(slot));
        if (entry != nullptr && entry->config != "{}") add("  configured", entry->config, where + "/config");
        const bool loaded = registry_.state(slot) == plugin::SlotState::loaded;
        std::string state = loaded ? "loaded" : "refused";
        const Report found = registry_.findings(slot);
        for (const Finding& finding : found.findings())
            state += fmt::format(", {} {}", error_info(finding.code).text, finding.message);
        add("  state", std::move(state), {}, loaded ? "every check held" : "its findings");
        for (const std::string_view kind : {"rvm.opcode/1", "rvm.syscall/1", "rvm.crypto/1", "rvm.program/1",
                                            "rvm.format/1", "rvm.storage/1", "rvm.tracer/1", "rvm.command/1"})
            preference(slot, kind);
    }

    /// Says what won where two plugins offer the same item.
    void preference(const plugin::PluginSlot& slot, std::string_view kind) {
        for (const auto& [key, preferred] : manifest_.prefer) {
            if (preferred == slot.id() && key.starts_with(kind) && key.size() > kind.size() && key[kind.size()] == ':')
                add("  preferred for", key, json_pointer("/prefer", key));
        }
    }

    [[nodiscard]] std::string folder_of(const plugin::PluginSlot& slot) const {
        const std::filesystem::path folder = std::filesystem::path(slot.file()).parent_path();
        for (std::size_t i = 0; i < manifest_.search_paths.size(); ++i)
            if (manifest_.search_paths[i] == folder || manifest_.search_paths[i] / "" == folder / "")
                return json_pointer("/search_paths", i);
        return {};
    }

    [[nodiscard]] std::string trust(const plugin::PluginSlot& slot) const {
        const manifest::PluginEntry* entry = slot.entry();
        if (entry != nullptr && entry->sha256) return "by its pin " + manifest::digest_text(*entry->sha256);
        if (entry != nullptr && !entry->signed_by.empty()) return "by the signature of " + entry->signed_by;
        if (manifest_.trust.require == manifest::TrustRequirement::none) return "nothing is asked of it";
        return manifest_.trust.allow_unsigned ? "by a listed key, or although unsigned" : "by a listed key";
    }
    [[nodiscard]] std::string trust_pointer(const plugin::PluginSlot& slot) const {
        const manifest::PluginEntry* entry = slot.entry();
        if (entry != nullptr && entry->sha256) return entry->where + "/sha256";
        if (entry != nullptr && !entry->signed_by.empty()) return entry->where + "/signed_by";
        if (manifest_.trust.require == manifest::TrustRequirement::none) return "/trust/require";
        return manifest_.trust.allow_unsigned ? "/trust/allow_unsigned" : "/trust/keys";
    }

    void items() {
        for (const plugin::Provided& provided : registry_.provided(RVM_KIND_SYSCALL)) {
            const auto pattern = std::ranges::find_if(manifest_.syscalls, [&](const std::string& granted) {
                return manifest::matches_pattern(granted, provided.id);
            });
            if (pattern == manifest_.syscalls.end())
                add("syscall " + provided.id, "not granted", "/syscalls", "no \"syscalls\"");
            else
                add("syscall " + provided.id, "granted",
                    json_pointer("/syscalls", static_cast<std::size_t>(pattern - manifest_.syscalls.begin())));
        }
        for (std::size_t i = 0; i < manifest_.syscalls.size(); ++i) {
            const std::string& granted = manifest_.syscalls[i];
            if (std::ranges::none_of(registry_.provided(RVM_KIND_SYSCALL), [&](const plugin::Provided& provided) {
                    return manifest::matches_pattern(granted, provided.id);
                }))
                add("syscall " + granted, "granted, but no plugin brings any", json_pointer("/syscalls", i));
        }
        programs();
        prices(manifest_.gas, "/gas", "");
        for (std::size_t i = 0; i < manifest_.free_items.size(); ++i)
            add("may be free", manifest_.free_items[i], json_pointer("/free_items", i));
    }

    /// Which syscall a call of an address runs, and what it costs.
    void programs() {
        const auto assigned = semantics_.value("programs", nlohmann::json::object());
        for (const auto& [address, syscall] : assigned.items()) {
            std::string decision = fmt::format("syscall {} of {}, base {}", syscall.at("id").get<std::string>(),
                                               syscall.at("plugin").get<std::string>(), syscall.at("base").dump());
            if (syscall.at("unit_bytes") != 0)
                decision +=
                    fmt::format(", per {} bytes {}", syscall.at("unit_bytes").dump(), syscall.at("per_unit").dump());
            if (syscall.at("custom") == true) decision += ", the rest by its plugin";
            add("program " + address, std::move(decision), json_pointer("/programs", address));
        }
    }

    void formats() {
        for (const auto& [format, rules] : semantics_.at("rules").items())
            add("rules of " + format, rules.get<std::string>(), json_pointer("/chain/rules", format),
                "the format's own");
        for (const auto& [format, rules] : manifest_.chain.rules)
            if (!semantics_.at("rules").contains(format))
                add("rules of " + format, rules + no_format, json_pointer("/chain/rules", format));
    }

    [[nodiscard]] bool has_price(std::string_view id) const {
        return registry_.provider(RVM_KIND_OPCODE, id) != nullptr ||
               registry_.provider(RVM_KIND_SYSCALL, id) != nullptr;
    }

    /// False for an opcode that is no syscall as well.
    [[nodiscard]] bool has_units(std::string_view id) const {
        return registry_.provider(RVM_KIND_SYSCALL, id) != nullptr ||
               registry_.provider(RVM_KIND_OPCODE, id) == nullptr;
    }

    void prices(const std::map<std::string, manifest::GasOverride, std::less<>>& gas, std::string_view parent,
                std::string_view from_height) {
        for (const auto& [id, price] : gas) {
            const std::string pointer = json_pointer(parent, id);
            const std::string subject = "price of " + id;
            const std::string since =
                fmt::format("{}{}", from_height, has_price(id) ? "" : ", but no plugin brings the item");
            if (price.base) add(subject, fmt::format("base {}{}", *price.base, since), pointer + "/base");
            if (price.per_unit)
                add(subject,
                    fmt::format("per unit {}{}{}", *price.per_unit, since,
                                has_units(id) ? "" : ", but an opcode has no units"),
                    pointer + "/per_unit");
        }
    }

    void activations() {
        const auto& list = manifest_.chain.activations;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string where = json_pointer("/chain/activations", i);
            const std::string since = fmt::format(" from height {} on", list[i].height);
            for (const auto& [format, rules] : list[i].rules)
                add("rules of " + format,
                    rules + since + (semantics_.at("rules").contains(format) ? "" : no_format),
                    json_pointer(where + "/rules", format));
            prices(list[i].gas, where + "/gas", since);
        }
    }

    static constexpr const char* no_format = ", but no plugin brings the format";

    void limits() {
        for (const auto& [name, value] : semantics_.at("limits").at("native").items())
            add("limit " + name, value.dump(), json_pointer("/limits/native", name));
    }

    const manifest::Manifest& manifest_;
    plugin::Registry& registry_;
    nlohmann::json semantics_;
    std::vector<Decision> decisions_;
};

} // namespace

int explain_config(Session& session, const std::string& file) {
    Deployment deployment = open_deployment(session, file);
    if (deployment.runtime == nullptr) throw Failure(std::move(deployment.report));
    judge_names(deployment);
    const manifest::JsonLines lines(deployment.text);
    const std::vector<Decision> decisions = Explanation(*deployment.runtime, deployment.report).decide();

    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Decision& decision : decisions) {
        const std::size_t line = decision.pointer.empty() ? 0 : lines.line(decision.pointer);
        if (session.globals.json) {
            list.push_back({{"subject", decision.subject.substr(decision.subject.find_first_not_of(' '))},
                            {"decision", decision.decision}});
            if (line != 0)
                list.back().update({{"pointer", decision.pointer}, {"line", line}});
            else
                list.back()["cause"] = decision.cause;
            continue;
        }
        const std::string cause =
            line != 0 ? fmt::format("line {}, {}", line, decision.pointer) : decision.cause;
        session.io.out(fmt::format("{}  {}  {}\n",
                                   session.io.paint(Style::heading, fmt::format("{:<34}", decision.subject)),
                                   manifest::shown(decision.decision).size() > 2 ? decision.decision : "\"\"",
                                   session.io.paint(Style::faint, "(" + cause + ")")));
    }
    if (session.globals.json)
        session.print_json({{"file", deployment.file},
                            {"decisions", std::move(list)},
                            {"findings", report_json(deployment.report)},
                            {"exit", RVM_EXIT_OK}});
    else
        session.show(deployment.report);
    return RVM_EXIT_OK;
}

} // namespace rvm::host
