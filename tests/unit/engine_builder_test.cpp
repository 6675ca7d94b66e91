// What the builder saves: instructions that are not there, and results that stay the same.
#include <array>
#include <cstring>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "engine/builder.hpp"
#include "support/engine_machine.hpp"

namespace {

using namespace rvm::engine;
using namespace rvm::engine::test;

bool has(const Code& code, const char* instruction) { return listing(code).find(instruction) != std::string::npos; }

TEST(engine_builder, looks_at_entries_in_proportion_to_what_is_pushed) {
    const auto visits = [](std::uint32_t deep, std::uint32_t labels) {
        Builder b;
        b.begin_function(0, {.parameters = 1, .locals = 1, .results = 1});
        for (std::uint32_t i = 0; i < deep; ++i)
            b.local_get(0, Type::i64);
        for (std::uint32_t i = 0; i < labels; ++i) {
            const Label next = b.label(deep, {});
            b.local_get(0, Type::i64);
            b.jump_if(next);
            b.push(Type::i64, i);
            b.local_set(0);
            b.bind(next);
        }
        b.ret();
        b.end_function();
        EXPECT_TRUE(b.finish().has_value());
        return b.visits();
    };
    EXPECT_LE(visits(1000, 1000), 2U * 1000 + 4U * 1000);
    EXPECT_LE(visits(1000, 2000) - visits(1000, 1000), 4U * 1000)
        << "each label costs the same, however deep the stack";
}

TEST(engine_builder, writes_zeros_only_where_other_paths_may_read_them) {
    const auto body = [](bool branches) {
        return made([&](Builder& b) {
            b.push(Type::i64, 0);
            b.local_set(3);
            b.local_get(2, Type::i64);
            b.local_get(3, Type::i64);
            b.binary(Op::i64_add, Type::i64);
            b.local_get(0, Type::i64);
            b.binary(Op::i64_add, Type::i64);
            if (branches) {
                const Label end = b.label(0, one_i64);
                b.local_get(1, Type::i64);
                b.jump_if(end);
                b.local_get(2, Type::i64);
                b.local_get(3, Type::i64);
                b.binary(Op::i64_or, Type::i64);
                b.binary(Op::i64_add, Type::i64);
                b.bind(end);
            }
            b.ret();
        });
    };
    Machine m;
    const Code straight = body(false);
    EXPECT_FALSE(has(straight, "zero")) << listing(straight);
    EXPECT_EQ(m.call(straight, {7, 0}), Trap::none);
    EXPECT_EQ(m.cells[0], 7U);
    const Code branching = body(true);
    EXPECT_TRUE(has(branching, "zero 2")) << listing(branching);
    for (const Cell taken : {0U, 1U}) {
        m.cells.assign(m.cells.size(), 0xdeadbeef);
        EXPECT_EQ(m.call(branching, {7, taken}), Trap::none);
        EXPECT_EQ(m.cells[0], 7U);
    }
}

TEST(engine_builder, a_local_set_in_the_first_block_needs_no_zero) {
    const Code code = made(
        [](Builder& b) {
            const Label loop = b.label(0, {});
            b.local_get(0, Type::i64);
            b.local_set(1);
            b.bind(loop);
            b.local_get(1, Type::i64);
            b.push(Type::i64, 1);
            b.binary(Op::i64_sub, Type::i64);
            b.local_tee(1);
            b.jump_if(loop);
            b.local_get(1, Type::i64);
            b.ret();
        },
        {.parameters = 1, .locals = 2, .results = 1});
    EXPECT_FALSE(has(code, "zero")) << listing(code);
    Machine m;
    EXPECT_EQ(m.call(code, {5}), Trap::none);
    EXPECT_EQ(m.cells[0], 0U);
}

TEST(engine_builder, adds_constants_to_addresses_of_32_bits_with_their_wrap) {
    const Code code = made([](Builder& b) {
        b.local_get(0, Type::i32); // store8 at 0 + 5 (mod 2^32), load32 at 1 + 4 * 2 - 4 (mod 2^32)
        b.push(Type::i32, 5);
        b.binary(Op::i32_add, Type::i32);
        b.push(Type::i32, 77);
        b.store(Op::store8, 0);
        b.local_get(1, Type::i32);
        b.push(Type::i32, 3);
        b.binary(Op::i32_shl, Type::i32);
        b.push(Type::i32, 0xfffffffc);
        b.binary(Op::i32_add, Type::i32);
        b.load(Op::load32_u, 0, Type::i32);
        b.ret();
    });
    EXPECT_TRUE(has(code, "store8_si")) << listing(code);
    EXPECT_TRUE(has(code, "load32_u_t")) << listing(code);
    EXPECT_FALSE(has(code, "add")) << listing(code);
    Machine m;
    const std::uint32_t word = 0x01020304;
    std::memcpy(&m.memory[4], &word, sizeof word);
    EXPECT_EQ(m.call(code, {0xfffffffe, 1}), Trap::none) << "0xfffffffe + 5 is 3";
    EXPECT_EQ(m.memory[3], 77U);
    EXPECT_EQ(m.cells[0], word);
    EXPECT_EQ(m.call(code, {1024 - 5, 1}), Trap::memory_bounds);
    EXPECT_EQ(m.call(code, {1024 - 6, 1}), Trap::none);
    EXPECT_EQ(m.memory[1023], 77U);
    EXPECT_EQ(m.call(code, {0, 0}), Trap::memory_bounds) << "0 - 4 is not inside";
}

TEST(engine_builder, asks_the_opposite_instead_of_comparing_twice) {
    const auto body = [](bool floats, bool branches) {
        return made([&](Builder& b) {
            const Type type = floats ? Type::f64 : Type::i64;
            const Label other = b.label(0, {});
            b.local_get(0, type);
            b.local_get(1, type);
            b.compare(floats ? Op::f64_lt : Op::i64_lt_s);
            b.equals_zero();
            if (!branches) return b.ret();
            b.jump_if(other);
            b.push(Type::i64, 10);
            b.ret();
            b.bind(other);
            b.push(Type::i64, 20);
            b.ret();
        });
    };
    Machine m;
    for (const bool floats : {false, true}) {
        for (const bool branches : {false, true}) {
            const Code code = body(floats, branches);
            EXPECT_EQ(has(code, "_eq_"), floats && !branches) << listing(code);
            const auto bits = [&](double x) {
                return floats ? std::bit_cast<Cell>(x) : static_cast<Cell>(static_cast<std::int64_t>(x));
            };
            EXPECT_EQ(m.call(code, {bits(-1), bits(2)}), Trap::none);
            EXPECT_EQ(m.cells[0], branches ? 10U : 0U) << listing(code);
            EXPECT_EQ(m.call(code, {bits(2), bits(2)}), Trap::none);
            EXPECT_EQ(m.cells[0], branches ? 20U : 1U) << listing(code);
            if (!floats) continue;
            EXPECT_EQ(m.call(code, {bits(2), 0x7ff8000000000000}), Trap::none) << "not less, not greater";
            EXPECT_EQ(m.cells[0], branches ? 20U : 1U) << listing(code);
        }
    }
}

TEST(engine_builder, asks_as_often_for_the_opposite_as_it_is_told) {
    for (const bool floats : {false, true})
        for (const bool when_zero : {false, true})
            for (unsigned times = 0; times < 6; ++times) {
                const Code code = made([&](Builder& b) {
                    const Type type = floats ? Type::f64 : Type::i64;
                    const Label other = b.label(0, {});
                    b.local_get(0, type);
                    b.local_get(1, type);
                    b.compare(floats ? Op::f64_le : Op::i64_le_s);
                    for (unsigned i = 0; i < times; ++i)
                        b.equals_zero();
                    b.jump_if(other, when_zero);
                    b.push(Type::i64, 10);
                    b.ret();
                    b.bind(other);
                    b.push(Type::i64, 20);
                    b.ret();
                });
                Machine m;
                for (const auto& [left, right] : {std::pair{1, 2}, std::pair{2, 1}}) {
                    const auto bits = [&](int x) { return floats ? std::bit_cast<Cell>(double{1} * x) : static_cast<Cell>(x); };
                    EXPECT_EQ(m.call(code, {bits(left), bits(right)}), Trap::none);
                    const bool jumps = ((left <= right) == (times % 2 == 0)) != when_zero;
                    EXPECT_EQ(m.cells[0], jumps ? 20U : 10U) << times << '\n' << listing(code);
                }
            }
}

TEST(engine_builder, extends_signs_that_were_shifted_up_and_down) {
    const auto body = [](Op up, Op down, std::uint64_t distance, std::uint64_t back) {
        return made([&](Builder& b) {
            const Type type = up == Op::i32_shl ? Type::i32 : Type::i64;
            b.local_get(0, type);
            b.push(type, distance);
            b.binary(up, type);
            b.push(type, back);
            b.binary(down, type);
            b.ret();
        });
    };
    Machine m;
    const auto result = [&](const Code& code) {
        EXPECT_EQ(m.call(code, {0x1234'5678'9abc'd688}), Trap::none);
        return m.cells[0];
    };
    const Code of8 = body(Op::i32_shl, Op::i32_shr_s, 24, 24);
    EXPECT_TRUE(has(of8, "i32_extend8_s")) << listing(of8);
    EXPECT_EQ(result(of8), 0xffffff88U);
    const Code of32 = body(Op::i64_shl, Op::i64_shr_s, 32, 32);
    EXPECT_TRUE(has(of32, "i64_extend32_s")) << listing(of32);
    EXPECT_EQ(result(of32), 0xffff'ffff'9abc'd688U);
    EXPECT_EQ(result(body(Op::i64_shl, Op::i64_shr_s, 48, 48)), 0xffff'ffff'ffff'd688U);
    EXPECT_EQ(result(body(Op::i64_shl, Op::i64_shr_s, 48, 56)), 0xffff'ffff'ffff'ffd6U) << "not the same distance";
    EXPECT_EQ(result(body(Op::i32_shl, Op::i32_shr_s, 0, 0)), 0x9abcd688U) << "stays a number of 32 bits";
}

TEST(engine_builder, subtracts_from_constants_without_writing_them) {
    const Code code = made([](Builder& b) {
        b.push(Type::i64, 100);
        b.local_get(0, Type::i64);
        b.binary(Op::i64_sub, Type::i64);
        b.ret();
    });
    EXPECT_FALSE(has(code, "const")) << listing(code);
    Machine m;
    ASSERT_EQ(m.call(code, {58}), Trap::none);
    EXPECT_EQ(m.cells[0], 42U);
}

TEST(engine_builder, branches_on_a_sum_whichever_side_it_is_on) {
    const Code code = made([](Builder& b) { // counts turns: do { i += 3; n += 1; } while (limit > i)
        const Label loop = b.label(0, {});
        b.bind(loop);
        b.local_get(3, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_add, Type::i64);
        b.local_set(3);
        b.local_get(0, Type::i64);
        b.local_get(2, Type::i64);
        b.push(Type::i64, 3);
        b.binary(Op::i64_add, Type::i64);
        b.local_tee(2);
        b.compare(Op::i64_gt_u);
        b.jump_if(loop);
        b.local_get(3, Type::i64);
        b.ret();
    });
    EXPECT_TRUE(has(code, "i64_lt_u_branch_back_add_r")) << listing(code);
    Machine m;
    for (const Cell limit : {1U, 3U, 4U, 30U, 31U}) {
        ASSERT_EQ(m.call(code, {limit}), Trap::none);
        EXPECT_EQ(m.cells[0], (limit + 2) / 3);
    }
}

/// local `to` = local `from` op `number`.
void assign(Builder& b, std::uint32_t to, std::uint32_t from, Op op, std::uint64_t number) {
    b.local_get(from, Type::i64);
    b.push(Type::i64, number);
    b.binary(op, Type::i64);
    b.local_set(to);
}

/// sum = 0; i = n; do { memory[i] = 1; sum += i; i -= 1; [detour] } while (i != 0); the sum.
Code counting_down(const std::function<void(Builder&)>& detour) {
    return made([&](Builder& b) {
        b.push(Type::i64, 0);
        b.local_set(2);
        assign(b, 1, 0, Op::i64_add, 0);
        const Label loop = b.label(0, {});
        b.bind(loop);
        b.local_get(1, Type::i64);
        b.push(Type::i64, 1);
        b.store(Op::store8, 8);
        b.local_get(2, Type::i64);
        b.local_get(1, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.local_set(2);
        assign(b, 1, 1, Op::i64_sub, 1);
        detour(b);
        b.local_get(1, Type::i64);
        b.jump_if(loop);
        b.local_get(2, Type::i64);
        b.ret();
    });
}

void expect_counted_down(const Code& code) {
    Machine m;
    ASSERT_EQ(m.call(code, {10}), Trap::none);
    EXPECT_EQ(m.cells[0], 55U) << listing(code);
    EXPECT_EQ(m.memory[8], 0U);
    EXPECT_EQ(m.memory[18], 1U);
}

TEST(engine_builder, begins_turns_with_the_local_that_the_last_one_left_in_the_accumulator) {
    const Code code = counting_down([](Builder&) {});
    EXPECT_TRUE(has(code, "store8_ai")) << listing(code);
    EXPECT_TRUE(has(code, "i64_add_ra")) << listing(code);
    expect_counted_down(code);
}

TEST(engine_builder, reads_the_local_when_some_turn_ends_with_something_else) {
    const Code code = counting_down([](Builder& b) { assign(b, 3, 2, Op::i64_xor, 5); }); // local 3 is set last
    EXPECT_TRUE(has(code, "store8_ri")) << listing(code);
    EXPECT_FALSE(has(code, "store8_ai")) << listing(code);
    expect_counted_down(code);
}

TEST(engine_builder, reads_the_local_when_a_table_of_branches_leads_to_the_loop) {
    const Code code = made([](Builder& b) { // do { sum += i; i -= 1; } while (i != 0), by a table
        assign(b, 1, 0, Op::i64_or, 0);
        const Label loop = b.label(0, {});
        const Label end = b.label(0, {});
        b.bind(loop);
        b.local_get(1, Type::i64);
        b.local_get(2, Type::i64);
        b.binary(Op::i64_add, Type::i64);
        b.local_set(2);
        assign(b, 1, 1, Op::i64_sub, 1);
        b.local_get(1, Type::i64);
        b.push(Type::i64, 1);
        b.compare(Op::i64_lt_u);
        b.jump_table(std::array{loop}, end);
        b.bind(end);
        b.local_get(2, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {10}), Trap::none);
    EXPECT_EQ(m.cells[0], 55U) << listing(code);
}

TEST(engine_builder, reads_the_local_where_a_branch_forward_arrives_without_it) {
    const Code code = made([](Builder& b) { // if (a == 0) b = a + 7; return b + 1
        const Label skip = b.label(0, {});
        b.local_get(0, Type::i64);
        b.jump_if(skip);
        assign(b, 1, 0, Op::i64_add, 7);
        b.bind(skip);
        b.local_get(1, Type::i64);
        b.push(Type::i64, 1);
        b.binary(Op::i64_add, Type::i64);
        b.ret();
    });
    Machine m;
    ASSERT_EQ(m.call(code, {0, 40}), Trap::none);
    EXPECT_EQ(m.cells[0], 8U) << listing(code);
    ASSERT_EQ(m.call(code, {3, 40}), Trap::none);
    EXPECT_EQ(m.cells[0], 41U) << listing(code);
}

TEST(engine_builder, makes_last_arguments_of_what_a_turn_begins_with) {
    Builder b;
    b.begin_function(0,
                     {.parameters = 1, .locals = 3, .results = 1, .height = 3}); // the sum of f(i + 1), i from n to 1
    assign(b, 1, 0, Op::i64_or, 0);
    const Label loop = b.label(0, {});
    b.bind(loop);
    b.local_get(1, Type::i64);
    b.push(Type::i64, 1);
    b.binary(Op::i64_add, Type::i64);
    b.call(1, 1, one_i64, 1);
    b.local_get(2, Type::i64);
    b.binary(Op::i64_add, Type::i64);
    b.local_set(2);
    b.local_get(1, Type::i64);
    b.push(Type::i64, 1);
    b.binary(Op::i64_sub, Type::i64);
    b.local_tee(1);
    b.jump_if(loop);
    b.local_get(2, Type::i64);
    b.ret();
    b.end_function();
    b.begin_function(1, {.parameters = 1, .locals = 1, .results = 1, .height = 2}); // f(x) = 3 x
    b.local_get(0, Type::i64);
    b.push(Type::i64, 3);
    b.binary(Op::i64_mul, Type::i64);
    b.ret();
    b.end_function();
    const auto code = b.finish();
    ASSERT_TRUE(code.has_value());
    EXPECT_TRUE(has(*code, "call_sum64")) << listing(*code);
    Machine m;
    ASSERT_EQ(m.call(*code, {4}), Trap::none);
    EXPECT_EQ(m.cells[0], 3U * (5 + 4 + 3 + 2)) << listing(*code);
}

TEST(engine_builder, leaves_arguments_that_are_neighbours_where_they_are) {
    Builder b;
    b.begin_function(0, {.parameters = 1, .locals = 1, .results = 1, .height = 3, .on_stack = 1}); // fib, as natively
    const Label more = b.label(1, {});
    b.pick(0);
    b.push(Type::i64, 2);
    b.compare(Op::i64_lt_u);
    b.jump_if(more, true);
    b.ret();
    b.bind(more);
    b.pick(0);
    b.push(Type::i64, 1);
    b.binary(Op::i64_sub, Type::i64);
    b.call(0, 1, one_i64, 1);
    b.swap();
    b.push(Type::i64, 2);
    b.binary(Op::i64_sub, Type::i64);
    b.call(0, 1, one_i64, 1);
    b.binary(Op::i64_add, Type::i64);
    b.ret();
    b.end_function();
    const auto code = b.finish();
    ASSERT_TRUE(code.has_value());
    EXPECT_FALSE(has(*code, "copy")) << listing(*code);
    Machine m;
    ASSERT_EQ(m.call(*code, {15}), Trap::none);
    EXPECT_EQ(m.cells[0], 610U) << listing(*code);
}

TEST(engine_positions, finds_what_was_added_last_before_a_word) {
    Positions positions;
    EXPECT_EQ(positions.source_at(7), 0U);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
    std::uint32_t word = 3;
    for (std::uint32_t i = 0; i < 500; ++i) { // near and far, forward and back
        word += i % 7 == 0 ? 100'000 : i % 3;
        all.emplace_back(word, i % 5 == 0 ? 0xfffffff0U - i : i * i);
        positions.add(word, all.back().second);
    }
    EXPECT_EQ(positions.source_at(2), 0U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i + 1 < all.size() && all[i + 1].first == all[i].first) continue; // the later one holds
        EXPECT_EQ(positions.source_at(all[i].first), all[i].second) << i;
        const std::uint32_t end = i + 1 < all.size() ? all[i + 1].first : all[i].first + 1000;
        EXPECT_EQ(positions.source_at(end - 1), all[i].second) << i;
    }
    EXPECT_LT(positions.bytes(), 500U * 8 * 2) << "capacity included";
}

// -- operations of plugins

struct Counted {
    int calls = 0;
};

std::int32_t add_shifted(const void* self, rvm_frame*, Cell* window, std::uint64_t immediate) {
    Counted& counted = *const_cast<Counted*>(static_cast<const Counted*>(self));
    ++counted.calls;
    if (window[0] == 13) return 5;
    window[0] += window[1] << immediate;
    return 0;
}

struct ItemTest : testing::Test {
    ItemTest() {
        item.run = add_shifted;
        item.self = &counted;
        item.price = 10;
        item.wrong = [](Context& context, const Item&, std::int32_t status, bool paid) noexcept {
            if (!paid) return Trap::out_of_gas;
            context.accumulator = static_cast<Cell>(status);
            return Trap::exit;
        };
        code = made([&](Builder& b) {
            b.charge(1);
            b.local_get(0, Type::i64);
            b.local_get(1, Type::i64);
            b.item(item, 4, 2, one_i64);
            b.push(Type::i64, 3);
            b.item(item, 0, 2, one_i64);
            b.local_get(0, Type::i64);
            b.binary(Op::i64_add, Type::i64);
            b.ret();
        });
    }
    Counted counted;
    Item item;
    Code code;
    Machine m;
};

TEST_F(ItemTest, sees_its_operands_and_leaves_its_result) {
    ASSERT_EQ(m.call(code, {1, 2}), Trap::none) << listing(code);
    EXPECT_EQ(m.cells[0], 1U + (2U << 4) + 3 + 1);
    EXPECT_EQ(m.context.gas_left(), 1'000'000 - 1 - 20);
    EXPECT_EQ(counted.calls, 2);
}

TEST_F(ItemTest, is_paid_from_the_reserve_too) {
    m.context.gas = 5;
    m.context.reserve_gas = 20;
    ASSERT_EQ(m.call(code, {1, 2}), Trap::none);
    EXPECT_EQ(m.context.gas_left(), 25 - 21);
    EXPECT_EQ(m.cells[0], 37U);
}

TEST_F(ItemTest, does_not_run_unpaid) {
    m.context.gas = 5;
    m.context.reserve_gas = 15;
    EXPECT_EQ(m.call(code, {1, 2}), Trap::out_of_gas);
    EXPECT_EQ(counted.calls, 1);
    EXPECT_EQ(m.context.gas_left(), 20 - 11) << "the second one is not paid";
}

TEST_F(ItemTest, reports_a_status) {
    EXPECT_EQ(m.call(code, {13, 2}), Trap::exit);
    EXPECT_EQ(m.context.accumulator, 5U);
    EXPECT_EQ(counted.calls, 1) << "nothing runs after it";
}

} // namespace
