// Two threads at once: the specification's scripts in a store each, and instances of one shared program.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>

#include "run/instance_pool.hpp"
#include "run/machine.hpp"
#include "run/store.hpp"
#include "spectest/script.hpp"

namespace {

using namespace rvm::wasm;
namespace engine = rvm::engine;
namespace fs = std::filesystem;

constexpr std::int64_t plenty = INT64_MAX / 4;

class wasm_threads : public testing::TestWithParam<std::pair<const char*, Features>> {};

TEST_P(wasm_threads, run_the_same_scripts) {
    const char* fixtures = std::getenv("RVM_FIXTURES");
    const fs::path path = fs::path(fixtures == nullptr ? "" : fixtures) / "wasm" / GetParam().first;
    if (fixtures == nullptr || !fs::exists(path)) GTEST_SKIP() << "no fixtures at " << path << ": set RVM_FIXTURES";
    const spectest::SkipList skips(fs::path(RVM_SOURCE_DIR) / "plugins/wasm/spectest/skips.txt");
    const std::vector<fs::path> scripts = spectest::find_scripts(path);
    struct Ran {
        spectest::Totals totals;
        std::string failures;
    };
    const auto run = [&](Ran& out) {
        for (const fs::path& script : scripts) {
            EngineBackend backend(GetParam().second, plenty);
            spectest::run_script(script, backend, skips, out.totals,
                                 [&](const std::string& line) { out.failures += line + "\n"; });
        }
    };
    Ran first, second;
    std::thread other(run, std::ref(second));
    run(first);
    other.join();
    EXPECT_EQ(first.failures, "");
    EXPECT_EQ(second.failures, "");
    EXPECT_GT(first.totals.passed, 0u);
    EXPECT_EQ(first.totals.passed, second.totals.passed);
}

constexpr Features core2 = Features::core2(), all = Features::all();
INSTANTIATE_TEST_SUITE_P(
    fixtures, wasm_threads,
    testing::Values(std::pair{"core-1.0", Features::core1()}, std::pair{"core-2.0", Features::core2_without_vectors()},
                    std::pair{"simd", core2}, std::pair{"core-3.0", all}, std::pair{"proposals-3.0/bulk-memory", all},
                    std::pair{"proposals-3.0/memory64", all}, std::pair{"proposals-3.0/multi-memory", all},
                    std::pair{"proposals-3.0/exceptions", all}, std::pair{"proposals-3.0/simd", all}));

TEST(wasm_threads_pool, share_a_program_and_nothing_else) {
    std::ifstream in(std::string(RVM_SOURCE_DIR) + "/tests/data/wasm/features.wasm", std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    const std::shared_ptr<const Program> program = compile(bytes, all, std::make_shared<TypeSpace>());
    const auto run = [&](std::vector<Cell>& results) {
        for (int i = 0; i < 50; ++i) {
            std::unique_ptr<Instance> instance = take_instance(*program);
            if (instance == nullptr) {
                const Instance::Resolver nothing = [](const Import&) { return std::nullopt; };
                instance = std::make_unique<Instance>(program, nothing, MemoryLimits{});
            }
            Machine machine;
            Cell cell = 12;
            std::int64_t units = plenty;
            if (instance->initialize() == engine::Trap::none &&
                machine.call(*instance, instance->module().find_export("fib")->index, {&cell, 1}, units) ==
                    engine::Trap::none) {
                results.push_back(cell);
            }
            keep_instance(std::move(instance));
        }
    };
    std::vector<Cell> first, second;
    std::thread other(run, std::ref(second));
    run(first);
    other.join();
    EXPECT_EQ(first, std::vector<Cell>(50, 144));
    EXPECT_EQ(second, first);
}

} // namespace
