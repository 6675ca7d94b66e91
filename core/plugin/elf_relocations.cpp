// What the dynamic loader writes (relocations) and calls (initialisers) while it loads a library.
#include <algorithm>

#include <fmt/format.h>

#include "plugin/elf_dynamic.hpp"

namespace rvm::plugin {
namespace {

// Initialisers and finalisers of one library: one per static object's translation unit at most.
constexpr std::uint64_t max_initialisers = 65536;
constexpr std::uint64_t word_bytes = 8;

/// What a relocation type does, as far as its checks go.
enum class Relocation { unknown, none, symbol, relative, indirect, tls_module, tls_descriptor };

Relocation relocation_kind(std::uint32_t type) {
#if defined(__x86_64__)
    switch (type) {
    case R_X86_64_NONE:
        return Relocation::none;
    case R_X86_64_64:
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
    case R_X86_64_DTPOFF64:
    case R_X86_64_TPOFF64:
        return Relocation::symbol;
    case R_X86_64_RELATIVE:
        return Relocation::relative;
    case R_X86_64_IRELATIVE:
        return Relocation::indirect;
    case R_X86_64_DTPMOD64:
        return Relocation::tls_module;
    case R_X86_64_TLSDESC:
        return Relocation::tls_descriptor;
    default:
        return Relocation::unknown;
    }
#elif defined(__aarch64__)
    switch (type) {
    case R_AARCH64_NONE:
        return Relocation::none;
    case R_AARCH64_ABS64:
    case R_AARCH64_GLOB_DAT:
    case R_AARCH64_JUMP_SLOT:
    case R_AARCH64_TLS_DTPREL:
    case R_AARCH64_TLS_TPREL:
        return Relocation::symbol;
    case R_AARCH64_RELATIVE:
        return Relocation::relative;
    case R_AARCH64_IRELATIVE:
        return Relocation::indirect;
    case R_AARCH64_TLS_DTPMOD:
        return Relocation::tls_module;
    case R_AARCH64_TLSDESC:
        return Relocation::tls_descriptor;
    default:
        return Relocation::unknown;
    }
#endif
}

/// The table of function addresses the loader calls (DT_INIT_ARRAY, DT_FINI_ARRAY): every slot must be relocated to an
/// executable address, or the loader jumps to nowhere.
struct CallTable {
    std::string name;
    std::uint64_t address = 0;
    std::vector<bool> set;

    [[nodiscard]] std::optional<std::size_t> slot(std::uint64_t at) const {
        if (at < address || (at - address) / word_bytes >= set.size()) return std::nullopt;
        return (at - address) / word_bytes;
    }
};

class RelocationCheck {
  public:
    RelocationCheck(const ElfImage& image, const DynamicSection& dynamic, const std::string& file, Report& report)
        : image_(image), dynamic_(dynamic), file_(file), report_(report) {}

    bool run() {
        return call_table(DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "DT_INIT_ARRAY") &&
               call_table(DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "DT_FINI_ARRAY") && single(DT_INIT, "DT_INIT") &&
               single(DT_FINI, "DT_FINI") && rela(DT_RELA, DT_RELASZ, "DT_RELA") && plt() && relr() && covered();
    }

