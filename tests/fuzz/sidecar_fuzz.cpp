// The sidecar parser on any bytes, in both roles; a schema it accepted is then applied to a configuration made from the
// same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifest/schema.hpp"
#include "manifest/sidecar.hpp"

namespace {

void require(bool claim) {
    if (!claim) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rvm::manifest;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const SidecarSource source : {SidecarSource::file, SidecarSource::embedded}) {
        rvm::Report report;
        const auto sidecar = parse_sidecar(text, "/fuzz/a.rvm.json", source, report);
        require(sidecar.has_value() == report.ok());
        if (!sidecar) continue;
        require(is_plugin_id(sidecar->id));
        require(sidecar->library.empty() ? source == SidecarSource::embedded : is_bare_file_name(sidecar->library));
        for (const Capability& item : sidecar->provides)
            require(Capability::parse(item.text()) == item);
        if (sidecar->config_schema.empty()) continue;
        rvm::Report schema_report;
        const auto schema = ConfigSchema::parse(sidecar->config_schema, "fuzz", schema_report);
        require(schema.has_value() && schema->text() == sidecar->config_schema);
        for (const std::string_view config : {std::string_view{"{}"}, text}) {
            rvm::Report config_report;
            const auto applied = schema->apply(config, "fuzz", "", "", config_report);
            require(applied.has_value() == config_report.ok());
            if (!applied) continue;
            // With the defaults in place nothing is left to fill in.
            const auto again = schema->apply(*applied, "fuzz", "", "", config_report);
            require(again == applied);
        }
    }
    return 0;
}
