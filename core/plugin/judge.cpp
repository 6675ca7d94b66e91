#include "plugin/judge.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include "manifest/names.hpp"
#include "manifest/schema.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

class Judge {
  public:
    Judge(const std::string& file, Report& report) : file_(file), report_(report) {}

    std::optional<manifest::Sidecar> run(const rvm_entry* entry) {
        if (!check_entry(entry)) return std::nullopt;
        said_.file = file_;
        said_.abi = {entry->abi_major, entry->abi_minor_built, entry->abi_minor_needed};
        check_descriptor(*entry->descriptor);
        if (!ok_) return std::nullopt;
        return std::move(said_);
    }

  private:
    void refuse(ErrorCode code, std::string where, std::string message, std::string expected, std::string found) {
        Finding& finding = report_.error(code, file_, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.plugin = said_.id;
        ok_ = false;
    }

    bool check_entry(const rvm_entry* entry) {
        if (entry == nullptr) {
            refuse(ErrorCode::entry_invalid, "entry", "there is no entry", "an rvm_entry", "NULL");
            return false;
        }
        // Magic and size first: the other fields mean nothing without them.
        if (entry->magic != RVM_ENTRY_MAGIC)
            refuse(ErrorCode::entry_invalid, "entry.magic", "the symbol is not an rvm_entry",
                   fmt::format("{:#010x}", RVM_ENTRY_MAGIC), fmt::format("{:#010x}", entry->magic));
        else if (entry->struct_size < sizeof(rvm_entry))
            refuse(ErrorCode::entry_invalid, "entry.struct_size", "the entry is too small",
                   fmt::format("at least {}", sizeof(rvm_entry)), std::to_string(entry->struct_size));
        if (!ok_) return false;
        check_abi(*entry);
        if (!ok_) return false; // pointers of another layout are not followed
        if (entry->create == nullptr)
            refuse(ErrorCode::entry_invalid, "entry.create", "the entry cannot create the plugin", "a function",
                   "NULL");
        if (entry->descriptor == nullptr)
            refuse(ErrorCode::entry_descriptor_invalid, "entry.descriptor", "there is no descriptor",
                   "an rvm_descriptor", "NULL");
        else if (entry->descriptor->struct_size < sizeof(rvm_descriptor))
            refuse(ErrorCode::entry_invalid, "descriptor.struct_size", "the descriptor is too small",
                   fmt::format("at least {}", sizeof(rvm_descriptor)), std::to_string(entry->descriptor->struct_size));
        return ok_;
    }

    void check_abi(const rvm_entry& entry) {
        const auto version = [](std::uint32_t major, std::uint32_t minor) {
            return fmt::format("{}.{}", major, minor);
        };
        const std::string host = version(RVM_ABI_MAJOR, RVM_ABI_MINOR);
        if (entry.abi_major != RVM_ABI_MAJOR)
            refuse(ErrorCode::entry_abi_mismatch, "entry.abi_major", "built for another major version of the ABI",
                   "ABI " + host, "ABI " + version(entry.abi_major, entry.abi_minor_built));
        else if (entry.abi_minor_built != RVM_ABI_MINOR) // major 0: minors do not promise compatibility
            refuse(ErrorCode::entry_abi_mismatch, "entry.abi_minor_built", "built for another minor version of the ABI",
                   "ABI " + host, "ABI " + version(entry.abi_major, entry.abi_minor_built));
        else if (entry.abi_minor_needed > RVM_ABI_MINOR)
            refuse(ErrorCode::entry_abi_mismatch, "entry.abi_minor_needed", "needs a newer host", "at most " + host,
                   version(entry.abi_major, entry.abi_minor_needed));
        if (entry.word_size != sizeof(rvm_word))
            refuse(ErrorCode::entry_abi_mismatch, "entry.word_size", "another word size",
                   std::to_string(sizeof(rvm_word)), std::to_string(entry.word_size));
        if (entry.pointer_size != sizeof(void*))
            refuse(ErrorCode::entry_abi_mismatch, "entry.pointer_size", "another pointer size",
                   std::to_string(sizeof(void*)), std::to_string(entry.pointer_size));
    }

    std::string text(const char* value, std::string_view field, bool required) {
        if (value == nullptr && !required) return {};
        ReadText read = read_text(value, max_text_bytes);
        if (read.text && !(required && read.text->empty())) return std::move(*read.text);
        refuse(ErrorCode::entry_descriptor_invalid, fmt::format("descriptor.{}", field), "the text is not valid",
               fmt::format("UTF-8 of at most {} bytes", max_text_bytes), read.text ? "an empty text" : read.problem);
        return {};
    }

    void check_descriptor(const rvm_descriptor& descriptor) {
        const std::string id = text(descriptor.id, "id", true);
        if (ok_ && !manifest::is_plugin_id(id))
            refuse(ErrorCode::entry_descriptor_invalid, "descriptor.id", "the id does not have the form of ids",
                   "[a-z0-9._-]{1,64}", in_quotes(id));
        if (ok_) said_.id = id;
        const std::string version = text(descriptor.version, "version", true);
        if (const auto parsed = manifest::Version::parse(version))
            said_.version = *parsed;
        else if (!version.empty())
            refuse(ErrorCode::entry_descriptor_invalid, "descriptor.version", "not a semantic version", "1.2.3",
                   in_quotes(version));
        said_.name = text(descriptor.name, "name", false);
        said_.vendor = text(descriptor.vendor, "vendor", false);
        said_.license = text(descriptor.license, "license", false);
        said_.description = text(descriptor.description, "description", false);
        check_schema(text(descriptor.config_schema, "config_schema", false));
        check_provides(descriptor.provides);
        check_requires(descriptor.requires_);
        if (said_.name.empty()) said_.name = said_.id;
    }

    void check_schema(const std::string& schema) {
        if (schema.empty()) return;
        if (const auto parsed = manifest::ConfigSchema::parse(schema, file_, report_))
            said_.config_schema = parsed->text();
        else
            ok_ = false;
    }

    std::optional<manifest::Capability> capability(std::string_view value, const std::string& where) {
        if (auto parsed = manifest::Capability::parse(value)) return parsed;
        refuse(ErrorCode::entry_descriptor_invalid, where, "not a capability", "\"kind/revision:id\"",
               in_quotes(value));
        return std::nullopt;
    }

    /// Calls `each` with every text of a list; refuses lists and texts that are too long.
    template <typename Each>
    void list(const char* const* items, std::string_view field, Each each) {
        const auto pointers = read_list(items);
        if (!pointers)
            return refuse(ErrorCode::entry_descriptor_invalid, fmt::format("descriptor.{}", field),
                          "the list does not end", fmt::format("at most {} items", max_list_items), "more");
        for (std::size_t i = 0; i < pointers->size(); ++i) {
            const std::string where = fmt::format("descriptor.{}[{}]", field, i);
            const ReadText read = read_text((*pointers)[i], max_capability_bytes);
            if (read.text)
                each(*read.text, where);
            else
                refuse(ErrorCode::entry_descriptor_invalid, where, "the text is not valid",
                       fmt::format("UTF-8 of at most {} bytes", max_capability_bytes), read.problem);
        }
    }

    void check_provides(const char* const* provides) {
        list(provides, "provides", [this](const std::string& item, const std::string& where) {
            auto parsed = capability(item, where);
            if (!parsed) return;
            if (parsed->id.empty())
                refuse(ErrorCode::entry_descriptor_invalid, where, "a provided item has an id", "\"kind/revision:id\"",
                       in_quotes(item));
            else if (std::ranges::find(said_.provides, *parsed) != said_.provides.end())
                refuse(ErrorCode::entry_descriptor_invalid, where, "the item is listed twice", "once", in_quotes(item));
            else
                said_.provides.push_back(std::move(*parsed));
        });
    }

    void check_requires(const char* const* requirements) {
        list(requirements, "requires", [this](std::string_view item, const std::string& where) {
            const bool optional = item.starts_with('?');
            if (optional) item.remove_prefix(1);
            if (auto parsed = capability(item, where)) said_.requirements.push_back({std::move(*parsed), optional});
        });
    }

    // A kind and an id of at most 64 bytes each, the '?' and the ':'.
    static constexpr std::size_t max_capability_bytes = 2 * manifest::max_id_bytes + 2;

    const std::string& file_;
    Report& report_;
    manifest::Sidecar said_;
    bool ok_ = true;
};

std::vector<std::string> sorted_texts(const std::vector<manifest::Capability>& items) {
    std::vector<std::string> texts;
    for (const auto& item : items)
        texts.push_back(item.text());
    std::ranges::sort(texts);
    return texts;
}

std::vector<std::string> sorted_texts(const std::vector<manifest::Requirement>& items) {
    std::vector<std::string> texts;
    for (const auto& item : items)
        texts.push_back(fmt::format("{}{}", item.optional ? "?" : "", item.capability.text()));
    std::ranges::sort(texts);
    return texts;
}

std::string join(const std::vector<std::string>& texts) {
    constexpr std::size_t shown = 4; // enough to find the place; a message is not a dump
    std::string out;
    for (std::size_t i = 0; i < texts.size() && i < shown; ++i)
        out.append(out.empty() ? "" : ", ").append(texts[i]);
    if (texts.size() > shown) out += fmt::format(" and {} more", texts.size() - shown);
    return out.empty() ? "none" : out;
}

class Comparison {
  public:
    Comparison(const std::string& file, const std::string& id, Report& report)
        : file_(file), id_(id), report_(report) {}

