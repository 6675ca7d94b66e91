// The deployment manifest: what the operator decides. configs/README.md describes every key,
// configs/manifest.schema.json says the same for editors.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/limits.hpp"
#include "manifest/names.hpp"
#include "manifest/version.hpp"
#include <rvm/report.hpp>

namespace rvm::manifest {

/// The manifest format this build reads and writes.
inline constexpr std::uint64_t manifest_format_version = 1;

/// Where plugins come from.
enum class Discovery : std::uint8_t {
    listed,    ///< only those in `plugins`
    directory, ///< those, and every plugin found in the search paths, by file name
};

/// What a plugin file must show before its code may run.
enum class TrustRequirement : std::uint8_t { none, pin, signature, pin_or_signature };

/// An Ed25519 public key (RFC 8032).
using PublicKey = std::array<std::uint8_t, 32>;

struct Trust {
    TrustRequirement require = TrustRequirement::pin_or_signature; ///< default in development: none
    std::map<std::string, PublicKey, std::less<>> keys;            ///< key id -> key
    /// A plugin that shows nothing is loaded with a warning. A wrong pin or a bad signature refuses all the same.
    bool allow_unsigned = false;
};

/// One entry of `plugins`. At least one of `id` and `path` is set.
struct PluginEntry {
    std::string id;                      ///< empty: whatever the file at `path` is
    std::filesystem::path path;          ///< absolute and normalised; empty: found in the search paths by id
    std::optional<VersionRange> version; ///< nullopt: any
    std::optional<Digest> sha256;        ///< pin of the .so file
    std::string signed_by;               ///< key id in Trust::keys; empty: any of them
    std::string config = "{}";           ///< canonical JSON text of an object, not yet judged by the plugin's schema
    bool optional = false;               ///< a failure to load is a warning (trust failures never are)
    std::string where;                   ///< JSON pointer of the entry ("/plugins/0"), for findings

    /// The id, or the path when there is none: what messages call the entry.
    [[nodiscard]] std::string label() const { return id.empty() ? path.string() : id; }
};

/// Prices that replace those a plugin asks for; an absent part keeps the plugin's.
struct GasOverride {
    std::optional<std::uint64_t> base;
    std::optional<std::uint64_t> per_unit;
};

struct StorageChoice {
    std::string engine = "memory"; ///< id of a storage contribution; "memory" is the core's own
    std::string config = "{}";     ///< canonical JSON text of an object; its member "path" is absolute
    std::uint64_t history = 128;   ///< change sets kept: those of the last so many commits

    /// Whether the engine is chosen to keep the world; the core's own forgets it.
    [[nodiscard]] bool lasts() const noexcept { return engine != "memory"; }
};

/// Rules and prices that are in force from a height on, until a later activation replaces them.
struct Activation {
    std::uint64_t height = 0;                              ///< 1 at least; the height of a transaction is its block.number
    std::map<std::string, std::string, std::less<>> rules; ///< format id -> rule-set name
    std::map<std::string, GasOverride, std::less<>> gas;   ///< item id -> prices
};

struct Chain {
    std::uint64_t id = 0;                                  ///< 0 .. 2^64-1; 0: no chain
    std::map<std::string, std::string, std::less<>> rules; ///< format id -> rule-set name
    std::vector<Activation> activations;                   ///< heights ascend

    /// A deployment's life is cut into periods: period n is that of the first n activations. Which one a height is in.
    [[nodiscard]] std::uint32_t period_of(std::uint64_t height) const noexcept;
    [[nodiscard]] std::uint32_t periods() const noexcept { return static_cast<std::uint32_t>(activations.size()) + 1; }
    /// The same number, below price_periods(), for periods in which every item costs the same.
    [[nodiscard]] std::uint32_t price_period_of(std::uint32_t period) const noexcept;
    [[nodiscard]] std::uint32_t price_periods() const noexcept { return price_period_of(periods() - 1) + 1; }
    /// Index in `activations` of the one that chose the format's rule set of a period; nullopt: `rules` did, or nobody.
    [[nodiscard]] std::optional<std::size_t> rules_since(std::uint32_t period, std::string_view format) const noexcept;
    /// The prices of an item that the activations of a period replace.
    [[nodiscard]] GasOverride prices_in(std::uint32_t period, std::string_view item) const noexcept;
};

struct Expectations {
    std::string semantics; ///< "sha256:<64 hex>" the semantics fingerprint must equal; empty: not checked
};

/// A manifest that parsed without error. Immutable by convention once a runtime has it.
struct Manifest {
    std::string file;                ///< as given by the caller: what findings name
    std::filesystem::path directory; ///< absolute; what relative paths were resolved against

    std::string name;
    Profile profile = Profile::standard;
    std::vector<std::filesystem::path> search_paths; ///< absolute and normalised, in order
    Discovery discovery = Discovery::listed;
    Trust trust;
    std::vector<PluginEntry> plugins;
    std::map<std::string, std::string, std::less<>> prefer; ///< "rvm.crypto/1:keccak256" -> plugin id
    std::map<std::string, GasOverride, std::less<>> gas;    ///< item id -> prices
    NativeLimits native_limits;
    StorageChoice storage;
    std::vector<std::string> syscalls; ///< granted: ids, or prefixes ending in '*'; nothing else may be linked
    Chain chain;
    std::string pre_state_format; ///< format id of pre-state code without one; empty: such code is refused
    Expectations expect;
    /// The process gives up what it no longer needs once it has started: new files, sockets and processes, but for what the
    /// services declare (ServiceNeeds). Every plugin is loaded at the start. Whoever opens the deployment does it.
    bool confine = false;
    std::vector<std::string> free_items; ///< ids (or patterns) that may have a base price of 0
    /// Address (is_program_address) -> id of the syscall that programs call there. It need not be granted.
    std::map<std::string, std::string, std::less<>> programs;

    [[nodiscard]] bool grants_syscall(std::string_view id) const noexcept;
    [[nodiscard]] bool allows_free(std::string_view id) const noexcept;
};

/// Parses a manifest. `path` is the file's path (it need not exist): findings name it and relative paths in the text
/// are resolved against its directory. All that is wrong is reported; nullopt when any of it is an error. Opens no
/// plugin.
[[nodiscard]] std::optional<Manifest> parse_manifest(std::string_view text, const std::filesystem::path& path,
                                                     Report& report);
/// Reads at most max_json_bytes (json.hpp) of a regular file and parses it.
[[nodiscard]] std::optional<Manifest> load_manifest(const std::filesystem::path& path, Report& report);

/// The profile's name as manifests write it.
[[nodiscard]] std::string_view profile_name(Profile profile) noexcept;

/// The directories of RVM_PLUGIN_PATH (`value`, separated by ':'; nullptr when unset). They count only in profile
/// development and never in an elevated process (setuid, setgid, file capabilities); elsewhere the result is empty and
/// a warning says so. Relative entries are refused with a warning too: they would depend on the working directory.
[[nodiscard]] std::vector<std::filesystem::path> extra_search_paths(const char* value, Profile profile, bool elevated,
                                                                    Report& report);

} // namespace rvm::manifest
