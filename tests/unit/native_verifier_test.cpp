// The verifier: each rule is broken once.
#include <chrono>

#include <gtest/gtest.h>

#include "native/leb128.hpp"
#include "native/verifier.hpp"

namespace {

using rvm::Bytes;
using rvm::ErrorCode;
using rvm::Report;
using namespace rvm::native;

std::uint8_t byte(Op op) { return static_cast<std::uint8_t>(op); }

/// A container with these bodies, the first exported as main.
struct Builder {
    std::vector<Bytes> bodies;
    Container container{};

    explicit Builder(std::vector<Bytes> code) : bodies(std::move(code)) {
        for (const Bytes& body : bodies)
            container.functions.push_back({0, 0, 0, body});
        container.exports.push_back({"main", 0});
    }
    Bytes bytes() const { return encode_container(container); }
};

void expect_refusal(const Bytes& bytes, std::string_view where, std::string_view message) {
    Report report;
    EXPECT_FALSE(check(bytes, "t.rvm", report));
    ASSERT_EQ(report.findings().size(), 1U) << report.text();
    EXPECT_EQ(report.findings()[0].code, ErrorCode::native_invalid_code) << report.text();
    EXPECT_EQ(report.findings()[0].where, where) << report.text();
    EXPECT_NE(report.findings()[0].message.find(message), std::string::npos) << report.text();
}

void expect_code_refusal(Bytes code, std::string_view where, std::string_view message) {
    std::vector<Bytes> bodies;
    bodies.push_back(std::move(code));
    expect_refusal(Builder{std::move(bodies)}.bytes(), where, message);
}

TEST(native_verifier, refuses_undefined_opcodes) {
    for (int value = 0; value < 256; ++value) {
        if (is_opcode(static_cast<std::uint8_t>(value))) continue;
        expect_code_refusal({static_cast<std::uint8_t>(value)}, "function 0, pc 1", "undefined opcode");
    }
}

TEST(native_verifier, refuses_missing_operands) {
    for (std::size_t value = 0; value < op_table.size(); ++value) {
        const OpInfo& info = op_table[value];
        if (info.immediate != Immediate::none || info.pops == 0 || info.pops == by_immediate) continue;
        Bytes code;
        for (int i = 1; i < info.pops; ++i)
            code.insert(code.end(), {byte(Op::push), 0});
        const std::string where = "function 0, pc " + std::to_string(1 + code.size());
        code.push_back(static_cast<std::uint8_t>(value));
        expect_code_refusal(code, where, "more operands");
    }
}

TEST(native_verifier, refuses_truncated_immediates) {
    for (std::size_t value = 0; value < op_table.size(); ++value) {
        const OpInfo& info = op_table[value];
        if (info.mnemonic.empty() || info.immediate == Immediate::none) continue;
        Bytes code;
        for (int i = 0; i < 8; ++i)
            code.insert(code.end(), {byte(Op::push), 0});
        code.push_back(static_cast<std::uint8_t>(value));
        Report report;
        EXPECT_FALSE(check(Builder{std::vector<Bytes>{code}}.bytes(), "t", report)) << info.mnemonic;
    }
}

TEST(native_verifier, refuses_immediates_out_of_range) {
    expect_code_refusal({byte(Op::get), 16}, "function 0, pc 1", "register is out of range");
    expect_code_refusal({byte(Op::push), 0, byte(Op::sext), 9}, "function 0, pc 3", "width is out of range");
    expect_code_refusal({byte(Op::push), 0, byte(Op::push), 0, byte(Op::log), 5}, "function 0, pc 5",
                        "number of topics");
    expect_code_refusal({byte(Op::push), 0, byte(Op::pick), 1}, "function 0, pc 3", "more operands");
    expect_code_refusal({byte(Op::push), 0x80, 0x00}, "function 0, pc 1", "minimal integer");
    expect_code_refusal({byte(Op::call), 1}, "function 0, pc 1", "no such function");
}

TEST(native_verifier, refuses_jumps_that_land_on_no_label) {
    expect_code_refusal({byte(Op::jump), 0}, "function 0, pc 1", "no such label");
    expect_code_refusal({byte(Op::jump), 1, byte(Op::label), 0}, "function 0, pc 1", "no such label");
    expect_code_refusal({byte(Op::push), 0, byte(Op::jumptable), 0, 1, byte(Op::label), 0}, "function 0, pc 3",
                        "no such label");
}

TEST(native_verifier, refuses_unbalanced_join) {
    // Falling in, jumping forwards, jumping backwards, through a table.
    expect_code_refusal({byte(Op::push), 0, byte(Op::label), 0}, "function 0, pc 3", "heights at a label differ");
    expect_code_refusal({byte(Op::push), 0, byte(Op::jump), 0, byte(Op::label), 0}, "function 0, pc 3",
                        "heights at a label differ");
    expect_code_refusal({byte(Op::label), 0, byte(Op::push), 0, byte(Op::jump), 0}, "function 0, pc 5",
                        "heights at a label differ");
    expect_code_refusal({byte(Op::push), 0, byte(Op::jumptable), 0, 0, byte(Op::label), 1}, "function 0, pc 3",
                        "heights at a label differ");
    expect_code_refusal({byte(Op::label), 0x81, 0x08}, "function 0, pc 1", "height of a label");
}

TEST(native_verifier, refuses_code_that_cannot_be_reached) {
    for (const Op op : {Op::halt, Op::trap, Op::ret})
        expect_code_refusal({byte(op), byte(Op::push), 0}, "function 0, pc 2", "cannot be reached");
}

TEST(native_verifier, refuses_jump_tables_longer_than_the_code) {
    expect_code_refusal({byte(Op::push), 0, byte(Op::jumptable), 0xff, 0xff, 0x3f, 0}, "function 0, pc 3",
                        "longer than the code");
}

TEST(native_verifier, refuses_functions_that_leave_other_than_their_results) {
    Builder builder{{{}, {byte(Op::push), 1}}};
    builder.container.functions[1].results = 2;
    expect_refusal(builder.bytes(), "function 1, pc 4", "the end of the function does not leave");
    Builder early{{{}, {byte(Op::push), 1, byte(Op::ret)}}};
    expect_refusal(early.bytes(), "function 1, pc 4", "ret does not leave");
}

TEST(native_verifier, refuses_calls_of_entry_functions_and_entries_with_parameters) {
    expect_code_refusal({byte(Op::call), 0}, "function 0, pc 1", "entry function cannot be called");
    Builder init{{{byte(Op::call), 1}, {}}};
    init.container.exports.insert(init.container.exports.begin(), {"init", 1});
    expect_refusal(init.bytes(), "function 0, pc 1", "entry function cannot be called");
    Builder parameters{{{}}};
    parameters.container.functions[0].parameters = 1;
    expect_refusal(parameters.bytes(), "function 0, pc 0", "takes no parameters");
    Builder none{{{}}};
    none.container.exports = {{"other", 0}};
    expect_refusal(none.bytes(), "pc 0", "no function main");
}

TEST(native_verifier, refuses_imports_of_another_kind) {
    Builder builder{{{byte(Op::push), 0, byte(Op::env), 0}}};
    expect_refusal(builder.bytes(), "function 0, pc 3", "no such import");
    builder.container.imports.push_back({ImportKind::syscall, "s"});
    expect_refusal(builder.bytes(), "function 0, pc 3", "of another kind");
    Builder ext{{{byte(Op::ext), 0}}};
    ext.container.imports.push_back({ImportKind::opcode, "o", 1, 0, 0});
    expect_refusal(ext.bytes(), "function 0, pc 1", "more operands");
    ext.container.imports[0] = {ImportKind::opcode, "o", 0, 0, 2};
    expect_refusal(ext.bytes(), "function 0, pc 1", "immediate is missing");
}

TEST(native_verifier, refuses_more_stack_than_a_function_may_use) {
    Bytes code;
    for (std::uint32_t i = 0; i <= max_function_height; ++i)
        code.insert(code.end(), {byte(Op::push), 0});
    expect_code_refusal(code, "function 0, pc " + std::to_string(2 + 2 * max_function_height), "too much stack");
}

TEST(native_verifier, refuses_debug_lines_inside_instructions) {
    Builder builder{{{byte(Op::push), 0}}};
    builder.container.debug = Debug{"f", {"main"}, {{2, 1}}};
    expect_refusal(builder.bytes(), "pc 2", "debug line");
    builder.container.debug->lines = {{1, 1}};
    Report report;
    EXPECT_TRUE(check(builder.bytes(), "t", report)) << report.text();
}

TEST(native_verifier, blocks_carry_their_gas_and_functions_their_height) {
    // push push add | jumpz L | push drop | L:
    const Bytes code{byte(Op::push),  1, byte(Op::push), 2, byte(Op::add),
                     byte(Op::jumpz), 0, byte(Op::push), 3, byte(Op::drop),
                     byte(Op::label), 0};
    Report report;
    const auto program = load_program(Builder{std::vector<Bytes>{code}}.bytes(), "t", report);
    ASSERT_TRUE(program.has_value()) << report.text();
    std::vector<std::uint64_t> blocks;
    for (const Instruction& instruction : program->code)
        if (instruction.op == Op::label) blocks.push_back(instruction.value);
    EXPECT_EQ(blocks, (std::vector<std::uint64_t>{1 + 1 + 2 + 3, 1 + 1, 0}));
    EXPECT_EQ(program->functions[0].max_height, 2U);
}

/// Time for one byte must not depend on how much there is. Bounds are wide: what they catch is a quadratic step.
class native_verifier_linear : public testing::TestWithParam<int> {
  public:
    static Bytes hostile(int shape, std::size_t size) {
        Bytes code;
        switch (shape) {
        case 0: // many labels, then a table that names them all again and again
            while (code.size() < size / 2)
                code.insert(code.end(), {byte(Op::label), 0});
            code.insert(code.end(), {byte(Op::push), 0, byte(Op::jumptable)});
            write_unsigned(code, size / 2);
            code.insert(code.end(), size / 2 + 1, 0);
            return Builder{std::vector<Bytes>{code}}.bytes();
        case 1: // many tiny functions
            return Builder{std::vector<Bytes>(size / 16, Bytes{byte(Op::halt)})}.bytes();
        case 2: // every instruction a branch to the last label
            while (code.size() < size)
                code.insert(code.end(), {byte(Op::push), 0, byte(Op::jumpz), 0});
            code.insert(code.end(), {byte(Op::label), 0});
            return Builder{std::vector<Bytes>{code}}.bytes();
        default: // many small tables
            code.insert(code.end(), {byte(Op::label), 0});
            while (code.size() < size)
                code.insert(code.end(), {byte(Op::push), 0, byte(Op::jumptable), 0, 0, byte(Op::label), 0});
            return Builder{std::vector<Bytes>{code}}.bytes();
        }
    }
};

TEST_P(native_verifier_linear, on_hostile_input) {
    auto seconds = [&](std::size_t size) {
        const Bytes bytes = hostile(GetParam(), size);
        double best = 1e9;
        for (int i = 0; i < 3; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            Report report;
            EXPECT_TRUE(check(bytes, "t", report)) << report.text();
            best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        }
        return best;
    };
    const double small = seconds(100'000);
    const double large = seconds(800'000);
    EXPECT_LT(large, 40 * small + 0.05) << small << " s for 100 kB, " << large << " s for 800 kB";
    EXPECT_LT(large, 2.0);
}

INSTANTIATE_TEST_SUITE_P(shapes, native_verifier_linear, testing::Range(0, 4));

} // namespace
