#include "manifest/sidecar.hpp"

#include <algorithm>
#include <utility>

#include "manifest/json.hpp"
#include "manifest/json_reader.hpp"
#include "manifest/schema.hpp"

namespace rvm::manifest {
namespace {

// Largest lists and texts of a sidecar. The EVM has 150 opcodes and 20 precompiles; nothing near these bounds is
// useful.
constexpr std::size_t most_items = 4096;
constexpr std::size_t most_commands = 64;
constexpr std::size_t most_verb_bytes = 32;
constexpr std::size_t most_short_text = 128; // names, licences
constexpr std::size_t most_line = 256;       // one line of help, URLs
constexpr std::size_t most_description = 1024;

constexpr std::string_view command_kind = "rvm.command/1";
constexpr std::string_view service_kind = "rvm.service/1";
constexpr std::string_view capability_form = "KIND/REVISION:ID, such as \"rvm.opcode/1:org.example.arith/muladd\"";

/// Texts of a sidecar are printed to terminals: no control characters (C0, DEL, and C1 in UTF-8), one line.
bool is_one_line(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return false;
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
    }
    return true;
}
bool is_version(std::string_view text) noexcept { return Version::parse(text).has_value(); }
bool is_digest(std::string_view text) noexcept { return parse_digest(text).has_value(); }
bool is_provided(std::string_view text) noexcept {
    const auto capability = Capability::parse(text);
    return capability && !capability->id.empty();
}
bool is_required(std::string_view text) noexcept {
    if (text.starts_with('?')) text.remove_prefix(1);
    return Capability::parse(text).has_value();
}
bool is_verb(std::string_view text) noexcept {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !text.empty() && text.size() <= most_verb_bytes && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(text, allowed);
}

const TextRule id_rule{.valid = is_plugin_id,
                       .expected = "a plugin id: 1 to 64 of [a-z0-9._-], beginning with a letter or digit"};
const TextRule part_rule{.valid = is_id, .expected = "an id: 1 to 64 of [a-z0-9._/-]"};

TextRule line_rule(std::size_t least, std::size_t most) {
    return {.least = least, .most = most, .valid = is_one_line, .expected = "one line without control characters"};
}

class Parser {
  public:
    Parser(JsonContext& context, SidecarSource source) : context_(context), source_(source) {
        sidecar_.file = context.file();
    }

    std::optional<Sidecar> parse(const JsonValue& document) {
        ObjectReader root{context_, document, ""};
        if (document.object() == nullptr || !root.format_version("format_version", sidecar_format_version))
            return std::nullopt;
        (void)root.text("$schema", Need::optional); // for editors
        sidecar_.id = root.text("id", Need::required, id_rule).value_or("");
        context_.set_plugin(sidecar_.id);
        if (const auto text = root.text("version", Need::required,
                                        {.valid = is_version, .expected = "a semantic version such as \"1.2.3\""}))
            sidecar_.version = *Version::parse(*text);
        const Need library = source_ == SidecarSource::file ? Need::required : Need::optional;
        sidecar_.library = root.text("library", library,
                                     {.valid = is_bare_file_name,
                                      .expected = "a file name without a directory",
                                      .code = ErrorCode::plugin_path_unsafe})
                               .value_or("");
        read_target(root);
        read_abi(root);
        if (const auto text =
                root.text("sha256", Need::optional, {.valid = is_digest, .expected = "64 lower-case hex digits"}))
            sidecar_.sha256 = parse_digest(*text);
        read_provides(root);
        read_requires(root);
        read_needs(root);
        if (const JsonValue* schema = root.object("config_schema", Need::optional))
            if (const auto judged = ConfigSchema::from_json(context_, *schema, root.pointer("config_schema")))
                sidecar_.config_schema = judged->text();
        read_commands(root);
        sidecar_.name = root.text("name", Need::optional, line_rule(1, most_short_text)).value_or(sidecar_.id);
        sidecar_.license = root.text("license", Need::optional, line_rule(0, most_short_text)).value_or("");
        sidecar_.vendor = root.text("vendor", Need::optional, line_rule(0, most_short_text)).value_or("");
        sidecar_.url = root.text("url", Need::optional, line_rule(0, most_line)).value_or("");
        sidecar_.description = root.text("description", Need::optional, line_rule(0, most_description)).value_or("");
        root.finish();
        if (context_.failed()) return std::nullopt;
        return std::move(sidecar_);
    }

