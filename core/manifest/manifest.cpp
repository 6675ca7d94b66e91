#include "manifest/manifest.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "manifest/json.hpp"
#include "manifest/json_reader.hpp"
#include "manifest/schema.hpp"

namespace rvm::manifest {
namespace {

// Largest lists. A deployment with more has another problem; the bounds keep findings and start-up time sane.
constexpr std::size_t most_search_paths = 64;
constexpr std::size_t most_keys = 64;
constexpr std::size_t most_plugins = 256;
constexpr std::size_t most_names = 1024;                // preferences, prices, syscalls, programs, free items, rule sets
constexpr std::size_t most_activations = 64;            // each keeps compiled code of its own
constexpr std::size_t most_path_bytes = 4096;           // PATH_MAX
constexpr std::size_t most_name_bytes = 64;             // the deployment's own name
constexpr std::size_t most_range_bytes = 256;           // eight comparators of 32 bytes
constexpr std::uint64_t most_gas = 9223372036854775807; // frames count gas in a signed 64-bit integer
constexpr std::uint64_t most_history = 0xffffffff;      // change sets: more commits than a store sees

constexpr std::string_view digest_form = "64 lower-case hex digits";
constexpr std::string_view id_form = "an id: 1 to 64 of [a-z0-9._/-]";
constexpr std::string_view plugin_id_form = "a plugin id: 1 to 64 of [a-z0-9._-], beginning with a letter or digit";
constexpr std::string_view program_address_form = "\"0x\", 32 zeros and 8 lower-case hex digits";
constexpr std::string_view pattern_form = "an id, or the beginning of ids followed by *";

constexpr std::array<std::string_view, 3> profile_words{"development", "standard", "consensus"};
constexpr std::array<std::string_view, 2> discovery_words{"listed", "directory"};
constexpr std::array<std::string_view, 4> require_words{"none", "pin", "signature", "pin-or-signature"};

bool is_one_line(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}
bool is_path(std::string_view text) noexcept { return !text.empty() && is_one_line(text); }
bool is_digest(std::string_view text) noexcept { return parse_digest(text).has_value(); }
bool is_range(std::string_view text) noexcept { return VersionRange::parse(text).has_value(); }
bool is_key_text(std::string_view text) noexcept {
    constexpr std::string_view scheme = "ed25519:";
    return text.starts_with(scheme) && is_digest(text.substr(scheme.size()));
}
bool is_fingerprint(std::string_view text) noexcept {
    constexpr std::string_view scheme = "sha256:";
    return text.starts_with(scheme) && is_digest(text.substr(scheme.size()));
}

const TextRule plugin_id_rule{.least = 1, .most = max_id_bytes, .valid = is_plugin_id, .expected = plugin_id_form};
const TextRule id_rule{.least = 1, .most = max_id_bytes, .valid = is_id, .expected = id_form};
const TextRule pattern_rule{.least = 1, .most = max_id_bytes + 1, .valid = is_pattern, .expected = pattern_form};
const TextRule path_rule{.least = 1,
                         .most = most_path_bytes,
                         .valid = is_path,
                         .expected = "a path without control characters",
                         .code = ErrorCode::plugin_path_unsafe};

/// The directory of `path`, absolute, with its symbolic links resolved when it exists: "../lib" then means what the
/// system would make of it.
std::filesystem::path directory_of(const std::filesystem::path& path) {
    std::error_code problem;
    const std::filesystem::path absolute = std::filesystem::absolute(path, problem);
    if (problem) return "/";
    const std::filesystem::path directory = absolute.lexically_normal().parent_path();
    const std::filesystem::path real = std::filesystem::canonical(absolute.parent_path(), problem);
    return problem ? directory : real;
}

class Parser {
  public:
    Parser(JsonContext& context, const std::filesystem::path& path) : context_(context) {
        manifest_.file = path.string();
        manifest_.directory = directory_of(path);
    }

