// The engine by itself: what the builder makes of stack code, run with a plain environment.
#include <array>
#include <vector>

#include <pthread.h>

#include <gtest/gtest.h>

#include "engine/builder.hpp"
#include "support/engine_machine.hpp"

namespace {

using namespace rvm::engine;
using namespace rvm::engine::test;

TEST(engine_run, adds_locals_and_constants) {
    const Code code = made([](Builder& b) {
        b.local_get(0, Type::i64);
        b.local_get(1, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.push(Type::i64, 5);
        b.binary(Op::i64_mul, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {3, 4}), Trap::none);
    EXPECT_EQ(m.cells[0], 35U);
    EXPECT_NE(listing(code).find("i64_add_ra_to_a"), std::string::npos) << listing(code);
    EXPECT_NE(listing(code).find("i64_mul_ai"), std::string::npos) << listing(code);
}

TEST(engine_run, breaks_a_cycle_of_moves_in_a_cell_that_no_other_move_wrote) {
    const Code code = made(
        [](Builder& b) {
            b.local_get(0, Type::i64);
            b.local_get(1, Type::i64);
            b.settle();
            b.swap();
            b.settle(); // a cycle: it takes the cell above both
            b.swap();
            b.local_get(2, Type::i64); // whose home is that cell
            b.settle();                // fills it and breaks the cycle back
            b.binary(Op::i64_sub, Type::i64);
            b.binary(Op::i64_mul, Type::i64);
            b.ret();
        },
        {.parameters = 3, .locals = 3, .results = 1});
    Machine m;
    ASSERT_EQ(m.call(code, {3, 40, 7}), Trap::none);
    EXPECT_EQ(m.cells[0], 3U * (40 - 7)) << listing(code);
}

/// sum of 1..n by a loop: locals 0 = n, 2 = i, 3 = sum.
Code sum_loop() {
    return made([](Builder& b) {
        const Label loop = b.label(0, {});
        b.charge(1);
        b.bind(loop);
        b.charge(4);
        b.charge(6);
        b.local_get(2, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_add, Type::i64);
        b.local_tee(2);
        b.local_get(3, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.local_set(3);
        b.local_get(2, Type::i64);
        b.local_get(0, Type::i64);
        b.compare(Op::i64_lt_u);
        b.jump_if(loop);
        b.charge(100);
        b.local_get(3, Type::i64);
        b.ret();
    });
}

TEST(engine_run, charges_each_block_at_its_entry) {
    const Code code = sum_loop();
    Machine m;
    ASSERT_EQ(m.call(code, {100, 0}), Trap::none);
    EXPECT_EQ(m.cells[0], 5050U);
    EXPECT_EQ(m.context.gas_left(), 1'000'000 - 1 - 100 * 10 - 100);
}

TEST(engine_run, stops_before_a_block_that_cannot_be_paid) {
    const Code code = sum_loop();
    Machine m;
    m.context.gas = 1 + 3 * 10 + 9;
    EXPECT_EQ(m.call(code, {100, 0}), Trap::out_of_gas);
    EXPECT_EQ(m.context.gas_left(), 9);
    EXPECT_EQ(m.cells[2], 3U);
}

TEST(engine_run, yields_at_block_entry_and_goes_on) {
    const Code code = sum_loop();
    Machine m;
    m.hooks.more_gas = [](Context& context, std::uint64_t price) noexcept {
        if (context.gas_left() < static_cast<std::int64_t>(price)) return Trap::out_of_gas;
        const std::int64_t quantum = std::min<std::int64_t>(context.reserve_gas, 64);
        context.reserve_gas -= quantum;
        context.gas += quantum;
        return Trap::yield;
    };
    m.context.gas = 1;
    m.context.reserve_gas = 999'999;
    std::size_t quanta = 0;
    Trap trap = m.call(code, {100, 0});
    while (trap == Trap::yield) {
        ++quanta;
        trap = run(m.context);
    }
    EXPECT_EQ(trap, Trap::none);
    EXPECT_EQ(m.cells[0], 5050U);
    EXPECT_EQ(m.context.gas_left(), 1'000'000 - 1 - 100 * 10 - 100);
    EXPECT_GT(quanta, 10U);
}

Code fibonacci() {
    Builder b;
    b.begin_function(0, {.parameters = 1, .locals = 1, .results = 1, .height = 4});
    const Label more = b.label(0, {});
    b.local_get(0, Type::i64);
    b.push(Type::i64, 2);
    b.compare(Op::i64_ge_u);
    b.jump_if(more);
    b.local_get(0, Type::i64);
    b.ret();
    b.bind(more);
    for (const std::uint64_t less : {1U, 2U}) {
        b.local_get(0, Type::i64);
        b.push(Type::i64, less);
        b.binary(Op::i64_sub, Type::i64);
        b.call(0, 1, one_i64, 4);
    }
    b.binary(Op::i64_add, Type::i64);
    b.ret();
    b.end_function();
    return std::move(*b.finish());
}

TEST(engine_run, calls_recursively) {
    const Code code = fibonacci();
    Machine m;
    ASSERT_EQ(m.call(code, {20}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 6765U);
}

TEST(engine_run, asks_for_records_and_height) {
    const Code code = fibonacci();
    Machine m;
    EXPECT_EQ(m.call(code, {200}), Trap::depth);
    m.context.logical_limit = 40;
    EXPECT_EQ(m.call(code, {20}), Trap::stack);
    m.context.logical_limit = 80;
    EXPECT_EQ(m.call(code, {20}), Trap::none);
}

TEST(engine_run, keeps_the_old_value_of_a_local_that_is_still_on_the_stack) {
    const Code code = made([](Builder& b) {
        b.local_get(0, Type::i64);
        b.local_get(0, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_add, Type::i64);
        b.local_set(0);
        b.local_get(0, Type::i64);
        b.push(Type::i64, 1000);
        b.binary(Op::i64_mul, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {7, 0}), Trap::none);
    EXPECT_EQ(m.cells[0], 8007U);
}

TEST(engine_run, moves_carried_values_on_the_taken_path_only) {
    for (const std::uint64_t condition : {0U, 1U}) {
        const Code code = made([](Builder& b) {
            const Label out = b.label(0, one_i64);
            b.push(Type::i64, 11);
            b.push(Type::i64, 22);
            b.local_get(0, Type::i64);
            b.jump_if(out); // carries 22, drops 11
            b.binary(Op::i64_sub, Type::i64);
            b.jump(out);
            b.bind(out);
            b.ret();
        });
        Machine m;
        ASSERT_EQ(m.call(code, {condition, 0}), Trap::none) << listing(code);
        EXPECT_EQ(m.cells[0], condition != 0 ? 22U : static_cast<std::uint64_t>(-11));
    }
}

TEST(engine_run, jumps_through_tables_with_values) {
    const Code code = made([](Builder& b) {
        const std::array labels{b.label(0, one_i64), b.label(0, one_i64)};
        b.push(Type::i64, 1);
        b.push(Type::i64, 2);
        b.push(Type::i64, 30);
        b.local_get(0, Type::i64);
        b.jump_table(labels, labels[0]);
        b.bind(labels[1]);
        b.push(Type::i64, 3);
        b.binary(Op::i64_add, Type::i64);
        b.jump(labels[0]);
        b.bind(labels[0]);
        b.ret();
    });
    Machine m;
    for (const std::uint64_t index : {0U, 1U, 2U, 77U}) {
        ASSERT_EQ(m.call(code, {index, 0}), Trap::none) << listing(code);
        EXPECT_EQ(m.cells[0], index == 1 ? 33U : 30U);
    }
}

TEST(engine_run, rotates_the_stack_without_losing_values) {
    const Code code = made([](Builder& b) {
        const Label next = b.label(3, {});
        b.local_get(0, Type::i64);
        b.local_get(1, Type::i64);
        b.push(Type::i64, 9);
        b.binary(Op::i64_add, Type::i64);
        b.push(Type::i64, 7);
        b.jump(next);
        b.bind(next); // x, y + 9, 7
        b.swap();
        b.pick(2);
        b.swap(); // x, 7, x, y + 9
        const Label last = b.label(4, {});
        b.jump(last);
        b.bind(last);
        b.push(Type::i64, 10);
        b.binary(Op::i64_mul, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.push(Type::i64, 1000);
        b.binary(Op::i64_mul, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {5, 1}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 5U + 1000U * (7 + 5 + 100));
}

TEST(engine_run, traps_with_the_source_position) {
    const Code code = made([](Builder& b) {
        b.at(40);
        b.local_get(0, Type::i64);
        b.at(41);
        b.load(Op::load32_u, 4, Type::i64);
        b.at(42);
        b.local_get(1, Type::i64);
        b.binary(Op::i64_div_u, Type::i64);
        b.at(43);
        b.ret();
    });
    Machine m;
    m.memory[1020] = 50;
    ASSERT_EQ(m.call(code, {1016, 5}), Trap::none);
    EXPECT_EQ(m.cells[0], 10U);
    EXPECT_EQ(m.call(code, {1017, 5}), Trap::memory_bounds);
    EXPECT_EQ(code.position(m.context.pc), 41U);
    EXPECT_EQ(m.call(code, {1016, 0}), Trap::division_by_zero);
    EXPECT_EQ(code.position(m.context.pc), 42U);
}

TEST(engine_run, bounds_every_width_of_access) {
    struct Width {
        Op load, store;
        std::uint64_t bytes;
    };
    for (const Width width : {Width{Op::load8_u, Op::store8, 1}, Width{Op::load16_u, Op::store16, 2},
                              Width{Op::load32_u, Op::store32, 4}, Width{Op::load64, Op::store64, 8}}) {
        const Code loading = made([&](Builder& b) {
            b.local_get(0, Type::i64);
            b.push(Type::i64, 3); // becomes the offset
            b.binary(Op::i64_add, Type::i64);
            b.load(width.load, 0, Type::i64);
            b.ret();
        });
        const Code storing = made([&](Builder& b) {
            b.local_get(0, Type::i64);
            b.push(Type::i64, 3);
            b.binary(Op::i64_add, Type::i64);
            b.local_get(1, Type::i64);
            b.store(width.store, 0);
            b.push(Type::i64, 1);
            b.ret();
        });
        Machine m;
        EXPECT_EQ(listing(loading).find("i64_add"), std::string::npos);
        const std::uint64_t last = m.memory.size() - width.bytes - 3;
        EXPECT_EQ(m.call(storing, {last, 0x0123456789abcdef}), Trap::none);
        EXPECT_EQ(m.call(loading, {last}), Trap::none);
        EXPECT_EQ(m.cells[0], 0x0123456789abcdef & ~std::uint64_t{0} >> (64 - 8 * width.bytes));
        for (const std::uint64_t beyond : {last + 1, last + width.bytes, ~std::uint64_t{0} - 4}) {
            EXPECT_EQ(m.call(storing, {beyond, 1}), Trap::memory_bounds) << beyond;
            EXPECT_EQ(m.call(loading, {beyond}), Trap::memory_bounds) << beyond;
        }
        EXPECT_EQ(m.call(loading, {~std::uint64_t{0}}), Trap::none) << "an i64 sum wraps";
        m.context.set_memory(m.memory.data(), width.bytes - 1);
        EXPECT_EQ(m.call(loading, {static_cast<Cell>(-3)}), Trap::memory_bounds);
    }
}

/// The handlers never stand on each other: a long loop and a deep recursion fit on a small C stack.
TEST(engine_run, uses_a_bounded_stack) {
    const auto work = [](void*) -> void* {
        const Code loop = sum_loop();
        const Code recursion = fibonacci();
        Machine m;
        m.records.resize(100'000);
        m.cells.resize(400'000);
        m.context.records = m.records.data();
        m.context.record_limit = m.records.data() + m.records.size();
        m.context.cell_limit = m.cells.data() + m.cells.size();
        m.context.logical_limit = 1'000'000;
        m.context.gas = std::int64_t{1} << 40;
        static bool right = false;
        right = m.call(loop, {1'000'000, 0}) == Trap::none && m.cells[0] == 500'000'500'000;
        right = right && m.call(recursion, {200'000}) == Trap::depth && m.context.depth() == m.records.size();
        return right ? &right : nullptr;
    };
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    pthread_t thread{};
    ASSERT_EQ(pthread_create(&thread, &attributes, work, nullptr), 0);
    void* right = nullptr;
    ASSERT_EQ(pthread_join(thread, &right), 0);
    pthread_attr_destroy(&attributes);
    EXPECT_NE(right, nullptr);
}

TEST(engine_run, calls_the_environment) {
    const HostFunction add_all = [](Context& context, Cell* window, std::uint64_t immediate) noexcept {
        if (!context.charge(50)) return Trap::out_of_gas;
        window[0] = window[0] + window[1] + immediate;
        return Trap::none;
    };
    const LeafFunction subtract = [](Context&, Cell* out, const Cell* a, const Cell* b, const Cell*,
                                     std::uint64_t immediate) noexcept {
        *out = *a - *b - immediate;
        return Trap::none;
    };
    const Code code = made([&](Builder& b) {
        b.push(Type::i64, 1000);
        b.local_get(0, Type::i64);
        b.local_get(1, Type::i64);
        b.host(add_all, 100, 2, one_i64);
        b.leaf(subtract, 1, 2, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {20, 3}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 1000U - 123 - 1);
    EXPECT_EQ(m.context.gas_left(), 1'000'000 - 50);
}

TEST(engine_run, calls_through_tables) {
    Builder b;
    b.begin_function(0, {.parameters = 2, .locals = 2, .results = 1});
    b.push(Type::i64, 100);
    b.local_get(0, Type::i64);
    b.local_get(1, Type::i32);
    b.call_indirect(0, 77, 1, one_i64, 0);
    b.binary(Op::i64_add, Type::i64);
    b.ret();
    b.end_function();
    b.begin_function(1, {.parameters = 1, .locals = 1, .results = 1});
    b.local_get(0, Type::i64);
    b.push(Type::i64, 2);
    b.binary(Op::i64_mul, Type::i64);
    b.ret();
    b.end_function();
    const Code code = std::move(*b.finish());
    Machine m;
    const Callable twice{code.entry(1), 77, nullptr, 0};
    const Callable other_type{code.entry(1), 78, nullptr, 0};
    const Callable foreign{nullptr, 77, nullptr, 5000};
    const std::array<Cell, 4> cells{reinterpret_cast<Cell>(&twice), reinterpret_cast<Cell>(&other_type), 0,
                                    reinterpret_cast<Cell>(&foreign)};
    const Table table{cells.data(), cells.size()};
    const Table* const tables[] = {&table};
    m.context.tables = tables;
    EXPECT_EQ(m.call(code, {21, 0}), Trap::none);
    EXPECT_EQ(m.cells[0], 142U);
    EXPECT_EQ(m.call(code, {21, 1}), Trap::signature);
    EXPECT_EQ(m.call(code, {21, 2}), Trap::null_reference);
    EXPECT_EQ(m.call(code, {21, 3}), Trap::none);
    EXPECT_EQ(m.cells[0], 5121U);
    EXPECT_EQ(m.call(code, {21, 4}), Trap::table_bounds);
}

TEST(engine_run, tail_calls_do_not_grow_the_stack) {
    Builder b; // f(n, sum): n = 0 ? sum : f(n - 1, sum + n)
    b.begin_function(0, {.parameters = 2, .locals = 2, .results = 1});
    const Label more = b.label(0, {});
    b.local_get(0, Type::i64);
    b.jump_if(more);
    b.local_get(1, Type::i64);
    b.ret();
    b.bind(more);
    b.local_get(0, Type::i64);
    b.push(Type::i64, 1);
    b.binary(Op::i64_sub, Type::i64);
    b.local_get(1, Type::i64);
    b.local_get(0, Type::i64);
    b.binary(Op::i64_add, Type::i64);
    b.tail_call(0, 2);
    b.end_function();
    const Code code = std::move(*b.finish());
    Machine m;
    ASSERT_EQ(m.call(code, {100'000, 0}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 5'000'050'000U);
}

TEST(engine_run, floats_keep_to_the_canonical_nan) {
    const Code code = made([](Builder& b) {
        b.local_get(0, Type::f64);
        b.local_get(1, Type::f64);
        b.binary(Op::f64_div, Type::f64);
        b.push(Type::f64, std::bit_cast<std::uint64_t>(1.5));
        b.binary(Op::f64_add, Type::f64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {std::bit_cast<Cell>(9.0), std::bit_cast<Cell>(2.0)}), Trap::none);
    EXPECT_EQ(m.cells[0], std::bit_cast<Cell>(6.0));
    ASSERT_EQ(m.call(code, {0, 0}), Trap::none);
    EXPECT_EQ(m.cells[0], 0x7ff8000000000000U);
}

TEST(engine_run, truncations_trap_and_saturate) {
    const Code trapping = made([](Builder& b) {
        b.local_get(0, Type::f64);
        b.unary(Op::i32_trunc_f64_s, Type::i32);
        b.ret();
    });
    const Code saturating = made([](Builder& b) {
        b.local_get(0, Type::f64);
        b.unary(Op::i32_trunc_sat_f64_s, Type::i32);
        b.ret();
    });
    Machine m;
    EXPECT_EQ(m.call(trapping, {std::bit_cast<Cell>(-2147483648.9)}), Trap::none);
    EXPECT_EQ(m.cells[0], 0x80000000U);
    EXPECT_EQ(m.call(trapping, {std::bit_cast<Cell>(2147483648.0)}), Trap::integer_overflow);
    EXPECT_EQ(m.call(trapping, {0x7ff8000000000000}), Trap::invalid_conversion);
    EXPECT_EQ(m.call(saturating, {std::bit_cast<Cell>(2147483648.0)}), Trap::none);
    EXPECT_EQ(m.cells[0], 0x7fffffffU);
    EXPECT_EQ(m.call(saturating, {std::bit_cast<Cell>(-1e300)}), Trap::none);
    EXPECT_EQ(m.cells[0], 0x80000000U);
}

TEST(engine_run, goes_back_to_the_loop_that_ends) {
    const Code code = made([](Builder& b) { // for i = 3, 2, 1: for j = i ... 1: n += 1; n += 100
        const auto subtract_one = [&b](std::uint32_t local) {
            b.local_get(local, Type::i64);
            b.push(Type::i64, 1);
            b.binary(Op::i64_sub, Type::i64);
            b.local_tee(local);
        };
        const auto add = [&b](std::uint64_t number) {
            b.local_get(3, Type::i64);
            b.push(Type::i64, number);
            b.binary(Op::i64_add, Type::i64);
            b.local_set(3);
        };
        const Label outer = b.label(0, {});
        b.bind(outer);
        b.local_get(0, Type::i64);
        b.local_set(1);
        const Label inner = b.label(0, {});
        b.bind(inner);
        add(1);
        subtract_one(1);
        b.jump_if(inner);
        add(100);
        subtract_one(0);
        b.jump_if(outer);
        b.local_get(3, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {3}), Trap::none);
    EXPECT_EQ(m.cells[0], 306U) << listing(code);
}

TEST(engine_run, does_not_believe_the_last_loop_of_another_run) {
    const auto loop =
        [](bool whole) { // do { [sum += 100;] n += 1; i -= 1; } while (i != 0), the bracket in each turn or once
            return made([&](Builder& b) {
                b.local_get(0, Type::i64);
                b.local_set(1);
                const Label first = b.label(0, {});
                b.bind(first);
                b.local_get(2, Type::i64);
                b.push(Type::i64, 100);
                b.binary(Op::i64_add, Type::i64);
                b.local_set(2);
                const Label second = b.label(0, {});
                b.bind(second);
                b.local_get(3, Type::i64);
                b.push(Type::i64, 1);
                b.binary(Op::i64_add, Type::i64);
                b.local_set(3);
                b.local_get(1, Type::i64);
                b.push(Type::i64, 1);
                b.binary(Op::i64_sub, Type::i64);
                b.local_tee(1);
                b.jump_if(whole ? first : second);
                b.local_get(2, Type::i64);
                b.local_get(3, Type::i64);
                b.binary(Op::i64_add, Type::i64);
                b.ret();
            });
        };
    Code code = loop(true);
    const Code other = loop(false);
    ASSERT_EQ(code.words.size(), other.words.size());
    Machine m;
    ASSERT_EQ(m.call(code, {5}), Trap::none);
    EXPECT_EQ(m.cells[0], 505U) << listing(code);
    std::copy(other.words.begin(), other.words.end(), code.words.data()); // as when its memory is used again
    ASSERT_EQ(m.call(code, {5}), Trap::none);
    EXPECT_EQ(m.cells[0], 105U) << listing(code);
}

} // namespace
