#include "plugin/elf_image.hpp"

#include <bit>

#include <fmt/format.h>

namespace rvm::plugin {
namespace {

// Real shared objects have 7 to 13 program headers; a larger table is damage, not a plugin.
constexpr std::uint16_t max_program_headers = 64;
// Address space one library may span. Larger is a damaged p_memsz or a memory bomb.
constexpr std::uint64_t max_image_bytes = std::uint64_t{1} << 30;
// Smallest page size of the machines we build for: offset and address of a segment must agree modulo this.
constexpr std::uint64_t page_bytes = 4096;

#if defined(__x86_64__)
constexpr std::uint16_t host_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t host_machine = EM_AARCH64;
#else
#error "rvm knows the ELF machine number of x86-64 and AArch64 only: add yours here"
#endif
constexpr unsigned char host_data = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

std::string_view class_name(unsigned value) {
    return value == ELFCLASS64 ? "64-bit" : value == ELFCLASS32 ? "32-bit" : "unknown";
}

std::string_view data_name(unsigned value) {
    return value == ELFDATA2LSB ? "little-endian" : value == ELFDATA2MSB ? "big-endian" : "unknown";
}

std::string_view machine_name(unsigned value) {
    switch (value) {
    case EM_X86_64:
        return "x86-64";
    case EM_AARCH64:
        return "AArch64";
    case EM_386:
        return "i386";
    case EM_ARM:
        return "ARM";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "PowerPC64";
    case EM_S390:
        return "s390";
    default:
        return "another machine";
    }
}

std::string_view type_name(unsigned value) {
    switch (value) {
    case ET_DYN:
        return "shared object";
    case ET_EXEC:
        return "executable";
    case ET_REL:
        return "object file";
    case ET_CORE:
        return "core dump";
    default:
        return "unknown";
    }
}

/// Collects F02 findings for one file; `ok` stays true while there is none.
struct Check {
    const std::string& file;
    Report& report;
    bool ok = true;

    void refuse(std::string where, std::string message, std::string expected, std::string found) {
        Finding& finding = report.error(ErrorCode::plugin_elf_malformed, file, std::move(where), std::move(message));
        finding.expected = std::move(expected);
        finding.found = std::move(found);
        ok = false;
    }
};

void check_identity(const Elf64_Ehdr& header, Check& check) {
    const auto named = [](unsigned value, std::string_view name) { return fmt::format("{} ({})", value, name); };
    if (const unsigned found = header.e_ident[EI_CLASS]; found != ELFCLASS64)
        check.refuse("e_ident[EI_CLASS]", "wrong word size", named(ELFCLASS64, class_name(ELFCLASS64)),
                     named(found, class_name(found)));
    if (const unsigned found = header.e_ident[EI_DATA]; found != host_data)
        check.refuse("e_ident[EI_DATA]", "wrong byte order", named(host_data, data_name(host_data)),
                     named(found, data_name(found)));
    if (!check.ok) return; // the other fields cannot be read with confidence
    if (header.e_ident[EI_VERSION] != EV_CURRENT)
        check.refuse("e_ident[EI_VERSION]", "unknown ELF version", "1", std::to_string(header.e_ident[EI_VERSION]));
    // GNU is what symbols of type IFUNC or UNIQUE make of System V.
    if (const unsigned abi = header.e_ident[EI_OSABI]; abi != ELFOSABI_SYSV && abi != ELFOSABI_GNU)
        check.refuse("e_ident[EI_OSABI]", "built for another operating system", "0 (System V) or 3 (GNU)",
                     std::to_string(abi));
    if (header.e_machine != host_machine)
        check.refuse("e_machine", "built for another machine", named(host_machine, machine_name(host_machine)),
                     named(header.e_machine, machine_name(header.e_machine)));
    if (header.e_type != ET_DYN)
        check.refuse("e_type", "not a shared object", named(ET_DYN, type_name(ET_DYN)),
                     named(header.e_type, type_name(header.e_type)));
    if (header.e_ehsize != sizeof(Elf64_Ehdr))
        check.refuse("e_ehsize", "wrong header size", std::to_string(sizeof(Elf64_Ehdr)),
                     std::to_string(header.e_ehsize));
    if (header.e_phentsize != sizeof(Elf64_Phdr))
        check.refuse("e_phentsize", "wrong program header size", std::to_string(sizeof(Elf64_Phdr)),
                     std::to_string(header.e_phentsize));
    if (header.e_phnum == 0 || header.e_phnum > max_program_headers)
        check.refuse("e_phnum", "impossible number of program headers", fmt::format("1 to {}", max_program_headers),
                     std::to_string(header.e_phnum));
}

/// The loader ignores sections; a table that ends beyond the file shows that the file was cut.
void check_section_table(const Elf64_Ehdr& header, std::uint64_t size, Check& check) {
    if (header.e_shoff == 0) return;
    if (header.e_shnum != 0 && header.e_shentsize != sizeof(Elf64_Shdr))
        check.refuse("e_shentsize", "wrong section header size", std::to_string(sizeof(Elf64_Shdr)),
                     std::to_string(header.e_shentsize));
    const std::uint64_t bytes = std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
    if (header.e_shoff > size || size - header.e_shoff < bytes)
        check.refuse("e_shoff", "the section header table ends beyond the file: the file is truncated or damaged",
                     fmt::format("a table of {} bytes inside {} bytes", bytes, size),
                     fmt::format("offset {}", header.e_shoff));
}

void check_segment(const Elf64_Phdr& segment, std::size_t index, std::uint64_t size, Check& check) {
    const auto field = [index](std::string_view name) { return fmt::format("program header {}: {}", index, name); };
    if (segment.p_type == PT_NULL) return;
    // PT_GNU_STACK carries flags only, and its other fields are free.
    if (segment.p_type == PT_GNU_STACK) return;
    if (segment.p_offset > size || size - segment.p_offset < segment.p_filesz)
        check.refuse(field("p_filesz"), "the segment ends beyond the file: the file is truncated or damaged",
                     fmt::format("offset + size at most {}", size),
                     fmt::format("offset {}, size {}", segment.p_offset, segment.p_filesz));
    if (segment.p_memsz > max_image_bytes || segment.p_vaddr > max_image_bytes - segment.p_memsz)
        check.refuse(field("p_memsz"), "the segment needs too much address space",
                     fmt::format("address + size at most {}", max_image_bytes),
                     fmt::format("address {}, size {}", segment.p_vaddr, segment.p_memsz));
    if (segment.p_align > 1 && !std::has_single_bit(segment.p_align))
        check.refuse(field("p_align"), "alignment is not a power of two", "a power of two",
                     std::to_string(segment.p_align));
    if (segment.p_type != PT_LOAD) return;
    if (segment.p_filesz > segment.p_memsz)
        check.refuse(field("p_filesz"), "more bytes in the file than in memory",
                     fmt::format("at most {}", segment.p_memsz), std::to_string(segment.p_filesz));
    if (segment.p_align > max_image_bytes)
        check.refuse(field("p_align"), "alignment too large", fmt::format("at most {}", max_image_bytes),
                     std::to_string(segment.p_align));
    if (segment.p_offset % page_bytes != segment.p_vaddr % page_bytes)
        check.refuse(field("p_offset"), "offset and address differ within a page, so the segment cannot be mapped",
                     fmt::format("{} modulo {}", segment.p_vaddr % page_bytes, page_bytes),
                     std::to_string(segment.p_offset % page_bytes));
}

/// gABI: PT_LOAD entries ascend by address. The loader sizes its mapping by the first and the last one.
void check_order(const std::vector<Elf64_Phdr>& segments, Check& check) {
    std::uint64_t end = 0;
    std::size_t loads = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Elf64_Phdr& segment = segments[i];
        if (segment.p_type != PT_LOAD) continue;
        ++loads;
        if (segment.p_vaddr < end)
            check.refuse(fmt::format("program header {}: p_vaddr", i), "loaded segments overlap or are out of order",
                         fmt::format("at least {}", end), std::to_string(segment.p_vaddr));
        end = segment.p_vaddr + segment.p_memsz;
    }
    if (loads == 0) check.refuse("program headers", "nothing to load", "at least one PT_LOAD", "none");
}

} // namespace

