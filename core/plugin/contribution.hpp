// Contributions: what a plugin adds, validated item by item and copied into the host.
//
// The host prices, flags and describes items from its own deep copies, so that a plugin that changes its tables later
// changes nothing. Function pointers and `self` stay the plugin's.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "manifest/manifest.hpp"
#include "manifest/sidecar.hpp"
#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {

/// One item in the host's own copy. `table` points to the rvm_* struct of the kind; its texts, lists and gas schedule
/// are the host's, its struct_size is the host's, and members the plugin did not have are zero.
struct Item {
    std::string kind;  ///< RVM_KIND_*
    std::string id;    ///< as in "provides"
    std::string alias; ///< opcode: mnemonic; program: address, 0x and hex; else empty
    const void* table = nullptr;
};

/// The copies of one plugin's contributions. Addresses of items and tables are stable; freed with the object.
class ContributionSet {
  public:
    ContributionSet();
    ~ContributionSet();
    ContributionSet(ContributionSet&&) noexcept;
    ContributionSet& operator=(ContributionSet&&) noexcept;

    [[nodiscard]] const std::deque<Item>& items() const noexcept;

    struct Storage;
    [[nodiscard]] Storage& storage() noexcept { return *storage_; } ///< for contribution.cpp

  private:
    std::unique_ptr<Storage> storage_;
};

/// Most items one plugin may contribute; the largest plugins add a few hundred opcodes or programs.
inline constexpr std::size_t max_contributions = 4096;

/// Validates every item of `list` (as returned by Instance::contributions) under the deployment's rules and copies it:
/// K03 for fields, K04 for flags, K08 when the list is not what the sidecar provides, K09 for unknown kinds. `file`
/// names the plugin in findings. nullopt when there is an error. Calls no function of the plugin.
[[nodiscard]] std::optional<ContributionSet> copy_contributions(const std::vector<rvm_contribution>& list,
                                                                const manifest::Sidecar& sidecar,
                                                                const manifest::Manifest& deployment,
                                                                const std::string& file, Report& report);

/// Runs the known-answer tests of a primitive: K06 for a mismatch, an exception, or none under profile consensus.
/// Calls the plugin on this thread.
[[nodiscard]] bool run_known_answers(const rvm_crypto& crypto, manifest::Profile profile, const std::string& file,
                                     const std::string& plugin_id, Report& report);

} // namespace rvm::plugin
