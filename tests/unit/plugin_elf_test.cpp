// The preflight: what is refused before anything is mapped, and that no input can hurt it.
#include <random>

#include <elf.h>

#include "plugin/elf.hpp"
#include "plugin_test_support.hpp"

namespace rvm::plugin {
namespace {

using namespace test;

struct Judged {
    std::optional<ElfFacts> facts;
    Report report;
};

Judged judge(ByteView bytes) {
    Judged judged;
    judged.facts = preflight(bytes, "x.so", {}, judged.report);
    return judged;
}

Judged judge(std::string_view plugin) { return judge(test_plugin(plugin)); }

template <typename T>
void patch(Bytes& bytes, std::size_t offset, T value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// File offset of the first program header of a type.
std::size_t program_header(const Bytes& bytes, std::uint32_t type) {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        const std::size_t at = header.e_phoff + i * sizeof segment;
        std::memcpy(&segment, bytes.data() + at, sizeof segment);
        if (segment.p_type == type) return at;
    }
    ADD_FAILURE() << "no segment of type " << type;
    return 0;
}

TEST(plugin_elf, accepts_a_good_plugin) {
    const auto [facts, report] = judge("good");
    ASSERT_TRUE(facts) << report.text();
    EXPECT_EQ(facts->entry_symbol, RVM_ENTRY_SYMBOL);
    EXPECT_FALSE(facts->sidecar);
    EXPECT_TRUE(report.findings().empty()) << report.text();
}

TEST(plugin_elf, finds_the_sidecar_in_as_much_of_the_file_as_holds_the_notes) {
    Bytes bytes = test_plugin("good");
    bytes.resize((bytes.size() + 3) / 4 * 4);
    const std::size_t begin = bytes.size();
    constexpr Elf64_Nhdr header{4, 2, sidecar_note_type}; // sizes of the owner with its end, and of the text
    const auto* const raw = reinterpret_cast<const std::uint8_t*>(&header);
    bytes.insert(bytes.end(), raw, raw + sizeof header);
    for (const char c : std::string_view{"rvm\0{}", 6})
        bytes.push_back(static_cast<std::uint8_t>(c));
    const std::size_t end = bytes.size();
    bytes.resize(end + 100); // what comes behind
    const std::size_t segment = program_header(bytes, PT_NOTE);
    patch<std::uint64_t>(bytes, segment + offsetof(Elf64_Phdr, p_offset), begin);
    patch<std::uint64_t>(bytes, segment + offsetof(Elf64_Phdr, p_filesz), end - begin);
    const ByteView all{bytes};
    EXPECT_EQ(embedded_sidecar(all), "{}");
    EXPECT_EQ(embedded_sidecar(all.first(end), all.size()), "{}");
    for (const std::size_t less : {end - 1, begin, sizeof(Elf64_Ehdr), std::size_t{3}, std::size_t{0}})
        EXPECT_FALSE(embedded_sidecar(all.first(less), all.size())) << less;
    EXPECT_FALSE(embedded_sidecar(all.first(end - 1))) << "the notes end beyond the file";
}

TEST(plugin_elf, accepts_the_classic_hash_table) {
    const auto [facts, report] = judge("classic_hash");
    EXPECT_TRUE(facts) << report.text();
}

TEST(plugin_elf, lists_imports_and_needed_libraries) {
    const auto [facts, report] = judge("thread_local_destructor");
    ASSERT_TRUE(facts) << report.text();
    EXPECT_NE(std::ranges::find(facts->imports, "pthread_key_create"), facts->imports.end());
    EXPECT_NE(std::ranges::find(facts->needed, "libc.so.6"), facts->needed.end());
}

TEST(plugin_elf, walks_every_table_of_system_libraries) {
    // They are no plugins: the only finding may be that they export other symbols than an entry.
#if defined(__aarch64__)
    const std::string folder = "/usr/lib/aarch64-linux-gnu/";
#else
    const std::string folder = "/usr/lib/x86_64-linux-gnu/";
#endif
    unsigned seen = 0;
    for (const char* const name :
         {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libsodium.so.23", "libcrypto.so.3", "libz.so.1"}) {
        const std::string path = folder + name;
        const Bytes bytes = read_file(path);
        if (bytes.empty()) continue;
        ++seen;
        const auto [facts, report] = judge(bytes);
        EXPECT_FALSE(facts);
        for (const Finding& finding : report.findings())
            EXPECT_TRUE(finding.code == ErrorCode::entry_invalid || finding.where == "DF_STATIC_TLS")
                << path << ": " << finding.text();
    }
    EXPECT_GT(seen, 0U);
}

TEST(plugin_elf, refuses_what_is_no_elf_file) {
    const auto [facts, report] = judge(as_bytes("#!/bin/sh\necho hello\n"));
    ASSERT_FALSE(facts);
    const Finding* finding = find(report, ErrorCode::plugin_elf_malformed);
    ASSERT_NE(finding, nullptr);
    EXPECT_EQ(finding->where, "e_ident[EI_MAG]");
    EXPECT_EQ(finding->expected, "7f454c46");
    EXPECT_EQ(finding->found, "23212f62");
    EXPECT_FALSE(judge(ByteView{}).facts);
}

TEST(plugin_elf, names_class_byte_order_machine_and_type) {
    const struct {
        std::size_t offset;
        std::uint8_t value;
        std::string_view where, found;
    } rows[] = {
        {EI_CLASS, ELFCLASS32, "e_ident[EI_CLASS]", "1 (32-bit)"},
        {EI_DATA, ELFDATA2MSB, "e_ident[EI_DATA]", "2 (big-endian)"},
        {offsetof(Elf64_Ehdr, e_machine), EM_386, "e_machine", "3 (i386)"},
        {offsetof(Elf64_Ehdr, e_type), ET_EXEC, "e_type", "2 (executable)"},
    };
    for (const auto& row : rows) {
        Bytes bytes = test_plugin("good");
        bytes[row.offset] = row.value;
        const auto [facts, report] = judge(bytes);
        EXPECT_FALSE(facts);
        ASSERT_FALSE(report.findings().empty()) << row.where;
        EXPECT_EQ(report.findings().front().code, ErrorCode::plugin_elf_malformed);
        EXPECT_EQ(report.findings().front().where, row.where);
        EXPECT_EQ(report.findings().front().found, row.found);
    }
}

TEST(plugin_elf, refuses_huge_and_overlapping_header_fields) {
    const Bytes good = test_plugin("good");
    const std::size_t load = program_header(good, PT_LOAD);
    const std::size_t dynamic = program_header(good, PT_DYNAMIC);
    constexpr std::uint64_t huge = ~std::uint64_t{0};
    const struct {
        std::size_t offset;
        std::uint64_t value;
        std::size_t size;
    } rows[] = {
        {offsetof(Elf64_Ehdr, e_phoff), huge, 8},
        {offsetof(Elf64_Ehdr, e_phoff), huge - 10, 8},
        {offsetof(Elf64_Ehdr, e_phnum), 0xffff, 2},
        {offsetof(Elf64_Ehdr, e_phnum), 0, 2},
        {offsetof(Elf64_Ehdr, e_shnum), 0xffff, 2},
        {offsetof(Elf64_Ehdr, e_shoff), huge, 8},
        {load + offsetof(Elf64_Phdr, p_filesz), huge, 8},
        {load + offsetof(Elf64_Phdr, p_memsz), huge, 8},
        {load + offsetof(Elf64_Phdr, p_memsz), std::uint64_t{1} << 40, 8},
        {load + offsetof(Elf64_Phdr, p_offset), huge - 1, 8},
        {load + offsetof(Elf64_Phdr, p_vaddr), 0x100000, 8},
        {load + offsetof(Elf64_Phdr, p_align), 3, 8},
        {dynamic + offsetof(Elf64_Phdr, p_vaddr), huge - 4, 8},
        {dynamic + offsetof(Elf64_Phdr, p_memsz), 8, 8},
    };
    for (const auto& row : rows) {
        Bytes bytes = good;
        std::memcpy(bytes.data() + row.offset, &row.value, row.size);
        const auto [facts, report] = judge(bytes);
        EXPECT_FALSE(facts) << "offset " << row.offset << " value " << row.value;
        EXPECT_TRUE(has(report, ErrorCode::plugin_elf_malformed)) << report.text();
    }
}

TEST(plugin_elf, refuses_every_truncation) {
    constexpr std::size_t step = 512;
    for (const std::string_view name : {"good", "thread_local_destructor", "classic_hash"}) {
        const Bytes bytes = test_plugin(name);
        for (std::size_t size = 0; size < bytes.size(); size += step) {
            const Bytes cut{bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}; // exact: ASan watches
            const auto [facts, report] = judge(cut);
            EXPECT_FALSE(facts) << name << " cut at " << size;
            EXPECT_TRUE(has(report, ErrorCode::plugin_elf_malformed)) << name << " cut at " << size;
        }
    }
}

TEST(plugin_elf, survives_thousands_of_flipped_bytes) {
    std::mt19937_64 random{20240607};
    std::size_t accepted = 0;
    for (const std::string_view name : {"good", "thread_local_destructor", "classic_hash", "missing_library"}) {
        const Bytes good = test_plugin(name);
        for (unsigned round = 0; round < 2500; ++round) {
            Bytes bytes = good;
            const unsigned flips = 1 + static_cast<unsigned>(random() % 8);
            for (unsigned i = 0; i < flips; ++i)
                bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
            const auto [facts, report] = judge(bytes);
            accepted += facts ? 1U : 0U;
            EXPECT_EQ(facts.has_value(), report.ok());
        }
    }
    EXPECT_GT(accepted, 0U); // most of a file is code, debug data and padding, which the preflight cannot judge
}

TEST(plugin_elf, survives_damage_in_every_table_the_loader_walks) {
    // Every byte of headers and dynamic tables, one at a time, each with four values.
    const Bytes good = test_plugin("thread_local_destructor");
    const std::size_t head = std::min<std::size_t>(good.size(), 0x600);
    for (std::size_t at = 0; at < head; ++at) {
        for (const unsigned value : {0x00U, 0x01U, 0x80U, 0xffU}) {
            Bytes bytes = good;
            bytes[at] = static_cast<std::uint8_t>(value);
            const auto [facts, report] = judge(bytes);
            EXPECT_EQ(facts.has_value(), report.ok());
        }
    }
}

TEST(plugin_elf, wants_exactly_one_entry_symbol) {
    const struct {
        std::string_view plugin, found;
    } rows[] = {
        {"no_entry", "test_something"},
        {"two_entries", "rvm_plugin_entry_v0"},
        {"function_entry", "FUNC"},
        {"extra_export", "test_helper"},
    };
    for (const auto& row : rows) {
        const auto [facts, report] = judge(row.plugin);
        EXPECT_FALSE(facts) << row.plugin;
        const Finding* finding = find(report, ErrorCode::entry_invalid);
        ASSERT_NE(finding, nullptr) << row.plugin << "\n" << report.text();
        EXPECT_NE(finding->found.find(row.found), std::string::npos) << report.text();
    }
}

TEST(plugin_elf, refuses_forbidden_features) {
    const struct {
        std::string_view plugin, where;
    } rows[] = {
        {"rpath", "DT_RPATH"},
        {"runpath", "DT_RUNPATH"},
        {"executable_stack", "PT_GNU_STACK"},
        {"text_relocation", "DT_TEXTREL"},
        {"static_tls", "DF_STATIC_TLS"},
    };
    for (const auto& row : rows) {
        const auto [facts, report] = judge(row.plugin);
        EXPECT_FALSE(facts) << row.plugin;
        const Finding* finding = find(report, ErrorCode::plugin_elf_forbidden);
        ASSERT_NE(finding, nullptr) << row.plugin << "\n" << report.text();
        EXPECT_EQ(finding->where, row.where);
    }
    const Report report = judge("runpath").report;
    EXPECT_EQ(find(report, ErrorCode::plugin_elf_forbidden)->found, "/opt/elsewhere");
}

TEST(plugin_elf, refuses_segments_both_writable_and_executable) {
    Bytes bytes = test_plugin("good");
    patch<std::uint32_t>(bytes, program_header(bytes, PT_LOAD) + offsetof(Elf64_Phdr, p_flags), PF_R | PF_W | PF_X);
    const auto [facts, report] = judge(bytes);
    EXPECT_FALSE(facts);
    const Finding* finding = find(report, ErrorCode::plugin_elf_forbidden);
    ASSERT_NE(finding, nullptr) << report.text();
    EXPECT_EQ(finding->found, "W and X");
}

TEST(plugin_elf, static_tls_can_be_a_warning) {
    Report report;
    const Bytes bytes = test_plugin("static_tls");
    EXPECT_TRUE(preflight(bytes, "x.so", {.static_tls_is_error = false}, report)) << report.text();
    ASSERT_EQ(report.findings().size(), 1U);
    EXPECT_EQ(report.findings().front().severity, Severity::warning);
}

TEST(plugin_elf, messages_carry_no_control_characters_of_the_file) {
    Bytes bytes = test_plugin("runpath");
    const std::string_view path = "/opt/elsewhere";
    const auto at = std::search(bytes.begin(), bytes.end(), path.begin(), path.end());
    ASSERT_NE(at, bytes.end());
    *at = 0x1b;
    const Report report = judge(bytes).report;
    EXPECT_EQ(find(report, ErrorCode::plugin_elf_forbidden)->found, "\\x1bopt/elsewhere");
}

} // namespace
} // namespace rvm::plugin
