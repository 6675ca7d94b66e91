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

bool FormatTable::choose_rules(FormatBinding& binding, const plugin::PluginSlot& owner, Report& report) const {
    const std::string id = binding.table->id;
    const manifest::Chain& chain = registry_.deployment().chain;
    const auto choose = [&](const std::string& name, std::string pointer) {
        const std::uint32_t index = binding.rules_of(name);
        binding.rules_in.push_back(index);
        if (index != binding.rule_count) return true;
        Finding& finding = report.error(ErrorCode::unknown_rule_set, registry_.deployment().file,
                                        std::move(pointer) + "/rules/" + id, "the format has no such rule set");
        finding.found = name;
        finding.plugin = owner.id();
        finding.expected = "one of";
        for (std::uint32_t i = 0; i < binding.rule_count; ++i)
            finding.expected.append(" ").append(binding.table->rules[i]);
        return false;
    };
    binding.rules_in.clear();
    if (const auto named = chain.rules.find(id); named == chain.rules.end())
        binding.rules_in.push_back(binding.rule_count - 1);
    else if (!choose(named->second, "/chain"))
        return false;
    for (std::size_t i = 0; i < chain.activations.size(); ++i) {
        const auto named = chain.activations[i].rules.find(id);
        if (named == chain.activations[i].rules.end())
            binding.rules_in.push_back(binding.rules_in.back());
        else if (!choose(named->second, "/chain/activations/" + std::to_string(i)))
            return false;
    }
    return true;
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
    if (!choose_rules(binding, *found.owner, report)) return nullptr;
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
