// Loading one plugin: from its verified bytes to visible items, or back to nothing.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "plugin/registry.hpp"

namespace rvm::plugin {

/// One attempt to load one slot. Used under the registry's lock. All findings go to the slot's report.
class SlotLoader {
  public:
    SlotLoader(Registry& registry, PluginSlot& slot) : registry_(registry), slot_(slot), report_(slot.report_) {}

    /// Dependencies must be loaded. On failure everything that was done is undone in reverse order and nothing of the
    /// plugin is visible.
    [[nodiscard]] bool run();

  private:
    enum class Purpose { rehearsal, use };
    /// Everything that can be known about the file without running it; fills library_ and entry_symbol_.
    [[nodiscard]] bool verify_library();
    /// From the verified bytes (or the built-in entry) to visible items.
    [[nodiscard]] bool bring_up(Purpose purpose);
    [[nodiscard]] bool check_trust(ByteView library_sha256);
    [[nodiscard]] bool check_target();
    [[nodiscard]] std::optional<std::string> configuration();
    [[nodiscard]] bool is_provider_of(const Item& item) const;
    [[nodiscard]] bool check_aliases();
    [[nodiscard]] bool check_known_answers();
    void publish();
    void undo();
    Finding& refuse(ErrorCode code, std::string where, std::string message, std::string expected, std::string found);

    Registry& registry_;
    PluginSlot& slot_;
    Report& report_;
    Bytes library_;
    std::string entry_symbol_;
};

} // namespace rvm::plugin
