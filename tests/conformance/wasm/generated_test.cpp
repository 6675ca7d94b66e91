// Generated modules on the engine and on the reference interpreter: results, traps, memories, tables, globals and what
// every call costs are equal; in one piece, in quanta, and traced.
//
// RVM_DIFF_PROGRAMS=1000000 RVM_DIFF_SEED=7 rvm_wasm_tests --gtest_filter='*generated*' runs as many as wanted from
// another seed. bin/rvm_wasm_generate writes the module of a seed.
#include <cstdlib>
#include <iostream>
#include <map>

#include <gtest/gtest.h>

#include "generator/plan.hpp"
#include "interpreter.hpp"
#include "large_stack.hpp"
#include "run/instance.hpp"
#include "run/machine.hpp"
#include "run/store.hpp"

namespace {

using namespace rvm::wasm;
namespace engine = rvm::engine;
using rvm::differential::Random;

constexpr reference::Most most{2, 24}; ///< pages and elements: less than what modules may declare

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Features features_of(std::uint64_t seed) {
    if (seed % 10 == 0) return Features::core1();
    if (seed % 10 == 1) return Features::core2_without_vectors();
    return Features::all().without(Feature::simd);
}

/// What the engine's traps are called by the specification; several for some.
bool same(engine::Trap trap, bool uncaught, const std::string& text) {
    static const std::multimap<engine::Trap, std::string> names = {
        {engine::Trap::none, ""},
        {engine::Trap::unreachable, "unreachable"},
        {engine::Trap::out_of_gas, "out of gas"},
        {engine::Trap::memory_bounds, "out of bounds memory access"},
        {engine::Trap::division_by_zero, "integer divide by zero"},
        {engine::Trap::integer_overflow, "integer overflow"},
        {engine::Trap::invalid_conversion, "invalid conversion to integer"},
        {engine::Trap::table_bounds, "out of bounds table access"},
        {engine::Trap::table_bounds, "undefined element"},
        {engine::Trap::null_reference, "uninitialized element"},
        {engine::Trap::null_reference, "null function reference"},
        {engine::Trap::null_reference, "null reference"},
        {engine::Trap::null_reference, "null exception reference"},
        {engine::Trap::signature, "indirect call type mismatch"},
    };
    if (trap == engine::Trap::exit) return uncaught && text == "uncaught exception";
    const auto [first, last] = names.equal_range(trap);
    return std::any_of(first, last, [&](const auto& each) { return each.second == text; });
}

struct Counts {
    std::uint64_t calls = 0, pieces = 0;
    std::map<std::string, std::uint64_t> ends;
};

/// One module on both.
class Pair {
  public:
    Pair(std::uint64_t seed, Machine& machine, Counts& counts)
        : random_(seed ^ 0x5eed), features_(features_of(seed)), made_(generator::generate(seed, {features_})),
          machine_(machine), counts_(counts), plain_(features_, 0, most) {}

    void run() {
        std::shared_ptr<const Program> program;
        try {
            program = compile(made_.bytes, features_, std::make_shared<TypeSpace>());
        } catch (const ModuleError& error) {
            FAIL() << "the generated module is refused: " << error.what();
        }
        std::uint32_t module = 0;
        ASSERT_TRUE(plain_.compile(made_.bytes, &module).ok());
        MemoryLimits limits;
        limits.pages = most.pages;
        limits.table_elements = most.elements;
        try {
            ours_ = std::make_unique<Instance>(
                program, [](const Import&) { return std::nullopt; }, limits);
        } catch (const ModuleError& error) {
            std::uint32_t number = 0;
            EXPECT_EQ(plain_.instantiate(module, &number).kind, spectest::Outcome::Kind::unlinkable) << error.what();
            return;
        }
        if (!start(module)) return;
        for (std::uint64_t i = 1 + random_.below(4); i > 0 && !testing::Test::HasFailure(); --i)
            call();
    }

  private:
    /// A call costs 25 units: what is below 1,500 of them, the reference's depth.
    [[nodiscard]] std::int64_t budget() {
        return static_cast<std::int64_t>(random_.below(random_.one_in(8) ? 3'000 : 36'000));
    }

    bool start(std::uint32_t module) {
        const std::int64_t units = budget();
        plain_.set_budget(units);
        std::uint32_t number = 0;
        const spectest::Outcome outcome = plain_.instantiate(module, &number);
        theirs_ = &plain_.instance(number);
        engine::Trap trap = ours_->initialize();
        std::int64_t left = units;
        if (trap == engine::Trap::none && ours_->module().start != UINT32_MAX) {
            machine_.reset();
            trap = machine_.call(*ours_, ours_->module().start, {}, left);
        }
        EXPECT_TRUE(same(trap, machine_.uncaught(), outcome.text)) << engine::trap_text(trap) << " / " << outcome.text;
        EXPECT_EQ(left, plain_.units_left()) << "start";
        compare();
        return outcome.ok() && !testing::Test::HasFailure();
    }

    void call() {
        const auto function = static_cast<std::uint32_t>(random_.below(made_.functions.size()));
        const generator::Signature& type = made_.functions[function];
        const std::span<const ValueType> types = ours_->module().parameters(ours_->module().functions[function]);
        std::vector<Cell> cells;
        std::vector<spectest::Value> arguments;
        for (std::size_t i = 0; i < type.parameters.size(); ++i) {
            const auto [our, their] = argument(type.parameters[i]);
            cells.push_back(our);
            arguments.push_back({types[i], their, 0});
        }
        cells.resize(std::max(cells.size(), type.results.size()));
        const std::int64_t units = budget();
        plain_.set_budget(units);
        std::vector<spectest::Value> results;
        const spectest::Outcome outcome = plain_.invoke(0, "f" + std::to_string(function), arguments, results);
        std::int64_t left = units;
        const engine::Trap trap = ours(function, cells, left);
        ++counts_.calls;
        ++counts_.ends[outcome.ok() ? "returned" : outcome.text];
        EXPECT_TRUE(same(trap, machine_.uncaught(), outcome.text)) << engine::trap_text(trap) << " / " << outcome.text;
        EXPECT_EQ(left, plain_.units_left()) << "f" << function << ": " << outcome.text;
        if (outcome.ok() && trap == engine::Trap::none) {
            for (std::size_t i = 0; i < results.size(); ++i)
                EXPECT_TRUE(equal(type.results[i], cells[i], results[i].low)) << "f" << function << ", result " << i;
        }
        compare();
    }

