// Finding the plugins of a deployment and deciding, from their sidecars alone, who provides and requires what.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plugin/registry.hpp"

namespace rvm::plugin {

/// A library somewhere below an allowed folder, and what could be learned about it without running it.
struct Candidate {
    std::filesystem::path root;     ///< the allowed folder
    std::filesystem::path relative; ///< the library below it
    std::optional<manifest::Sidecar> sidecar;
    std::string sidecar_text; ///< the very bytes, as signed
    Report problems;          ///< why there is no sidecar
    bool used = false;        ///< became a slot

    [[nodiscard]] std::string file() const { return (root / relative).string(); }
};

/// Reads the sidecar of `root`/`relative`: NAME.rvm.json beside NAME.so, else the embedded one. Runs nothing.
[[nodiscard]] Candidate examine_library(const std::filesystem::path& root, const std::filesystem::path& relative,
                                        bool development);

/// One run of Registry::discover(). Fills the registry's slots, providers and dependency lists.
class Discovery {
  public:
    Discovery(Registry& registry, Report& report) : registry_(registry), report_(report) {}
    void run();
    /// Registry::add_file().
    bool add_option(const std::filesystem::path& library);

  private:
    void scan(const std::filesystem::path& folder);
    void add_listed();
    void add_listed_path(const manifest::PluginEntry& entry);
    void add_listed_id(const manifest::PluginEntry& entry);
    void add_discovered();
    void add_slot(Candidate& candidate, Origin origin, const manifest::PluginEntry* entry);
    void order_slots();
    void find_providers();
    void find_dependencies();
    void find_cycles();
    /// Findings about one plugin: errors when the deployment insists on it, else warnings; the slot keeps them as they
    /// are.
    void refuse(PluginSlot& slot, Finding finding);
    [[nodiscard]] bool insists_on(const PluginSlot& slot) const;

    Registry& registry_;
    Report& report_;
    std::vector<Candidate> candidates_; // of the search paths, in path and name order
};

} // namespace rvm::plugin
