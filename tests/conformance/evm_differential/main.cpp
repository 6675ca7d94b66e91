// Generated contracts and transactions through the format evm and through a second implementation behind EVMC: no
// difference in outcome, gas, output, logs, state and warmth may show.
//
//   rvm_evm_differential --library FILE [--symbol NAME] [--seed N] --count N | --frames N [--rules NAME]
//                        [--plugins DIR] [--show]
//
// Scenario i of seed s has the seed s + i: --seed N --count 1 --show repeats one and prints what it is. Every fourth one
// runs twice more under evm, when its code is hot: translated code must agree with code that is only scanned.
//
// Exit status 0: no difference, 1: some, 2: usage.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <rvm/report.hpp>
#include <rvm/runtime.hpp>

#include "frame_counter.hpp"
#include "observe.hpp"
#include "scenario.hpp"

namespace rvm::differential {
namespace {

struct Options {
    std::string library;
    std::string symbol;
    std::string rules;
    std::string plugins = RVM_PLUGIN_DIR; ///< folder of evm.so and evmc.so
    std::uint64_t seed = 1;
    std::uint64_t count = UINT64_MAX;
    std::uint64_t frames = UINT64_MAX;
    bool show = false;
};

std::optional<Options> parse(int argc, char** argv) {
    Options out;
    bool bounded = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--show") {
            out.show = true;
            continue;
        }
        if (i + 1 == argc) return std::nullopt;
        const std::string_view value = argv[++i];
        const auto number = [&](std::uint64_t& to) {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
            return error == std::errc{} && end == value.data() + value.size();
        };
        bool ok = true;
        if (name == "--library")
            out.library = value;
        else if (name == "--symbol")
            out.symbol = value;
        else if (name == "--rules")
            out.rules = value;
        else if (name == "--plugins")
            out.plugins = value;
        else if (name == "--seed")
            ok = number(out.seed);
        else if (name == "--count")
            ok = bounded = number(out.count);
        else if (name == "--frames")
            ok = bounded = number(out.frames);
        else
            ok = false;
        if (!ok) return std::nullopt;
    }
    bool known = out.rules.empty();
    for (const std::string& rules : rule_sets())
        known |= rules == out.rules;
    if (out.library.empty() || !bounded || !known) return std::nullopt;
    return out;
}

std::unique_ptr<Runtime> open(const Options& options) {
    const std::string manifest = fmt::format(
        R"({{"format_version": 1, "name": "differential", "profile": "development", "discovery": "directory",
            "search_paths": ["{}"],
            "limits": {{"native": {{"memory_bytes": 1073741824}}}},
            "plugins": [{{"id": "org.rvm.evmc", "config": {{"library": "{}", "symbol": "{}"}}}}]}})",
        std::filesystem::absolute(options.plugins).string(), std::filesystem::absolute(options.library).string(),
        options.symbol);
    Report report;
    RuntimeOptions runtime;
    runtime.builtins = {&frame_counter_entry};
    auto out = Runtime::open_text(manifest, "differential.json", runtime, report);
    if (out == nullptr) throw Failure(std::move(report));
    return out;
}

void show(const Scenario& scenario) {
    fmt::print("rules {}\n", scenario.rules);
    const auto hex = [](const auto& bytes) {
        std::string out;
        for (const std::uint8_t byte : bytes)
            out += fmt::format("{:02x}", byte);
        return out;
    };
    for (const Account& account : scenario.accounts)
        fmt::print("account {} nonce {} code {}\n", hex(account.address.bytes), account.nonce, hex(account.code));
    for (const Transaction& transaction : scenario.transactions)
        fmt::print("{} {} gas {} value {} input {}\n", transaction.kind == RVM_CALL_CREATE ? "create" : "call",
                   hex(transaction.target.bytes), transaction.gas, transaction.value.limbs[0], hex(transaction.input));
}

/// The difference a scenario shows, or an empty text.
std::string compare(Runtime& runtime, const Scenario& scenario, bool repeat, std::uint64_t& frames) {
    const Run ours = observe(runtime, scenario, "evm", true);
    frames += ours.frames;
    std::string found = difference(ours, "evm", observe(runtime, scenario, "evmc", false), "evmc");
    for (int again = 0; again < 2 && repeat && found.empty(); ++again)
        found = difference(ours, "evm, first", observe(runtime, scenario, "evm", false), "evm, again");
    return found;
}

int run(const Options& options) {
    const auto started = std::chrono::steady_clock::now();
    auto runtime = open(options);
    std::uint64_t frames = 0, differing = 0, i = 0;
    for (; i < options.count && frames < options.frames && differing < 10; ++i) {
        if (i % 2000 == 1999) runtime = open(options); // code objects live as long as a runtime
        const Scenario scenario = draw(options.seed + i, options.rules);
        if (options.show) show(scenario);
        const std::string found = compare(*runtime, scenario, i % 4 == 0, frames);
        if (found.empty()) continue;
        ++differing;
        fmt::print("seed {} ({}) differs\n{}", options.seed + i, scenario.rules, found);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    fmt::print("{} scenarios, {} frames, {} differ, {:.1f} s\n", i, frames, differing, took.count());
    return differing == 0 ? 0 : 1;
}

} // namespace
} // namespace rvm::differential

int main(int argc, char** argv) {
    const auto options = rvm::differential::parse(argc, argv);
    if (!options) {
        std::fputs("usage: rvm_evm_differential --library FILE [--symbol NAME] [--seed N] --count N | --frames N "
                   "[--rules NAME] [--plugins DIR] [--show]\n",
                   stderr);
        return 2;
    }
    try {
        return rvm::differential::run(*options);
    } catch (const std::exception& failure) {
        std::fputs(failure.what(), stderr);
        std::fputc('\n', stderr);
        return 1;
    }
}
