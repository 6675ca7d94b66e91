// rvm wasm run, check, bench.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "module/costs.hpp"
#include "verbs/loaded.hpp"

namespace rvm::wasm::verbs {
namespace {

using Json = nlohmann::ordered_json;

Json values_json(const Call::Result& result) {
    Json list = Json::array();
    for (std::size_t i = 0; i < result.values.size(); ++i) {
        list.push_back({{"type", result.types[i].text()}, {"value", result.values[i]}});
    }
    return list;
}

} // namespace

std::int32_t run(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--invoke", "--gas", "--features"}, {"--json"});
    Call call(options);
    const Call::Result result = call.run(units_of(options));
    const bool trapped = result.trap != engine::Trap::none;
    if (io.json() || options.has("--json")) {
        Json out{{"status", trapped ? "trap" : "ok"}, {"gas_used", gas_of(result.units)}};
        if (trapped) {
            out["trap"] = engine::trap_text(result.trap);
            out["where"] = result.where;
        } else {
            out["results"] = values_json(result);
        }
        io.out(out.dump() + "\n");
    } else if (trapped) {
        io.error("rvm wasm: trap: " + std::string(engine::trap_text(result.trap)) + " (in " + result.where +
                 "), gas used " + std::to_string(gas_of(result.units)) + "\n");
    } else {
        for (const std::string& value : result.values) {
            io.out(value + "\n");
        }
        if (options.has("--gas")) io.out("gas used " + std::to_string(gas_of(result.units)) + "\n");
    }
    return trapped ? RVM_EXIT_TRAPPED : RVM_EXIT_OK;
}

std::int32_t check(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--features"}, {"--json"});
    if (options.rest().size() != 1) throw Refusal(RVM_EXIT_USAGE, "expected one file: rvm wasm check FILE");
    const LoadedFile file(options.rest()[0], features_named(options.value("--features")));
    const Module& module = file.program->module;
    if (io.json() || options.has("--json")) {
        io.out(Json{{"file", file.path},
                    {"valid", true},
                    {"functions", module.functions.size()},
                    {"imports", module.imports.size()},
                    {"exports", module.exports.size()}}
                   .dump() +
               "\n");
    } else {
        io.out(file.path + ": valid: " + std::to_string(module.functions.size()) + " functions, " +
               std::to_string(module.imports.size()) + " imports, " + std::to_string(module.exports.size()) +
               " exports\n");
    }
    return RVM_EXIT_OK;
}

std::int32_t bench(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--invoke", "--gas", "--features", "--runs"}, {"--json"});
    const std::uint64_t runs = options.number("--runs", 10);
    if (runs == 0 || runs > 1'000'000) throw Refusal(RVM_EXIT_USAGE, "--runs: expected 1 to 1000000");
    Call call(options);
    const std::int64_t units = units_of(options);
    const Call::Result first = call.run(units);
    if (first.trap != engine::Trap::none) {
        throw Refusal(RVM_EXIT_TRAPPED,
                      "trap: " + std::string(engine::trap_text(first.trap)) + " (in " + first.where + ")");
    }
    std::vector<double> times;
    for (std::uint64_t i = 0; i < runs && !io.cancelled(); ++i) {
        times.push_back(call.time(units));
    }
    if (times.empty()) return RVM_EXIT_TRAPPED;
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2];
    if (io.json() || options.has("--json")) {
        const Json result = first.values.size() == 1 ? Json(first.values[0]) : Json(first.values);
        io.out(Json{{"best_ms", times.front()}, {"median_ms", median}, {"result", result}, {"gas", gas_of(first.units)}}
                   .dump() +
               "\n");
        return RVM_EXIT_OK;
    }
    char line[128];
    const int size = std::snprintf(line, sizeof line, "best %.3f ms, median %.3f ms, gas %llu, result", times.front(),
                                   median, static_cast<unsigned long long>(gas_of(first.units)));
    std::string text(line, static_cast<std::size_t>(size));
    for (const std::string& value : first.values) {
        text += " " + value;
    }
    io.out(text + "\n");
    return RVM_EXIT_OK;
}

} // namespace rvm::wasm::verbs
