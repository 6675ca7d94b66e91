// Steps about the file, loading, and the life of plugin objects.
#include <algorithm>

#include <fmt/format.h>
#include <malloc.h>
#include <nlohmann/json.hpp>

#include "manifest/schema.hpp"
#include "manifest/sidecar.hpp"
#include "plugin/elf.hpp"
#include "plugin/registry.hpp"
#include "plugin/trust.hpp"
#include "plugin_check/check.hpp"

namespace rvm::host {

namespace {

constexpr int warm_up_lives = 10; // the first ones fill caches that stay
constexpr int counted_lives = 100;
constexpr int windows = 10; // the allocator's caches make some windows grow now and then, a leak makes every one grow
constexpr std::size_t leak_bytes_per_life = 8; // the smallest thing that can leak

struct Usage {
    std::size_t bytes = 0, descriptors = 0, threads = 0;
    static Usage now() {
        const struct mallinfo2 info = ::mallinfo2(); // zero under sanitizers, which find leaks themselves
        return {info.uordblks + info.hblkhd, count_entries("/proc/self/fd"), count_entries("/proc/self/task")};
    }
};

std::vector<std::string> offered(Runtime& runtime, const std::string& id) {
    std::vector<std::string> list;
    for (const std::string_view kind :
         {RVM_KIND_OPCODE, RVM_KIND_SYSCALL, RVM_KIND_CRYPTO, RVM_KIND_PROGRAM, RVM_KIND_FORMAT, RVM_KIND_STORAGE,
          RVM_KIND_TRACER, RVM_KIND_SERVICE, RVM_KIND_COMMAND, RVM_KIND_INTERFACE})
        for (const plugin::Provided& item : runtime.registry().provided(kind))
            if (item.owner->id() == id) list.push_back(fmt::format("{}:{}", kind, item.id));
    return list;
}

/// Configurations at the edges of a schema: `base`, and over it each property that it leaves open alone at its bounds
/// and with each word of its enum.
std::vector<nlohmann::json> edge_configurations(const nlohmann::json& schema, const nlohmann::json& base) {
    std::vector<nlohmann::json> list{base};
    if (!schema.contains("properties")) return list;
    for (const auto& [name, property] : schema["properties"].items()) {
        if (base.contains(name)) continue;
        std::vector<nlohmann::json> values;
        for (const char* key : {"minimum", "maximum", "default"})
            if (property.contains(key)) values.push_back(property[key]);
        if (property.contains("enum"))
            for (const auto& word : property["enum"])
                values.push_back(word);
        if (property.value("type", "") == "boolean") values.insert(values.end(), {false, true});
        for (const auto& value : values) {
            nlohmann::json one = base;
            one[name] = value;
            list.push_back(std::move(one));
        }
    }
    return list;
}

} // namespace

void check_file(const Candidate& candidate, CheckLog& log) {
    Report report;
    const auto bytes = plugin::read_trusted(candidate.library.parent_path(), candidate.library.filename(), {}, report);
    if (bytes) {
        const auto facts = plugin::preflight(*bytes, candidate.library.string(), {}, report);
        if (facts && facts->sidecar)
            static_cast<void>(
                manifest::parse_sidecar(*facts->sidecar, candidate.library, manifest::SidecarSource::embedded, report));
    }
    log.fail(report);
}

void check_load(const Candidate& candidate, CheckLog& log) { static_cast<void>(open_candidate(candidate, log)); }

void check_lifecycle(const Candidate& candidate, CheckLog& log) {
    const auto live = [&](int lives) {
        for (int life = 0; life < lives; ++life) {
            auto runtime = open_candidate(candidate, log);
            if (runtime == nullptr || !close_candidate(std::move(runtime), log)) return false;
        }
        return true;
    };
    const Usage fresh = Usage::now();
    if (!live(warm_up_lives)) return;
    const Usage first = Usage::now();
    std::size_t grown = SIZE_MAX;
    Usage before = first;
    constexpr std::size_t leak_bytes = counted_lives * leak_bytes_per_life;
    for (int window = 0; window < windows && grown >= leak_bytes; ++window) {
        if (!live(counted_lives)) return;
        const Usage after = Usage::now();
        grown = std::min(grown, after.bytes > before.bytes ? after.bytes - before.bytes : 0);
        before = after;
    }
    if (grown >= leak_bytes)
        log.fail(ErrorCode::check_leak, "memory", fmt::format("memory grows with every {} lives", counted_lives),
                 "0 bytes", fmt::format("{} bytes at least", grown));
    if (before.descriptors > first.descriptors)
        log.fail(ErrorCode::check_leak, "descriptors", "descriptors are left open",
                 fmt::format("{}", first.descriptors), fmt::format("{}", before.descriptors));
    if (before.threads > fresh.threads) // also one that is started only once
        log.fail(ErrorCode::check_leak, "threads", "threads are left running", fmt::format("{}", fresh.threads),
                 fmt::format("{}", before.threads));
}

void check_instances(const Candidate& candidate, CheckLog& log) {
    auto first = open_candidate(candidate, log);
    auto second = open_candidate(candidate, log);
    if (first == nullptr || second == nullptr) return;
    const auto list = offered(*first, candidate.id);
    if (list != offered(*second, candidate.id))
        log.fail(ErrorCode::contribution_list, "contributions", "two instances offer different items");
    first.reset(); // the other one goes on
    if (list != offered(*second, candidate.id))
        log.fail(ErrorCode::contribution_list, "contributions",
                 "the items changed when another instance was destroyed");
    const auto third = open_candidate(candidate, log);
    if (third != nullptr && list != offered(*third, candidate.id))
        log.fail(ErrorCode::contribution_list, "contributions", "a later instance offers different items");
}

void check_configuration(const Candidate& candidate, CheckLog& log) {
    if (candidate.config_schema.empty()) {
        log.skip("takes no configuration");
        return;
    }
    Report report;
    const auto schema = manifest::ConfigSchema::parse(candidate.config_schema, candidate.library.string(), report);
    if (!schema) {
        log.fail(report);
        return;
    }
    const auto json = nlohmann::json::parse(candidate.config_schema);
    nlohmann::json given = nlohmann::json::object();
    const auto deployment = nlohmann::json::parse(candidate.manifest);
    for (const auto& entry : deployment["plugins"])
        if (entry.value("path", "") == candidate.library.string()) given = entry.value("config", given);
    for (const auto& config : edge_configurations(json, given)) {
        Report ignored; // a required property may be missing: then this is no configuration to be accepted
        if (!schema->apply(config.dump(), "configuration", "", candidate.id, ignored)) continue;
        Candidate changed = candidate;
        auto reconfigured = deployment;
        for (auto& entry : reconfigured["plugins"])
            if (entry.value("path", "") == candidate.library.string()) entry["config"] = config;
        changed.manifest = reconfigured.dump();
        if (open_candidate(changed, log) == nullptr) log.note(fmt::format("refused: {}", config.dump()));
    }
}

} // namespace rvm::host
