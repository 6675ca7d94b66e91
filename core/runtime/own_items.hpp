// What an embedder contributes itself: storage, syscalls, opcodes, tracers as functions of its own program, brought into
// one Runtime as a built-in plugin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::runtime {

class OwnItems {
  public:
    /// `items` ends with a NULL kind and outlives this object, as does everything it points to. `id` becomes the
    /// plugin's. Findings about items without an id or of an unknown kind: RVM-K03, RVM-K09.
    OwnItems(std::string id, const rvm_contribution* items, Report& report);
    OwnItems(const OwnItems&) = delete;
    OwnItems& operator=(const OwnItems&) = delete;

    /// For Registry::add_builtin(); judged like any other entry. Lives as long as this object.
    [[nodiscard]] const rvm_entry* entry() const noexcept { return &entry_; }
    /// What the entry's create() returns; it finds this object through the deployment.
    [[nodiscard]] rvm_plugin* plugin() noexcept { return &plugin_; }

  private:
    std::string id_;
    std::vector<std::string> provided_;
    std::vector<const char*> provides_;
    rvm_plugin plugin_{};
    rvm_descriptor descriptor_{};
    rvm_entry entry_{};
};

/// The id of an item of a kind of this ABI; nullptr for other kinds.
[[nodiscard]] const char* item_id(std::string_view kind, const void* item) noexcept;

} // namespace rvm::runtime