  private:
    bool refuse(std::string where, std::string message, std::string expected = {}, std::string found = {}) {
        Finding& finding = report_.error(ErrorCode::plugin_elf_malformed, file_, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return false;
    }

    bool call_table(std::int64_t tag, std::int64_t size_tag, std::string_view name) {
        const auto address = dynamic_.tag(tag);
        const std::uint64_t bytes = dynamic_.tag(size_tag).value_or(0);
        if (!address || bytes == 0) return true;
        if (bytes % word_bytes != 0 || bytes / word_bytes > max_initialisers || !image_.range(*address, bytes))
            return refuse(std::string{name}, "the table is not inside the image",
                          fmt::format("at most {} words inside the file", max_initialisers),
                          fmt::format("{} bytes at {:#x}", bytes, *address));
        tables_.push_back({std::string{name}, *address, std::vector<bool>(bytes / word_bytes, false)});
        return true;
    }

    bool single(std::int64_t tag, std::string_view name) {
        const auto address = dynamic_.tag(tag);
        if (!address || image_.mapped(*address, 1, PF_X)) return true;
        return refuse(std::string{name}, "the function is not in an executable segment", "an executable address",
                      fmt::format("{:#x}", *address));
    }

    /// `target` is what the word at `at` will hold after relocation, relative to the load address.
    bool record(std::uint64_t at, std::uint64_t target, const std::string& where) {
        for (CallTable& table : tables_) {
            const auto slot = table.slot(at);
            if (!slot) continue;
            if (!image_.mapped(target, 1, PF_X))
                return refuse(where, table.name + " would call an address that is not executable",
                              "an executable address", fmt::format("{:#x}", target));
            table.set[*slot] = true;
        }
        return true;
    }

    bool one(const Elf64_Rela& entry, const std::string& where) {
        const Relocation kind = relocation_kind(static_cast<std::uint32_t>(ELF64_R_TYPE(entry.r_info)));
        const std::uint64_t symbol = ELF64_R_SYM(entry.r_info);
        const auto addend = static_cast<std::uint64_t>(entry.r_addend);
        if (kind == Relocation::none) return true;
        if (kind == Relocation::unknown)
            return refuse(where, "relocation type that shared objects do not have", "",
                          std::to_string(ELF64_R_TYPE(entry.r_info)));
        const std::uint64_t bytes = kind == Relocation::tls_descriptor ? 2 * word_bytes : word_bytes;
        if (!image_.mapped(entry.r_offset, bytes, PF_W))
            return refuse(where, "the relocation writes outside the writable segments", "an address in one",
                          fmt::format("{:#x}", entry.r_offset));
        if (symbol >= dynamic_.symbols().size())
            return refuse(where, "no such symbol", fmt::format("less than {}", dynamic_.symbols().size()),
                          std::to_string(symbol));
        if (kind == Relocation::indirect && !image_.mapped(addend, 1, PF_X))
            return refuse(where, "the indirect function's resolver is not executable", "an executable address",
                          fmt::format("{:#x}", addend));
        if (kind == Relocation::relative) return record(entry.r_offset, addend, where);
        if (kind == Relocation::symbol && symbol != 0) {
            const Elf64_Sym& target = dynamic_.symbols()[symbol].raw;
            // An imported function's address is the loader's business; it is never a bare number.
            if (target.st_shndx == SHN_UNDEF) return mark(entry.r_offset);
            return record(entry.r_offset, target.st_value + addend, where);
        }
        return true;
    }

    bool mark(std::uint64_t at) {
        for (CallTable& table : tables_)
            if (const auto slot = table.slot(at)) table.set[*slot] = true;
        return true;
    }

    bool table(std::uint64_t address, std::uint64_t bytes, std::string_view name) {
        if (bytes % sizeof(Elf64_Rela) != 0 || !image_.range(address, bytes))
            return refuse(std::string{name}, "the relocation table is not inside the image", "",
                          fmt::format("{} bytes at {:#x}", bytes, address));
        const std::uint64_t count = bytes / sizeof(Elf64_Rela);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto entry = image_.at_address<Elf64_Rela>(address + i * sizeof(Elf64_Rela));
            if (!entry || !one(*entry, fmt::format("{} entry {}", name, i))) return false;
        }
        return true;
    }

    bool rela(std::int64_t tag, std::int64_t size_tag, std::string_view name) {
        if (dynamic_.tag(DT_REL)) return refuse("DT_REL", "relocations without addends do not exist on this machine");
        const auto address = dynamic_.tag(tag);
        const auto bytes = dynamic_.tag(size_tag);
        if (!address && !bytes) return true;
        if (!address || !bytes) return refuse(std::string{name}, "table and size must both be given");
        if (const auto size = dynamic_.tag(DT_RELAENT); size && *size != sizeof(Elf64_Rela))
            return refuse("DT_RELAENT", "wrong relocation size", std::to_string(sizeof(Elf64_Rela)),
                          std::to_string(*size));
        // The loader applies the first DT_RELACOUNT entries as RELATIVE without looking at their type.
        const std::uint64_t relative = dynamic_.tag(DT_RELACOUNT).value_or(0);
        if (relative > *bytes / sizeof(Elf64_Rela))
            return refuse("DT_RELACOUNT", "more relative relocations than relocations",
                          fmt::format("at most {}", *bytes / sizeof(Elf64_Rela)), std::to_string(relative));
        for (std::uint64_t i = 0; i < relative; ++i) {
            const auto entry = image_.at_address<Elf64_Rela>(*address + i * sizeof(Elf64_Rela));
            if (!entry ||
                relocation_kind(static_cast<std::uint32_t>(ELF64_R_TYPE(entry->r_info))) != Relocation::relative)
                return refuse("DT_RELACOUNT", fmt::format("relocation {} is not relative", i));
        }
        return table(*address, *bytes, name);
    }