  private:
    void inconsistent(std::string where, std::string message, std::string expected, std::string found) {
        context_.error(ErrorCode::sidecar_inconsistent, std::move(where), std::move(message), std::move(expected),
                       std::move(found));
    }

    void read_target(ObjectReader& root) {
        const JsonValue* value = root.object("target", Need::required);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("target")};
        sidecar_.target.os = reader.text("os", Need::required, part_rule).value_or("");
        sidecar_.target.arch = reader.text("arch", Need::required, part_rule).value_or("");
        sidecar_.target.libc = reader.text("libc", Need::optional, part_rule).value_or("");
        reader.finish();
    }

    void read_abi(ObjectReader& root) {
        const JsonValue* value = root.object("abi", Need::required);
        if (value == nullptr) return;
        ObjectReader reader{context_, *value, root.pointer("abi")};
        const auto number = [&](std::string_view key) {
            constexpr std::uint64_t most = 0xFFFFFFFF; // the entry's fields have 32 bits
            return static_cast<std::uint32_t>(reader.integer(key, Need::required, 0, most).value_or(0));
        };
        sidecar_.abi.major = number("major");
        sidecar_.abi.built = number("built");
        sidecar_.abi.needs = number("needs");
        reader.finish();
        if (!context_.failed() && sidecar_.abi.needs > sidecar_.abi.built)
            inconsistent(reader.pointer("needs"), "the plugin needs a newer ABI than it was built with",
                         std::to_string(sidecar_.abi.built) + " at most", std::to_string(sidecar_.abi.needs));
    }

    void read_provides(ObjectReader& root) {
        const JsonValue* list = root.array("provides", Need::required, most_items);
        if (list == nullptr) return;
        std::map<Capability, std::size_t> seen;
        for (std::size_t i = 0; i < list->array()->size(); ++i) {
            const std::string where = json_pointer(root.pointer("provides"), i);
            const auto text =
                read_text(context_, (*list->array())[i], where, {.valid = is_provided, .expected = capability_form});
            if (!text) continue;
            Capability capability = *Capability::parse(*text);
            if (const auto [first, is_new] = seen.emplace(capability, i); !is_new) {
                inconsistent(where, "the item is provided twice", "",
                             "also /provides/" + std::to_string(first->second));
                continue;
            }
            if (capability.kind == command_kind && !is_verb(capability.id))
                context_.error(ErrorCode::json_bad_value, where, "the verb is malformed",
                               "1 to 32 of [a-z0-9-], beginning with a letter", shown(std::string_view{capability.id}));
            sidecar_.provides.push_back(std::move(capability));
        }
    }

    void read_requires(ObjectReader& root) {
        const JsonValue* list = root.array("requires", Need::optional, most_items);
        if (list == nullptr) return;
        std::map<Capability, std::size_t> seen;
        for (std::size_t i = 0; i < list->array()->size(); ++i) {
            const std::string where = json_pointer(root.pointer("requires"), i);
            const auto text =
                read_text(context_, (*list->array())[i], where,
                          {.valid = is_required, .expected = "an optional '?' and KIND/REVISION or KIND/REVISION:ID"});
            if (!text) continue;
            const bool optional = text->starts_with('?');
            Capability capability = *Capability::parse(std::string_view{*text}.substr(optional ? 1 : 0));
            if (const auto [first, is_new] = seen.emplace(capability, i); !is_new) {
                inconsistent(where, "the capability is required twice", "",
                             "also /requires/" + std::to_string(first->second));
                continue;
            }
            sidecar_.requirements.push_back({std::move(capability), optional});
        }
    }

