// rvm wasm run, check, bench.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "module/costs.hpp"
#include "verbs/loaded.hpp"
#include "verbs/surroundings.hpp"

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

/// What the program writes: shown at once, or kept for JSON.
struct Streams {
    const Io& io;
    bool kept;
    std::string texts[2]; ///< of descriptors 1 and 2

    bool write(int descriptor, std::span<const std::uint8_t> bytes) {
        constexpr std::size_t most = 64u << 20u;
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (!kept) {
            descriptor == 1 ? io.out(text) : io.error(text);
            return true;
        }
        std::string& to = texts[descriptor - 1];
        if (to.size() + text.size() > most) return false;
        to += text;
        return true;
    }
};

} // namespace

std::int32_t run(const Io& io, std::vector<std::string> words) {
    const Words options(std::move(words),
                        {"--invoke", "--gas", "--features", "--env", "--dir", "--stdin", "--clock", "--seed"},
                        {"--json", "--trace"});
    Call call(options);
    const bool json = io.json() || options.has("--json");
    Streams streams{io, json, {}};
    const Surroundings around(io, options, call.is_command());
    wasi::Configuration configuration = around.configuration();
    configuration.write = [&](int descriptor, std::span<const std::uint8_t> bytes) {
        return streams.write(descriptor, bytes);
    };
    if (options.has("--trace")) {
        call.trace([&](const Call::Block& block) {
            io.error(std::string(std::min<std::size_t>(block.depth, 64), ' ') + block.where + ": " +
                     std::to_string(block.price) + " units of " + std::to_string(block.left) + "\n");
        });
    }
    const Call::Result result = call.run(units_of(options), std::move(configuration));
    const bool trapped = result.trap != engine::Trap::none;
    if (json) {
        Json out{{"status", trapped ? "trap" : "ok"}, {"gas_used", gas_of(result.units)}};
        if (trapped) {
            out["trap"] = engine::trap_text(result.trap);
            out["where"] = result.where;
        } else if (call.is_command()) {
            out["exit_code"] = result.exit_code;
        } else {
            out["results"] = values_json(result);
        }
        if (call.is_command()) {
            out["stdout"] = streams.texts[0];
            out["stderr"] = streams.texts[1];
        }
        io.out(out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    } else if (trapped) {
        io.error("rvm wasm: trap: " + std::string(engine::trap_text(result.trap)) + " (in " + result.where +
                 "), gas used " + std::to_string(gas_of(result.units)) + "\n");
    } else {
        for (const std::string& value : result.values) {
            io.out(value + "\n");
        }
        if (options.has("--gas")) {
            const std::string used = "gas used " + std::to_string(gas_of(result.units)) + "\n";
            call.is_command() ? io.error(used) : io.out(used);
        }
    }
    if (!json && result.exit_code != 0) {
        io.error("rvm wasm: the program ended with exit code " + std::to_string(result.exit_code) + "\n");
    }
    return trapped || result.exit_code != 0 ? RVM_EXIT_TRAPPED : RVM_EXIT_OK;
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
