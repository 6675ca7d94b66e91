// The reference interpreter and the world: state, context, logs, nested calls, imported items.
#include <gtest/gtest.h>

#include "support/native_runner.hpp"

namespace {

using rvm::Bytes;
using rvm::native::Fault;
using rvm::native::load_u256;
using namespace rvm::native::test;
namespace gas = rvm::native::gas;

constexpr std::string_view slots_text = "data key = u256 7 data value = u256 42 space out 32 ";

std::string with_slots(std::string_view code) { return std::string{slots_text} + std::string{code}; }

std::int64_t detail(Fault fault) { return static_cast<std::int64_t>(fault); }

TEST(native_world, slots_are_big_endian_values_in_memory) {
    Runner runner;
    const auto run =
        runner.run(with_slots("push key push value sstore push key push out sload push out push 32 return"));
    ASSERT_EQ(run.status, RVM_OK);
    EXPECT_EQ(load_u256(run.output.data()).limbs[0], 42U);
    EXPECT_EQ(runner.slots[key_of(u256(7))].limbs[0], 42U);
}

TEST(native_world, slot_prices_follow_what_happens) {
    Runner runner;
    const std::int64_t start = gas::page + 2 * gas::push;
    const std::string store = with_slots("push key push value sstore");
    const std::string load = with_slots("push key push out sload");
    EXPECT_EQ(runner.run(store).gas_used, start + gas::state + gas::cold_slot + gas::slot_added);
    EXPECT_EQ(runner.run(store).gas_used, start + gas::state) << "warm and unchanged";
    EXPECT_EQ(runner.run(load).gas_used, start + gas::state);
    runner.warm_slots.clear();
    EXPECT_EQ(runner.run(load).gas_used, start + gas::state + gas::cold_slot);
    runner.originals = runner.slots;
    EXPECT_EQ(runner.run("data key = u256 7 space zero 32 push key push zero sstore").gas_used,
              start + gas::state + gas::slot_changed);
}

TEST(native_world, a_cold_slot_that_cannot_be_paid_stays_cold) {
    Runner runner;
    const auto run = runner.run(with_slots("push key push out sload"), gas::page + 2 + gas::state + gas::cold_slot - 1);
    EXPECT_EQ(run.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(run.detail, detail(Fault::operation_gas));
    EXPECT_FALSE(runner.warm_slots[key_of(u256(7))]);
}

TEST(native_world, transient_slots_are_apart) {
    Runner runner;
    const auto run =
        runner.run(with_slots("push key push value tstore push key push out tload push out+24 load64 bswap"));
    EXPECT_EQ(run.top(), 42U);
    EXPECT_TRUE(runner.slots.empty());
}

TEST(native_world, static_frames_refuse_changes) {
    Runner runner;
    runner.flags = RVM_FRAME_STATIC;
    for (const char* code : {"push key push value sstore", "push key push value tstore", "push 0 push 0 log 0",
                             "push 0 push 0 push 0 push 0 push 0 create",
                             "push 0 push key push value push 0 push 0 push 0 push 0 invoke"}) {
        const auto run = runner.run(with_slots(code));
        EXPECT_EQ(run.status, RVM_TRAP_STATIC) << code;
        EXPECT_EQ(run.detail, detail(Fault::static_frame)) << code;
    }
    EXPECT_EQ(runner.run(with_slots("push key push out sload")).status, RVM_OK);
    EXPECT_EQ(runner.run(with_slots("push 9 push key push out push 0 push 0 push 0 push 0 invoke")).status, RVM_OK)
        << "a call without value changes nothing itself";
}

TEST(native_world, context_is_the_messages) {
    Runner runner;
    runner.message.value = u256(1000);
    runner.env[0] = u256(17);   // block.number
    runner.env[1] = u256(1234); // block.timestamp
    runner.env[2] = u256(99);   // chain.id
    EXPECT_EQ(runner.run("push 0 caller push 19 load8").top(), 2U);
    EXPECT_EQ(runner.run("push 0 self push 19 load8").top(), 1U);
    EXPECT_EQ(runner.run("push 0 value push 24 load64 bswap").top(), 1000U);
    EXPECT_EQ(runner.run("number").top(), 17U);
    EXPECT_EQ(runner.run("timestamp").top(), 1234U);
    EXPECT_EQ(runner.run("chainid").top(), 99U);
    EXPECT_EQ(runner.run("push 0 env \"chain.id\" push 31 load8").top(), 99U);
}

TEST(native_world, input_beyond_its_end_is_zero) {
    Runner runner;
    runner.input = {1, 2, 3};
    EXPECT_EQ(runner.run("insize").top(), 3U);
    EXPECT_EQ(runner.run("push 0 push -1 store64 push 0 push 1 push 4 incopy push 0 load64").top(),
              0xffffffff00000302U);
    EXPECT_EQ(runner.run("push 0 push -1 store64 push 0 push -1 push 2 incopy push 0 load16").top(), 0U);
}

TEST(native_world, accounts_cost_more_when_cold) {
    Runner runner;
    runner.other.balance = u256(500);
    runner.other.code_size = 77;
    const auto cold = runner.run("data a = zero 20 push a push 32 balance push 56 load64 bswap");
    EXPECT_EQ(cold.top(), 500U);
    const auto warm = runner.run("data a = zero 20 push a push 32 balance push 56 load64 bswap");
    EXPECT_EQ(cold.gas_used - warm.gas_used, gas::cold_account);
    EXPECT_EQ(runner.run("push 0 codesize").top(), 77U);
    runner.account_warm = false;
    EXPECT_EQ(runner.run("push 0 codesize", 32 + 1 + gas::account + 100).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_FALSE(runner.account_warm);
}

TEST(native_world, logs_carry_topics_and_data) {
    Runner runner;
    const auto run = runner.run("data d = \"hi\" data t = u256 5 push d push 2 push t push t log 2");
    EXPECT_EQ(run.status, RVM_OK);
    ASSERT_EQ(runner.logs.size(), 1U);
    EXPECT_EQ(rvm::as_text(runner.logs[0].data), "hi");
    ASSERT_EQ(runner.logs[0].topics.size(), 2U);
    EXPECT_EQ(runner.logs[0].topics[1].bytes[31], 5);
    EXPECT_EQ(run.gas_used, gas::page + 4 + gas::log + 2 * gas::log_topic + 2 * gas::log_byte);
}

constexpr std::string_view call_text = "data to = zero 19, 9 data in = \"ping\" space out 16 space nothing 32 ";

TEST(native_world, invoke_passes_input_and_brings_output) {
    Runner runner;
    runner.answers.push_back({RVM_OK, {0xaa, 0xbb, 0xcc}, 50});
    const auto run =
        runner.run(std::string{call_text} + "push 5000 push to push nothing push in push 4 push out push 2 "
                                            "invoke retsize add push out load32 add");
    ASSERT_EQ(run.status, RVM_OK);
    EXPECT_EQ(run.top(), 1U + 3U + 0xbbaaU) << "success, size of the whole answer, only two bytes copied";
    ASSERT_EQ(runner.calls.size(), 1U);
    EXPECT_EQ(runner.calls[0].kind, RVM_CALL_CALL);
    EXPECT_EQ(runner.calls[0].gas, 5000);
    EXPECT_EQ(runner.calls[0].recipient.bytes[19], 9);
    EXPECT_EQ(runner.calls[0].code_address.bytes[19], 9);
    EXPECT_EQ(rvm::as_text(runner.call_inputs[0]), "ping");
}

TEST(native_world, a_failed_call_is_0_and_its_answer_readable) {
    Runner runner;
    runner.answers.push_back({RVM_TRAP_REVERT, {7}, 0});
    const std::string call = std::string{call_text} + "push 5000 push to push in push 4 push out push 1 ";
    EXPECT_EQ(runner.run(call + "invokestatic push out load8 add").top(), 7U);
    EXPECT_EQ(runner.calls.back().kind, RVM_CALL_STATIC);
    (void)runner.run(call + "invokedelegate");
    EXPECT_EQ(runner.calls.back().kind, RVM_CALL_DELEGATE);
    runner.answers.push_back({RVM_E_IO, {}, 0});
    EXPECT_EQ(runner.run(call + "invokestatic").status, RVM_E_IO) << "host failures are never seen by a program";
}

TEST(native_world, a_nested_call_leaves_a_64th) {
    Runner runner;
    runner.account_warm = true;
    (void)runner.run(std::string{call_text} + "push -1 push to push in push 4 push out push 1 invokestatic",
                     64'000 + 138);
    // The block costs 6 pushes and the call, the memory one page.
    EXPECT_EQ(runner.calls.back().gas, 64'000 - 1'000);
}

TEST(native_world, value_and_new_accounts_are_priced) {
    Runner runner;
    runner.account_warm = true;
    const std::string call =
        "data to = zero 19, 9 data v = u256 5 push 0 push to push v push 0 push 0 push 0 push 0 invoke";
    const auto fresh = runner.run(call);
    runner.other.nonce = 1;
    const auto known = runner.run(call);
    EXPECT_EQ(fresh.gas_used - known.gas_used, gas::new_account);
    EXPECT_EQ(known.gas_used, gas::page + 7 * gas::push + gas::account + gas::value_transfer);
    EXPECT_EQ(runner.calls.back().value.limbs[0], 5U);
}

TEST(native_world, returned_data_has_an_end) {
    Runner runner;
    runner.answers.push_back({RVM_OK, {1, 2, 3, 4}, 0});
    const std::string call = std::string{call_text} + "push 0 push to push 0 push 0 push 0 push 0 invokestatic drop ";
    EXPECT_EQ(runner.run(call + "push out push 1 push 3 retcopy push out load32").top(), 0x040302U);
    runner.answers.push_back({RVM_OK, {1, 2, 3, 4}, 0});
    const auto run = runner.run(call + "push out push 2 push 3 retcopy");
    EXPECT_EQ(run.status, RVM_TRAP_MEMORY);
    EXPECT_EQ(run.detail, detail(Fault::returned_bounds));
}

TEST(native_world, create_names_the_format_and_writes_the_address) {
    Runner runner;
    const std::string head = "data v = u256 0 data salt = u256 3 data code = \"init\" space out 20 "
                             "push v push salt push code push 4 push out ";
    const auto run = runner.run(head + "create push out+19 load8 add");
    EXPECT_EQ(run.top(), 1U + 0x5c) << "success, and the address that was made";
    EXPECT_EQ(runner.calls[0].kind, RVM_CALL_CREATE);
    EXPECT_EQ(runner.calls[0].format, nullptr);
    EXPECT_EQ(rvm::as_text(runner.call_inputs[0]), "init");
    EXPECT_EQ(runner.salts[0].bytes[31], 3) << "the format that runs the code computes the address";
    EXPECT_EQ(std::memcmp(runner.calls[0].recipient.bytes, rvm_address{}.bytes, sizeof(rvm_address)), 0);
    runner.answers.push_back({RVM_TRAP_COLLISION, {}, 0});
    EXPECT_EQ(runner.run(head + "create \"evm\"").top(), 0U);
}

// -- imported items

rvm_status muladd(const void*, rvm_frame*, rvm_word* a, std::uint64_t immediate) {
    a[0] = a[0] * immediate + a[1];
    return RVM_OK;
}

rvm_opcode opcode(const char* id, std::uint32_t flags, rvm_opcode_fn run, std::uint8_t pops = 2,
                  std::uint8_t pushes = 1, std::uint8_t immediate = 0) {
    rvm_opcode out{};
    out.struct_size = sizeof out;
    out.flags = flags;
    out.id = out.mnemonic = id;
    out.gas = 4;
    out.pops = pops;
    out.pushes = pushes;
    out.immediate_size = immediate;
    out.run = run;
    return out;
}

TEST(native_world, a_plugin_opcode_gets_its_window_deepest_first) {
    Runner runner;
    runner.opcodes["t.muladd"] = opcode("t.muladd", RVM_F_PURE, muladd, 2, 1, 2);
    const auto run = runner.run("push 100 push 6 push 2 t.muladd 7 add memory 0");
    EXPECT_EQ(run.top(), 144U);
    EXPECT_EQ(run.gas_used, 3 * gas::push + 4 + gas::arithmetic);
    EXPECT_EQ(runner.run("push 100 push 6 push 2 t.muladd 7 add memory 0", 8).status, RVM_TRAP_OUT_OF_GAS);
}

TEST(native_world, plugin_opcodes_are_held_to_their_flags) {
    Runner runner;
    auto violates = [](const void*, rvm_frame* frame, rvm_word*, std::uint64_t) -> rvm_status {
        frame->flags |= RVM_FRAME_VIOLATED; // as the host marks the guard when a PURE item calls it
        return RVM_OK;
    };
    runner.opcodes["t.violates"] = opcode("t.violates", RVM_F_PURE, violates, 0, 0);
    // However the frame would have ended.
    for (const char* text : {"t.violates", "t.violates halt", "t.violates push 0 push 0 revert", "t.violates trap",
                             "t.violates again: jump again", "memory 0 t.violates push 1 push 0 div"}) {
        EXPECT_EQ(runner.run(text).detail, detail(Fault::broken_promise)) << text;
        EXPECT_EQ(runner.run(text).status, RVM_TRAP_ILLEGAL) << text;
    }
    // Traced or not: which of the calls so far broke the promise is not known.
    EXPECT_EQ(runner.run("push 0 jumpnz there halt there: t.violates").detail, detail(Fault::broken_promise));
    auto raises = [](const void*, rvm_frame* frame, rvm_word*, std::uint64_t) -> rvm_status {
        frame->gas += 1;
        return RVM_OK;
    };
    runner.opcodes["t.raises"] = opcode("t.raises", RVM_F_CHARGES, raises, 0, 0);
    EXPECT_EQ(runner.run("t.raises").status, RVM_TRAP_ILLEGAL);
    auto charges = [](const void*, rvm_frame* frame, rvm_word*, std::uint64_t) { return rvm_charge(frame, 100); };
    runner.opcodes["t.charges"] = opcode("t.charges", RVM_F_CHARGES, charges, 0, 0);
    EXPECT_EQ(runner.run("memory 0 t.charges").gas_used, 104);
    EXPECT_EQ(runner.run("memory 0 t.charges", 103).status, RVM_TRAP_OUT_OF_GAS);
    runner.opcodes["t.writes"] = opcode("t.writes", RVM_F_WRITES_STATE, charges, 0, 0);
    runner.flags = RVM_FRAME_STATIC;
    EXPECT_EQ(runner.run("t.writes").status, RVM_TRAP_STATIC);
}

TEST(native_world, plugin_opcodes_end_programs) {
    Runner runner;
    auto ok = [](const void*, rvm_frame*, rvm_word*, std::uint64_t) -> rvm_status { return RVM_OK; };
    auto traps = [](const void*, rvm_frame*, rvm_word*, std::uint64_t) -> rvm_status { return RVM_TRAP_CRYPTO; };
    auto unknown = [](const void*, rvm_frame*, rvm_word*, std::uint64_t) -> rvm_status { return 9999; };
    auto fails = [](const void*, rvm_frame*, rvm_word*, std::uint64_t) -> rvm_status { return RVM_E_IO; };
    runner.opcodes["t.halts"] = opcode("t.halts", RVM_F_HALTS, ok, 0, 0);
    runner.opcodes["t.traps"] = opcode("t.traps", RVM_F_PURE, traps, 0, 0);
    runner.opcodes["t.unknown"] = opcode("t.unknown", RVM_F_PURE, unknown, 0, 0);
    runner.opcodes["t.fails"] = opcode("t.fails", RVM_F_READS_STATE, fails, 0, 0);
    const auto halted = runner.run("push 1 t.halts trap");
    EXPECT_EQ(halted.status, RVM_OK);
    EXPECT_TRUE(halted.output.empty());
    EXPECT_EQ(runner.run("t.traps").status, RVM_TRAP_CRYPTO);
    EXPECT_EQ(runner.run("t.unknown").status, RVM_E_INTERNAL);
    EXPECT_EQ(runner.run("t.fails").status, RVM_E_IO);
}

TEST(native_world, plugin_opcodes_reach_memory) {
    Runner runner;
    auto store = [](const void*, rvm_frame* frame, rvm_word* a, std::uint64_t) -> rvm_status {
        rvm_span span;
        const rvm_status status = rvm_memory(frame, a[0], 4, &span);
        if (status == RVM_OK) span.data[0] = 0x5a;
        return status;
    };
    runner.opcodes["t.store"] = opcode("t.store", RVM_F_MEMORY, store, 1, 0);
    EXPECT_EQ(runner.run("memory 1 push 3 mgrow drop push 4000 t.store push 4000 load8").top(), 0x5aU);
    EXPECT_EQ(runner.run("memory 1 push 1021 t.store").status, RVM_TRAP_MEMORY);
}

rvm_status reverse(const void*, rvm_frame*, rvm_view in, rvm_span out, std::uint64_t* written) {
    if (out.size < in.size) return RVM_TRAP_LIMIT;
    for (std::uint64_t i = 0; i < in.size; ++i)
        out.data[i] = in.data[in.size - 1 - i];
    *written = in.size;
    return RVM_OK;
}

TEST(native_world, syscalls_are_priced_by_schedule_and_bounded) {
    Runner runner;
    rvm_gas_schedule schedule{sizeof schedule, 2, 10, 3, nullptr};
    rvm_syscall item{};
    item.struct_size = sizeof item;
    item.flags = RVM_F_PURE;
    item.id = "t.reverse";
    item.gas = &schedule;
    item.max_output = 8;
    item.run = reverse;
    runner.syscalls["t.reverse"] = item;
    const auto run =
        runner.run("data d = \"abc\" space o 8 push d push 3 push o push 8 syscall \"t.reverse\" drop push o load32");
    EXPECT_EQ(run.top(), 0x616263U);
    EXPECT_EQ(run.gas_used, gas::page + 6 + gas::syscall + 10 + 2 * 3 + gas::memory);
    EXPECT_EQ(runner.run("data d = \"abc\" push d push 3 push d push 8 syscall \"t.reverse\" drop push d load32").top(),
              0x616263U)
        << "input and output that overlap are kept apart";
    EXPECT_EQ(runner.reserved, 1024) << "the copy of the input was given back";
    EXPECT_EQ(runner.run("push 0 push 9 push 20 push 100 syscall \"t.reverse\"").status, RVM_TRAP_LIMIT);
    EXPECT_EQ(runner.run("push 0 push 9 push 1000 push 100 syscall \"t.reverse\"").status, RVM_TRAP_MEMORY);
}

TEST(native_world, what_no_plugin_provides_is_refused_by_name) {
    Runner runner;
    EXPECT_NE(runner.link_errors("import opcode \"gone.op\" 1 -> 1 push 1").find("RVM-N05"), std::string::npos);
    EXPECT_NE(runner.link_errors("import opcode \"gone.op\" 1 -> 1 push 1").find("gone.op"), std::string::npos);
    EXPECT_NE(runner.link_errors("import syscall \"gone.call\" push 1").find("syscall gone.call"), std::string::npos);
    runner.opcodes["t.muladd"] = opcode("t.muladd", RVM_F_PURE, muladd);
    const std::string shape = runner.link_errors("import opcode \"t.muladd\" 3 -> 1 imm 2 push 1");
    EXPECT_NE(shape.find("RVM-N06"), std::string::npos);
    EXPECT_NE(shape.find("expected 3 -> 1 imm 2, found 2 -> 1 imm 0"), std::string::npos) << shape;
}

TEST(native_world, creation_runs_init_and_keeps_the_program) {
    Runner runner;
    runner.flags = RVM_FRAME_CREATE;
    const auto plain = runner.run("push 1");
    EXPECT_EQ(plain.gas_used, 0) << "without init nothing runs";
    EXPECT_EQ(plain.output, runner.assembled("push 1"));
    const std::string text = with_slots("func main push 1 func init push key push value sstore");
    EXPECT_EQ(runner.run(text).output, runner.assembled(text));
    EXPECT_EQ(runner.slots[key_of(u256(7))].limbs[0], 42U);
    EXPECT_EQ(rvm::as_text(runner.run("data d = \"other\" func main func init push d push 5 return").output), "other");
    EXPECT_EQ(runner.run("func main func init trap").status, RVM_TRAP_ILLEGAL);
}

} // namespace
