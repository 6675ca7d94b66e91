// Fingerprints of a deployment: one line two nodes compare.
//
// `semantics` covers what decides results and gas: equal across compilers, machines and builds of the same sources.
// `binaries` covers which files run. Both are "sha256:" and 64 lower-case hex digits: SHA-256 over the canonical JSON
// text (canonical.hpp) of one object with the member "fingerprint" ("rvm.semantics/1", "rvm.binaries/1") and the
// members described below. A change of that object's form changes the number in "fingerprint".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/limits.hpp"
#include "manifest/manifest.hpp"
#include "manifest/names.hpp"

namespace rvm::manifest {

/// Everything consensus needs. The order of lists does not matter: elements are sorted by their canonical text.
struct SemanticsInput {
    struct Plugin {
        std::string id;
        std::string version; ///< Version::text(): the rules a plugin follows change with its version
    };
    /// A contribution that programs can reach, with the price that is in force (after the manifest's overrides).
    struct Item {
        std::string kind; ///< "rvm.opcode/1"
        std::string id;
        std::string plugin; ///< which provider won; empty: the core
        std::uint64_t base = 0;
        std::uint64_t per_unit = 0;
        std::uint32_t unit_bytes = 0;
        std::uint32_t flags = 0;
        bool custom = false; ///< priced by a function of the plugin
    };

    std::string runtime;                                       ///< version of the rules of the core itself
    std::vector<Plugin> plugins;                               ///< "plugins": [{"id","version"}]
    std::vector<Item> items;                                   ///< "items": one object an item, the members below
    /// "programs": {address: the syscall there, as an item}; the member is missing when the manifest puts none anywhere.
    std::map<std::string, Item, std::less<>> programs;
    std::vector<std::string> formats;                          ///< "formats": sorted ids
    std::map<std::string, std::string, std::less<>> rule_sets; ///< "rules": {format: rule-set name}
    /// "activations": [{"height", "rules": {format: name}, "gas": {item: {"base", "per_unit"}}}], in order; the member is
    /// missing when there are none, and so are prices that an activation leaves alone.
    std::vector<Activation> activations;
    NativeLimits limits;                                       ///< "limits": {"native": {...}}
    std::uint64_t chain_id = 0;                                ///< "chain_id"
    std::string pre_state_format;                              ///< "pre_state_format"
};

struct BinariesInput {
    struct File {
        std::string plugin; ///< id
        Digest sha256{};    ///< of the library
    };
    std::string runtime;     ///< product version with its build
    std::vector<File> files; ///< "files": [{"plugin","sha256"}]
};

/// The text that is hashed: two nodes that disagree compare it member by member (`rvm config diff`).
[[nodiscard]] std::string semantics_text(const SemanticsInput& input);
[[nodiscard]] std::string binaries_text(const BinariesInput& input);
/// "sha256:HEX" of such a text.
[[nodiscard]] std::string fingerprint_of(std::string_view text);

} // namespace rvm::manifest
