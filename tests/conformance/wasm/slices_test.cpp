// Executions in quanta: the same results, traps and costs as in one piece, wherever the pieces end.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "run/instance.hpp"
#include "run/machine.hpp"

namespace rvm::wasm {
namespace {

std::vector<std::uint8_t> read_module(const std::string& name) {
    std::ifstream in(std::string(RVM_SOURCE_DIR) + "/tests/data/wasm/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Ran {
    engine::Trap trap;
    Cell result;
    std::int64_t left;
    std::size_t pieces = 1;
};

class slices : public testing::Test {
  protected:
    const std::vector<std::uint8_t> bytes_ = read_module("features.wasm");
    std::shared_ptr<const Program> program_ = compile(bytes_, Features::all(), std::make_shared<TypeSpace>());
    const Instance::Resolver resolve_ = [](const Import&) { return std::nullopt; };

    Ran run(const char* function, Cell argument, std::int64_t units, std::int64_t slice) {
        Instance instance(program_, resolve_, {});
        EXPECT_EQ(instance.initialize(), engine::Trap::none);
        Machine machine;
        machine.slice = slice;
        Ran out{engine::Trap::none, argument, units};
        out.trap = machine.call(instance, instance.module().find_export(function)->index, {&out.result, 1}, out.left);
        while (out.trap == engine::Trap::yield) {
            ++out.pieces;
            out.trap = machine.resume({&out.result, 1}, out.left);
        }
        return out;
    }
};

TEST_F(slices, change_neither_result_nor_cost) {
    constexpr std::int64_t plenty = 10'000'000;
    const Ran whole = run("fib", 15, plenty, 0);
    ASSERT_EQ(whole.trap, engine::Trap::none);
    ASSERT_EQ(whole.result, 610u);
    for (const std::int64_t slice : {1, 7, 100, 1'000, 50'000}) {
        const Ran cut = run("fib", 15, plenty, slice);
        EXPECT_EQ(cut.trap, engine::Trap::none);
        EXPECT_EQ(cut.result, whole.result) << slice;
        EXPECT_EQ(cut.left, whole.left) << slice;
        const auto used = static_cast<std::size_t>(plenty - whole.left);
        EXPECT_GE(cut.pieces, used / (static_cast<std::size_t>(slice) + 200)) << slice;
        EXPECT_LE(cut.pieces, 1 + 2 * used / static_cast<std::size_t>(slice))
            << slice << ": half of one is used at least";
    }
}

TEST_F(slices, the_budget_ends_at_the_same_place) {
    const std::int64_t enough = 10'000'000 - run("fib", 15, 10'000'000, 0).left;
    EXPECT_EQ(run("fib", 15, enough, 64).trap, engine::Trap::none) << "to the last unit";
    for (const std::int64_t units : {enough - 1, enough / 2, std::int64_t{1}, std::int64_t{0}}) {
        const Ran whole = run("fib", 15, units, 0), cut = run("fib", 15, units, 64);
        EXPECT_EQ(whole.trap, engine::Trap::out_of_gas);
        EXPECT_EQ(cut.trap, engine::Trap::out_of_gas);
        EXPECT_EQ(cut.left, whole.left) << units;
    }
}

TEST_F(slices, blocks_are_told_before_they_are_paid) {
    Instance instance(program_, resolve_, {});
    ASSERT_EQ(instance.initialize(), engine::Trap::none);
    Machine machine;
    struct Seen {
        std::int64_t paid = 0, first_left = -1;
    } seen;
    machine.user = &seen;
    machine.on_block = [](void* user, engine::Context& context, std::uint64_t price) {
        auto& to = *static_cast<Seen*>(user);
        if (to.first_left < 0) to.first_left = context.gas_left();
        to.paid += static_cast<std::int64_t>(price);
    };
    std::int64_t left = 100'000;
    Cell cell = 10;
    EXPECT_EQ(machine.call(instance, instance.module().find_export("fib")->index, {&cell, 1}, left),
              engine::Trap::none);
    EXPECT_EQ(cell, 55u);
    EXPECT_EQ(seen.first_left, 100'000);
    EXPECT_EQ(seen.paid, 100'000 - left) << "every unit belongs to a block";
}

} // namespace
} // namespace rvm::wasm
