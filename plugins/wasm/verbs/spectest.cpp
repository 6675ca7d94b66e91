// rvm wasm spectest: the specification's tests on the engine's path.
#include <nlohmann/json.hpp>

#include "run/store.hpp"
#include "spectest/script.hpp"
#include "verbs/loaded.hpp"

namespace rvm::wasm::verbs {
namespace {

/// The tests of an older version of the standard assume that later features are off. Their folders say which they are.
Features features_of(const std::filesystem::path& script) {
    for (const std::filesystem::path& part : script) {
        const std::string name = part.string();
        if (name.find("core-1.0") != std::string::npos) return Features::core1();
        if (name.find("core-2.0") != std::string::npos) return Features::core2_without_vectors();
    }
    return Features::all();
}

} // namespace

std::int32_t spectest(const Io& io, std::vector<std::string> words) {
    constexpr std::int64_t units_of_a_call = 1'000'000'000; // a test that loops forever ends
    const Words options(std::move(words), {"--skip-list", "--features"}, {"--json"});
    if (options.rest().empty()) throw Refusal(Fault::command_line, "expected scripts or folders: rvm wasm spectest PATH...");
    const bool by_folder = !options.has("--features");
    const Features named = features_named(options.value("--features"));
    wasm::spectest::Totals totals;
    try {
        const wasm::spectest::SkipList skips = options.has("--skip-list")
                                                   ? wasm::spectest::SkipList(options.value("--skip-list"))
                                                   : wasm::spectest::SkipList();
        for (const std::string& path : options.rest()) {
            for (const std::filesystem::path& script : wasm::spectest::find_scripts(path)) {
                if (io.cancelled()) return RVM_EXIT_TRAPPED;
                EngineBackend backend(by_folder ? features_of(script) : named, units_of_a_call);
                wasm::spectest::run_script(script, backend, skips, totals,
                                           [&](const std::string& line) { io.error(line + "\n"); });
            }
        }
    } catch (const std::runtime_error& error) {
        throw Refusal(Fault::command_line, error.what());
    }
    if (io.json() || options.has("--json")) {
        io.out(nlohmann::ordered_json{{"passed", totals.passed}, {"failed", totals.failed}, {"skipped", totals.skipped}}
                   .dump() +
               "\n");
    } else {
        io.out(std::to_string(totals.passed) + " passed, " + std::to_string(totals.failed) + " failed, " +
               std::to_string(totals.skipped) + " skipped\n");
    }
    return totals.failed == 0 ? RVM_EXIT_OK : RVM_EXIT_TRAPPED;
}

} // namespace rvm::wasm::verbs
