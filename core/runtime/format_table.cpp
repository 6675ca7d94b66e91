#include "runtime/format_table.hpp"

#include <algorithm>

#include "plugin/registry.hpp"
#include "runtime/native_stack.hpp"

namespace rvm::runtime {

std::uint32_t FormatBinding::rules_of(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < rule_count; ++i)
        if (name == table->rules[i]) return i;
    return rule_count;
}

const FormatBinding* FormatTable::find(std::string_view id, Report& report) {
    for (std::uint32_t i = 0; i < count(); ++i)
        if (id == bindings_[i].table->id) return &bindings_[i];

    // Loading runs plugin code, which may ask for formats itself: not under our mutex.
    const auto found = registry_.find<rvm_format>(id, report);
    if (!found) return nullptr;
    const std::lock_guard lock(mutex_);
    const std::uint32_t ordinal = count_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < ordinal; ++i)
        if (id == bindings_[i].table->id) return &bindings_[i];
    if (ordinal == kMaxFormats) {
        report.error(ErrorCode::too_many_formats, found.owner->file(), "", "the deployment has too many formats")
            .plugin = found.owner->id();
        return nullptr;
    }
    FormatBinding& binding = bindings_[ordinal];
    binding.table = found.item;
    binding.ordinal = ordinal;
    while (found->rules[binding.rule_count] != nullptr)
        ++binding.rule_count;
    binding.deployment_rules = binding.rule_count - 1;
    const auto& chosen = registry_.deployment().chain.rules;
    if (const auto rules = chosen.find(id); rules != chosen.end()) {
        const std::uint32_t index = binding.rules_of(rules->second);
        if (index == binding.rule_count) {
            Finding& finding = report.error(ErrorCode::unknown_rule_set, registry_.deployment().file,
                                            "/chain/rules/" + std::string(id), "the format has no such rule set");
            finding.found = rules->second;
            finding.plugin = found.owner->id();
            finding.expected = "one of";
            for (std::uint32_t i = 0; i < binding.rule_count; ++i)
                finding.expected.append(" ").append(found->rules[i]);
            return nullptr;
        }
        binding.deployment_rules = index;
    }
    const auto& limits = registry_.deployment().native_limits;
    const std::size_t need = native_stack_need(limits.call_depth, found->native_stack_per_frame);
    if (need > limits.native_stack_bytes) {
        Finding& finding = report.error(ErrorCode::native_stack_too_small, registry_.deployment().file,
                                        "/limits/native/native_stack_bytes", "");
        finding.expected = "at least " + std::to_string(need);
        finding.found = std::to_string(limits.native_stack_bytes);
        finding.plugin = found.owner->id();
        return nullptr;
    }
    largest_frame_.store(std::max<std::size_t>(largest_frame(), found->native_stack_per_frame),
                         std::memory_order_relaxed);
    count_.store(ordinal + 1, std::memory_order_release);
    return &binding;
}

} // namespace rvm::runtime
