// Modules that want to cost more than they pay for: refused, or bounded in time and memory.
#include <ctime>
#include <random>

#include "module_builder.hpp"
#include "world.hpp"

namespace rvm::conformance {
namespace {

using namespace modules;

const rvm_address P = address(0x7);
constexpr double seconds = RVM_TEST_SANITIZED ? 60 : 5; ///< of processor time for one case

class wasm_hostile : public WasmWorldTest {
  protected:
    void SetUp() override {
        WasmWorldTest::SetUp();
        began_ = std::clock();
    }
    void TearDown() override {
        const double used = static_cast<double>(std::clock() - began_) / CLOCKS_PER_SEC;
        EXPECT_LT(used, seconds);
        WasmWorldTest::TearDown();
    }
    Outcome run(const Code& code, std::int64_t with_gas = gas) {
        install(P, code, "wasm");
        next();
        return call(P, {}, 0, with_gas);
    }
    void expect_refused(const Code& code, const std::string& why) {
        const Outcome ran = run(code);
        EXPECT_EQ(ran.status, RVM_TRAP_INVALID_CODE);
        EXPECT_NE(ran.fault.find(why), std::string::npos) << ran.fault;
    }

  private:
    std::clock_t began_ = 0;
};

constexpr std::uint8_t i32_type = 0x7f, call_op = 0x10, i32_const = 0x41, memory_grow = 0x40, loop = 0x03, block = 0x02,
                       br = 0x0c, end_op = 0x0b, empty_block = 0x40, br_table = 0x0e, br_if = 0x0d, i32_ne = 0x47,
                       memory_size = 0x3f, if_op = 0x04, unreachable = 0x00, ref_null = 0xd0, local_get = 0x20,
                       drop = 0x1a;
const Code forever = {loop, empty_block, br, 0, end_op};

TEST_F(wasm_hostile, a_million_locals_are_refused) {
    expect_refused(build({.locals = Code{1} + leb(1'000'000) + Code{i32_type}}), "too many locals");
    expect_refused(build({.locals = Code{2} + leb(UINT32_MAX) + Code{i32_type} + leb(UINT32_MAX) + Code{i32_type}}),
                   "too many locals");
    expect_refused(build({.locals = leb(1'000'000) + repeat(1'000'000, {1, i32_type})}), "too many locals");
}

TEST_F(wasm_hostile, locals_are_paid_by_the_call) {
    const std::uint64_t locals = 40'000;
    const Outcome few = run(build({}));
    const Outcome many = run(build({.locals = Code{1} + leb(locals) + Code{i32_type}}));
    ASSERT_EQ(many.status, RVM_OK) << many.fault;
    EXPECT_GE(many.gas_used - few.gas_used, static_cast<std::int64_t>(locals / 8 / 100));
}

TEST_F(wasm_hostile, nesting_is_bounded) {
    expect_refused(build({.code = repeat(1'000'000, {block, empty_block})}), "limit");
    const std::size_t allowed = 40'000;
    const Outcome ran = run(build({.code = repeat(allowed, {block, empty_block}) + repeat(allowed, {end_op})}));
    EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
}

TEST_F(wasm_hostile, a_huge_branch_table_is_only_as_dear_as_it_is_long) {
    const std::size_t labels = 1'000'000;
    const Outcome ran = run(build(
        {.code = Code{block, empty_block, i32_const, 5, br_table} + leb(labels) + Code(labels + 1) + Code{end_op}}));
    EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
    EXPECT_LT(ran.gas_used, 10);
}

/// A module whose function works on a block of `results` i32.
Code many_operands(std::size_t results, const Code& code) {
    const Code types = Code{2, 0x60, 0, 0, 0x60, 0} + leb(results) + Code(results, i32_type);
    const Code all = Code{1, 1, i32_type, block, 1} + code + Code{end_op} + repeat(results, {drop}) + Code{end_op};
    return Code{0, 'a', 's', 'm', 1, 0, 0, 0} + section(1, types) + section(3, {1, 0}) +
           section(7, Code{1} + name("execute") + Code{0, 0}) + section(10, Code{1} + leb(all.size()) + all);
}

TEST_F(wasm_hostile, branches_that_hand_on_many_operands_are_bounded) {
    // 20,000 branches of four bytes, each over 1000 operands that would have to move.
    const Code values = Code{i32_const, 0} + repeat(1'000, {local_get, 0});
    expect_refused(many_operands(1'000, values + repeat(20'000, {local_get, 0, br_if, 0}) + Code{br, 0}),
                   "too many operands");
    // 20 of them are allowed, and pay for every operand.
    const Outcome dear = run(many_operands(1'000, values + repeat(20, {local_get, 0, br_if, 0}) + Code{br, 0}));
    ASSERT_EQ(dear.status, RVM_OK) << dear.fault;
    EXPECT_GE(dear.gas_used, 20 * 996 / 100);
    // A table of 4,000 blocks around each other, all of 1000 results.
    Code labels;
    for (std::size_t i = 0; i < 4'000; ++i)
        labels = labels + leb(i);
    expect_refused(many_operands(1'000, repeat(3'999, {block, 1}) + values + Code{local_get, 0, br_table} + leb(3'999) +
                                            labels + repeat(3'999, {end_op})),
                   "too many operands");
}

TEST_F(wasm_hostile, memories_beyond_the_rules_are_a_trap_and_cost_nothing) {
    const Outcome whole = run(build({.memories = Code{1, 0} + leb(65'536)}));
    EXPECT_EQ(whole.status, RVM_TRAP_MEMORY);
    const Outcome wide = run(build({.memories = Code{1, 4} + leb(std::uint64_t{1} << 47)}));
    EXPECT_EQ(wide.status, RVM_TRAP_MEMORY);
    const Outcome many = run(build({.memories = Code{100} + repeat(100, Code{0} + leb(1024))}));
    EXPECT_EQ(many.status, RVM_TRAP_MEMORY);
    expect_refused(build({.memories = Code{1, 0} + leb(65'537)}), "65536");
}

TEST_F(wasm_hostile, growth_ends_at_the_budget) {
    // Grows by a page until it cannot; then the size must be 255 pages: 16 MiB less what the stack takes.
    const Code grow = {loop, empty_block, i32_const, 1, memory_grow, 0, i32_const, 0x7f, i32_ne, br_if, 0, end_op};
    const Code check = {memory_size, 0, i32_const, 0xff, 0x01, i32_ne, if_op, empty_block, unreachable, end_op};
    const Outcome ran = run(build({.memories = {1, 0, 1}, .code = grow + check}));
    EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
    EXPECT_GT(ran.gas_used, 255 * 100) << "a page is 100 gas";
}

TEST_F(wasm_hostile, tables_are_bounded) {
    EXPECT_EQ(run(build({.tables = Code{1, 0x70, 0} + leb(5'000'000)})).status, RVM_TRAP_MEMORY);
    // By 1024 null references until it cannot.
    const Code all = {loop, empty_block, ref_null,  0x70, i32_const, 0x80,  0x08, 0xfc,
                      15,   0,           i32_const, 0x7f, i32_ne,    br_if, 0,    end_op};
    const Outcome ran = run(build({.tables = {1, 0x70, 0, 0}, .code = all}));
    EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
}

TEST_F(wasm_hostile, start_functions_are_paid) {
    const Outcome endless = run(build({.start = {0}, .code = forever}), 200'000);
    EXPECT_EQ(endless.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(endless.gas_used, 200'000);
    const Outcome recursive = run(build({.start = {0}, .code = {call_op, 0}}));
    EXPECT_EQ(recursive.status, RVM_TRAP_STACK);
    const Outcome creating = create(build({.start = {0}, .code = forever}), "wasm");
    EXPECT_EQ(creating.status, RVM_TRAP_OUT_OF_GAS);
}

TEST_F(wasm_hostile, recursion_with_large_frames_ends_at_the_budget) {
    const Outcome ran = run(build({.locals = Code{1} + leb(40'000) + Code{i32_type}, .code = {call_op, 0}}));
    EXPECT_EQ(ran.status, RVM_TRAP_STACK);
}

TEST_F(wasm_hostile, the_stack_is_taken_from_the_budget) {
    const Code large = build({.locals = Code{1} + leb(20'000) + Code{i32_type}});
    EXPECT_EQ(run(large).status, RVM_OK);
    const auto runtime = open_runtime("{}", R"(["*"])", "wasm/1", R"({"native": {"memory_bytes": 65536}})");
    use(*runtime);
    EXPECT_EQ(run(build({})).status, RVM_OK);
    EXPECT_EQ(run(large).status, RVM_TRAP_STACK);
    EXPECT_EQ(run(build({.code = {call_op, 0}})).status, RVM_TRAP_STACK);
    use(shared_runtime());
}

/// (mut i32) of 0, each three bytes of constant expression.
Code globals(std::size_t count) { return leb(count) + repeat(count, {i32_type, 1, i32_const, 0, end_op}); }

TEST_F(wasm_hostile, instances_are_taken_from_the_budget) {
    EXPECT_EQ(run(build({.globals = globals(150'000)})).status, RVM_OK) << "96 bytes each: of 16 MiB";
    EXPECT_EQ(run(build({.globals = globals(175'000)})).status, RVM_TRAP_MEMORY);
    const auto runtime = open_runtime("{}", R"(["*"])", "wasm/1", R"({"native": {"memory_bytes": 65536}})");
    use(*runtime);
    const auto memories = [](std::size_t count) { return leb(count) + repeat(count, {0, 0}); };
    EXPECT_EQ(run(build({.memories = memories(50)})).status, RVM_OK) << "256 bytes each, besides no pages";
    EXPECT_EQ(run(build({.memories = memories(50), .globals = globals(500)})).status, RVM_TRAP_MEMORY);
    use(shared_runtime());
}

TEST_F(wasm_hostile, nested_instances_are_taken_from_the_budget) {
    // Calls itself with all gas and gives how many frames there were, the deepest first: each has 20,000 globals.
    const Code types = {5,    0x60, 0,    0,    0x60, 1,    0x7f, 0,    0x60, 5,    0x7f, 0x7f, 0x7f, 0x7f,
                        0x7e, 1,    0x7f, 0x60, 3,    0x7f, 0x7f, 0x7f, 0,    0x60, 2,    0x7f, 0x7f, 0};
    const auto function = [](const std::string& text, std::uint8_t type) {
        return name("rvm") + name(text) + Code{0, type};
    };
    const Code imports =
        Code{4} + function("self", 1) + function("call", 2) + function("returned_read", 3) + function("output", 4);
    const Code call_self = {i32_const, 0, call_op,   0, i32_const, 0,    i32_const, 32,
                            i32_const, 0, i32_const, 0, 0x42,      0x7f, call_op,   1};
    const Code read = {0x45 /* i32.eqz */, if_op, empty_block, i32_const, 0xc0,  0, i32_const, 0,
                       i32_const,          4,     call_op,     2,         end_op};
    const Code count = {i32_const, 0xc0, 0, i32_const, 0xc0,      0,    0x28, 2,         0, i32_const, 1,
                        0x6a,      0x36, 2, 0,         i32_const, 0xc0, 0,    i32_const, 4, call_op,   3};
    const Code recursive = Code{0, 'a', 's', 'm', 1, 0, 0, 0} + section(1, types) + section(2, imports) +
                           section(3, {1, 0}) + section(5, {1, 0, 1}) + section(6, globals(20'000)) +
                           section(7, Code{1} + name("execute") + Code{0, 4}) +
                           section(10, Code{1} + body({0}, call_self + read + count));
    constexpr std::uint64_t frame = 8'192 + 1'024 + 5 * 64 + 20'000 * 96 + 256 + 65'536;
    for (int i = 0; i < 2; ++i) { // on a used thread too
        const Outcome ran = run(recursive, 1'000'000'000);
        ASSERT_EQ(ran.status, RVM_OK) << ran.fault;
        ASSERT_EQ(ran.output.size(), 4u);
        EXPECT_EQ(ran.output[0], 16 * 1024 * 1024 / frame);
    }
}

TEST_F(wasm_hostile, instances_are_paid) {
    const std::int64_t empty = run(build({})).gas_used;
    const auto more = [&](const Parts& parts) {
        const Outcome ran = run(build(parts));
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
        return ran.gas_used - empty;
    };
    EXPECT_EQ(more({.globals = globals(1'000)}), 1'000 * (400 + 3 * 200) / 100);
    EXPECT_EQ(more({.memories = Code{100} + repeat(100, {0, 0})}), 100 * 2'000 / 100);
    const Code bytes(60'000, 1);
    const std::int64_t page = more({.memories = {1, 0, 1}});
    EXPECT_EQ(more({.memories = {1, 0, 1}, .data = Code{1, 0, i32_const, 0, end_op} + leb(bytes.size()) + bytes}),
              page + (400 + 3 * 200 + 60'000 * 6) / 100);
    EXPECT_LT(more({.memories = {1, 0, 1}, .data = Code{1, 1} + leb(bytes.size()) + bytes}), page + 10) << "passive";
    const std::size_t many = 10'000;
    const Code table = Code{1, 0x70, 0} + leb(many);
    const std::int64_t elements = more({.tables = table});
    EXPECT_EQ(elements, (2'000 + 10'000 * 25) / 100);
    EXPECT_EQ(more({.tables = table, .elements = Code{1, 0, i32_const, 0, end_op} + leb(many) + Code(many)}),
              elements + (400 + (3 + 10'000) * 200) / 100);
}

TEST_F(wasm_hostile, items_that_table_init_reads_are_paid) {
    const std::size_t many = 10'000;
    const Code table = Code{1, 0x70, 0} + leb(many), passive = Code{1, 1, 0} + leb(many) + Code(many);
    const auto cost = [&](const Code& from, std::uint8_t items) {
        const Code init = Code{i32_const, 0, i32_const} + from + Code{i32_const, items, 0xfc, 0x0c, 0, 0};
        const Outcome ran = run(build({.tables = table, .elements = passive, .code = init}));
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
        return ran.gas_used;
    };
    EXPECT_EQ(cost({0x88, 0x27}, 1) - cost({0}, 0), 5'001 * 200 / 100) << "one item, behind 5,000 others";
}

TEST_F(wasm_hostile, floods_of_imports_are_bounded) {
    const Code import = name("rvm") + name("caller") + Code{0, 1};
    const std::uint64_t most = 100'000;
    const Outcome ran = run(build({.imports = leb(most) + repeat(most, import), .function = most}));
    EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
    expect_refused(build({.imports = leb(most + 1) + repeat(most + 1, import), .function = most + 1}), "100000");
    const Code missing = name("rvm") + name(std::string(10'000, 'x')) + Code{0, 1};
    expect_refused(build({.imports = Code{1} + missing, .function = 1}), "xxx");
}

/// Imports a function of vm_hooks of type (i32) -> (i32) and exports it.
Code exporting_an_import(const std::string& as, const Code& type, const Code& import) {
    return Code{0, 'a', 's', 'm', 1, 0, 0, 0} + section(1, Code{1} + type) + section(2, Code{1} + import + Code{0, 0}) +
           section(7, Code{1} + name(as) + Code{0, 0});
}

TEST_F(wasm_hostile, an_import_is_no_entry) {
    const Code size = exporting_an_import("user_entrypoint", {0x60, 1, i32_type, 1, i32_type},
                                          name("vm_hooks") + name("account_code_size"));
    expect_refused(size, "the export user_entrypoint is an import");
    EXPECT_EQ(create(size, "wasm").status, RVM_TRAP_INVALID_CODE);
    // After others of this thread too: nothing of theirs is reached.
    EXPECT_EQ(run(build({.memories = {1, 0, 1}})).status, RVM_OK);
    expect_refused(size, "the export user_entrypoint is an import");
}

TEST_F(wasm_hostile, garbage_is_refused) {
    std::mt19937 random(7); // NOLINT: the same every time
    const Code sound = read_module("hooks.wasm");
    int refused = 0;
    for (int i = 0; i < 300; ++i) {
        Code code = sound;
        if (i % 3 == 0) {
            code.assign(64 + random() % 2000, 0);
            for (std::uint8_t& byte : code)
                byte = static_cast<std::uint8_t>(random());
            std::copy_n(sound.begin(), 8, code.begin());
        } else {
            for (int k = 0; k < 1 + i % 5; ++k)
                code[8 + random() % (code.size() - 8)] = static_cast<std::uint8_t>(random());
        }
        const Outcome ran = run(code, 50'000);
        EXPECT_GE(ran.status, RVM_OK) << "a host failure: " << ran.error;
        refused += ran.status == RVM_TRAP_INVALID_CODE ? 1 : 0;
    }
    EXPECT_GT(refused, 150);
}

class wasm_depth : public wasm_hostile {
  protected:
    static constexpr std::int64_t deep = 1'000'000'000'000; // 63/64 of it 1024 times over leaves enough
    std::uint32_t frames(Runtime& runtime, const Code& input) {
        use(runtime);
        install(P, read_module("recurse.wasm"), "wasm");
        next();
        const Outcome first = call(P, input, 0, deep);
        next(); // cold again
        const Outcome second = call(P, input, 0, deep);
        EXPECT_EQ(first.status, RVM_OK) << first.fault << first.error;
        EXPECT_EQ(first.output, second.output);
        EXPECT_EQ(first.gas_used, second.gas_used);
        use(shared_runtime());
        std::uint32_t count = 0;
        if (first.output.size() == sizeof count) std::memcpy(&count, first.output.data(), sizeof count);
        return count;
    }
    static constexpr std::uint64_t page = 65'536, stack = 8'192; ///< what a frame takes at first
};

TEST_F(wasm_depth, reaches_1024_frames_when_the_budget_does) {
    const auto runtime = open_runtime("{}", R"(["*"])", "wasm/1", R"({"native": {"memory_bytes": 1073741824}})");
    EXPECT_EQ(frames(*runtime, {}), 1024u + 1) << "depth 0 to 1024";
}

TEST_F(wasm_depth, the_budget_spans_all_frames) {
    const std::uint64_t budget = 16 * 1024 * 1024;
    const auto expect_frames = [&](const Code& input, std::uint64_t bytes) {
        const std::uint32_t count = frames(shared_runtime(), input);
        EXPECT_LE(count, budget / bytes);
        EXPECT_GE(count, budget / (bytes + 4'096)) << "functions, globals, segments";
    };
    expect_frames({}, page + stack);
    expect_frames({7}, 8 * page + stack); // growth counts too
}

} // namespace
} // namespace rvm::conformance
