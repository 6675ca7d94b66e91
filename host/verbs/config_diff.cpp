// rvm config diff: what changes when one deployment is replaced by another.
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.hpp"
#include "plugin/registry.hpp"
#include "verbs/config_verbs.hpp"

namespace rvm::host {

namespace {

using Json = nlohmann::ordered_json;

/// One fact of a deployment: ("opcode", "u256.add") -> {"plugin": ..., "base": ...}.
using Facts = std::map<std::pair<std::string, std::string>, Json>;

struct Picture {
    Facts consensus; ///< decide results and gas
    Facts local;     ///< do not
};

/// "opcode" of "rvm.opcode/1".
std::string kind_name(std::string_view kind) {
    const std::size_t end = kind.rfind('/');
    const std::size_t begin = kind.rfind('.', end);
    return std::string(kind.substr(begin + 1, end - begin - 1));
}

void add_semantics(Facts& facts, const Json& semantics) {
    for (const Json& plugin : semantics.at("plugins"))
        facts[{"plugin", plugin.at("id")}]["version"] = plugin.at("version");
    for (const Json& item : semantics.at("items")) {
        Json fields = item;
        fields.erase("kind");
        fields.erase("id");
        facts[{kind_name(item.at("kind").get<std::string>()), item.at("id")}] = std::move(fields);
    }
    const Json programs = semantics.value("programs", Json::object());
    for (const auto& [address, syscall] : programs.items()) {
        Json fields = syscall;
        fields.erase("kind");
        facts[{"address", address}] = std::move(fields);
    }
    for (const Json& format : semantics.at("formats"))
        facts[{"format", format}] = Json::object();
    for (const auto& [format, name] : semantics.at("rules").items())
        facts[{"rules", format}]["follows"] = name;
    for (const Json& activation : semantics.value("activations", Json::array())) {
        const std::string since = fmt::format(" from height {}", activation.at("height").get<std::uint64_t>());
        for (const auto& [format, name] : activation.at("rules").items())
            facts[{"rules", format + since}]["follows"] = name;
        for (const auto& [id, prices] : activation.at("gas").items())
            facts[{"price", id + since}] = prices;
    }
    for (const auto& [name, value] : semantics.at("limits").at("native").items())
        facts[{"limit", "native." + name}]["value"] = value;
    for (const char* name : {"runtime", "chain_id", "pre_state_format"})
        facts[{"setting", name}]["value"] = semantics.at(name);
}

void add_manifest(Picture& picture, const manifest::Manifest& manifest) {
    for (const manifest::PluginEntry& entry : manifest.plugins)
        if (entry.config != "{}")
            picture.consensus[{"configuration", entry.label()}]["value"] = Json::parse(entry.config);
    Facts& local = picture.local;
    local[{"setting", "name"}]["value"] = manifest.name;
    local[{"setting", "profile"}]["value"] = manifest::profile_name(manifest.profile);
    local[{"setting", "discovery"}]["value"] =
        manifest.discovery == manifest::Discovery::listed ? "listed" : "directory";
    constexpr const char* requirements[] = {"none", "pin", "signature", "pin-or-signature"};
    local[{"setting", "trust.require"}]["value"] = requirements[static_cast<std::size_t>(manifest.trust.require)];
    local[{"setting", "confine"}]["value"] = manifest.confine;
    local[{"setting", "trust.allow_unsigned"}]["value"] = manifest.trust.allow_unsigned;
    for (const auto& [id, key] : manifest.trust.keys)
        local[{"key", id}]["ed25519"] = to_hex(key);
    local[{"setting", "storage"}] = {{"engine", manifest.storage.engine},
                                     {"config", Json::parse(manifest.storage.config)}};
}

Picture picture_of(Deployment& deployment) {
    Picture picture;
    Runtime& runtime = *deployment.runtime;
    add_semantics(picture.consensus, Json::parse(runtime.semantics_text(deployment.report)));
    add_manifest(picture, runtime.manifest());
    const Json binaries = Json::parse(runtime.binaries_text());
    for (const Json& file : binaries.at("files"))
        picture.local[{"library", file.at("plugin")}]["sha256"] = file.at("sha256");
    for (const char* kind : {RVM_KIND_STORAGE, RVM_KIND_TRACER, RVM_KIND_SERVICE, RVM_KIND_COMMAND})
        for (const plugin::Provided& provided : runtime.registry().provided(kind))
            picture.local[{kind_name(kind), provided.id}]["plugin"] =
                provided.owner == nullptr ? "" : provided.owner->id();
    return picture;
}

/// The members that differ, each as {"before", "after"}; absent ones are null.
Json changed_members(const Json& before, const Json& after) {
    Json changes = Json::object();
    for (const auto& [name, value] : before.items())
        if (!after.contains(name) || after.at(name) != value)
            changes[name] = {{"before", value}, {"after", after.value(name, Json())}};
    for (const auto& [name, value] : after.items())
        if (!before.contains(name)) changes[name] = {{"before", nullptr}, {"after", value}};
    return changes;
}

void compare(const Facts& before, const Facts& after, bool consensus, Json& list) {
    const auto entry = [&](const Facts::key_type& key, const char* change) {
        return Json{{"what", key.first}, {"id", key.second}, {"change", change}, {"consensus", consensus}};
    };
    const auto tell = [&](const Facts::key_type& key, const char* change, const Json& was, const Json& is) {
        list.push_back(entry(key, change));
        if (key.first == "price" || key.first == "rules" || key.first == "address")
            list.back()["members"] = changed_members(was, is);
    };
    for (const auto& [key, fields] : before) {
        const auto found = after.find(key);
        if (found == after.end()) {
            tell(key, "lost", fields, Json::object());
            continue;
        }
        Json members = changed_members(fields, found->second);
        if (members.empty()) continue;
        list.push_back(entry(key, "changed"));
        list.back()["members"] = std::move(members);
    }
    for (const auto& [key, fields] : after)
        if (!before.contains(key)) tell(key, "added", Json::object(), fields);
}

std::string shown(const Json& value) {
    if (value.is_null()) return "none";
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void print(Session& session, const Json& changes, bool consensus) {
    for (const Json& change : changes) {
        if (change.at("consensus").get<bool>() != consensus) continue;
        const auto kind = change.at("change").get<std::string>();
        const Style style = kind == "added" ? Style::good : kind == "lost" ? Style::bad : Style::warning;
        std::string line = fmt::format("  {}  {} {}", session.io.paint(style, fmt::format("{:<7}", kind)),
                                       change.at("what").get<std::string>(), change.at("id").get<std::string>());
        if (change.contains("members"))
            for (const auto& [name, values] : change.at("members").items())
                line += fmt::format("\n             {}: {} -> {}", name, shown(values.at("before")),
                                    shown(values.at("after")));
        session.io.out(line + "\n");
    }
}

} // namespace

int diff_configs(Session& session, const std::string& before, const std::string& after) {
    if (before == "-" && after == "-") throw UsageError("only one of the two manifests can be standard input");
    // One after the other: both may have their world in the same place, which a process opens once.
    std::string names[2];
    Picture pictures[2];
    for (std::size_t i = 0; i < 2; ++i) {
        Deployment deployment = open_deployment(session, i == 0 ? before : after);
        if (deployment.runtime == nullptr) throw Failure(std::move(deployment.report));
        names[i] = deployment.file;
        pictures[i] = picture_of(deployment);
    }
    const auto& [old_picture, new_picture] = pictures;
    Json changes = Json::array();
    compare(old_picture.consensus, new_picture.consensus, true, changes);
    const std::size_t relevant = changes.size();
    compare(old_picture.local, new_picture.local, false, changes);
    const int status = relevant == 0 ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;

    if (session.globals.json) {
        session.print_json({{"before", names[0]},
                            {"after", names[1]},
                            {"consensus_relevant", relevant != 0},
                            {"changes", changes},
                            {"exit", status}});
        return status;
    }
    if (relevant != 0) session.io.out("what decides results and gas\n");
    print(session, changes, true);
    if (changes.size() != relevant) session.io.out("what does not\n");
    print(session, changes, false);
    session.line("result", changes.empty()  ? "equal"
                           : relevant == 0 ? "nothing that nodes must agree on differs"
                                            : fmt::format("{} differences that nodes must agree on", relevant));
    return status;
}

} // namespace rvm::host
