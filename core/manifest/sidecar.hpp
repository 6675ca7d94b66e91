// The plugin's sidecar: what an author says about a plugin, readable without running any of it. It stands beside the
// library ("libarith.rvm.json") or inside it as an ELF note. A sidecar never widens what a deployment allows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/names.hpp"
#include "manifest/version.hpp"
#include <rvm/report.hpp>

namespace rvm::manifest {

/// The sidecar format this build reads and writes.
inline constexpr std::uint64_t sidecar_format_version = 1;

/// Where the text came from. A file must name its library; a note is in it.
enum class SidecarSource : std::uint8_t { file, embedded };

/// The platform a library was built for; each part is an id such as "linux", "x86_64", "glibc".
struct Target {
    std::string os;
    std::string arch;
    std::string libc; ///< empty: any

    [[nodiscard]] bool operator==(const Target&) const = default;
    /// The platform of this process.
    [[nodiscard]] static Target current();
};

/// Versions of the plugin ABI (plugin.h) a library speaks.
struct AbiVersions {
    std::uint32_t major = 0;
    std::uint32_t built = 0; ///< minor of the header it was built with
    std::uint32_t needs = 0; ///< lowest minor of a host that can run it; at most `built`
};

struct Requirement {
    Capability capability;
    bool optional = false; ///< written with a leading '?'
};

/// One verb of the rvm program that the plugin implements; shown by `rvm help` without loading the plugin.
struct CommandHelp {
    std::string summary; ///< one line
    std::string usage;   ///< "record [options] FILE"
    std::string example; ///< one command line that works
};

/// What the services of a plugin, and its verbs while one runs, ask of the kernel after start, where the process is confined.
struct ServiceNeeds {
    bool files = false;     ///< open, make, remove and look at files
    bool sockets = false;   ///< open sockets and talk through them
    bool processes = false; ///< start processes, signal them and wait for them
};

/// A sidecar that parsed without error.
struct Sidecar {
    std::string file; ///< as given by the caller: what findings name

    std::string id;
    std::string name; ///< for people; the id when not given
    Version version;
    std::string library; ///< bare file name in the sidecar's directory; may be empty when embedded
    Target target;
    AbiVersions abi;
    std::optional<Digest> sha256;          ///< of the library, when the sidecar states it
    std::vector<Capability> provides;      ///< in the order written, without duplicates; each has an id
    std::vector<Requirement> requirements; ///< the key is "requires"
    ServiceNeeds needs;                    ///< all false for a plugin without a service or a verb
    std::string config_schema;             ///< canonical JSON text, judged by schema.hpp; empty: takes no configuration
    std::map<std::string, CommandHelp, std::less<>> commands; ///< verb -> help; exactly the provided commands
    std::string license;
    std::string description;
    std::string url;
    std::string vendor;

    [[nodiscard]] bool provides_item(std::string_view kind, std::string_view item_id) const noexcept;
    [[nodiscard]] bool serves() const noexcept; ///< provides a service
};

/// Parses a sidecar. `path` is the file that holds the text (the library itself when embedded), for findings. All that
/// is wrong is reported; nullopt when any of it is an error. Errors about the library's name carry the code
/// of path refusals (RVM-T01), those about config_schema RVM-C02.
[[nodiscard]] std::optional<Sidecar> parse_sidecar(std::string_view text, const std::filesystem::path& path,
                                                   SidecarSource source, Report& report);
/// Reads at most max_json_bytes (json.hpp) of a regular file and parses it.
[[nodiscard]] std::optional<Sidecar> load_sidecar(const std::filesystem::path& path, Report& report);

} // namespace rvm::manifest