    std::optional<Manifest> parse(const JsonValue& document) {
        ObjectReader root{context_, document, ""};
        if (document.object() == nullptr || !root.format_version("format_version", manifest_format_version))
            return std::nullopt;
        (void)root.text("$schema", Need::optional); // for editors
        manifest_.name =
            root.text("name", Need::optional, {.most = most_name_bytes, .valid = is_one_line, .expected = "one line"})
                .value_or("");
        if (const auto word = root.word("profile", Need::required, profile_words))
            manifest_.profile = static_cast<Profile>(*word);
        if (const auto word = root.word("discovery", Need::optional, discovery_words))
            manifest_.discovery = static_cast<Discovery>(*word);
        read_search_paths(root);
        read_trust(root);
        read_plugins(root);
        read_preferences(root);
        manifest_.syscalls = read_patterns(root, "syscalls");
        read_programs(root);
        manifest_.free_items = read_patterns(root, "free_items");
        read_prices(root, manifest_.gas);
        read_limits(root);
        read_storage(root);
        read_chain(root);
        manifest_.pre_state_format = root.text("pre_state_format", Need::optional, id_rule).value_or("");
        manifest_.confine = root.boolean("confine", Need::optional).value_or(false);
        read_expectations(root);
        root.finish();
        check_profile(root);
        if (context_.failed()) return std::nullopt;
        return std::move(manifest_);
    }

  private:
    [[nodiscard]] std::filesystem::path resolve(const std::string& text) const {
        return (manifest_.directory / text).lexically_normal(); // an absolute `text` replaces the directory
    }

    void read_search_paths(ObjectReader& root) {
        const JsonValue* list = root.array("search_paths", Need::optional, most_search_paths);
        if (list == nullptr) return;
        const std::string pointer = root.pointer("search_paths");
        for (std::size_t i = 0; i < list->array()->size(); ++i)
            if (const auto text = read_text(context_, (*list->array())[i], json_pointer(pointer, i), path_rule))
                manifest_.search_paths.push_back(resolve(*text));
    }

    void read_trust(ObjectReader& root) {
        Trust& trust = manifest_.trust;
        if (manifest_.profile == Profile::development) trust.require = TrustRequirement::none;
        const JsonValue* value = root.object("trust", Need::optional);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("trust")};
        if (const auto word = reader.word("require", Need::optional, require_words))
            trust.require = static_cast<TrustRequirement>(*word);
        trust.allow_unsigned = reader.boolean("allow_unsigned", Need::optional).value_or(false);
        for_each_member(
            reader, "keys", most_keys, [&](const std::string& id, const JsonValue& key, const std::string& where) {
                if (!is_plugin_id(id)) {
                    bad_key(where, id, "a key id: 1 to 64 of [a-z0-9._-], beginning with a letter or digit");
                    return;
                }
                const auto text =
                    read_text(context_, key, where,
                              {.valid = is_key_text, .expected = "\"ed25519:\" and 64 lower-case hex digits"});
                if (!text) return;
                trust.keys[id] = *parse_digest(std::string_view{*text}.substr(text->find(':') + 1));
            });
        reader.finish();
    }

    void read_plugins(ObjectReader& root) {
        const JsonValue* list = root.array("plugins", Need::optional, most_plugins);
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->array()->size(); ++i)
            read_plugin((*list->array())[i], json_pointer(root.pointer("plugins"), i));
    }

    void read_plugin(const JsonValue& value, const std::string& where) {
        ObjectReader reader{context_, value, where};
        PluginEntry entry;
        entry.where = where;
        entry.id = reader.text("id", Need::optional, plugin_id_rule).value_or("");
        context_.set_plugin(entry.id);
        if (const auto text = reader.text("path", Need::optional, path_rule)) entry.path = resolve(*text);
        if (value.object() != nullptr && value.find("id") == nullptr && value.find("path") == nullptr)
            context_.error(ErrorCode::json_missing_key, where, "the entry names no plugin", "\"id\", \"path\" or both",
                           "neither");
        if (const auto text = reader.text(
                "version", Need::optional,
                {.most = most_range_bytes, .valid = is_range, .expected = "a version range such as \">=1.2 <2\""}))
            entry.version = VersionRange::parse(*text);
        if (const auto text =
                reader.text("sha256", Need::optional,
                            {.valid = is_digest, .expected = digest_form, .code = ErrorCode::plugin_pin_mismatch}))
            entry.sha256 = parse_digest(*text);
        if (const auto text = reader.text("signed_by", Need::optional, plugin_id_rule)) {
            entry.signed_by = *text;
            if (!manifest_.trust.keys.contains(*text))
                context_.error(ErrorCode::manifest_reference, reader.pointer("signed_by"),
                               "trust.keys does not list this key", names_of(manifest_.trust.keys),
                               shown(std::string_view{*text}), suggest(*text, manifest_.trust.keys));
        }
        if (const JsonValue* config = reader.object("config", Need::optional))
            entry.config = bounded_config(context_, *config, reader.pointer("config")).value_or("{}");
        entry.optional = reader.boolean("optional", Need::optional).value_or(false);
        reader.finish();
        if (value.object() != nullptr) check_trust(value, where);
        context_.set_plugin("");
        manifest_.plugins.push_back(std::move(entry));
    }