    void read_needs(ObjectReader& root) {
        static constexpr std::array<std::string_view, 3> words{"files", "sockets", "processes"};
        const JsonValue* list = root.array("needs", Need::optional, words.size());
        if (list == nullptr) return;
        const std::string where = root.pointer("needs");
        const std::array flags{&sidecar_.needs.files, &sidecar_.needs.sockets, &sidecar_.needs.processes};
        for (std::size_t i = 0; i < list->array()->size(); ++i) {
            const auto word = read_word(context_, (*list->array())[i], json_pointer(where, i), words);
            if (!word) continue;
            if (std::exchange(*flags[*word], true))
                inconsistent(json_pointer(where, i), "the need is listed twice", "", shown(words[*word]));
        }
        const bool acts = sidecar_.serves() || std::ranges::any_of(sidecar_.provides, [](const Capability& item) {
                              return item.kind == command_kind;
                          });
        if (!acts && !list->array()->empty())
            inconsistent(where, "only services and verbs have needs after start",
                         "a " + std::string{service_kind} + " or " + std::string{command_kind} + " in provides", "none");
    }

    void read_commands(ObjectReader& root) {
        const JsonValue* value = root.object("commands", Need::optional);
        const std::string pointer = root.pointer("commands");
        if (value != nullptr && value->object()->size() > most_commands) {
            context_.error(ErrorCode::json_out_of_range, pointer, "there are too many commands",
                           std::to_string(most_commands) + " at most", std::to_string(value->object()->size()));
            return;
        }
        if (value != nullptr)
            for (const JsonMember& member : *value->object())
                read_command(member, json_pointer(pointer, member.key));
        for (const Capability& capability : sidecar_.provides)
            if (capability.kind == command_kind && (value == nullptr || value->find(capability.id) == nullptr))
                inconsistent(pointer, "a provided command is not described", "an entry \"" + capability.id + "\"",
                             "none");
    }

    void read_command(const JsonMember& member, const std::string& where) {
        ObjectReader reader{context_, member.value, where};
        CommandHelp help{.summary = reader.text("summary", Need::required, line_rule(1, most_line)).value_or(""),
                         .usage = reader.text("usage", Need::required, line_rule(1, most_line)).value_or(""),
                         .example = reader.text("example", Need::required, line_rule(1, most_line)).value_or("")};
        reader.finish();
        if (!sidecar_.provides_item(command_kind, member.key))
            inconsistent(where, "a described command is not provided",
                         shown(std::string{command_kind} + ":" + member.key) + " in provides", "none");
        sidecar_.commands[member.key] = std::move(help);
    }

    JsonContext& context_;
    SidecarSource source_;
    Sidecar sidecar_;
};

} // namespace

Target Target::current() {
    Target target{.os = "linux", .arch = "unknown", .libc = "unknown"};
#if defined(__x86_64__)
    target.arch = "x86_64";
#elif defined(__aarch64__)
    target.arch = "aarch64";
#elif defined(__riscv) && __riscv_xlen == 64
    target.arch = "riscv64";
#endif
#if defined(__GLIBC__)
    target.libc = "glibc";
#endif
    return target;
}

bool Sidecar::serves() const noexcept {
    return std::ranges::any_of(provides, [](const Capability& item) { return item.kind == service_kind; });
}

bool Sidecar::provides_item(std::string_view kind, std::string_view item_id) const noexcept {
    return std::ranges::any_of(provides,
                               [&](const Capability& item) { return item.kind == kind && item.id == item_id; });
}

std::optional<Sidecar> parse_sidecar(std::string_view text, const std::filesystem::path& path, SidecarSource source,
                                     Report& report) {
    const std::string file = path.string();
    const std::optional<JsonValue> document = parse_json(text, file, report);
    if (!document) return std::nullopt;
    JsonContext context{file, report};
    return Parser{context, source}.parse(*document);
}

std::optional<Sidecar> load_sidecar(const std::filesystem::path& path, Report& report) {
    const std::optional<std::string> text = read_text_file(path, max_json_bytes, report);
    if (!text) return std::nullopt;
    return parse_sidecar(*text, path, SidecarSource::file, report);
}

} // namespace rvm::manifest
