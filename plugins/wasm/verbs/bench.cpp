// rvm wasm bench.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "verbs/loaded.hpp"

namespace rvm::wasm::verbs {

using Json = nlohmann::ordered_json;

std::int32_t bench(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words), {"--invoke", "--gas", "--features", "--runs"}, {"--json"});
    const std::uint64_t runs = options.number("--runs", 10);
    if (runs == 0 || runs > 1'000'000) throw Refusal(Fault::command_line, "--runs: expected 1 to 1000000");
    Call call(io, options);
    const std::int64_t units = units_of(options);
    const Call::Result first = call.run(units);
    if (first.trap != engine::Trap::none) {
        throw Refusal(Fault::trapped,
                      "trap: " + std::string(engine::trap_text(first.trap)) + " (in " + first.where + ")");
    }
    std::vector<double> times;
    for (std::uint64_t i = 0; i < runs && !io.cancelled(); ++i) {
        times.push_back(call.time(units));
    }
    if (times.empty()) throw Refusal(Fault::trapped, file_of(options) + ": interrupted");
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2];
    if (io.json() || options.has("--json")) {
        Json result = Json::array();
        for (const Value& value : first.values)
            result.push_back(value.text);
        if (result.size() == 1) result = Json(result[0]);
        io.out(Json{{"best_ms", times.front()}, {"median_ms", median}, {"result", result}, {"gas", gas_of(first.units)}}
                   .dump() +
               "\n");
        return RVM_EXIT_OK;
    }
    char line[128];
    const int size = std::snprintf(line, sizeof line, "best %.3f ms, median %.3f ms, gas %llu, result", times.front(),
                                   median, static_cast<unsigned long long>(gas_of(first.units)));
    std::string text(line, static_cast<std::size_t>(size));
    for (const Value& value : first.values)
        text += " " + value.text;
    io.out(text + "\n");
    return RVM_EXIT_OK;
}

} // namespace rvm::wasm::verbs
