// The preflight: what a plugin file is, decided from its bytes alone before anything is mapped.
//
// dlopen() of a truncated file can raise SIGBUS and of a damaged one SIGSEGV, so every table the dynamic loader would
// walk is walked here first with bounds checks: program headers, dynamic section, symbols and their hash tables,
// versions, relocations, initialisers. What cannot be judged this way is the machine code itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include <rvm/report.hpp>

namespace rvm::plugin {

/// Every plugin exports one symbol whose name begins so; the ABI major follows ("rvm_plugin_entry_v0").
inline constexpr std::string_view entry_symbol_prefix = "rvm_plugin_entry_";
/// Owner name and type of the ELF note that holds the embedded sidecar (section .note.rvm).
inline constexpr std::string_view sidecar_note_owner = "rvm";
inline constexpr std::uint32_t sidecar_note_type = 1;

/// What the preflight learned. Texts are copies; nothing refers to the bytes.
struct ElfFacts {
    std::string entry_symbol;           ///< the one exported symbol; empty for a library that is no plugin
    std::vector<std::string> functions; ///< exported functions of a library that is no plugin
    std::string soname;                 ///< DT_SONAME, or empty
    std::vector<std::string> needed;    ///< DT_NEEDED in file order
    std::vector<std::string> imports;   ///< undefined symbol names in table order, for the determinism lint
    Bytes build_id;                     ///< NT_GNU_BUILD_ID, or empty
    std::optional<std::string> sidecar; ///< the embedded sidecar's JSON text
};

/// Which of the refusals are only warnings.
struct ElfPolicy {
    /// DF_STATIC_TLS: the library may fail to load once other libraries used up the surplus of static TLS.
    bool static_tls_is_error = true;
    /// A plugin exports its entry and nothing else. False for other libraries, whose exports are listed and not judged.
    bool is_plugin = true;
};

/// Judges `bytes` (named `file` in findings): F02 for damage, F05 for forbidden features, E01 for anything but exactly
/// one exported entry. nullopt when there is an error. Allocations are bounded by the limits in elf.cpp and by the
/// file's own size. Thread-safe.
[[nodiscard]] std::optional<ElfFacts> preflight(ByteView bytes, const std::string& file, const ElfPolicy& policy,
                                                Report& report);

/// Only the embedded sidecar of a file that need not be a valid plugin, for discovery; nullopt when there is none or
/// the file is damaged. Reports nothing: loading reports. Thread-safe. `file_bytes`: size of the whole file, of which
/// `bytes` may be the beginning; then nullopt also when the answer lies further down.
[[nodiscard]] std::optional<std::string> embedded_sidecar(ByteView bytes, std::uint64_t file_bytes);
[[nodiscard]] inline std::optional<std::string> embedded_sidecar(ByteView bytes) {
    return embedded_sidecar(bytes, bytes.size());
}

} // namespace rvm::plugin
