#include "plugin/elf_dynamic.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace rvm::plugin {
namespace {

// Entries of a dynamic section: about 30 in practice, plus one per needed library.
constexpr std::size_t max_dynamic_entries = 1024;
// Symbols of a plugin: one export plus its imports. libstdc++ has about 6000.
constexpr std::uint64_t max_symbols = 65536;
// Longest symbol name: C++ mangling seldom exceeds a few hundred bytes.
constexpr std::size_t max_name_bytes = 4096;

bool refuse(Report& report, const std::string& file, std::string where, std::string message, std::string expected = {},
            std::string found = {}) {
    Finding& finding = report.error(ErrorCode::plugin_elf_malformed, file, std::move(where), std::move(message));
    finding.expected = std::move(expected);
    finding.found = std::move(found);
    return false;
}

/// Symbols reachable through DT_GNU_HASH: the end of the longest chain. nullopt when a table leaves the file.
std::optional<std::uint64_t> gnu_hash_symbols(const ElfImage& image, std::uint64_t table) {
    struct Header {
        std::uint32_t buckets, first_symbol, bloom_words, bloom_shift;
    };
    const auto header = image.at_address<Header>(table);
    // The loader divides by the bucket count and masks by bloom_words - 1.
    if (!header || header->buckets == 0 || !std::has_single_bit(header->bloom_words) || header->bloom_shift >= 64)
        return std::nullopt;
    const std::uint64_t bloom_bytes = std::uint64_t{header->bloom_words} * sizeof(std::uint64_t);
    const std::uint64_t bucket_bytes = std::uint64_t{header->buckets} * sizeof(std::uint32_t);
    const std::uint64_t buckets_at = table + sizeof(Header) + bloom_bytes;
    if (!image.range(table, sizeof(Header) + bloom_bytes + bucket_bytes)) return std::nullopt;
    const std::uint64_t chains_at = buckets_at + bucket_bytes;

    std::uint64_t count = header->first_symbol;
    std::uint32_t last_bucket = 0;
    for (std::uint64_t i = 0; i < header->buckets; ++i) {
        const std::uint32_t bucket = *image.at_address<std::uint32_t>(buckets_at + i * sizeof(std::uint32_t));
        if (bucket != 0 && bucket < header->first_symbol) return std::nullopt;
        last_bucket = std::max(last_bucket, bucket);
    }
    if (last_bucket == 0) return count <= max_symbols ? std::optional{count} : std::nullopt;
    // Chains lie back to back, so the end of the last one is the end of the table. A chain without its end mark would
    // run out of the file, and is found here.
    for (std::uint64_t symbol = last_bucket; symbol < max_symbols; ++symbol) {
        const std::uint64_t at = chains_at + (symbol - header->first_symbol) * sizeof(std::uint32_t);
        const auto hash = image.at_address<std::uint32_t>(at);
        if (!hash) return std::nullopt;
        if ((*hash & 1) != 0) return symbol + 1;
    }
    return std::nullopt;
}

/// Symbols counted by DT_HASH, every link of which must be inside the table.
std::optional<std::uint64_t> sysv_hash_symbols(const ElfImage& image, std::uint64_t table) {
    struct Header {
        std::uint32_t buckets, chains;
    };
    const auto header = image.at_address<Header>(table);
    if (!header || header->buckets == 0 || header->chains > max_symbols || header->buckets > max_symbols)
        return std::nullopt;
    const std::uint64_t words = std::uint64_t{header->buckets} + header->chains;
    if (!image.range(table, sizeof(Header) + words * sizeof(std::uint32_t))) return std::nullopt;
    const std::uint64_t chains_at = table + sizeof(Header) + std::uint64_t{header->buckets} * sizeof(std::uint32_t);
    for (std::uint64_t i = 0; i < words; ++i)
        if (*image.at_address<std::uint32_t>(table + sizeof(Header) + i * sizeof(std::uint32_t)) >= header->chains)
            return std::nullopt;
    // A circular chain would hang a lookup: chains may only be followed header->chains steps, all of them together.
    std::uint64_t steps = 0;
    for (std::uint64_t i = 0; i < header->buckets; ++i) {
        std::uint32_t symbol = *image.at_address<std::uint32_t>(table + sizeof(Header) + i * sizeof(std::uint32_t));
        while (symbol != 0) {
            if (++steps > header->chains) return std::nullopt;
            symbol = *image.at_address<std::uint32_t>(chains_at + std::uint64_t{symbol} * sizeof(std::uint32_t));
        }
    }
    return header->chains;
}

} // namespace

std::optional<std::uint64_t> DynamicSection::tag(std::int64_t tag) const {
    std::optional<std::uint64_t> value;
    for (const Elf64_Dyn& entry : entries_)
        if (entry.d_tag == tag) value = entry.d_un.d_val;
    return value;
}

std::vector<std::uint64_t> DynamicSection::all(std::int64_t tag) const {
    std::vector<std::uint64_t> values;
    for (const Elf64_Dyn& entry : entries_)
        if (entry.d_tag == tag) values.push_back(entry.d_un.d_val);
    return values;
}

