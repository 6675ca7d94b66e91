#include "manifest/fingerprint.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "manifest/canonical.hpp"

namespace rvm::manifest {
namespace {

JsonValue encode(const SemanticsInput::Item& item) {
    JsonValue out;
    out.set("kind", JsonValue{item.kind});
    out.set("id", JsonValue{item.id});
    out.set("plugin", JsonValue{item.plugin});
    out.set("base", JsonValue{item.base});
    out.set("per_unit", JsonValue{item.per_unit});
    out.set("unit_bytes", JsonValue{std::uint64_t{item.unit_bytes}});
    out.set("flags", JsonValue{std::uint64_t{item.flags}});
    out.set("custom", JsonValue{item.custom});
    return out;
}

JsonValue encode(const NativeLimits& limits) {
    JsonValue native;
#define RVM_NATIVE_LIMIT_ENCODE(name, lowest, highest, standard, meaning) native.set(#name, JsonValue{limits.name});
    RVM_NATIVE_LIMITS(RVM_NATIVE_LIMIT_ENCODE)
#undef RVM_NATIVE_LIMIT_ENCODE
    JsonValue out;
    out.set("native", std::move(native));
    return out;
}

JsonValue encode(const Activation& activation) {
    JsonValue rules{JsonValue::Object{}};
    for (const auto& [format, name] : activation.rules)
        rules.set(format, JsonValue{name});
    JsonValue gas{JsonValue::Object{}};
    for (const auto& [id, prices] : activation.gas) {
        JsonValue price{JsonValue::Object{}};
        if (prices.base) price.set("base", JsonValue{*prices.base});
        if (prices.per_unit) price.set("per_unit", JsonValue{*prices.per_unit});
        gas.set(id, std::move(price));
    }
    JsonValue out;
    out.set("height", JsonValue{activation.height});
    out.set("rules", std::move(rules));
    out.set("gas", std::move(gas));
    return out;
}

/// The elements in canonical order, whatever order they came in.
JsonValue sorted(JsonValue::Array elements) {
    std::vector<std::pair<std::string, std::size_t>> order;
    for (std::size_t i = 0; i < elements.size(); ++i)
        order.emplace_back(canonical_json(elements[i]), i);
    std::ranges::sort(order);
    JsonValue::Array out;
    for (const auto& [text, index] : order)
        out.push_back(std::move(elements[index]));
    return JsonValue{std::move(out)};
}

} // namespace

std::string semantics_text(const SemanticsInput& input) {
    JsonValue::Array plugins;
    for (const SemanticsInput::Plugin& plugin : input.plugins) {
        JsonValue entry;
        entry.set("id", JsonValue{plugin.id});
        entry.set("version", JsonValue{plugin.version});
        plugins.push_back(std::move(entry));
    }
    JsonValue::Array items;
    for (const SemanticsInput::Item& item : input.items)
        items.push_back(encode(item));
    JsonValue::Array formats;
    for (const std::string& format : input.formats)
        formats.emplace_back(format);
    JsonValue rules{JsonValue::Object{}};
    for (const auto& [format, name] : input.rule_sets)
        rules.set(format, JsonValue{name});

    JsonValue::Array activations;
    for (const Activation& activation : input.activations)
        activations.push_back(encode(activation));

    JsonValue out;
    out.set("fingerprint", JsonValue{"rvm.semantics/1"});
    out.set("runtime", JsonValue{input.runtime});
    out.set("plugins", sorted(std::move(plugins)));
    out.set("items", sorted(std::move(items)));
    if (!input.programs.empty()) {
        JsonValue programs{JsonValue::Object{}};
        for (const auto& [address, syscall] : input.programs)
            programs.set(address, encode(syscall));
        out.set("programs", std::move(programs));
    }
    out.set("formats", sorted(std::move(formats)));
    out.set("rules", std::move(rules));
    if (!activations.empty()) out.set("activations", JsonValue{std::move(activations)});
    out.set("limits", encode(input.limits));
    out.set("chain_id", JsonValue{input.chain_id});
    out.set("pre_state_format", JsonValue{input.pre_state_format});
    return canonical_json(out);
}

std::string binaries_text(const BinariesInput& input) {
    JsonValue::Array files;
    for (const BinariesInput::File& file : input.files) {
        JsonValue entry;
        entry.set("plugin", JsonValue{file.plugin});
        entry.set("sha256", JsonValue{digest_text(file.sha256)});
        files.push_back(std::move(entry));
    }
    JsonValue out;
    out.set("fingerprint", JsonValue{"rvm.binaries/1"});
    out.set("runtime", JsonValue{input.runtime});
    out.set("files", sorted(std::move(files)));
    return canonical_json(out);
}

std::string fingerprint_of(std::string_view text) { return "sha256:" + to_hex(sha256(as_bytes(text))); }

} // namespace rvm::manifest