std::optional<ElfImage> ElfImage::parse(ByteView bytes, std::uint64_t file_bytes, const std::string& file,
                                        Report& report) {
    Check check{file, report};
    ElfImage image;
    image.bytes_ = bytes;
    const auto header = image.at_offset<Elf64_Ehdr>(0);
    if (bytes.size() < SELFMAG || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) {
        const std::size_t shown = bytes.size() < SELFMAG ? bytes.size() : SELFMAG;
        check.refuse("e_ident[EI_MAG]", "not an ELF file", "7f454c46", to_hex(bytes.first(shown)));
        return std::nullopt;
    }
    if (!header) {
        check.refuse("ELF header", "the file ends inside its header", fmt::format("{} bytes", sizeof(Elf64_Ehdr)),
                     fmt::format("{} bytes", bytes.size()));
        return std::nullopt;
    }
    check_identity(*header, check);
    if (!check.ok) return std::nullopt;
    check_section_table(*header, file_bytes, check);

    const std::uint64_t table_bytes = std::uint64_t{header->e_phnum} * sizeof(Elf64_Phdr);
    if (header->e_phoff > bytes.size() || bytes.size() - header->e_phoff < table_bytes) {
        check.refuse("e_phoff", "the program header table ends beyond the file",
                     fmt::format("a table of {} bytes inside {} bytes", table_bytes, bytes.size()),
                     fmt::format("offset {}", header->e_phoff));
        return std::nullopt;
    }
    image.segments_.reserve(header->e_phnum);
    for (std::uint16_t i = 0; i < header->e_phnum; ++i) {
        image.segments_.push_back(*image.at_offset<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr)));
        check_segment(image.segments_.back(), i, file_bytes, check);
    }
    if (!check.ok) return std::nullopt; // sums below rely on checked fields
    check_order(image.segments_, check);
    if (!check.ok) return std::nullopt;
    return image;
}

std::optional<ByteView> ElfImage::range(std::uint64_t address, std::uint64_t size) const noexcept {
    for (const Elf64_Phdr& segment : segments_) {
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
        const std::uint64_t inside = address - segment.p_vaddr;
        if (inside > segment.p_filesz || segment.p_filesz - inside < size) continue;
        return part(segment.p_offset + inside, size);
    }
    return std::nullopt;
}

bool ElfImage::mapped(std::uint64_t address, std::uint64_t size, std::uint32_t flags) const noexcept {
    for (const Elf64_Phdr& segment : segments_) {
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
        const std::uint64_t inside = address - segment.p_vaddr;
        if (inside <= segment.p_memsz && segment.p_memsz - inside >= size) return (segment.p_flags & flags) == flags;
    }
    return false;
}

} // namespace rvm::plugin
