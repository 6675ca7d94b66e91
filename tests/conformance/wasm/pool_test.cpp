// An instance that waited in the pool is as a new one: memories of every shape, tables, globals, segments.
#include <random>

#include <gtest/gtest.h>

#include "run/instance_pool.hpp"
#include "run/machine.hpp"
#include "support/wasm_builder.hpp"

namespace rvm::wasm {
namespace {

using namespace test;

/// 3 to 40 pages of memory with "abc" at 5, a table with a function, a global of 7, a passive segment.
Bytes rich_module() {
    return join({header(), section(1, vec({function_type({}, {})})), section(3, vec({leb(0)})),
                 section(4, vec({{0x70, 1, 4, 9}})), section(5, vec({{1, 3, 40}})),
                 section(6, vec({{0x7f, 1, 0x41, 7, 0x0b}})), section(9, vec({{0, 0x41, 1, 0x0b, 1, 0}})),
                 section(12, leb(2)), section(10, vec({body({})})),
                 section(11, vec({{0, 0x41, 5, 0x0b, 3, 'a', 'b', 'c'}, {1, 1, 'x'}}))});
}

class pool : public testing::Test {
  protected:
    const Bytes bytes_ = rich_module();
    std::shared_ptr<const Program> program_ = compile(bytes_, Features::all(), std::make_shared<TypeSpace>());
    std::unique_ptr<Instance> instance() {
        std::unique_ptr<Instance> out = take_instance(*program_);
        if (out != nullptr) {
            ++reused_;
        } else {
            out = std::make_unique<Instance>(
                program_, [](const Import&) { return std::nullopt; }, MemoryLimits{});
        }
        EXPECT_EQ(out->initialize(), engine::Trap::none);
        return out;
    }
    static void expect_new(const Instance& instance) {
        const LinearMemory& memory = *instance.memories[0];
        ASSERT_EQ(memory.pages(), 3u);
        std::vector<std::uint8_t> expected(memory.size());
        std::copy_n("abc", 3, expected.begin() + 5);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), memory.data()));
        EXPECT_EQ(instance.globals[0]->cells[0], 7u);
        const std::vector<Cell> cells = {0, reinterpret_cast<Cell>(instance.functions[0]), 0, 0};
        EXPECT_EQ(instance.tables[0]->cells, cells);
        EXPECT_FALSE(instance.dropped_data[1]) << "passive";
    }
    int reused_ = 0;
};

TEST_F(pool, gives_back_what_is_as_new) {
    std::mt19937 random(3); // NOLINT: the same every time
    for (int i = 0; i < 60; ++i) {
        std::unique_ptr<Instance> used = instance();
        expect_new(*used);
        LinearMemory& memory = *used->memories[0];
        if (i % 3 == 1) ASSERT_TRUE(memory.grow(37));
        // From one byte to all of them, in a few places or in one piece.
        const std::uint64_t writes = std::uint64_t{1} << random() % 18;
        for (std::uint64_t k = 0; k < writes; ++k)
            memory.data()[random() % memory.size()] = 0xff;
        if (i % 7 == 0) std::fill_n(memory.data(), memory.size(), std::uint8_t{0xee});
        used->globals[0]->cells[0] = 1;
        used->tables[0]->cells.assign(9, 0);
        used->tables[0]->refresh();
        used->dropped_data[1] = true;
        keep_instance(std::move(used));
    }
    EXPECT_GE(reused_, 50);
    expect_new(*instance());
}

TEST(memory, takes_a_range_with_its_first_page) {
    LinearMemory memory({{0, 3, false}}, {});
    EXPECT_NE(memory.data(), nullptr);
    EXPECT_TRUE(memory.holds(0, 0));
    EXPECT_FALSE(memory.holds(0, 1));
    ASSERT_TRUE(memory.grow(0));
    const std::uint8_t* const before = memory.data();
    ASSERT_TRUE(memory.grow(2));
    EXPECT_NE(memory.data(), before);
    EXPECT_EQ(memory.data()[2 * limits::page_bytes - 1], 0);
    memory.data()[0] = 1;
    memory.reset();
    EXPECT_EQ(memory.pages(), 0u);
    ASSERT_TRUE(memory.grow(1));
    EXPECT_EQ(memory.data()[0], 0);
    EXPECT_FALSE(memory.can_grow(3));
}

TEST(memory, is_zero_whatever_its_range_was_before) {
    for (std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{300'000}, 5 * limits::page_bytes}) {
        std::uint8_t* was = nullptr;
        {
            LinearMemory memory({{1, 5, false}}, {});
            ASSERT_TRUE(memory.grow(4));
            was = memory.data();
            std::fill_n(was, bytes, std::uint8_t{0xee});
        }
        LinearMemory memory({{5, 5, false}}, {});
        EXPECT_EQ(memory.data(), was) << "the range is used again";
        EXPECT_EQ(std::count(memory.data(), memory.data() + memory.size(), 0), 5 * limits::page_bytes);
    }
}

} // namespace
} // namespace rvm::wasm