    void read_preferences(ObjectReader& root) {
        for_each_member(root, "prefer", most_names,
                        [&](const std::string& key, const JsonValue& value, const std::string& where) {
                            const auto capability = Capability::parse(key);
                            if (!capability || capability->id.empty()) {
                                bad_key(where, key, "KIND/REVISION:ID, such as \"rvm.crypto/1:keccak256\"");
                                return;
                            }
                            const auto plugin = read_text(context_, value, where, plugin_id_rule);
                            if (!plugin) return;
                            manifest_.prefer[key] = *plugin;
                            check_preferred(*plugin, where);
                        });
    }

    /// Nothing but the listed plugins and the core's own ("rvm.") can be preferred, unless files are discovered.
    void check_preferred(const std::string& plugin, const std::string& where) {
        if (manifest_.discovery == Discovery::directory || plugin.starts_with("rvm.")) return;
        std::vector<std::string_view> ids;
        for (const PluginEntry& entry : manifest_.plugins) {
            if (entry.id.empty() || entry.id == plugin) return; // an entry by path may be the one
            ids.push_back(entry.id);
        }
        context_.error(ErrorCode::manifest_reference, where, "plugins does not list this plugin", "a listed plugin id",
                       shown(std::string_view{plugin}), suggestion(plugin, ids));
    }

    std::vector<std::string> read_patterns(ObjectReader& root, std::string_view key) {
        std::vector<std::string> patterns;
        const JsonValue* list = root.array(key, Need::optional, most_names);
        if (list == nullptr) return patterns;
        for (std::size_t i = 0; i < list->array()->size(); ++i)
            if (auto text = read_text(context_, (*list->array())[i], json_pointer(root.pointer(key), i), pattern_rule))
                patterns.push_back(std::move(*text));
        return patterns;
    }

    void read_programs(ObjectReader& root) {
        for_each_member(root, "programs", most_names,
                        [&](const std::string& address, const JsonValue& value, const std::string& where) {
                            if (!is_program_address(address)) {
                                bad_key(where, address, program_address_form);
                                return;
                            }
                            if (auto id = read_text(context_, value, where, id_rule))
                                manifest_.programs[address] = std::move(*id);
                        });
    }

    void read_prices(ObjectReader& parent, std::map<std::string, GasOverride, std::less<>>& out) {
        for_each_member(
            parent, "gas", most_names, [&](const std::string& id, const JsonValue& value, const std::string& where) {
                if (!is_id(id)) {
                    bad_key(where, id, id_form);
                    return;
                }
                ObjectReader reader{context_, value, where};
                const GasOverride prices{.base = reader.integer("base", Need::optional, 0, most_gas),
                                         .per_unit = reader.integer("per_unit", Need::optional, 0, most_gas)};
                reader.finish();
                if (value.object() != nullptr && value.object()->empty())
                    context_.error(ErrorCode::json_missing_key, where, "the price is empty",
                                   "\"base\", \"per_unit\" or both", "neither");
                if (prices.base == 0u && !manifest_.allows_free(id))
                    context_.error(ErrorCode::json_out_of_range, reader.pointer("base"),
                                   "a base price of 0 lets a program run for nothing", "1 at least", "0",
                                   "list the id in free_items if that is intended");
                out[id] = prices;
            });
    }

    void read_limits(ObjectReader& root) {
        const JsonValue* value = root.object("limits", Need::optional);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("limits")};
        if (const JsonValue* native = reader.object("native", Need::optional)) {
            ObjectReader limits{context_, *native, reader.pointer("native")};
#define RVM_NATIVE_LIMIT_READ(name, lowest, highest, standard, meaning)                                                \
    manifest_.native_limits.name =                                                                                     \
        limits.integer(#name, Need::optional, lowest##ULL, highest##ULL).value_or(manifest_.native_limits.name);
            RVM_NATIVE_LIMITS(RVM_NATIVE_LIMIT_READ)
#undef RVM_NATIVE_LIMIT_READ
            limits.finish();
        }
        reader.finish();
    }