    void field(std::string_view name, const std::string& sidecar, const std::string& binary) {
        if (sidecar != binary) differ(name, in_quotes(sidecar), in_quotes(binary));
    }
    /// Texts for people, which a sidecar may leave out.
    void courtesy(std::string_view name, const std::string& sidecar, const std::string& binary) {
        if (!sidecar.empty()) field(name, sidecar, binary);
    }
    void lists(std::string_view name, const std::vector<std::string>& sidecar, const std::vector<std::string>& binary) {
        if (sidecar == binary) return;
        std::vector<std::string> only_sidecar;
        std::vector<std::string> only_binary;
        std::ranges::set_difference(sidecar, binary, std::back_inserter(only_sidecar));
        std::ranges::set_difference(binary, sidecar, std::back_inserter(only_binary));
        differ(name, fmt::format("also {}", join(only_sidecar)), fmt::format("also {}", join(only_binary)));
    }
    [[nodiscard]] bool equal() const noexcept { return equal_; }

  private:
    void differ(std::string_view name, std::string expected, std::string found) {
        Finding& finding = report_.error(ErrorCode::entry_sidecar_differs, file_, std::string{name},
                                         fmt::format("\"{}\" of the binary differs from the sidecar", name));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        finding.plugin = id_;
        equal_ = false;
    }

