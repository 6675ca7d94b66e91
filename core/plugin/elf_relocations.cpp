// What the dynamic loader writes (relocations) and calls (initialisers) while it loads a library.
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "plugin/elf_dynamic.hpp"

namespace rvm::plugin {
namespace {

// Initialisers and finalisers of one library: one per static object's translation unit at most.
constexpr std::uint64_t max_initialisers = 65536;
constexpr std::uint64_t word_bytes = 8;

/// What a relocation type does, as far as its checks go.
enum class Relocation { unknown, none, symbol, static_tls, relative, indirect, tls_module, tls_descriptor };

Relocation relocation_kind(std::uint32_t type) {
#if defined(__x86_64__)
    switch (type) {
    case R_X86_64_NONE:
        return Relocation::none;
    case R_X86_64_64:
    case R_X86_64_GLOB_DAT:
    case R_X86_64_JUMP_SLOT:
    case R_X86_64_DTPOFF64:
        return Relocation::symbol;
    case R_X86_64_TPOFF64:
        return Relocation::static_tls;
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
        return Relocation::symbol;
    case R_AARCH64_TLS_TPREL:
        return Relocation::static_tls;
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
};

class RelocationCheck {
  public:
    RelocationCheck(const ElfImage& image, const DynamicSection& dynamic, const std::string& file, Report& report)
        : image_(image), dynamic_(dynamic), file_(file), report_(report) {}

    bool run() {
        return pairs() && call_table(DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "DT_INIT_ARRAY") &&
               call_table(DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "DT_FINI_ARRAY") && single(DT_INIT, "DT_INIT") &&
               single(DT_FINI, "DT_FINI") && rela(DT_RELA, DT_RELASZ, "DT_RELA") && plt() && relr() && covered();
    }

    /// After run(): a variable of a thread lies at a distance that is fixed when the library is loaded.
    [[nodiscard]] bool static_tls() const noexcept { return static_tls_; }

  private:
    bool refuse(std::string where, std::string message, std::string expected = {}, std::string found = {}) {
        Finding& finding = report_.error(ErrorCode::plugin_elf_malformed, file_, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        return false;
    }

    /// The loader dereferences the second of each pair without asking whether it is there.
    bool pairs() {
        struct Pair {
            std::int64_t first, second;
            std::string_view names;
            std::optional<std::uint64_t> value; // what the second must be, when there is only one right value
        };
        static const std::array<Pair, 12> together{{
            {DT_INIT_ARRAY, DT_INIT_ARRAYSZ, "DT_INIT_ARRAY and DT_INIT_ARRAYSZ", {}},
            {DT_FINI_ARRAY, DT_FINI_ARRAYSZ, "DT_FINI_ARRAY and DT_FINI_ARRAYSZ", {}},
            {DT_STRTAB, DT_STRSZ, "DT_STRTAB and DT_STRSZ", {}},
            {DT_SYMTAB, DT_SYMENT, "DT_SYMTAB and DT_SYMENT", sizeof(Elf64_Sym)},
            {DT_RELA, DT_RELASZ, "DT_RELA and DT_RELASZ", {}},
            {DT_RELA, DT_RELAENT, "DT_RELA and DT_RELAENT", sizeof(Elf64_Rela)},
            {DT_JMPREL, DT_PLTRELSZ, "DT_JMPREL and DT_PLTRELSZ", {}},
            {DT_JMPREL, DT_PLTREL, "DT_JMPREL and DT_PLTREL", DT_RELA},
            {DT_RELR, DT_RELRSZ, "DT_RELR and DT_RELRSZ", {}},
            {DT_RELR, DT_RELRENT, "DT_RELR and DT_RELRENT", word_bytes},
            {DT_VERNEED, DT_VERNEEDNUM, "DT_VERNEED and DT_VERNEEDNUM", {}},
            {DT_VERDEF, DT_VERDEFNUM, "DT_VERDEF and DT_VERDEFNUM", {}},
        }};
        for (const Pair& pair : together) {
            const auto second = dynamic_.tag(pair.second);
            if (dynamic_.tag(pair.first).has_value() != second.has_value())
                return refuse(std::string{pair.names}, "only one of the two is there", "both or neither", "one");
            if (second && pair.value && *second != *pair.value)
                return refuse(std::string{pair.names}, "the second has another value", std::to_string(*pair.value),
                              std::to_string(*second));
        }
        return true;
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

    /// The loader writes `bytes` at `at`. `target` is the value relative to the load address; nullopt for the address
    /// of an imported symbol, which is the loader's business and never a bare number.
    bool writes(std::uint64_t at, std::uint64_t bytes, std::optional<std::uint64_t> target, const std::string& where) {
        const auto overlaps = [&](std::uint64_t begin, std::uint64_t size) {
            return at < begin + size && begin < at + bytes;
        };
        for (const Elf64_Phdr& segment : image_.segments())
            if (segment.p_type == PT_DYNAMIC && overlaps(segment.p_vaddr, segment.p_memsz))
                return refuse(where, "the relocation overwrites the dynamic section", "an address outside it",
                              fmt::format("{:#x}", at));
        for (CallTable& table : tables_) {
            if (!overlaps(table.address, table.set.size() * word_bytes)) continue;
            if (at < table.address || (at - table.address) % word_bytes != 0 || bytes != word_bytes)
                return refuse(where, "the relocation writes across entries of " + table.name, "one whole entry",
                              fmt::format("{:#x}", at));
            if (target && !image_.mapped(*target, 1, PF_X))
                return refuse(where, table.name + " would call an address that is not executable",
                              "an executable address", fmt::format("{:#x}", *target));
            table.set[(at - table.address) / word_bytes] = true;
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
        if (kind == Relocation::static_tls) static_tls_ = true;
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
        if (kind == Relocation::relative) return writes(entry.r_offset, bytes, addend, where);
        const Elf64_Sym& target = dynamic_.symbols()[symbol].raw;
        if (kind == Relocation::symbol && symbol != 0 && target.st_shndx != SHN_UNDEF)
            return writes(entry.r_offset, bytes, target.st_value + addend, where);
        return writes(entry.r_offset, bytes, std::nullopt, where);
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
        if (!address || !bytes) return true; // both or neither: pairs()
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
        if (!address) return true;
        // The loader writes its own address into the first words of the table that DT_PLTGOT names.
        if (const auto got = dynamic_.tag(DT_PLTGOT); !got || !image_.mapped(*got, 3 * word_bytes, PF_W))
            return refuse("DT_PLTGOT", "the global offset table is not in a writable segment");
        return table(*address, bytes, "DT_JMPREL");
    }

    /// DT_RELR: addresses and bitmaps of words to relocate (gABI, "Relative relocation table").
    bool relr() {
        const auto address = dynamic_.tag(DT_RELR);
        const std::uint64_t bytes = dynamic_.tag(DT_RELRSZ).value_or(0);
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
        return writes(at, word_bytes, *target, where);
    }

    bool covered() {
        for (const CallTable& table : tables_)
            if (const auto hole = std::ranges::find(table.set, false); hole != table.set.end())
                return refuse(table.name, fmt::format("entry {} is not relocated: the loader would call a bare number",
                                                      hole - table.set.begin()));
        return true;
    }

    const ElfImage& image_;
    const DynamicSection& dynamic_;
    const std::string& file_;
    Report& report_;
    std::vector<CallTable> tables_;
    bool static_tls_ = false;
};

} // namespace

std::optional<RelocationFacts> check_relocations(const ElfImage& image, const DynamicSection& dynamic, const std::string& file,
                                                 Report& report) {
    RelocationCheck check{image, dynamic, file, report};
    if (!check.run()) return std::nullopt;
    return RelocationFacts{.static_tls = check.static_tls()};
}

} // namespace rvm::plugin
