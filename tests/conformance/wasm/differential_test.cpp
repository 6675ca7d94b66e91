// The product against the reference interpreter and the specification: every script of the fixtures runs on both, and
// every call gives the same results, the same kind of failure and, unless a limit of one of them was met, costs the
// same units. The fixtures are the folder RVM_FIXTURES; without it only our own modules run, and the test says so.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <gtest/gtest.h>

#include "large_stack.hpp"
#include "reference.hpp"
#include "run/store.hpp"
#include "spectest/script.hpp"

namespace {

using namespace rvm::wasm;
using spectest::Outcome;
using spectest::Value;
namespace fs = std::filesystem;

constexpr std::int64_t units = 12'000'000; ///< of a call: what calls a million times is not waited for

/// Two implementations as one: what they disagree on is a failure of the test.
class Both final : public spectest::Backend {
  public:
    explicit Both(Features features) : engine_(features, units), plain_(features, units) {}
    std::uint64_t calls = 0;

    Outcome compile(std::span<const std::uint8_t> bytes, std::uint32_t* module) override {
        const Outcome plain = plain_.compile(bytes, module);
        const Outcome outcome = engine_.compile(bytes, module);
        EXPECT_EQ(plain.kind, outcome.kind) << plain.text << " / " << outcome.text;
        return outcome;
    }
    Outcome instantiate(std::uint32_t module, std::uint32_t* instance) override {
        std::uint32_t plain_instance = 0;
        const Outcome plain = plain_.instantiate(module, &plain_instance);
        const Outcome outcome = engine_.instantiate(module, instance);
        EXPECT_EQ(plain.kind, outcome.kind) << plain.text << " / " << outcome.text;
        if (outcome.ok()) plain_instances_[*instance] = plain_instance;
        return outcome;
    }
    void register_as(std::uint32_t instance, std::string_view name) override {
        engine_.register_as(instance, name);
        plain_.register_as(plain_instances_.at(instance), name);
    }
    Outcome invoke(std::uint32_t instance, std::string_view function, std::span<const Value> arguments,
                   std::vector<Value>& results) override {
        ++calls;
        std::vector<Value> plain_results;
        const Outcome plain = plain_.invoke(plain_instances_.at(instance), function, arguments, plain_results);
        const Outcome outcome = engine_.invoke(instance, function, arguments, results);
        EXPECT_EQ(plain.kind, outcome.kind) << function << ": " << plain.text << " / " << outcome.text;
        if (plain.kind != outcome.kind || plain.kind == Outcome::Kind::exhaustion) return outcome;
        EXPECT_EQ(plain_.units_left(), engine_.units_left()) << function;
        EXPECT_EQ(plain_results.size(), results.size());
        for (std::size_t i = 0; i < std::min(results.size(), plain_results.size()); ++i) {
            if (results[i].type.is_reference() && results[i].type != externref) { // addresses
                EXPECT_EQ(plain_results[i].low == 0, results[i].low == 0) << function;
            } else {
                EXPECT_EQ(plain_results[i].low, results[i].low) << function;
            }
        }
        return outcome;
    }
    Outcome get(std::uint32_t instance, std::string_view global, Value& result) override {
        Value plain;
        (void)plain_.get(plain_instances_.at(instance), global, plain);
        const Outcome outcome = engine_.get(instance, global, result);
        if (!result.type.is_reference()) {
            EXPECT_EQ(plain.low, result.low) << global;
        }
        return outcome;
    }

  private:
    EngineBackend engine_;
    reference::Backend plain_;
    std::map<std::uint32_t, std::uint32_t> plain_instances_;
};

/// Runs a folder of scripts on both; returns the totals.
spectest::Totals run_folder(const char* folder, Features features, const spectest::SkipList& skips,
                            std::uint64_t* calls) {
    spectest::Totals totals;
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const fs::path path = fs::path(fixtures == nullptr ? "" : fixtures) / "wasm" / folder;
    if (fixtures == nullptr || !fs::exists(path)) return totals;
    for (const fs::path& script : spectest::find_scripts(path)) {
        SCOPED_TRACE(script.string());
        Both both(features);
        spectest::run_script(script, both, skips, totals, [](const std::string& line) {
            if (line.find("out of gas") == std::string::npos) ADD_FAILURE() << line;
        });
        *calls += both.calls;
    }
    return totals;
}

struct Folder {
    const char* path;
    Features features;
    std::uint64_t passed, calls; ///< at least
};
void PrintTo(const Folder& folder, std::ostream* out) { *out << folder.path; }

constexpr Features scalar = Features::all().without(Feature::simd);

class wasm_differential_folders : public testing::TestWithParam<Folder> {};
TEST_P(wasm_differential_folders, both_pass_and_agree) {
    const Folder& folder = GetParam();
    std::uint64_t calls = 0;
    const spectest::SkipList skips(fs::path(RVM_SOURCE_DIR) / "plugins/wasm/spectest/skips.txt");
    spectest::Totals totals;
    reference::on_a_large_stack([&] { totals = run_folder(folder.path, folder.features, skips, &calls); });
    if (totals.passed == 0) GTEST_SKIP() << "no fixtures: set RVM_FIXTURES to the folder that holds wasm/";
    EXPECT_GE(totals.passed, folder.passed);
    EXPECT_GE(calls, folder.calls);
}
INSTANTIATE_TEST_SUITE_P(fixtures, wasm_differential_folders,
                         testing::Values(Folder{"core-2.0", Features::core2_without_vectors(), 26'132, 20'000},
                                         Folder{"core-3.0", scalar, 19'317, 16'000},
                                         Folder{"proposals-3.0/multi-memory", scalar, 768, 600},
                                         Folder{"proposals-3.0/memory64", scalar, 8'222, 6'000},
                                         Folder{"proposals-3.0/exceptions", scalar, 88, 70}));

std::vector<std::uint8_t> own_module(const char* name) {
    std::ifstream file(fs::path(RVM_SOURCE_DIR) / "tests/data/wasm" / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(wasm_differential, own_modules) {
    for (const char* name : {"features.wasm", "features_debug.wasm"}) {
        SCOPED_TRACE(name);
        Both both(Features::core2_without_vectors());
        std::uint32_t module = 0;
        std::uint32_t instance = 0;
        ASSERT_TRUE(both.compile(own_module(name), &module).ok());
        ASSERT_TRUE(both.instantiate(module, &instance).ok());
        for (std::uint64_t n = 0; n < 20; ++n) {
            const Value argument{i32, n, 0};
            for (const char* function : {"fib", "choose", "sum"}) {
                std::vector<Value> results;
                EXPECT_TRUE(both.invoke(instance, function, {&argument, 1}, results).ok());
            }
        }
        std::vector<Value> results;
        const Value ten{i32, 10, 0};
        ASSERT_TRUE(both.invoke(instance, "fib", {&ten, 1}, results).ok());
        EXPECT_EQ(55u, results[0].low);
    }
}

} // namespace