    const std::string& file_;
    const std::string& id_;
    Report& report_;
    bool equal_ = true;
};

} // namespace

std::optional<manifest::Sidecar> judge_entry(const rvm_entry* entry, const std::string& file, Report& report) {
    return Judge{file, report}.run(entry);
}

bool compare_sidecar(const manifest::Sidecar& binary, const manifest::Sidecar& sidecar, const std::string& file,
                     Report& report) {
    Comparison compare{file, sidecar.id, report};
    compare.field("id", sidecar.id, binary.id);
    compare.field("version", sidecar.version.text(), binary.version.text());
    const auto abi = [](const manifest::AbiVersions& v) {
        return fmt::format("{}.{} needs {}", v.major, v.built, v.needs);
    };
    compare.field("abi", abi(sidecar.abi), abi(binary.abi));
    compare.lists("provides", sorted_texts(sidecar.provides), sorted_texts(binary.provides));
    compare.lists("requires", sorted_texts(sidecar.requirements), sorted_texts(binary.requirements));
    compare.field("config_schema", sidecar.config_schema, binary.config_schema);
    compare.courtesy("name", sidecar.name == sidecar.id ? std::string{} : sidecar.name, binary.name);
    compare.courtesy("vendor", sidecar.vendor, binary.vendor);
    compare.courtesy("license", sidecar.license, binary.license);
    compare.courtesy("description", sidecar.description, binary.description);
    return compare.equal();
}

} // namespace rvm::plugin
