// Modules that are made to cost their reader more than they are long, and modules at the edge of what is valid. What
// is counted are the builder's looks at entries and cells, so that no clock decides.
#include <gtest/gtest.h>

#include "run/instance.hpp"
#include "run/machine.hpp"
#include "support/wasm_builder.hpp"
#include "translate/translator.hpp"

namespace rvm::wasm {
namespace {

using namespace test;

constexpr std::uint8_t i32_const = 0x41, local_get = 0x20, local_set = 0x21, drop = 0x1a, call_op = 0x10, add = 0x6a,
                       sub = 0x6b, eqz = 0x45, if_op = 0x04, else_op = 0x05, end_op = 0x0b, try_table = 0x1f,
                       empty_block = 0x40, return_call_indirect = 0x13;

Bytes repeat(std::size_t count, const Bytes& what) {
    Bytes out;
    out.reserve(count * what.size());
    for (std::size_t i = 0; i < count; ++i)
        out.insert(out.end(), what.begin(), what.end());
    return out;
}
/// `op` and `after` for each local from 0 on.
Bytes each(std::uint32_t locals, const Bytes& before, std::uint8_t op, const Bytes& after = {}) {
    Bytes out;
    for (std::uint32_t i = 0; i < locals; ++i)
        for (const Bytes& part : {before, Bytes{op}, leb(i), after})
            out.insert(out.end(), part.begin(), part.end());
    return out;
}

/// What the builder looks at while it translates the module.
std::uint64_t looks(const Bytes& bytes) {
    const Module module = decode(bytes, Features::all(), std::make_shared<TypeSpace>());
    Translator translator(module);
    Validator<Translator> validator(module, translator);
    for (auto i = module.imported_functions; i < module.functions.size(); ++i)
        validator.run(i);
    return translator.visits();
}

struct Ran {
    engine::Trap trap{};
    engine::Cell result = 0;
};
Ran run(const Bytes& bytes, engine::Cell argument = 0) {
    const auto program = compile(bytes, Features::all(), std::make_shared<TypeSpace>());
    Instance instance(
        program, [](const Import&) { return std::nullopt; }, MemoryLimits{});
    EXPECT_EQ(instance.initialize(), engine::Trap::none);
    Machine machine;
    std::int64_t units = 1'000'000'000;
    Ran out{.result = argument};
    out.trap = machine.call(instance, program->module.find_export("run")->index, {&out.result, 1}, units);
    return out;
}

const Bytes nothing_to_nothing = function_type({}, {});

TEST(wasm_hostile, calls_and_tries_above_a_deep_stack_cost_as_little_as_others) {
    constexpr std::size_t deep = 20'000, many = 5'000;
    for (const Bytes& step : {Bytes{call_op, 0}, Bytes{try_table, empty_block, 0, end_op},
                              Bytes{try_table, empty_block, 1, 2, 0, end_op}}) { // 2: catch_all
        const auto module = [&](const Bytes& code) { return one_function(nothing_to_nothing, body(code)); };
        const std::uint64_t alone = looks(module(repeat(many, step)));
        const std::uint64_t above =
            looks(module(join({repeat(deep, {i32_const, 0}), repeat(many, step), repeat(deep, {drop})})));
        EXPECT_LE(above, alone + 4 * deep) << int{step[0]};
    }
}

TEST(wasm_hostile, locals_that_are_kept_are_found_in_proportion_to_the_code) {
    // Each local on the stack, then set, so that the stack keeps what it was; in between ...
    constexpr std::uint32_t locals = 10'000;
    const Bytes begin = join({each(locals, {i32_const, 1}, local_set), each(locals, {}, local_get)});
    const Bytes sets = each(locals, {i32_const, 0}, local_set);
    const auto module = [&](const Bytes& code) {
        return one_function(nothing_to_nothing, body(code, {{locals, i32_type}}));
    };
    // ... results above, which look for a cell,
    const Bytes results = repeat(10'000, {i32_const, 5, local_get, 0, eqz, drop, drop});
    EXPECT_LE(looks(module(join({begin, sets, results, repeat(locals, {drop})}))), 20 * locals);
    // and entries above, below which the locals' entries are looked for.
    const Bytes above = repeat(20'000, {i32_const, 0});
    EXPECT_LE(looks(module(join({begin, above, sets, repeat(locals + 20'000, {drop})}))), 20 * locals);
}

TEST(wasm_hostile, every_frame_within_the_rules_is_translated) {
    // 16,600 locals, 16,600 entries that keep what the locals were, 16,600 constants: 49,805 of 50,000 words.
    constexpr std::uint32_t locals = 16'600;
    const Bytes code = join({each(locals, {i32_const, 1}, local_set),
                             each(locals, {}, local_get),
                             repeat(locals, {i32_const, 0}),
                             each(locals, {i32_const, 9}, local_set),
                             repeat(locals, {drop}),
                             repeat(locals - 1, {add}),
                             {local_get, 5, add}});
    const Ran ran = run(one_function(function_type({}, {i32_type}), body(code, {{locals, i32_type}})));
    EXPECT_EQ(ran.trap, engine::Trap::none);
    EXPECT_EQ(ran.result, locals + 9);
}

TEST(wasm_hostile, calls_with_a_target_on_the_stack_take_no_cell_each) {
    // 70,000 tail calls, each in an arm of its own: more than a frame has cells.
    const Bytes arm = {local_get, 0, if_op, empty_block, local_get, 0, local_get, 0, return_call_indirect,
                       0,         0, end_op};
    const Bytes bytes =
        join({header(), section(1, vec({function_type({i32_type}, {i32_type})})), section(3, vec({leb(0)})),
              section(4, vec({{0x70, 0, 1}})), section(7, vec({join({name("run"), {0, 0}})})),
              section(10, vec({body(join({repeat(70'000, arm), {i32_const, 3}}))}))});
    const Ran ran = run(bytes);
    EXPECT_EQ(ran.trap, engine::Trap::none);
    EXPECT_EQ(ran.result, 3u);
}

TEST(wasm_hostile, depth_is_counted_from_the_code_wherever_values_are_kept) {
    // n == 0 ? 0 : 1 + run(kept), where kept is n - 1 as it was before the entries above it went: the callee counts
    // 7 words more than the caller, however many these were.
    constexpr struct {
        std::size_t entries;
        std::uint32_t depth;
    } cases[] = {{60, 8'000}, {20'000, 1'000}};
    for (const auto [entries, depth] : cases) {
        const Bytes code = join({{local_get, 0, eqz, if_op, i32_type, i32_const, 0, else_op, local_get, 0, i32_const, 1,
                                  sub, local_set, 1, i32_const, 1, local_get, 1},
                                 repeat(entries, {i32_const, 0}),
                                 {i32_const, 7, local_set, 1},
                                 repeat(entries, {drop}),
                                 {call_op, 0, add, end_op}});
        const Ran ran = run(one_function(function_type({i32_type}, {i32_type}), body(code, {{1, i32_type}})), depth);
        EXPECT_EQ(ran.trap, engine::Trap::none) << trap_text(ran.trap) << ", entries: " << entries;
        EXPECT_EQ(ran.result, depth) << entries;
    }
}

TEST(wasm_hostile, frames_beyond_the_rules_are_refused_where_they_are) {
    const Bytes bytes =
        one_function(nothing_to_nothing, body(join({repeat(70'000, {i32_const, 0}), repeat(70'000, {drop})})));
    try {
        (void)compile(bytes, Features::all(), std::make_shared<TypeSpace>());
        FAIL() << "translated";
    } catch (const ModuleError& error) {
        EXPECT_EQ(error.kind(), ModuleError::Kind::limit);
        EXPECT_NE(error.offset(), 0u);
        EXPECT_NE(std::string(error.what()).find("frame is too large, the limit is 50000"), std::string::npos)
            << error.what();
    }
}

} // namespace
} // namespace rvm::wasm