    void read_storage(ObjectReader& root) {
        const JsonValue* value = root.object("storage", Need::optional);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("storage")};
        if (auto engine = reader.text("engine", Need::required, id_rule)) manifest_.storage.engine = std::move(*engine);
        if (const auto history = reader.integer("history", Need::optional, 0, most_history))
            manifest_.storage.history = *history;
        if (const JsonValue* config = reader.object("config", Need::optional)) {
            JsonValue settings = *config;
            if (const JsonValue* path = settings.find("path"); path != nullptr && path->string() != nullptr && !path->string()->empty())
                settings.set("path", JsonValue{(manifest_.directory / *path->string()).lexically_normal().string()});
            manifest_.storage.config = bounded_config(context_, settings, reader.pointer("config")).value_or("{}");
        }
        reader.finish();
    }

    void read_chain(ObjectReader& root) {
        const JsonValue* value = root.object("chain", Need::optional);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("chain")};
        manifest_.chain.id = reader.integer("id", Need::optional).value_or(0);
        read_rules(reader, manifest_.chain.rules);
        read_activations(reader);
        reader.finish();
    }

    void read_rules(ObjectReader& parent, std::map<std::string, std::string, std::less<>>& out) {
        for_each_member(parent, "rules", most_names,
                        [&](const std::string& format, const JsonValue& rules, const std::string& where) {
                            if (!is_id(format)) {
                                bad_key(where, format, id_form);
                                return;
                            }
                            if (auto name = read_text(context_, rules, where, id_rule)) out[format] = std::move(*name);
                        });
    }

    void read_activations(ObjectReader& chain) {
        const JsonValue* list = chain.array("activations", Need::optional, most_activations);
        if (list == nullptr) return;
        std::uint64_t last = 0;
        for (std::size_t i = 0; i < list->array()->size(); ++i) {
            const JsonValue& value = (*list->array())[i];
            ObjectReader reader{context_, value, json_pointer(chain.pointer("activations"), i)};
            Activation next;
            next.height = reader.integer("height", Need::required, 1).value_or(0);
            read_rules(reader, next.rules);
            read_prices(reader, next.gas);
            reader.finish();
            if (value.object() == nullptr) continue;
            if (value.find("rules") == nullptr && value.find("gas") == nullptr)
                context_.error(ErrorCode::json_missing_key, reader.pointer(), "the activation changes nothing",
                               "\"rules\", \"gas\" or both", "neither");
            if (next.height != 0 && next.height <= last)
                context_.error(ErrorCode::json_out_of_range, reader.pointer("height"), "the heights do not ascend",
                               "more than " + std::to_string(last), std::to_string(next.height));
            last = std::max(last, next.height);
            manifest_.chain.activations.push_back(std::move(next));
        }
    }

    void read_expectations(ObjectReader& root) {
        const JsonValue* value = root.object("expect", Need::optional);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("expect")};
        manifest_.expect.semantics =
            reader
                .text("semantics", Need::optional,
                      {.valid = is_fingerprint, .expected = "\"sha256:\" and 64 lower-case hex digits"})
                .value_or("");
        reader.finish();
    }

    void check_profile(const ObjectReader& root) {
        if (manifest_.profile != Profile::consensus) return;
        const auto refuse = [&](std::string pointer, std::string message, std::string expected, std::string found) {
            context_.error(ErrorCode::manifest_profile_rule, std::move(pointer), std::move(message),
                           std::move(expected), std::move(found));
        };
        if (manifest_.discovery != Discovery::listed)
            refuse(root.pointer("discovery"), "profile consensus loads listed plugins only", "\"listed\"",
                   "\"directory\"");
        if (manifest_.trust.require == TrustRequirement::none)
            refuse(root.pointer("trust") + "/require", "profile consensus requires trust in every plugin",
                   "\"pin\", \"signature\" or \"pin-or-signature\"", "\"none\"");
        if (manifest_.trust.allow_unsigned)
            refuse(root.pointer("trust") + "/allow_unsigned", "profile consensus requires trust in every plugin",
                   "false", "true");
    }

    /// An entry that can only be refused later is refused now. Under consensus each must say who vouches for it;
    /// elsewhere a signature by any listed key will do. Malformed pins and signers have their own findings.
    void check_trust(const JsonValue& entry, const std::string& where) {
        const Trust& trust = manifest_.trust;
        const bool strict = manifest_.profile == Profile::consensus;
        if (trust.require == TrustRequirement::none || (trust.allow_unsigned && !strict)) return;
        const bool pin_counts = trust.require != TrustRequirement::signature;
        const bool signature_counts = trust.require != TrustRequirement::pin;
        const bool pinned = pin_counts && entry.find("sha256") != nullptr;
        const bool is_signed =
            signature_counts && (entry.find("signed_by") != nullptr || (!strict && !trust.keys.empty()));
        if (pinned || is_signed) return;
        context_.error(ErrorCode::plugin_untrusted, where, "the entry cannot meet trust.require",
                       pin_counts && signature_counts ? "\"sha256\" or \"signed_by\""
                       : pin_counts                   ? "\"sha256\""
                                                      : "\"signed_by\"",
                       "neither");
    }

    /// Calls `read(key, value, pointer)` for each member of the optional object `key`.
    template <typename Read>
    void for_each_member(ObjectReader& reader, std::string_view key, std::size_t most, Read read) {
        const JsonValue* value = reader.object(key, Need::optional);
        if (value == nullptr) return;
        if (value->object()->size() > most) {
            context_.error(ErrorCode::json_out_of_range, reader.pointer(key), "the object has too many keys",
                           std::to_string(most) + " keys at most", std::to_string(value->object()->size()) + " keys");
            return;
        }
        for (const JsonMember& member : *value->object())
            read(member.key, member.value, json_pointer(reader.pointer(key), member.key));
    }

    void bad_key(std::string where, std::string_view key, std::string_view expected) {
        context_.error(ErrorCode::json_bad_value, std::move(where), "the key is malformed", std::string{expected},
                       shown(key));
    }

    template <typename Map>
    static std::vector<std::string_view> keys_of(const Map& map) {
        std::vector<std::string_view> keys;
        for (const auto& [key, value] : map)
            keys.push_back(key);
        return keys;
    }
    template <typename Map>
    static std::string names_of(const Map& map) {
        if (map.empty()) return "a key id listed there (none is)";
        std::string out = "one of";
        for (const std::string_view key : keys_of(map))
            out.append(" ").append(key);
        return out;
    }
    template <typename Map>
    static std::string suggest(std::string_view word, const Map& map) {
        return suggestion(word, keys_of(map));
    }

    JsonContext& context_;
    Manifest manifest_;
};

