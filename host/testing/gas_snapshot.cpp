#include "testing/gas_snapshot.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/files.hpp"
#include "manifest/json_reader.hpp"

namespace rvm::host::testing {

namespace {

constexpr std::uint64_t snapshot_version = 1;

} // namespace

GasSnapshot load_gas_snapshot(Session& session, const std::string& file) {
    Report report;
    const std::string text = read_input(session.io, file, manifest::max_json_bytes);
    const auto document = manifest::parse_json(text, file, report);
    if (!document) throw Failure(std::move(report));
    manifest::JsonContext context(file, report);
    manifest::ObjectReader root(context, *document, "");
    GasSnapshot snapshot;
    if (root.format_version("format_version", snapshot_version)) {
        if (const auto* gas = root.object("gas", manifest::Need::required))
            for (const manifest::JsonMember& member : *gas->object())
                snapshot[member.key] = manifest::read_integer(context, member.value,
                                                              manifest::json_pointer("/gas", member.key), 0, INT64_MAX)
                                           .value_or(0);
        root.finish();
    }
    if (context.failed()) throw Failure(std::move(report));
    return snapshot;
}

void save_gas_snapshot(const std::string& file, const GasSnapshot& snapshot) {
    const nlohmann::ordered_json document{{"format_version", snapshot_version}, {"gas", snapshot}};
    write_atomically(file, document.dump(2) + "\n", ErrorCode::output_unwritable);
}

std::vector<std::string> gas_differences(const GasSnapshot& before, const GasSnapshot& now) {
    std::vector<std::string> lines;
    for (const auto& [test, gas] : before) {
        const auto found = now.find(test);
        if (found == now.end())
            lines.push_back(fmt::format("{}: {} gas, gone", test, gas));
        else if (found->second != gas)
            lines.push_back(fmt::format("{}: {} gas, now {} ({:+})", test, gas, found->second,
                                        static_cast<std::int64_t>(found->second - gas)));
    }
    for (const auto& [test, gas] : now)
        if (!before.contains(test)) lines.push_back(fmt::format("{}: new, {} gas", test, gas));
    return lines;
}

} // namespace rvm::host::testing
