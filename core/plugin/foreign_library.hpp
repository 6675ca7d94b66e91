// A library that is no plugin but that a plugin brings into the process (rvm.host.library/1). What is asked of a plugin's
// own file is asked of it: its place, its pin, its ELF tables, a rehearsal of the load.
#pragma once

#include <filesystem>
#include <string>

#include "manifest/manifest.hpp"
#include <rvm/report.hpp>

namespace rvm::plugin {

/// What a plugin asks for.
struct ForeignLibrary {
    std::filesystem::path file; ///< absolute and normalised; trusted as far as its own folder is
    std::string pin;            ///< 64 lower-case hex digits; empty: none
    std::string symbol;         ///< an exported function
};

/// The address of `wanted.symbol`, and the library's SHA-256 in lower-case hex; nullptr with T01 to T03, T05, F01 to
/// F06 or E01 findings about the library. A pin is needed unless `deployment` requires no trust or allows unsigned
/// plugins: there is no sidecar that a signature could cover. Thread-safe.
[[nodiscard]] void* load_foreign(const ForeignLibrary& wanted, const std::string& plugin,
                                 const manifest::Manifest& deployment, std::string& sha256, Report& report);

} // namespace rvm::plugin
