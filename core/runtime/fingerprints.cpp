// The fingerprints of an opened deployment (manifest/fingerprint.hpp says what they cover).
#include <algorithm>

#include "manifest/fingerprint.hpp"

#include "runtime/runtime_impl.hpp"

namespace rvm {
namespace {

using Item = manifest::SemanticsInput::Item;

Item item(std::string_view kind, const char* id, const plugin::PluginSlot& owner, std::uint32_t flags) {
    Item out;
    out.kind = kind;
    out.id = id;
    out.plugin = owner.id();
    out.flags = flags;
    return out;
}

void price(Item& out, const rvm_gas_schedule& gas) {
    out.base = gas.base;
    out.per_unit = gas.per_unit;
    out.unit_bytes = gas.unit_bytes;
    out.custom = gas.custom != nullptr;
}

Item item_of(const plugin::Found<rvm_syscall>& syscall) {
    Item out = item(RVM_KIND_SYSCALL, syscall->id, *syscall.owner, syscall->flags);
    price(out, *syscall->gas);
    return out;
}

bool is_reachable(const manifest::SemanticsInput& input, std::string_view id) {
    return std::ranges::find(input.items, id, &Item::id) != input.items.end() ||
           std::ranges::any_of(input.programs, [&](const auto& program) { return program.second.id == id; });
}

/// What of an activation concerns the formats and items that the deployment has.
manifest::Activation reachable(const manifest::Activation& activation, const manifest::SemanticsInput& input) {
    manifest::Activation out{.height = activation.height, .rules = {}, .gas = {}};
    for (const auto& [format, rules] : activation.rules)
        if (input.rule_sets.contains(format)) out.rules.emplace(format, rules);
    for (const auto& [id, prices] : activation.gas)
        if (is_reachable(input, id)) out.gas.emplace(id, prices);
    return out;
}

} // namespace

std::string Runtime::Impl::semantics_text(Report& report) {
    plugin::Registry& plugins = *registry;
    rvm::manifest::SemanticsInput input;
    input.runtime = RVM_PRODUCT_VERSION;
    for (const plugin::PluginSlot* slot : plugins.slots())
        input.plugins.push_back({slot->id(), slot->sidecar().version.text()});
    for (const auto& found : plugins.all<rvm_opcode>(report)) {
        input.items.push_back(item(RVM_KIND_OPCODE, found->id, *found.owner, found->flags));
        input.items.back().base = found->gas;
    }
    for (const auto& found : plugins.all<rvm_syscall>(report)) {
        if (manifest.grants_syscall(found->id)) input.items.push_back(item_of(found)); // others cannot be imported
        for (const auto& [address, id] : manifest.programs)
            if (id == found->id) input.programs.emplace(address, item_of(found));
    }
    for (const auto& found : plugins.all<rvm_crypto>(report))
        input.items.push_back(item(RVM_KIND_CRYPTO, found->id, *found.owner, found->flags));
    for (const auto& found : plugins.all<rvm_program>(report))
        input.items.push_back(item(RVM_KIND_PROGRAM, found->id, *found.owner, found->flags));
    for (const auto& provided : plugins.provided(RVM_KIND_FORMAT)) {
        const runtime::FormatBinding* format = formats->find(provided.id, report);
        if (format == nullptr) continue;
        input.formats.push_back(provided.id);
        input.rule_sets[provided.id] = format->table->rules[format->rules_in.front()];
    }
    for (const auto& activation : manifest.chain.activations)
        input.activations.push_back(reachable(activation, input));
    input.limits = manifest.native_limits;
    input.chain_id = manifest.chain.id;
    input.pre_state_format = manifest.pre_state_format;
    return rvm::manifest::semantics_text(input);
}

std::string Runtime::semantics_text(Report& report) { return impl_->semantics_text(report); }
std::string Runtime::semantics_fingerprint(Report& report) {
    return rvm::manifest::fingerprint_of(impl_->semantics_text(report));
}

std::string Runtime::binaries_fingerprint() { return rvm::manifest::fingerprint_of(binaries_text()); }

std::string Runtime::binaries_text() {
    Report ignored; // an unreadable file was reported when the deployment was opened
    manifest::BinariesInput input;
    input.runtime = RVM_PRODUCT_VERSION;
    for (plugin::PluginSlot* slot : registry().slots()) {
        const std::string hex = registry().library_sha256(*slot, ignored);
        if (const auto digest = manifest::parse_digest(hex)) input.files.push_back({slot->id(), *digest});
        for (const std::string& brought : registry().foreign_sha256(*slot))
            if (const auto digest = manifest::parse_digest(brought)) input.files.push_back({slot->id(), *digest});
    }
    return manifest::binaries_text(input);
}

} // namespace rvm
