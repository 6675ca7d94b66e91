// rvm wasm run: a module on its own, in an ephemeral world whose one account it is.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "alone/invocation.hpp"
#include "alone/watcher.hpp"
#include "module/error.hpp"
#include "verb/run.hpp"
#include "verbs/execution.hpp"
#include "verbs/loaded.hpp"
#include "verbs/surroundings.hpp"

namespace rvm::wasm::verbs {
namespace {

using Json = nlohmann::ordered_json;

/// Of each stream, when they are a part of a JSON document.
constexpr std::uint64_t most_json = std::uint64_t{64} << 20u;

Module module_in(const std::string& path, const std::vector<std::uint8_t>& bytes, Features features) {
    try {
        return decode(bytes, features, std::make_shared<TypeSpace>());
    } catch (const ModuleError& error) {
        throw Refusal(Fault::refused, path + ": " + error.what());
    }
}

Json values_json(const std::vector<Value>& values) {
    Json list = Json::array();
    for (const Value& value : values)
        list.push_back({{"type", value.type.text()}, {"value", value.text}});
    return list;
}

/// How a run ended, as people and programs read it.
struct Told {
    const Io& io;
    const Ended& ended;
    bool is_command;
    std::vector<Value> values;
    std::string where; ///< after a trap

    [[nodiscard]] bool trapped() const noexcept { return ended.outcome.trap != engine::Trap::none; }
    [[nodiscard]] std::int32_t exit_code() const noexcept { return static_cast<std::int32_t>(ended.outcome.exit_code); }

    void as_json(const std::string (&streams)[2]) const {
        Json out{{"status", trapped() ? "trap" : "ok"}, {"gas_used", ended.gas_used}};
        if (trapped()) {
            out["trap"] = engine::trap_text(ended.outcome.trap);
            out["where"] = where;
        } else if (is_command) {
            out["exit_code"] = exit_code();
        } else {
            out["results"] = values_json(values);
        }
        if (is_command) {
            out["stdout"] = streams[0];
            out["stderr"] = streams[1];
        }
        io.out(out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }

    void as_text(bool with_gas) const {
        const std::string used = "gas used " + std::to_string(ended.gas_used);
        if (trapped()) {
            verb::say(io.raw(), Fault::trapped,
                      "trap: " + std::string(engine::trap_text(ended.outcome.trap)) + " (in " + where + "), " + used);
            return;
        }
        for (const Value& value : values)
            io.out(value.text + "\n");
        if (with_gas) is_command ? io.error(used + "\n") : io.out(used + "\n");
        if (exit_code() != 0)
            io.error("rvm wasm: the program ended with exit code " + std::to_string(exit_code()) + "\n");
    }
};

} // namespace

std::int32_t run(const Io& io, const Worlds& worlds, std::vector<std::string> words) {
    const Words options(std::move(words),
                        {"--invoke", "--gas", "--features", "--env", "--dir", "--stdin", "--clock", "--seed"},
                        {"--json", "--trace"});
    const std::string& path = file_of(options);
    const std::string features = options.value("--features");
    const std::vector<std::uint8_t> bytes = read_file(path);
    const Module module = module_in(path, bytes, features_named(features));
    (void)imports_of(path, module); // before anything is said of its functions
    const Target target = target_of(options, module);
    const bool json = io.json() || options.has("--json");
    const Surroundings around(io, options, target.is_command);
    const alone::Invocation call{.function = target.name,
                                 .arguments = target.arguments,
                                 .output_limit = json ? most_json : UINT64_MAX,
                                 .surroundings = around.configuration()};

    Places places(module);
    std::string streams[2]; // kept for JSON
    alone::Watcher watcher;
    watcher.wrote = [&](int descriptor, std::span<const std::uint8_t> written) {
        const std::string_view text(reinterpret_cast<const char*>(written.data()), written.size());
        if (json)
            streams[descriptor - 1] += text;
        else
            descriptor == 1 ? io.out(text) : io.error(text);
    };
    watcher.stops = [&] { return io.cancelled(); };
    if (options.has("--trace")) {
        watcher.entered = [&](const alone::Block& block) {
            io.error(std::string(std::min<std::size_t>(block.depth, 64), ' ') + places.at(block.byte) + ": " +
                     std::to_string(block.price) + " units of " + std::to_string(block.left) + "\n");
        };
    }
    const Ended ended = execute(worlds, {path, bytes, rules_named(features)}, call, gas_given(options));
    Told told{io, ended, target.is_command, {}, {}};
    if (told.trapped())
        told.where = ended.position == 0 ? "instantiation" : places.at(static_cast<std::uint32_t>(ended.position));
    else if (!ended.outcome.results.empty())
        told.values = values_of(module.results(module.functions[target.function]), ended.outcome.results);
    json ? told.as_json(streams) : told.as_text(options.has("--gas"));
    return ended.outcome.succeeded() ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace rvm::wasm::verbs
