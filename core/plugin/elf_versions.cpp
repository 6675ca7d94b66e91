// Symbol versions (DT_VERSYM, DT_VERNEED, DT_VERDEF): linked lists the loader follows without bounds, and whose numbers
// index an array it builds from them. Source: Linux Standard Base, "Symbol Versioning".
#include <algorithm>

#include <fmt/format.h>

#include "plugin/elf_dynamic.hpp"
#include "plugin/texts.hpp"

namespace rvm::plugin {
namespace {

// Records of either list; glibc itself defines about 40 versions.
constexpr unsigned max_records = 4096;
constexpr std::uint16_t version_mask = 0x7fff;  // the top bit says "hidden"
constexpr std::uint16_t first_free_version = 2; // 0 is local, 1 is global

class VersionCheck {
  public:
    VersionCheck(const ElfImage& image, const DynamicSection& dynamic, const std::string& file, Report& report)
        : image_(image), dynamic_(dynamic), file_(file), report_(report) {
        for (const std::uint64_t offset : dynamic.all(DT_NEEDED))
            if (const auto name = dynamic.string(offset)) needed_.push_back(*name);
    }

    bool run() {
        const auto needs = dynamic_.tag(DT_VERNEED);
        const auto definitions = dynamic_.tag(DT_VERDEF);
        if (needs && !walk_needs(*needs)) return false;
        if (definitions && !walk_definitions(*definitions)) return false;
        return !(needs || definitions) || check_indices();
    }

  private:
    bool refuse(std::string where, std::string message) {
        report_.error(ErrorCode::plugin_elf_malformed, file_, std::move(where), std::move(message));
        return false;
    }

    bool walk_needs(std::uint64_t at) {
        for (unsigned record = 0; record < max_records; ++record) {
            const auto need = image_.at_address<Elf64_Verneed>(at);
            const auto library = need ? dynamic_.string(need->vn_file) : std::nullopt;
            if (!library || need->vn_version != VER_NEED_CURRENT)
                return refuse("DT_VERNEED", "a record is outside the image or of unknown version");
            // The loader asserts that the library it names was loaded.
            if (std::ranges::find(needed_, *library) == needed_.end())
                return refuse("DT_VERNEED",
                              fmt::format("versions of \"{}\", which DT_NEEDED does not list", printable(*library)));
            if (!walk_need_entries(at + need->vn_aux)) return false;
            if (need->vn_next == 0) return true;
            at += need->vn_next;
        }
        return refuse("DT_VERNEED", fmt::format("more than {} records", max_records));
    }

    bool walk_need_entries(std::uint64_t at) {
        for (unsigned record = 0; record < max_records; ++record) {
            const auto entry = image_.at_address<Elf64_Vernaux>(at);
            if (!entry || !dynamic_.string(entry->vna_name))
                return refuse("DT_VERNEED", "an entry is outside the image");
            highest_ = std::max(highest_, static_cast<std::uint16_t>(entry->vna_other & version_mask));
            if (entry->vna_next == 0) return true;
            at += entry->vna_next;
        }
        return refuse("DT_VERNEED", fmt::format("more than {} entries", max_records));
    }

    bool walk_definitions(std::uint64_t at) {
        for (unsigned record = 0; record < max_records; ++record) {
            const auto definition = image_.at_address<Elf64_Verdef>(at);
            if (!definition || definition->vd_version != VER_DEF_CURRENT)
                return refuse("DT_VERDEF", "a record is outside the image or of unknown version");
            const auto name = image_.at_address<Elf64_Verdaux>(at + definition->vd_aux);
            if (!name || !dynamic_.string(name->vda_name))
                return refuse("DT_VERDEF", "a definition's name is outside the image");
            highest_ = std::max(highest_, static_cast<std::uint16_t>(definition->vd_ndx & version_mask));
            if (definition->vd_next == 0) return true;
            at += definition->vd_next;
        }
        return refuse("DT_VERDEF", fmt::format("more than {} records", max_records));
    }

    bool check_indices() {
        const auto table = dynamic_.tag(DT_VERSYM);
        const std::uint64_t count = dynamic_.symbols().size();
        const auto indices = table ? image_.range(*table, count * sizeof(Elf64_Half)) : std::nullopt;
        if (!indices) return refuse("DT_VERSYM", "the table is missing or not inside the image");
        for (std::uint64_t i = 0; i < count; ++i) {
            Elf64_Half index = 0;
            std::memcpy(&index, indices->data() + i * sizeof index, sizeof index);
            const auto version = static_cast<std::uint16_t>(index & version_mask);
            if (version >= first_free_version && version > highest_)
                return refuse("DT_VERSYM",
                              fmt::format("symbol {} has version {}, the highest is {}", i, version, highest_));
        }
        return true;
    }

    const ElfImage& image_;
    const DynamicSection& dynamic_;
    const std::string& file_;
    Report& report_;
    std::vector<std::string_view> needed_;
    std::uint16_t highest_ = 0;
};

} // namespace

bool check_versions(const ElfImage& image, const DynamicSection& dynamic, const std::string& file, Report& report) {
    return VersionCheck{image, dynamic, file, report}.run();
}

} // namespace rvm::plugin
