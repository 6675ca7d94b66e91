// The manifest parser on any bytes: it either parses or says why not, within its bounds, and what it parsed is what the
// rest of the runtime relies on.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifest/canonical.hpp"
#include "manifest/json.hpp"
#include "manifest/manifest.hpp"

namespace {

void require(bool claim) {
    if (!claim) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::manifest;
    const std::string_view text{reinterpret_cast<const char*>(data), size};

    rvm::Report json_report;
    const auto value = parse_json(text, "fuzz", json_report);
    require(value.has_value() == json_report.ok());
    require(json_report.findings().size() <= max_json_findings);
    if (value) {
        // Canonical text is JSON, means the same, and is its own canonical text.
        const std::string canonical = canonical_json(*value);
        rvm::Report again;
        const auto second = parse_json(canonical, "fuzz", again, {.bytes = canonical.size()});
        require(second.has_value() && *second == *value && canonical_json(*second) == canonical);
    }

    rvm::Report report;
    const auto manifest = parse_manifest(text, "/fuzz/manifest.json", report);
    require(manifest.has_value() == report.ok());
    for (const rvm::Finding& finding : report.findings()) {
        require(!finding.text().empty());
        require(finding.text().find('\x1b') == std::string::npos);
    }
    if (!manifest) return 0;
    for (const auto& path : manifest->search_paths)
        require(path.is_absolute());
    for (const PluginEntry& plugin : manifest->plugins) {
        require(!plugin.id.empty() || plugin.path.is_absolute());
        require(plugin.id.empty() || is_plugin_id(plugin.id));
    }
    if (manifest->profile == Profile::consensus) {
        require(manifest->discovery == Discovery::listed && !manifest->trust.allow_unsigned);
        for (const PluginEntry& plugin : manifest->plugins)
            require(plugin.sha256.has_value() || !plugin.signed_by.empty());
    }
    return 0;
}
