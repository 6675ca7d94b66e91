// The reference interpreter: arithmetic, control flow, memory, gas.
#include <gtest/gtest.h>

#include "support/native_runner.hpp"

namespace {

using rvm::native::Fault;
using rvm::native::test::Runner;

std::uint64_t top(std::string_view text) {
    Runner runner;
    const auto run = runner.run(text);
    EXPECT_EQ(run.status, RVM_OK) << text;
    return run.top();
}

void expect_trap(std::string_view text, rvm_status status, Fault fault) {
    Runner runner;
    const auto run = runner.run(text);
    EXPECT_EQ(run.status, status) << text;
    EXPECT_EQ(run.detail, static_cast<std::uint32_t>(fault)) << text;
    EXPECT_EQ(run.gas_used, 1'000'000) << "a trap takes all gas: " << text;
}

constexpr std::uint64_t minus_one = ~std::uint64_t{0};
constexpr std::uint64_t lowest = std::uint64_t{1} << 63;

TEST(native_run, first_figure_costs_8) {
    Runner runner;
    const auto run = runner.run("push 10 push 20 add push 5 mul");
    EXPECT_EQ(run.status, RVM_OK);
    EXPECT_EQ(run.top(), 150U);
    EXPECT_EQ(run.gas_used, 8);
}

TEST(native_run, top_of_stack_is_32_bytes_big_endian) {
    Runner runner;
    const auto run = runner.run("push 0x0102");
    ASSERT_EQ(run.output.size(), 32U);
    EXPECT_EQ(run.output[30], 1);
    EXPECT_EQ(run.output[31], 2);
}

TEST(native_run, empty_stack_and_halt_give_empty_output) {
    Runner runner;
    EXPECT_TRUE(runner.run("push 1 drop").output.empty());
    EXPECT_TRUE(runner.run("push 1 halt").output.empty());
    EXPECT_EQ(runner.run("push 1 ret").top(), 1U);
}

TEST(native_run, arithmetic_wraps) {
    EXPECT_EQ(top("push -1 push 2 add"), 1U);
    EXPECT_EQ(top("push 1 push 2 sub"), minus_one);
    EXPECT_EQ(top("push 0x8000000000000000 push 2 mul"), 0U);
    EXPECT_EQ(top("push -1 push -1 mulhi"), minus_one - 1);
    EXPECT_EQ(top("push 7 push 2 div"), 3U);
    EXPECT_EQ(top("push -7 push 2 sdiv"), static_cast<std::uint64_t>(-3));
    EXPECT_EQ(top("push -7 push 2 smod"), minus_one);
    EXPECT_EQ(top("push 7 push 4 mod"), 3U);
    EXPECT_EQ(top("push 0x8000000000000000 push -1 sdiv"), lowest);
    EXPECT_EQ(top("push 0x8000000000000000 push -1 smod"), 0U);
    EXPECT_EQ(top("push 0x80 sext 8"), static_cast<std::uint64_t>(-128));
    EXPECT_EQ(top("push 0x18000 sext 16"), static_cast<std::uint64_t>(-32768));
    EXPECT_EQ(top("push 0x7fffffff sext 32"), 0x7fffffffU);
}

TEST(native_run, division_by_zero_traps) {
    for (const char* op : {"div", "sdiv", "mod", "smod"})
        expect_trap(std::string{"push 1 push 0 "} + op, RVM_TRAP_ARITHMETIC, Fault::division_by_zero);
}

TEST(native_run, comparison_is_signed_or_unsigned) {
    EXPECT_EQ(top("push 1 push -1 lt"), 1U);
    EXPECT_EQ(top("push 1 push -1 slt"), 0U);
    EXPECT_EQ(top("push 1 push -1 gt"), 0U);
    EXPECT_EQ(top("push 1 push -1 sgt"), 1U);
    EXPECT_EQ(top("push 5 push 5 eq"), 1U);
    EXPECT_EQ(top("push 5 push 5 ne"), 0U);
    EXPECT_EQ(top("push 0 iszero"), 1U);
}

TEST(native_run, bits) {
    EXPECT_EQ(top("push 12 push 10 and"), 8U);
    EXPECT_EQ(top("push 12 push 10 or"), 14U);
    EXPECT_EQ(top("push 12 push 10 xor"), 6U);
    EXPECT_EQ(top("push 0 not"), minus_one);
    EXPECT_EQ(top("push 1 push 65 shl"), 2U) << "counts are modulo 64";
    EXPECT_EQ(top("push -1 push 63 shr"), 1U);
    EXPECT_EQ(top("push -8 push 1 sar"), static_cast<std::uint64_t>(-4));
    EXPECT_EQ(top("push 0x8000000000000001 push 1 rotl"), 3U);
    EXPECT_EQ(top("push 1 clz"), 63U);
    EXPECT_EQ(top("push 0 ctz"), 64U);
    EXPECT_EQ(top("push 0xff popcnt"), 8U);
    EXPECT_EQ(top("push 1 bswap"), std::uint64_t{1} << 56);
}

TEST(native_run, stack_and_registers) {
    EXPECT_EQ(top("push 7 dup add"), 14U);
    EXPECT_EQ(top("push 7 push 3 swap sub"), static_cast<std::uint64_t>(-4));
    EXPECT_EQ(top("push 7 push 3 push 2 pick 2"), 7U);
    EXPECT_EQ(top("push 7 push 3 pick 0"), 3U);
    EXPECT_EQ(top("push 1 push 2 push 1 select"), 1U);
    EXPECT_EQ(top("push 1 push 2 push 0 select"), 2U);
    EXPECT_EQ(top("push 9 set r15 get r15 get r0 add"), 9U);
}

TEST(native_run, loops_and_tables) {
    EXPECT_EQ(top("push 10 set r0  loop: get r1 get r0 add set r1 get r0 push 1 sub set r0 get r0 jumpnz loop get r1"),
              55U);
    const std::string table = "jumptable [a, b] else c  a: push 1 jump e b: push 2 jump e c: push 3 e:";
    EXPECT_EQ(top("push 0 " + table), 1U);
    EXPECT_EQ(top("push 1 " + table), 2U);
    EXPECT_EQ(top("push 2 " + table), 3U);
    EXPECT_EQ(top("push -1 " + table), 3U);
    EXPECT_EQ(top("push 5 push 0 jumpz skip drop push 6 skip:"), 5U);
}

TEST(native_run, functions_have_their_own_registers) {
    EXPECT_EQ(top("push 3 set r0 push 4 call square get r0 add  func square 1 -> 1 set r0 get r0 get r0 mul"), 19U);
    EXPECT_EQ(top("push 10 call fib  func fib 1 -> 1 dup push 2 lt jumpnz base dup push 1 sub call fib swap push 2 sub "
                  "call fib add ret base:"),
              55U);
}

TEST(native_run, stacks_grow_with_the_calls) { // 100 activations of 92 words: far more than a frame begins with
    std::string sum = "push 100 call sum func sum 1 -> 1 ";
    for (int i = 0; i < 90; ++i)
        sum += "dup ";
    for (int i = 0; i < 90; ++i)
        sum += "drop ";
    EXPECT_EQ(top(sum + "dup jumpz end dup push 1 sub call sum add end:"), 5050U);
}

TEST(native_run, function_depth_and_stack_are_limited) {
    expect_trap("call down func down call down", RVM_TRAP_DEPTH, Fault::call_depth);
    std::string wide = "push 1 call down drop func down 1 -> 1 ";
    for (int i = 0; i < 100; ++i)
        wide += "dup ";
    wide += "call down ";
    for (int i = 0; i < 100; ++i)
        wide += "drop ";
    expect_trap(wide, RVM_TRAP_STACK, Fault::stack_limit);
}

TEST(native_run, memory_is_little_endian_and_bounded) {
    EXPECT_EQ(top("push 8 push 0x1122334455667788 store64 push 8 load8"), 0x88U);
    EXPECT_EQ(top("push 8 push 0x1122334455667788 store64 push 9 load16"), 0x6677U);
    EXPECT_EQ(top("push 0 push -1 store32 push 0 load64"), 0xffffffffU);
    EXPECT_EQ(top("push 0 push -1 store16 push 0 load32"), 0xffffU);
    EXPECT_EQ(top("push 1023 push 0x1ff store8 push 1023 load8"), 0xffU);
    EXPECT_EQ(top("memory 3 msize"), 3072U);
    for (const char* text : {"push 1017 load64", "push -1 load8", "push 1024 push 1 store8", "push -4 push 1 store64",
                             "push 0 push 0 push 1025 mcopy", "push 1 push 0 push -1 mfill", "memory 0 push 0 load8"})
        expect_trap(text, RVM_TRAP_MEMORY, Fault::memory_bounds);
}

TEST(native_run, copy_fill_and_data) {
    EXPECT_EQ(top("data d = \"abcdefgh\"  push 1 push 0 push 7 mcopy push 0 load64"), 0x6766656463626161U)
        << "overlapping ranges copy as if through a buffer";
    EXPECT_EQ(top("push 0 push 0x1aa push 3 mfill push 0 load32"), 0xaaaaaaU);
    EXPECT_EQ(top("data a at 2000 = word 77  push a load64"), 77U);
    EXPECT_EQ(top("data a = u256 5 push a+24 load64 bswap"), 5U);
}

TEST(native_run, memory_grows_zeroed_and_keeps_its_contents) {
    EXPECT_EQ(top("memory 1 push 8 push 5 store64 push 1 mgrow"), 1U);
    EXPECT_EQ(top("memory 1 push 8 push 5 store64 push 1 mgrow drop push 40 mgrow drop push 8 load64"), 5U);
    EXPECT_EQ(top("memory 1 push 40 mgrow drop push 41000 load64"), 0U);
    EXPECT_EQ(top("memory 1 push 16384 mgrow"), minus_one);
    EXPECT_EQ(top("memory 1 push -1 mgrow"), minus_one);
    Runner runner;
    runner.memory_budget = 4096;
    EXPECT_EQ(runner.run("memory 1 push 3 mgrow").status, RVM_OK);
    EXPECT_EQ(runner.run("memory 1 push 4 mgrow").status, RVM_TRAP_MEMORY);
}

TEST(native_run, a_reused_scratch_area_shows_nothing_of_the_frame_before) {
    Runner runner;
    (void)runner.run("memory 64 push 0 push 0xaa push 65536 mfill push 1 set r3");
    EXPECT_EQ(runner.run("memory 2 push 1024 load64 push 0 load64 or get r3 or").top(), 0U);
    EXPECT_EQ(runner.run("memory 20 push 8192 load64").top(), 0U);
}

TEST(native_run, return_and_revert_carry_memory) {
    Runner runner;
    const auto returned = runner.run("data d = \"hello\" push d push 5 return");
    EXPECT_EQ(returned.status, RVM_OK);
    EXPECT_EQ(rvm::as_text(returned.output), "hello");
    const auto reverted = runner.run("data d = \"why\" push d push 3 revert");
    EXPECT_EQ(reverted.status, RVM_TRAP_REVERT);
    EXPECT_EQ(rvm::as_text(reverted.output), "why");
    EXPECT_LT(reverted.gas_used, 100) << "a revert keeps its gas";
    runner.output_limit = 2;
    EXPECT_EQ(runner.run("data d = \"why\" push d push 3 return").status, RVM_TRAP_LIMIT);
}

TEST(native_run, blocks_are_paid_at_their_entry) {
    Runner runner;
    EXPECT_EQ(runner.run("push 1 push 2 add", 4).status, RVM_OK);
    const auto run = runner.run("push 1 push 2 add", 3);
    EXPECT_EQ(run.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(run.detail, static_cast<std::uint32_t>(Fault::block_gas));
    EXPECT_EQ(runner.run("push 1 jumpnz over push 100 push 100 mul drop over:").gas_used, 4)
        << "what is jumped over costs nothing";
    EXPECT_EQ(runner.run("gas push 1 drop", 100).top(), 96U) << "gas shows what is left after the block was paid";
}

TEST(native_run, dynamic_prices_are_charged_before_the_effect) {
    Runner runner;
    EXPECT_EQ(runner.run("memory 1 push 0 push 0 push 33 mcopy").gas_used, 32 + 3 + 3 + 2 * 3);
    EXPECT_EQ(runner.run("memory 1 push 2 mgrow drop").gas_used, 32 + 1 + 3 + 64 + 1);
    const auto run = runner.run("memory 1 push 2 mgrow drop", 32 + 5 + 63);
    EXPECT_EQ(run.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(run.detail, static_cast<std::uint32_t>(Fault::operation_gas));
    EXPECT_EQ(runner.run("memory 1 halt", 31).detail, static_cast<std::uint32_t>(Fault::start_gas));
}

TEST(native_run, endless_loop_ends_with_the_gas) {
    Runner runner;
    EXPECT_EQ(runner.run("loop: jump loop").status, RVM_TRAP_OUT_OF_GAS);
}

TEST(native_run, cancellation_is_polled_in_loops) {
    Runner runner;
    runner.flags = RVM_FRAME_CANCELLABLE;
    runner.polls_until_cancel = 3;
    EXPECT_EQ(runner.run("loop: jump loop").status, RVM_E_CANCELLED);
}

TEST(native_run, traps_carry_their_position_and_line) {
    Runner runner;
    const auto bytes = runner.assembled("push 1\npush 0\ndiv\n");
    const auto run = runner.run_bytes(bytes);
    EXPECT_EQ(run.status, RVM_TRAP_ARITHMETIC);
    rvm::Report report;
    const auto program = rvm::native::load_program(bytes, "t", report);
    ASSERT_TRUE(program.has_value());
    EXPECT_EQ(rvm::native::line_at(program->lines, run.position), 3U);
    EXPECT_EQ(program->source_file, "test.rasm");
}

TEST(native_run, trap_instruction_is_illegal) { expect_trap("trap", RVM_TRAP_ILLEGAL, Fault::unreachable); }

TEST(native_run, tracer_sees_each_instruction_with_its_own_price) {
    Runner runner;
    runner.flags = RVM_FRAME_TRACED;
    const auto run = runner.run("memory 1 push 10 push 20 add drop push 0 push 0 push 32 mcopy", 1000);
    EXPECT_EQ(run.status, RVM_OK);
    ASSERT_EQ(runner.events.size(), 8U);
    const std::int64_t start = 1000 - 32;
    EXPECT_EQ(runner.events[0].name, "push");
    EXPECT_EQ(runner.events[0].gas, start);
    EXPECT_EQ(runner.events[2].name, "add");
    EXPECT_EQ(runner.events[2].gas, start - 2);
    EXPECT_EQ(runner.events[2].cost, 2);
    EXPECT_EQ(runner.events[2].stack_words, 2U);
    EXPECT_EQ(runner.events[7].cost, 6);
    EXPECT_EQ(runner.events[7].gas - runner.events[7].cost, 1000 - run.gas_used);
    runner.events.clear();
    (void)runner.run("push 1 push 0 div");
    EXPECT_EQ(runner.events.back().name, "div");
    EXPECT_EQ(runner.events.back().fault, RVM_TRAP_ARITHMETIC);
}

TEST(native_run, a_broken_promise_of_the_verifier_is_an_internal_error) {
    Runner runner;
    rvm::Report report;
    const auto bytes = runner.assembled("push 1 push 2 add");
    const rvm::native::Program sound = *rvm::native::load_program(bytes, "t", report);
    rvm::native::Artifact tampered;
    tampered.program = sound;
    tampered.program.code[3].pops = 3; // more operands than there are
    EXPECT_EQ(runner.run_artifact(tampered, bytes, 100).status, RVM_E_INTERNAL);
    tampered.program = sound;
    tampered.program.code[1] = tampered.program.code[0];
    tampered.program.code[1].op = rvm::native::Op::jump;
    tampered.program.code[1].index = 1000;
    EXPECT_EQ(runner.run_artifact(tampered, bytes, 100).status, RVM_E_INTERNAL);
    tampered.program = sound;
    tampered.program.code[1].op = rvm::native::Op{0xee};
    EXPECT_EQ(runner.run_artifact(tampered, bytes, 100).status, RVM_E_INTERNAL);
    tampered.program = sound;
    tampered.program.functions[0].max_height = 1;
    EXPECT_EQ(runner.run_artifact(tampered, bytes, 100).status, RVM_E_INTERNAL);
}

} // namespace
