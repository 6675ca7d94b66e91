// Calls of the engine: every way into a function has its last argument in the accumulator, and every call is measured
// against what is left of records, cells and the height that the rules count.
#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "engine/builder.hpp"
#include "support/engine_machine.hpp"

namespace {

using namespace rvm::engine;
using namespace rvm::engine::test;

constexpr std::uint64_t type = 77;

/// Function 1: (a, b) -> b - a, which takes b from the accumulator as its first instruction.
void add_difference(Builder& b) {
    b.begin_function(1, {.parameters = 2, .locals = 2, .results = 1});
    b.local_get(1, Type::i64);
    b.local_get(0, Type::i64);
    b.binary(Op::i64_sub, Type::i64);
    b.ret();
    b.end_function();
}

/// Function 0 with three parameters, and function 1.
template <typename Body>
Code with_difference(Body&& body) {
    Builder b;
    b.begin_function(0, {.parameters = 3, .locals = 4, .results = 1});
    body(b);
    b.end_function();
    add_difference(b);
    return std::move(*b.finish());
}

void both_locals(Builder& b) {
    b.local_get(0, Type::i64);
    b.local_get(1, Type::i64);
}

bool has(const Code& code, const char* text) { return listing(code).find(text) != std::string::npos; }

TEST(engine_calls, last_argument_is_in_the_accumulator_after_an_entry_from_outside) {
    const Code code = with_difference([](Builder& b) {
        both_locals(b);
        b.ret();
    });
    ASSERT_TRUE(has(code, "i64_sub_ar_to_a")) << listing(code);
    Machine m;
    m.context.accumulator = 5;
    ASSERT_EQ(m.call(code, {30, 72}, 1), Trap::none);
    EXPECT_EQ(m.cells[0], 42U);
}

TEST(engine_calls, last_argument_is_in_the_accumulator_after_direct_calls) {
    const Code made_last = with_difference([](Builder& b) { // (p0, p0 * p1)
        b.local_get(0, Type::i64);
        b.settle(); // or the call would move it last
        both_locals(b);
        b.binary(Op::i64_mul, Type::i64);
        b.call(1, 2, one_i64, 0);
        b.ret();
    });
    EXPECT_TRUE(has(made_last, "  call ")) << listing(made_last);
    const Code made_before = with_difference([](Builder& b) { // (p0 * p1, p0 + p1), the first made last
        both_locals(b);
        b.binary(Op::i64_add, Type::i64);
        both_locals(b);
        b.binary(Op::i64_mul, Type::i64);
        b.swap();
        b.settle();
        both_locals(b);
        b.binary(Op::i64_xor, Type::i64);
        b.local_set(3);
        b.call(1, 2, one_i64, 0);
        b.ret();
    });
    EXPECT_TRUE(has(made_before, "call_r")) << listing(made_before);
    const Code sum = with_difference([](Builder& b) { // (p0, p1 + 1000)
        b.local_get(0, Type::i64);
        b.settle();
        b.local_get(1, Type::i64);
        b.push(Type::i64, 1000);
        b.binary(Op::i64_add, Type::i64);
        b.call(1, 2, one_i64, 0);
        b.ret();
    });
    EXPECT_TRUE(has(sum, "call_sum64")) << listing(sum);
    Machine m;
    ASSERT_EQ(m.call(made_last, {7, 9}), Trap::none);
    EXPECT_EQ(m.cells[0], 63U - 7);
    ASSERT_EQ(m.call(made_before, {7, 9}), Trap::none);
    EXPECT_EQ(m.cells[0], static_cast<Cell>(16 - 63));
    ASSERT_EQ(m.call(sum, {7, 9}), Trap::none);
    EXPECT_EQ(m.cells[0], 1002U);
}

TEST(engine_calls, last_argument_is_in_the_accumulator_after_tail_calls) {
    const Code code = with_difference([](Builder& b) { // the arguments change places
        b.local_get(1, Type::i64);
        b.local_get(0, Type::i64);
        b.tail_call(1, 2);
    });
    Machine m;
    ASSERT_EQ(m.call(code, {72, 30}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 42U);
}

/// The result of a caller is read from its cell, and so must be there, whether the callee found it there or made it.
TEST(engine_calls, results_are_in_their_cell) {
    Builder b; // 0: the product of f(p0) - f(p1) for both others; 1: its parameter; 2: twice its parameter
    for (const std::uint32_t callee : {1U, 2U}) {
        b.begin_function(callee, {.parameters = 1, .locals = 1, .results = 1});
        b.local_get(0, Type::i64);
        if (callee == 2) {
            b.push(Type::i64, 1);
            b.binary(Op::i64_shl, Type::i64);
        }
        b.ret();
        b.end_function();
    }
    b.begin_function(0, {.parameters = 2, .locals = 2, .results = 1});
    for (const std::uint32_t callee : {1U, 2U}) {
        b.local_get(0, Type::i64);
        b.call(callee, 1, one_i64, 0);
        b.local_get(1, Type::i64);
        b.call(callee, 1, one_i64, 0);
        b.binary(Op::i64_sub, Type::i64);
    }
    b.binary(Op::i64_mul, Type::i64);
    b.ret();
    b.end_function();
    const Code code = std::move(*b.finish());
    EXPECT_TRUE(has(code, "ret_there")) << listing(code);
    Machine m;
    ASSERT_EQ(m.call(code, {50, 8}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 42U * 84);
}

/// Goes on in a function as one of another instance.
Trap enter(Context& context, const Callable& callee, Cell* window) noexcept {
    return enter_instance(
        context, callee.entry, window, [](Context&, std::uint64_t) noexcept { return Trap::none; }, 0);
}

TEST(engine_calls, last_argument_is_in_the_accumulator_after_a_host_function_entered) {
    static Callable callee;
    const Code code = with_difference([](Builder& b) {
        b.push(Type::i64, 1000);
        both_locals(b);
        b.host([](Context& context, Cell* window, std::uint64_t) noexcept { return enter(context, callee, window); }, 0,
               2, one_i64);
        b.binary(Op::i64_add, Type::i64);
        b.ret();
    });
    callee.entry = code.entry(1);
    Machine m;
    ASSERT_EQ(m.call(code, {30, 72}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 1042U);
}

/// Calls through a table and by reference, with and without a record of their own; of this instance and of another.
class Indirect : public testing::TestWithParam<std::tuple<bool, bool, bool>> {};

TEST_P(Indirect, calls_have_the_last_argument_in_the_accumulator) {
    const auto [by_reference, tail, other] = GetParam();
    const Code code = with_difference([&](Builder& b) { // function 1 of (p0, p1), by p2
        b.local_get(0, Type::i64);
        b.local_get(1, Type::i64);
        if (by_reference)
            b.local_get(2, Type::ref);
        else
            b.push(Type::i32, 0);
        if (tail && by_reference) return b.tail_call_reference(type, 2);
        if (tail) return b.tail_call_indirect(3, type, 2);
        if (by_reference)
            b.call_reference(type, 2, one_i64, 0);
        else
            b.call_indirect(3, type, 2, one_i64, 0);
        b.ret();
    });
    Machine m;
    Callable callee{code.entry(1), type, nullptr, 0};
    if (other) callee.instance = &callee;
    m.hooks.call_other = enter;
    const Cell cell = reinterpret_cast<Cell>(&callee);
    const Table table{&cell, 1};
    const Table* const tables[] = {nullptr, nullptr, nullptr, &table};
    m.context.tables = tables;
    ASSERT_EQ(m.call(code, {30, 72, cell}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 42U);
}

INSTANTIATE_TEST_SUITE_P(all, Indirect, testing::Combine(testing::Bool(), testing::Bool(), testing::Bool()));

// -- room

/// What a run takes at its most, counted by the rules in the code below and by nothing else.
struct Limits {
    std::uint64_t words, cells, records;
};

/// What became of a run with these limits.
Trap run_within(const Code& code, const Limits& limits, Cell argument) {
    Machine m;
    m.context.logical_limit = limits.words;
    m.context.cell_limit = m.cells.data() + limits.cells;
    m.context.record_limit = m.records.data() + limits.records;
    return m.call(code, {argument, 0});
}

/// Enough is enough, and one less of anything is not.
void expect_exactly(const Code& code, const Limits& most, Cell argument) {
    EXPECT_EQ(run_within(code, most, argument), Trap::none) << listing(code);
    EXPECT_EQ(run_within(code, {most.words - 1, most.cells, most.records}, argument), Trap::stack);
    EXPECT_EQ(run_within(code, {most.words, most.cells - 1, most.records}, argument), Trap::exit);
    EXPECT_EQ(run_within(code, {most.words, most.cells, most.records - 1}, argument), Trap::depth);
}

/// 0 (a height of 10) calls 1 (30) four words above its base in the given way; 1 goes over to 2 (40 and many locals) in
/// the other; 2 calls 3 (25) nine words above its base. Each has one parameter and no result.
Code chain(bool reference) {
    Builder b;
    b.begin_function(0, {.parameters = 1, .locals = 1, .height = 10});
    b.local_get(0, Type::ref);
    b.local_get(0, Type::ref);
    if (reference)
        b.call_reference(type, 1, {}, 4);
    else
        b.drop(), b.call(1, 1, {}, 4);
    b.ret();
    b.end_function();
    b.begin_function(1, {.parameters = 1, .locals = 1, .height = 30});
    b.local_get(0, Type::ref);
    if (reference) {
        b.call(2, 1, {}, 0);
        b.ret();
    } else {
        b.tail_call(2, 1);
    }
    b.end_function();
    b.begin_function(2, {.parameters = 1, .locals = 101, .height = 40});
    b.local_get(0, Type::ref);
    b.call(3, 1, {}, 9);
    b.ret();
    b.end_function();
    b.begin_function(3, {.parameters = 1, .locals = 51, .height = 25});
    b.ret();
    b.end_function();
    return std::move(*b.finish());
}

TEST(engine_calls, room_is_exact_after_a_tail_call) {
    const Code code = chain(false);
    const std::uint64_t base1 = 1, base3 = base1 + 101; // 0 has a local, 2 has 101
    const std::uint64_t cells = std::max(base1 + code.cells(2), base3 + code.cells(3));
    expect_exactly(code, {4 + 40, cells, 3}, 0);
}

TEST(engine_calls, room_is_exact_after_a_call_by_reference) {
    const Code code = chain(true);
    const Callable callee{code.entry(1), type, nullptr, 0};
    const std::uint64_t base1 = 1, base2 = base1 + 1, base3 = base2 + 101;
    const std::uint64_t cells = std::max(base2 + code.cells(2), base3 + code.cells(3));
    expect_exactly(code, {4 + 40, cells, 4}, reinterpret_cast<Cell>(&callee));
}

/// Functions of different needs hand over to each other, by a table, without end.
TEST(engine_calls, room_is_the_same_after_many_tail_calls) {
    Builder b; // even(n, other) : n == 0 ? 1 : other(n - 1, this one), and odd
    for (const std::uint32_t function : {0U, 1U}) {
        b.begin_function(function,
                         {.parameters = 1, .locals = 1 + 40 * function, .results = 1, .height = 20 + 7 * function});
        const Label more = b.label(0, {});
        b.local_get(0, Type::i64);
        b.jump_if(more);
        b.push(Type::i64, 1 - function);
        b.ret();
        b.bind(more);
        b.local_get(0, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_sub, Type::i64);
        b.push(Type::i32, 1 - function);
        b.tail_call_indirect(0, type, 1);
        b.end_function();
    }
    const Code code = std::move(*b.finish());
    const std::array callees{Callable{code.entry(0), type, nullptr, 0}, Callable{code.entry(1), type, nullptr, 0}};
    const std::array<Cell, 2> cells{reinterpret_cast<Cell>(&callees[0]), reinterpret_cast<Cell>(&callees[1])};
    const Table table{cells.data(), cells.size()};
    const Table* const tables[] = {&table};
    Machine m;
    m.context.tables = tables;
    m.context.logical_limit = 27;
    m.context.cell_limit = m.cells.data() + code.cells(1);
    m.context.record_limit = m.records.data() + 1;
    ASSERT_EQ(m.call(code, {10'001}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 0U);
}

/// Limits that are raised when they are asked for, to just what is needed: all functions below see it.
TEST(engine_calls, room_that_was_added_stays) {
    Builder b; // f(n, m): n != 0 ? f(n - 1, m) and again, if m is not 0, f(n - 1, 0) : nothing
    b.begin_function(0, {.parameters = 2, .locals = 2, .height = 7});
    const Label end = b.label(0, {});
    b.local_get(0, Type::i64);
    b.jump_if(end, true);
    for (const bool again : {false, true}) {
        if (again) {
            b.local_get(1, Type::i64);
            b.jump_if(end, true);
        }
        b.local_get(0, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_sub, Type::i64);
        if (again)
            b.push(Type::i64, 0);
        else
            b.local_get(1, Type::i64);
        b.call(0, 2, {}, 5);
    }
    b.bind(end);
    b.ret();
    b.end_function();
    const Code code = std::move(*b.finish());
    static int asked = 0;
    asked = 0;
    Machine m;
    m.context.logical_limit = 7;
    m.context.cell_limit = m.cells.data() + code.cells(0);
    m.context.record_limit = m.records.data() + 1;
    m.hooks.more_stack = [](Context& context, std::uint64_t height, std::uint64_t cells) noexcept {
        ++asked;
        const bool record = context.record == context.record_limit;
        const bool words = height > context.logical_limit;
        const bool more = context.fp + cells > context.cell_limit;
        if (!record && !words && !more) return Trap::exit; // nothing was missing
        context.record_limit += record ? 1 : 0;
        context.logical_limit = std::max(context.logical_limit, height);
        if (more) context.cell_limit = context.fp + cells;
        return Trap::none;
    };
    ASSERT_EQ(m.call(code, {12, 1}), Trap::none) << listing(code);
    EXPECT_EQ(asked, 12);
    EXPECT_EQ(m.context.logical_limit, 12U * 5 + 7);
    EXPECT_EQ(m.context.record_limit - m.context.records, 13);
}

} // namespace