std::optional<std::string_view> DynamicSection::string(std::uint64_t offset) const {
    if (offset >= strings_.size()) return std::nullopt;
    const std::string_view rest = as_text(strings_.subspan(offset));
    const std::size_t end = rest.substr(0, max_name_bytes).find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return rest.substr(0, end);
}

bool DynamicSection::parse_hash(const ElfImage& image, const std::string& file, Report& report,
                                std::uint64_t& symbol_count) const {
    const auto gnu = tag(DT_GNU_HASH);
    const auto sysv = tag(DT_HASH);
    if (!gnu && !sysv) return refuse(report, file, "DT_GNU_HASH", "no symbol hash table", "DT_GNU_HASH or DT_HASH", "");
    if (gnu) {
        const auto count = gnu_hash_symbols(image, *gnu);
        if (!count) return refuse(report, file, "DT_GNU_HASH", "the hash table is damaged or has too many symbols");
        symbol_count = std::max(symbol_count, *count);
    }
    if (sysv) {
        const auto count = sysv_hash_symbols(image, *sysv);
        if (!count) return refuse(report, file, "DT_HASH", "the hash table is damaged or has too many symbols");
        symbol_count = std::max(symbol_count, *count);
    }
    return true;
}

std::optional<DynamicSection> DynamicSection::parse(const ElfImage& image, const std::string& file, Report& report) {
    const auto& segments = image.segments();
    const auto is_dynamic = [](const Elf64_Phdr& segment) { return segment.p_type == PT_DYNAMIC; };
    const auto segment = std::ranges::find_if(segments, is_dynamic);
    if (segment == segments.end() || std::ranges::count_if(segments, is_dynamic) != 1) {
        refuse(report, file, "PT_DYNAMIC", "a shared object has exactly one dynamic section", "1",
               std::to_string(std::ranges::count_if(segments, is_dynamic)));
        return std::nullopt;
    }
    DynamicSection dynamic;
    // The loader reads (and writes) the section where it is mapped, so the mapped place counts, not p_offset.
    if (!image.mapped(segment->p_vaddr, segment->p_memsz, PF_R | PF_W)) {
        refuse(report, file, "PT_DYNAMIC", "the dynamic section is not in a writable loaded segment");
        return std::nullopt;
    }
    bool ended = false;
    for (std::size_t i = 0; i < max_dynamic_entries && !ended; ++i) {
        const std::uint64_t inside = i * sizeof(Elf64_Dyn);
        if (inside + sizeof(Elf64_Dyn) > segment->p_memsz) break;
        const auto entry = image.at_address<Elf64_Dyn>(segment->p_vaddr + inside);
        if (!entry) break;
        ended = entry->d_tag == DT_NULL;
        if (!ended) dynamic.entries_.push_back(*entry);
    }
    if (!ended) {
        refuse(report, file, "PT_DYNAMIC", "the dynamic section has no end mark inside its segment",
               fmt::format("DT_NULL within {} entries", max_dynamic_entries), "");
        return std::nullopt;
    }

    const auto string_table = dynamic.tag(DT_STRTAB);
    const auto string_bytes = dynamic.tag(DT_STRSZ);
    const auto strings = string_table && string_bytes ? image.range(*string_table, *string_bytes) : std::nullopt;
    if (!strings || strings->empty() || strings->back() != 0) {
        refuse(report, file, "DT_STRTAB", "the string table is missing, outside the image or not terminated");
        return std::nullopt;
    }
    dynamic.strings_ = *strings;

    const auto symbol_table = dynamic.tag(DT_SYMTAB);
    if (!symbol_table) {
        refuse(report, file, "DT_SYMTAB", "no symbol table");
        return std::nullopt;
    }
    if (const auto size = dynamic.tag(DT_SYMENT); size && *size != sizeof(Elf64_Sym)) {
        refuse(report, file, "DT_SYMENT", "wrong symbol size", std::to_string(sizeof(Elf64_Sym)),
               std::to_string(*size));
        return std::nullopt;
    }
    std::uint64_t count = 0;
    if (!dynamic.parse_hash(image, file, report, count)) return std::nullopt;
    const auto table = image.range(*symbol_table, count * sizeof(Elf64_Sym));
    if (!table) {
        refuse(report, file, "DT_SYMTAB", fmt::format("the table of {} symbols is not inside the image", count));
        return std::nullopt;
    }
    dynamic.symbols_.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        DynamicSymbol symbol{};
        std::memcpy(&symbol.raw, table->data() + i * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
        const auto name = dynamic.string(symbol.raw.st_name);
        if (!name) {
            refuse(report, file, fmt::format("dynamic symbol {}", i), "its name is outside the string table");
            return std::nullopt;
        }
        symbol.name = *name;
        dynamic.symbols_.push_back(symbol);
    }
    return dynamic;
}

} // namespace rvm::plugin
