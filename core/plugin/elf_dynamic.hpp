// The dynamic section of an ELF image: tags, strings, symbols. Used by the preflight only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/elf_image.hpp"

namespace rvm::plugin {

/// A dynamic symbol, with its name as a view into the file's bytes.
struct DynamicSymbol {
    Elf64_Sym raw;
    std::string_view name;
};

/// The parsed dynamic section. Views point into the image's bytes.
class DynamicSection {
  public:
    /// Reads PT_DYNAMIC, the string table and the symbol table; nullopt with F02 findings when any of it is unsound.
    [[nodiscard]] static std::optional<DynamicSection> parse(const ElfImage& image, const std::string& file,
                                                             Report& report);

    /// The value of a tag that occurs at most once (the last one counts, as in the loader).
    [[nodiscard]] std::optional<std::uint64_t> tag(std::int64_t tag) const;
    /// All values of a tag, in order.
    [[nodiscard]] std::vector<std::uint64_t> all(std::int64_t tag) const;
    /// The NUL-terminated string at an offset of the string table; nullopt when it is not inside or too long.
    [[nodiscard]] std::optional<std::string_view> string(std::uint64_t offset) const;

    [[nodiscard]] const std::vector<DynamicSymbol>& symbols() const noexcept { return symbols_; }

  private:
    [[nodiscard]] bool parse_hash(const ElfImage& image, const std::string& file, Report& report,
                                  std::uint64_t& symbol_count) const;

    std::vector<Elf64_Dyn> entries_;
    ByteView strings_;
    std::vector<DynamicSymbol> symbols_;
};

/// What relocations tell of a library.
struct RelocationFacts {
    bool static_tls = false; ///< a thread's variable at a distance fixed at loading; not every linker sets DF_STATIC_TLS then
};

/// Walks every relocation and initialiser the loader would process; nullopt with F02 findings when one points outside the
/// image.
[[nodiscard]] std::optional<RelocationFacts> check_relocations(const ElfImage& image, const DynamicSection& dynamic,
                                                               const std::string& file, Report& report);
/// The same for version records; false with findings.
[[nodiscard]] bool check_versions(const ElfImage& image, const DynamicSection& dynamic, const std::string& file,
                                  Report& report);

} // namespace rvm::plugin
