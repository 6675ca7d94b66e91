#include "plugin/elf.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "plugin/elf_dynamic.hpp"
#include "plugin/texts.hpp"
#include <rvm/plugin.h>

namespace rvm::plugin {
namespace {

// rvm_entry holds pointers.
constexpr std::uint64_t entry_alignment = 8;
// Every thread of the process pays for a library's thread-local block.
constexpr std::uint64_t max_tls_bytes = std::uint64_t{1} << 20;
// A sidecar is a few KiB; the manifest library refuses larger texts anyway.
constexpr std::uint64_t max_sidecar_bytes = std::uint64_t{1} << 20;
// Names of all imports together; a small table can name the same long string many times.
constexpr std::size_t max_import_bytes = std::size_t{4} << 20;
// Libraries a plugin may need.
constexpr std::size_t max_needed = 64;

struct Note {
    std::string_view owner;
    std::uint32_t type = 0;
    ByteView data;
};

/// All notes of one PT_NOTE segment, in order; stops at the first that leaves the segment.
std::vector<Note> notes_of(const ElfImage& image, const Elf64_Phdr& segment) {
    // More notes than any toolchain writes into one segment.
    constexpr std::size_t max_notes = 256;
    std::vector<Note> notes;
    // gABI: name and contents are padded to the segment's alignment, 4 unless it is 8.
    const std::uint64_t alignment = segment.p_align == 8 ? 8 : 4;
    const auto padded = [alignment](std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
    const ByteView bytes = image.content(segment).value_or(ByteView{});
    std::uint64_t at = 0;
    while (notes.size() < max_notes && bytes.size() - at >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr header;
        std::memcpy(&header, bytes.data() + at, sizeof header);
        const std::uint64_t owner_at = at + sizeof header;
        const std::uint64_t data_at = owner_at + padded(header.n_namesz);
        const std::uint64_t end = data_at + header.n_descsz;
        if (end > bytes.size()) break;
        std::string_view owner = as_text(bytes.subspan(owner_at, header.n_namesz));
        if (owner.ends_with('\0')) owner.remove_suffix(1);
        notes.push_back({owner, header.n_type, bytes.subspan(data_at, header.n_descsz)});
        at = data_at + padded(header.n_descsz);
        if (at > bytes.size()) break;
    }
    return notes;
}

std::optional<std::string> find_sidecar(const ElfImage& image) {
    for (const Elf64_Phdr& segment : image.segments()) {
        if (segment.p_type != PT_NOTE) continue;
        if (!image.content(segment)) return std::nullopt; // it may have one that goes first
        for (const Note& note : notes_of(image, segment)) {
            if (note.owner != sidecar_note_owner || note.type != sidecar_note_type) continue;
            if (note.data.size() > max_sidecar_bytes) return std::nullopt;
            std::string_view text = as_text(note.data);
            // Padding inside the note: an assembler's .asciz or a linker's alignment adds zero bytes.
            while (text.ends_with('\0'))
                text.remove_suffix(1);
            return std::string{text};
        }
    }
    return std::nullopt;
}

class Preflight {
  public:
    Preflight(const ElfImage& image, const std::string& file, const ElfPolicy& policy, Report& report)
        : image_(image), file_(file), policy_(policy), report_(report) {}

    std::optional<ElfFacts> run() {
        check_segments();
        if (!ok_) return std::nullopt;
        const auto dynamic = DynamicSection::parse(image_, file_, report_);
        if (!dynamic) return std::nullopt;
        read_libraries(*dynamic);
        check_forbidden(*dynamic);
        read_symbols(*dynamic);
        if (!check_versions(image_, *dynamic, file_, report_)) ok_ = false;
        const auto relocations = check_relocations(image_, *dynamic, file_, report_);
        if (!relocations)
            ok_ = false;
        else if (relocations->static_tls || (dynamic->tag(DT_FLAGS).value_or(0) & DF_STATIC_TLS) != 0)
            check_static_tls();
        read_notes();
        if (!ok_) return std::nullopt;
        return std::move(facts_);
    }

  private:
    void refuse(ErrorCode code, std::string where, std::string message, std::string expected = {},
                std::string found = {}) {
        Finding& finding = report_.error(code, file_, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        ok_ = false;
    }
    void malformed(std::string where, std::string message, std::string expected = {}, std::string found = {}) {
        refuse(ErrorCode::plugin_elf_malformed, std::move(where), std::move(message), std::move(expected),
               std::move(found));
    }
    void forbidden(std::string where, std::string message, std::string expected = {}, std::string found = {}) {
        refuse(ErrorCode::plugin_elf_forbidden, std::move(where), std::move(message), std::move(expected),
               std::move(found));
    }

    void check_segments() {
        bool stack_seen = false;
        for (std::size_t i = 0; i < image_.segments().size(); ++i) {
            const Elf64_Phdr& segment = image_.segments()[i];
            const std::string where = fmt::format("program header {}", i);
            switch (segment.p_type) {
            case PT_LOAD:
                if ((segment.p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
                    forbidden(where + ": p_flags", "a segment is both writable and executable", "W or X", "W and X");
                break;
            case PT_GNU_STACK:
                stack_seen = true;
                if ((segment.p_flags & PF_X) != 0)
                    forbidden("PT_GNU_STACK", "the library wants an executable stack", "RW", "RWX");
                break;
            case PT_GNU_RELRO:
                check_relro(segment);
                break;
            case PT_TLS:
                check_tls(segment);
                break;
            case PT_NOTE:
            case PT_GNU_PROPERTY:
                // The loader reads these where they are mapped.
                if (segment.p_memsz != 0 && !image_.mapped(segment.p_vaddr, segment.p_memsz, PF_R))
                    malformed(where, "the notes are not inside a loaded segment");
                break;
            default:
                break;
            }
        }
        if (!stack_seen)
            forbidden("PT_GNU_STACK", "without this header the loader makes every stack executable",
                      "PT_GNU_STACK with RW", "none");
    }

    /// The loader makes this range read-only after relocation; over code it would take the right to execute away.
    void check_relro(const Elf64_Phdr& segment) {
        if (segment.p_memsz != 0 && !image_.mapped(segment.p_vaddr, segment.p_memsz, PF_W))
            malformed("PT_GNU_RELRO", "the range is not inside one writable segment");
    }

    void check_tls(const Elf64_Phdr& segment) {
        if (segment.p_filesz > segment.p_memsz || segment.p_memsz > max_tls_bytes)
            malformed("PT_TLS", "the thread-local block is too large", fmt::format("at most {} bytes", max_tls_bytes),
                      fmt::format("{} bytes", segment.p_memsz));
        // A larger alignment than a page cannot be honoured by every allocator of thread-local blocks.
        constexpr std::uint64_t max_tls_alignment = 4096;
        if (segment.p_align > max_tls_alignment)
            malformed("PT_TLS", "the thread-local block's alignment is too large",
                      fmt::format("at most {}", max_tls_alignment), std::to_string(segment.p_align));
        if (segment.p_filesz != 0 && !image_.range(segment.p_vaddr, segment.p_filesz))
            malformed("PT_TLS", "the initial thread-local values are not inside the image");
    }

    void read_libraries(const DynamicSection& dynamic) {
        const auto offsets = dynamic.all(DT_NEEDED);
        if (offsets.size() > max_needed) {
            malformed("DT_NEEDED", "too many needed libraries", fmt::format("at most {}", max_needed),
                      std::to_string(offsets.size()));
            return;
        }
        for (const std::uint64_t offset : offsets) {
            const auto name = dynamic.string(offset);
            if (!name || name->empty()) {
                malformed("DT_NEEDED", "a library's name is outside the string table");
                continue;
            }
            // A path would be opened as it stands, outside every check of this loader.
            if (name->find('/') != std::string_view::npos)
                forbidden("DT_NEEDED", "a needed library is named by a path", "a bare file name", printable(*name));
            facts_.needed.emplace_back(*name);
        }
        if (const auto offset = dynamic.tag(DT_SONAME)) {
            const auto name = dynamic.string(*offset);
            if (!name)
                malformed("DT_SONAME", "the name is outside the string table");
            else
                facts_.soname = *name;
        }
    }

    void check_forbidden(const DynamicSection& dynamic) {
        const std::uint64_t flags = dynamic.tag(DT_FLAGS).value_or(0);
        const std::uint64_t flags_1 = dynamic.tag(DT_FLAGS_1).value_or(0);
        constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> banned{{{DT_RPATH, "DT_RPATH"},
                                                                                   {DT_RUNPATH, "DT_RUNPATH"},
                                                                                   {DT_AUXILIARY, "DT_AUXILIARY"},
                                                                                   {DT_FILTER, "DT_FILTER"},
                                                                                   {DT_AUDIT, "DT_AUDIT"},
                                                                                   {DT_DEPAUDIT, "DT_DEPAUDIT"}}};
        for (const auto& [tag, name] : banned)
            if (const auto offset = dynamic.tag(tag))
                forbidden(std::string{name}, "a plugin may not redirect where libraries come from", "none",
                          printable(dynamic.string(*offset).value_or("?")));
        if (dynamic.tag(DT_TEXTREL) || (flags & DF_TEXTREL) != 0)
            forbidden("DT_TEXTREL", "relocations inside code: the library was not compiled with -fPIC");
        if ((flags_1 & DF_1_PIE) != 0)
            malformed("DT_FLAGS_1", "a position-independent executable, not a library", "a shared object", "PIE");
    }

    void check_static_tls() {
        constexpr std::string_view text = "static TLS: loading fails once its reserve in the process is used up";
        if (policy_.static_tls_is_error)
            forbidden("DF_STATIC_TLS", std::string{text});
        else
            report_.warning(ErrorCode::plugin_elf_forbidden, file_, "DF_STATIC_TLS", std::string{text});
    }

    void read_symbols(const DynamicSection& dynamic) {
        std::vector<const DynamicSymbol*> exports;
        std::size_t import_bytes = 0;
        for (std::size_t i = 1; i < dynamic.symbols().size(); ++i) { // symbol 0 is reserved
            const DynamicSymbol& symbol = dynamic.symbols()[i];
            if (symbol.raw.st_shndx == SHN_UNDEF) {
                import_bytes += symbol.name.size();
                if (import_bytes > max_import_bytes) {
                    malformed("DT_SYMTAB", "the imported names are too long altogether",
                              fmt::format("at most {} bytes", max_import_bytes));
                    return;
                }
                if (!symbol.name.empty()) facts_.imports.emplace_back(symbol.name);
                continue;
            }
            if (ELF64_ST_TYPE(symbol.raw.st_info) == STT_GNU_IFUNC && !image_.mapped(symbol.raw.st_value, 1, PF_X))
                malformed(fmt::format("dynamic symbol {}", i), "an indirect function's resolver is not executable");
            const auto visibility = ELF64_ST_VISIBILITY(symbol.raw.st_other);
            const bool visible = visibility == STV_DEFAULT || visibility == STV_PROTECTED;
            const bool local = ELF64_ST_BIND(symbol.raw.st_info) == STB_LOCAL;
            // A named version node of a version script is listed as an absolute symbol of size 0; nothing to link to.
            const bool version_node = symbol.raw.st_shndx == SHN_ABS && symbol.raw.st_size == 0;
            if (visible && !local && !version_node) exports.push_back(&symbol);
        }
        check_exports(exports);
    }

    void check_exports(const std::vector<const DynamicSymbol*>& exports) {
        if (!policy_.is_plugin) return list_functions(exports);
        constexpr std::size_t shown = 4; // names listed in a message
        std::vector<const DynamicSymbol*> entries;
        std::string others;
        std::size_t other_count = 0;
        for (const DynamicSymbol* symbol : exports) {
            if (symbol->name.starts_with(entry_symbol_prefix)) {
                entries.push_back(symbol);
                continue;
            }
            if (++other_count <= shown) others.append(others.empty() ? "" : ", ").append(printable(symbol->name));
        }
        if (other_count > shown) others += fmt::format(" and {} more", other_count - shown);
        const std::string wanted = "one symbol " RVM_ENTRY_SYMBOL;
        if (entries.empty())
            return refuse(ErrorCode::entry_invalid, "exported symbols", "no entry symbol: not an rvm plugin", wanted,
                          others.empty() ? "none" : others);
        if (entries.size() > 1)
            return refuse(ErrorCode::entry_invalid, "exported symbols", "more than one entry symbol", wanted,
                          printable(entries[0]->name) + ", " + printable(entries[1]->name));
        if (other_count != 0)
            refuse(ErrorCode::entry_invalid, "exported symbols", "a plugin exports its entry and nothing else", wanted,
                   others);
        const DynamicSymbol& entry = *entries.front();
        const std::string where = "symbol " + printable(entry.name);
        if (entry.name != RVM_ENTRY_SYMBOL)
            return refuse(ErrorCode::entry_abi_mismatch, where, "the entry is of another ABI major", RVM_ENTRY_SYMBOL,
                          printable(entry.name));
        if (const unsigned type = ELF64_ST_TYPE(entry.raw.st_info); type != STT_OBJECT)
            return refuse(ErrorCode::entry_invalid, where, "the entry is not a data object", "OBJECT",
                          type == STT_FUNC ? "FUNC" : fmt::format("type {}", type));
        if (entry.raw.st_size < sizeof(rvm_entry))
            return refuse(ErrorCode::entry_invalid, where, "the entry is too small",
                          fmt::format("at least {} bytes", sizeof(rvm_entry)), std::to_string(entry.raw.st_size));
        if (entry.raw.st_value % entry_alignment != 0 || !image_.mapped(entry.raw.st_value, entry.raw.st_size, PF_R) ||
            image_.mapped(entry.raw.st_value, 1, PF_X))
            return refuse(ErrorCode::entry_invalid, where, "the entry is not in a data segment, aligned to 8 bytes", "",
                          fmt::format("address {:#x}, size {}", entry.raw.st_value, entry.raw.st_size));
        facts_.entry_symbol = entry.name;
    }

    void list_functions(const std::vector<const DynamicSymbol*>& exports) {
        for (const DynamicSymbol* symbol : exports)
            if (ELF64_ST_TYPE(symbol->raw.st_info) == STT_FUNC && image_.mapped(symbol->raw.st_value, 1, PF_X))
                facts_.functions.emplace_back(symbol->name);
    }

    void read_notes() {
        for (const Elf64_Phdr& segment : image_.segments()) {
            if (segment.p_type != PT_NOTE) continue;
            for (const Note& note : notes_of(image_, segment))
                if (note.owner == "GNU" && note.type == NT_GNU_BUILD_ID && facts_.build_id.empty())
                    facts_.build_id.assign(note.data.begin(), note.data.end());
        }
        facts_.sidecar = find_sidecar(image_);
    }

    const ElfImage& image_;
    const std::string& file_;
    const ElfPolicy& policy_;
    Report& report_;
    ElfFacts facts_;
    bool ok_ = true;
};

} // namespace

std::optional<ElfFacts> preflight(ByteView bytes, const std::string& file, const ElfPolicy& policy, Report& report) {
    const auto image = ElfImage::parse(bytes, bytes.size(), file, report);
    if (!image) return std::nullopt;
    return Preflight{*image, file, policy, report}.run();
}

std::optional<std::string> embedded_sidecar(ByteView bytes, std::uint64_t file_bytes) {
    Report ignored;
    const auto image = ElfImage::parse(bytes, file_bytes, {}, ignored);
    if (!image) return std::nullopt;
    return find_sidecar(*image);
}

} // namespace rvm::plugin