/// A bomb inside a plugin's configuration is that configuration's fault.
bool is_inside_config(std::string_view pointer) {
    constexpr std::string_view list = "/plugins/";
    if (!pointer.starts_with(list)) return false;
    pointer.remove_prefix(list.size());
    const std::size_t slash = pointer.find('/');
    return slash != std::string_view::npos && pointer.substr(slash).starts_with("/config/");
}

} // namespace

bool Manifest::grants_syscall(std::string_view id) const noexcept {
    return std::ranges::any_of(syscalls, [&](const std::string& pattern) { return matches_pattern(pattern, id); });
}

bool Manifest::allows_free(std::string_view id) const noexcept {
    return std::ranges::any_of(free_items, [&](const std::string& pattern) { return matches_pattern(pattern, id); });
}

std::optional<Manifest> parse_manifest(std::string_view text, const std::filesystem::path& path, Report& report) {
    const std::string file = path.string();
    Report reading;
    const std::optional<JsonValue> document = parse_json(text, file, reading);
    for (Finding finding : reading.findings()) {
        if (finding.code == ErrorCode::json_limit && is_inside_config(finding.where))
            finding.code = ErrorCode::config_too_deep;
        report.add(std::move(finding));
    }
    if (!document) return std::nullopt;
    JsonContext context{file, report};
    return Parser{context, path}.parse(*document);
}

std::optional<Manifest> load_manifest(const std::filesystem::path& path, Report& report) {
    const std::optional<std::string> text = read_text_file(path, max_json_bytes, report);
    if (!text) return std::nullopt;
    return parse_manifest(*text, path, report);
}

std::string_view profile_name(Profile profile) noexcept { return profile_words[static_cast<std::size_t>(profile)]; }

std::vector<std::filesystem::path> extra_search_paths(const char* value, Profile profile, bool elevated,
                                                      Report& report) {
    std::vector<std::filesystem::path> paths;
    if (value == nullptr || *value == '\0') return paths;
    const auto warn = [&](std::string message, std::string expected, std::string found) {
        Finding& finding = report.warning(ErrorCode::plugin_path_variable, "", "RVM_PLUGIN_PATH", std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
    };
    if (elevated) {
        warn("the variable was ignored: the process runs with raised privileges", "", "");
        return paths;
    }
    if (profile != Profile::development) {
        warn("the variable was ignored", "profile development", "profile " + std::string{profile_name(profile)});
        return paths;
    }
    std::string_view rest = value;
    while (!rest.empty() && paths.size() < most_search_paths) {
        const std::size_t colon = rest.find(':');
        const std::string_view part = rest.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
        if (part.empty()) continue;
        if (part.front() != '/' || !is_path(part)) {
            warn("an entry was ignored: it would depend on the working directory", "an absolute path", shown(part));
            continue;
        }
        paths.push_back(std::filesystem::path{part}.lexically_normal());
    }
    return paths;
}

} // namespace rvm::manifest
