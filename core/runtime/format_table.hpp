// The execution formats of a deployment as the runtime uses them: found by id once, then by pointer.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {
class PluginSlot;
class Registry;
}

namespace rvm::runtime {

/// Formats one deployment can have; bounds the per-frame and per-transaction tables indexed by ordinal.
constexpr std::uint32_t kMaxFormats = 16;

/// A loaded format. Immutable; lives as long as the runtime.
struct FormatBinding {
    const rvm_format* table = nullptr;
    std::uint32_t ordinal = 0;
    std::uint32_t rule_count = 0;
    std::vector<std::uint32_t> rules_in; ///< by period: index of the rule set the manifest names, else the last

    [[nodiscard]] std::uint32_t rule_flags(std::uint32_t rules) const noexcept {
        return table->rule_flags == nullptr ? ~0u : table->rule_flags[rules];
    }
    /// Index of a rule-set name, or rule_count.
    [[nodiscard]] std::uint32_t rules_of(std::string_view name) const noexcept;
};

/// Thread-safe. A format is loaded when its first code is met.
class FormatTable {
  public:
    explicit FormatTable(plugin::Registry& registry) : registry_(registry) {}

    /// The format of an id, loading its plugin on first need; nullptr with findings when there is none.
    [[nodiscard]] const FormatBinding* find(std::string_view id, Report& report);
    [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_acquire); }
    /// Native stack of one frame of the hungriest format, bytes.
    [[nodiscard]] std::size_t largest_frame() const noexcept { return largest_frame_.load(std::memory_order_relaxed); }
    [[nodiscard]] const FormatBinding& operator[](std::uint32_t ordinal) const noexcept { return bindings_[ordinal]; }

  private:
    /// Fills `rules_in`; false with RVM-R02.
    [[nodiscard]] bool choose_rules(FormatBinding& binding, const plugin::PluginSlot& owner, Report& report) const;

    plugin::Registry& registry_;
    std::mutex mutex_;
    std::array<FormatBinding, kMaxFormats> bindings_{};
    std::atomic<std::uint32_t> count_{0};
    std::atomic<std::size_t> largest_frame_{0};
};

} // namespace rvm::runtime