    engine::Trap ours(std::uint32_t function, std::span<Cell> cells, std::int64_t& left) {
        machine_.reset();
        std::int64_t paid = 0;
        const bool traced = random_.one_in(8);
        const std::int64_t before = left;
        if (traced) {
            machine_.user = &paid;
            machine_.on_block = [](void* user, engine::Context&, std::uint64_t price) {
                *static_cast<std::int64_t*>(user) += static_cast<std::int64_t>(price);
            };
        } else if (random_.one_in(3)) {
            machine_.slice = 1 + static_cast<std::int64_t>(random_.below(300));
        }
        engine::Trap trap = machine_.call(*ours_, function, cells, left);
        while (trap == engine::Trap::yield) {
            ++counts_.pieces;
            trap = machine_.resume(cells, left);
        }
        if (traced) {
            EXPECT_LE(paid, before - left) << "blocks are a part of what was paid";
        }
        return trap;
    }

    /// The same value for both.
    std::pair<std::uint64_t, std::uint64_t> argument(char type) {
        if (type == 'x') {
            const std::uint64_t value = random_.below(4);
            return {value, value};
        }
        if (type == 'r' || type == 't') {
            if (random_.one_in(type == 't' ? 12 : 3)) return {0, 0};
            const std::uint64_t last = made_.functions.size() - 1;
            const std::uint64_t function = type == 't' ? last : random_.below(last + 1);
            return {reinterpret_cast<Cell>(ours_->functions[function]),
                    reinterpret_cast<std::uint64_t>(theirs_->functions[function])};
        }
        const std::uint64_t value = generator::interesting(random_, type);
        return {value, value};
    }

    [[nodiscard]] bool equal(char type, Cell our, std::uint64_t their) const {
        if (type != 'r' && type != 't') return our == their;
        const auto place = [](const auto& functions, std::uint64_t address) {
            for (std::size_t i = 0; i < functions.size(); ++i) {
                if (reinterpret_cast<std::uint64_t>(functions[i]) == address) return i;
            }
            return address == 0 ? functions.size() : SIZE_MAX;
        };
        return place(ours_->functions, our) == place(theirs_->functions, their);
    }
    static char letter(ValueType type) {
        if (type == externref) return 'x';
        return type.is_reference() ? 'r' : 'i';
    }

    void compare() const {
        for (std::size_t i = 0; i < theirs_->memories.size(); ++i) {
            const std::vector<std::uint8_t>& bytes = theirs_->memories[i]->bytes;
            ASSERT_EQ(bytes.size(), ours_->memories[i]->size()) << "memory " << i;
            EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), ours_->memories[i]->data())) << "memory " << i;
        }
        for (std::size_t i = 0; i < theirs_->tables.size(); ++i) {
            const reference::Table& table = *theirs_->tables[i];
            ASSERT_EQ(table.items.size(), ours_->tables[i]->cells.size()) << "table " << i;
            for (std::size_t k = 0; k < table.items.size(); ++k)
                EXPECT_TRUE(equal(letter(table.element), ours_->tables[i]->cells[k], table.items[k])) << i << ": " << k;
        }
        for (std::size_t i = 0; i < theirs_->globals.size(); ++i) {
            const reference::Global& global = *theirs_->globals[i];
            EXPECT_TRUE(equal(letter(global.type.type), ours_->globals[i]->cells[0], global.value)) << "global " << i;
        }
    }

    Random random_;
    Features features_;
    generator::Generated made_;
    Machine& machine_;
    Counts& counts_;
    reference::Backend plain_;
    std::unique_ptr<Instance> ours_;
    const reference::Instance* theirs_ = nullptr;
};

void compare_modules() {
    const std::uint64_t count = number_from("RVM_DIFF_PROGRAMS", 1'000), first = number_from("RVM_DIFF_SEED", 1);
    reference::executed().fill(0);
    Machine machine;
    Counts counts;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Pair(seed, machine, counts).run();
        if (testing::Test::HasFailure()) return;
    }
    std::cout << count << " modules, " << counts.calls << " calls, " << counts.pieces << " quanta:";
    for (const auto& [end, times] : counts.ends)
        std::cout << ' ' << end << ' ' << times << ';';
    std::cout << '\n';
    const std::uint64_t least = count >= 100'000 ? 1'000 : count >= 5'000 ? 1 : 0;
    std::uint64_t seldom = 0;
    for (std::size_t i = 0; i < op_table.size(); ++i) {
        if (op_table[i].feature == Feature::simd || reference::executed()[i] >= least) continue;
        ++seldom;
        std::cout << "  seldom: " << op_table[i].text << ' ' << reference::executed()[i] << '\n';
    }
    EXPECT_GE(counts.ends["returned"] * 10, counts.calls * 5) << "half end normally";
    EXPECT_EQ(seldom, 0u) << "every instruction runs";
}

TEST(wasm_generated, modules_do_the_same_on_both) { reference::on_a_large_stack(compare_modules); }

} // namespace