    bool plt() {
        const auto address = dynamic_.tag(DT_JMPREL);
        const std::uint64_t bytes = dynamic_.tag(DT_PLTRELSZ).value_or(0);
        if (!address) return bytes == 0 || refuse("DT_JMPREL", "table and size must both be given");
        if (const auto kind = dynamic_.tag(DT_PLTREL); kind != std::uint64_t{DT_RELA})
            return refuse("DT_PLTREL", "wrong kind of relocation", std::to_string(DT_RELA),
                          kind ? std::to_string(*kind) : "none");
        // The loader writes its own address into the first words of the table that DT_PLTGOT names.
        if (const auto got = dynamic_.tag(DT_PLTGOT); !got || !image_.mapped(*got, 3 * word_bytes, PF_W))
            return refuse("DT_PLTGOT", "the global offset table is not in a writable segment");
        return table(*address, bytes, "DT_JMPREL");
    }

    /// DT_RELR: addresses and bitmaps of words to relocate (gABI, "Relative relocation table").
    bool relr() {
        const auto address = dynamic_.tag(relr_tag);
        const std::uint64_t bytes = dynamic_.tag(relr_size_tag).value_or(0);
        if (!address) return true;
        if (bytes % word_bytes != 0 || !image_.range(*address, bytes))
            return refuse("DT_RELR", "the relocation table is not inside the image");
        std::uint64_t next = 0;
        const std::uint64_t count = bytes / word_bytes;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto entry = image_.at_address<std::uint64_t>(*address + i * word_bytes);
            if (!entry) return refuse("DT_RELR", "the table ends inside an entry");
            const std::string where = fmt::format("DT_RELR entry {}", i);
            if ((*entry & 1) == 0) {
                if (!relr_word(*entry, where)) return false;
                next = *entry + word_bytes;
                continue;
            }
            if (next == 0) return refuse(where, "a bitmap without an address before it");
            for (unsigned bit = 1; bit < 64; ++bit)
                if (((*entry >> bit) & 1) != 0 && !relr_word(next + (bit - 1) * word_bytes, where)) return false;
            next += 63 * word_bytes;
        }
        return true;
    }

    bool relr_word(std::uint64_t at, const std::string& where) {
        const auto target = image_.at_address<std::uint64_t>(at);
        if (!image_.mapped(at, word_bytes, PF_W) || !target)
            return refuse(where, "the relocation writes outside the writable segments", "an address in one",
                          fmt::format("{:#x}", at));
        return record(at, *target, where);
    }

    bool covered() {
        for (const CallTable& table : tables_)
            if (const auto hole = std::ranges::find(table.set, false); hole != table.set.end())
                return refuse(table.name, fmt::format("entry {} is not relocated: the loader would call a bare number",
                                                      hole - table.set.begin()));
        return true;
    }

    static constexpr std::int64_t relr_size_tag = 35; // DT_RELRSZ: newer than Debian 12's elf.h
    static constexpr std::int64_t relr_tag = 36;      // DT_RELR

    const ElfImage& image_;
    const DynamicSection& dynamic_;
    const std::string& file_;
    Report& report_;
    std::vector<CallTable> tables_;
};

} // namespace

bool check_relocations(const ElfImage& image, const DynamicSection& dynamic, const std::string& file, Report& report) {
    return RelocationCheck{image, dynamic, file, report}.run();
}

} // namespace rvm::plugin
