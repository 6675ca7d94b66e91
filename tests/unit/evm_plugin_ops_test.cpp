// Instructions of plugins in slots of the EVM (rvm/evm_ops.h): stack, gas, traps, rule sets; which tables are refused.
#include <rvm/evm_ops.h>
#include <rvm/plugin.hpp>

#include "plugin_ops.hpp"
#include "support/evm_world.hpp"

namespace rvm::evm::test {
namespace {

constexpr std::uint8_t kAddThree = 0x0c, kPushTwo = 0x0d, kTrap = 0x0e; // unassigned on Ethereum

rvm_status add_three(const void*, rvm_u256* words) {
    words[0] = {{words[0].limbs[0] + 2 * words[1].limbs[0] + 4 * words[2].limbs[0], 0, 0, 0}};
    return RVM_OK;
}
rvm_status push_two(const void*, rvm_u256* words) {
    words[0] = {{7, 0, 0, 0}};
    words[1] = {{8, 0, 0, 0}};
    return RVM_OK;
}
rvm_status trap(const void*, rvm_u256*) { return RVM_TRAP_ARITHMETIC; }

constexpr const char* since_prague[] = {"evm/prague", "evm/osaka", nullptr};
constexpr std::uint32_t op_size = sizeof(rvm_evm_op);
constexpr rvm_evm_op test_ops[] = {
    {op_size, kAddThree, 3, 1, 0, 11, 0, "ADDTHREE", since_prague, add_three, nullptr},
    {op_size, kPushTwo, 0, 2, 0, 2, 0, "PUSHTWO", nullptr, push_two, nullptr},
    {op_size, kTrap, 0, 0, 0, 1, 0, "TRAP", nullptr, trap, nullptr},
};
constexpr rvm_evm_ops test_table{sizeof(rvm_evm_ops), std::size(test_ops), test_ops};

// A plugin of the test's own beside the EVM's.
constexpr rvm_interface interface_item{sizeof(rvm_interface), 0, RVM_EVM_OPS, &test_table};
constexpr rvm_contribution items[] = {{RVM_KIND_INTERFACE, &interface_item}, {nullptr, nullptr}};
constexpr const char* provides[] = {RVM_KIND_INTERFACE ":" RVM_EVM_OPS, nullptr};
constexpr rvm_descriptor descriptor = sdk::describe({.id = "org.example.ops",
                                                     .version = "0.1.0",
                                                     .name = "Test instructions",
                                                     .vendor = "rvm",
                                                     .license = "MIT",
                                                     .description = "Instructions for a test",
                                                     .provides = provides});
rvm_status create(const rvm_host*, rvm_plugin** out, rvm_error*) {
    static rvm_plugin plugin = [] {
        rvm_plugin made{};
        made.struct_size = sizeof made;
        made.contributions = [](void*) { return items; };
        made.destroy = [](void*) {};
        return made;
    }();
    *out = &plugin;
    return RVM_OK;
}
constexpr rvm_entry entry = RVM_ENTRY_INIT(&descriptor, create);

Runtime& with_ops() {
    static const std::unique_ptr<Runtime> opened = open_evm_runtime("{}", {&entry});
    return *opened;
}

TEST(evm_plugin_ops, take_operands_and_leave_results_for_their_price) {
    EvmWorld world(kNewest, {}, with_ops());
    const Code operands = push(100) + push(20) + push(3);
    const Ran ran = world.run(operands + op({kAddThree}) + return_top());
    EXPECT_EQ(ran.number(), 100u + 40 + 12); // the deepest first
    EXPECT_EQ(ran.gas_used, world.run(operands + op({OP_ADDMOD}) + return_top()).gas_used + 11 - 8);
    const Ran two = world.run(op({kPushTwo, OP_SWAP1, OP_SUB}) + return_top());
    EXPECT_EQ(two.word(), U256{0} - U256{1}); // 7 - 8: the last result is on top
    // A tail of operands outside of the instruction's own stays.
    EXPECT_EQ(world.run(push(5) + operands + op({kAddThree, OP_ADD}) + return_top()).number(), 157u);
}

TEST(evm_plugin_ops, stack_and_gas_are_checked_first) {
    EvmWorld world(kNewest, {}, with_ops());
    EXPECT_EQ(world.run(push(1) + push(2) + op({kAddThree})).fault, Fault::stack_underflow);
    EXPECT_EQ(world.run(times(1022, push(0)) + op({kPushTwo})).status, RVM_OK);
    EXPECT_EQ(world.run(times(1023, push(0)) + op({kPushTwo})).fault, Fault::stack_overflow);
    const Code code = times(3, push(1)) + op({kAddThree});
    world.install(world.target, code);
    EXPECT_EQ(world.call(world.target, {}, 9 + 11).status, RVM_OK);
    EXPECT_EQ(world.call(world.target, {}, 9 + 10).fault, Fault::out_of_gas);
}

TEST(evm_plugin_ops, a_trap_halts_the_frame_at_its_position) {
    EvmWorld world(kNewest, {}, with_ops());
    const Ran ran = world.run(push(1) + op({kTrap}));
    EXPECT_EQ(ran.status, RVM_TRAP_ILLEGAL);
    EXPECT_EQ(ran.fault, Fault::plugin_instruction);
    EXPECT_EQ(ran.fault_position, 2u);
    EXPECT_EQ(ran.gas_used, EvmWorld::kGas);
}

TEST(evm_plugin_ops, exist_in_their_rule_sets_only) {
    const Code code = times(3, push(1)) + op({kAddThree});
    EvmWorld prague(Rules::prague, {}, with_ops());
    EXPECT_EQ(prague.run(code).status, RVM_OK);
    EvmWorld cancun(Rules::cancun, {}, with_ops());
    EXPECT_EQ(cancun.run(code).fault, Fault::undefined_instruction);
    EvmWorld plain;
    EXPECT_EQ(plain.run(code).fault, Fault::undefined_instruction);
}

/// A loop long enough to be translated, if it could be.
TEST(evm_plugin_ops, work_in_code_that_runs_often) {
    constexpr std::uint64_t turns = 5'000;
    const auto loop = [](const Code& body) {
        const Code before = push(turns);
        return before + op({OP_JUMPDEST}) + body + push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(before.size()) +
               op({OP_JUMPI, OP_STOP});
    };
    EvmWorld world(kNewest, {}, with_ops());
    const rvm_address other = address(1);
    world.install(world.target, loop(times(3, push(1)) + op({kAddThree, OP_POP})));
    world.install(other, loop(times(3, push(1)) + op({OP_ADDMOD, OP_POP})));
    const std::int64_t expected = world.call(other).gas_used + std::int64_t{turns} * (11 - 8);
    for (int run = 0; run < 4; ++run)
        EXPECT_EQ(world.call(world.target).gas_used, expected) << run;
}

TEST(evm_plugin_ops, tables_that_break_the_contract_are_refused) {
    struct Row {
        const char* message;
        rvm_evm_op op;
    };
    static constexpr const char* unknown_rules[] = {"evm/tokyo", nullptr};
    const rvm_evm_op good = test_ops[0];
    const auto changed = [&](auto change) {
        rvm_evm_op out = good;
        change(out);
        return out;
    };
    const Row rows[] = {
        {"struct_size is 8", changed([](rvm_evm_op& o) { o.struct_size = 8; })},
        {"expected a name", changed([](rvm_evm_op& o) { o.name = nullptr; })},
        {"expected a name", changed([](rvm_evm_op& o) { o.name = "lower"; })},
        {"expected a name", changed([](rvm_evm_op& o) { o.name = "ADD"; })},
        {"its number is that of CLZ", changed([](rvm_evm_op& o) { o.number = OP_CLZ; })},
        {"more than 16 operands or results", changed([](rvm_evm_op& o) { o.operands = 17; })},
        {"more than 16 operands or results", changed([](rvm_evm_op& o) { o.results = 17; })},
        {"a price above 32767", changed([](rvm_evm_op& o) { o.gas = 32768; })},
        {"run is NULL", changed([](rvm_evm_op& o) { o.run = nullptr; })},
        {"there is no rule set evm/tokyo", changed([&](rvm_evm_op& o) { o.rules = unknown_rules; })},
    };
    const auto refusal_of = [](const rvm_evm_ops& table) -> std::string {
        Schedules schedules = fork_schedules();
        PluginOps ops{};
        try {
            add_plugin_ops(table, ops, schedules);
        } catch (const sdk::Failure& failure) {
            return failure.what();
        }
        return {};
    };
    EXPECT_EQ(refusal_of(test_table), "");
    for (const Row& row : rows) {
        const std::string refusal = refusal_of({sizeof(rvm_evm_ops), 1, &row.op});
        EXPECT_NE(refusal.find(row.message), std::string::npos) << row.message << ": " << refusal;
    }
    const rvm_evm_op twice[] = {good, good};
    EXPECT_NE(refusal_of({sizeof(rvm_evm_ops), 2, twice}).find("op 1 (ADDTHREE): its number is that of ADDTHREE"),
              std::string::npos);
    EXPECT_NE(refusal_of({sizeof(rvm_evm_ops), 257, twice}), "");
    EXPECT_NE(refusal_of({8, 1, twice}), "");
}

} // namespace
} // namespace rvm::evm::test
