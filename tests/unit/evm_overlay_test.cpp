// Rule overlays: what a deployment changed is what frames pay, in the direct interpreter and translated, and what it
// cannot change is refused by name.
#include <rvm/plugin.hpp>

#include "overlay.hpp"
#include "support/evm_world.hpp"

namespace rvm::evm::test {
namespace {

std::unique_ptr<Runtime> with_overlay(const std::string& changes) {
    return open_evm_runtime(R"({"overlay": [{"rules": "evm/osaka", "set": [)" + changes + "]}]}");
}

/// Counts down from `turns` with a SUB a turn.
Code countdown(std::uint64_t turns) {
    const Code before = push(turns);
    return before + op({OP_JUMPDEST}) + push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(before.size()) +
           op({OP_JUMPI, OP_STOP});
}

TEST(evm_overlay, opcodes_cost_what_the_deployment_says_in_every_tier) {
    constexpr std::uint64_t turns = 2'000; // enough to go on translated in the first execution
    const auto runtime = with_overlay(R"("SUB=13", "JUMPDEST=0")");
    EvmWorld plain;
    EvmWorld changed(kNewest, {}, *runtime);
    const std::int64_t difference = turns * (13 - 3 - 1);
    for (EvmWorld* world : {&plain, &changed})
        world->install(world->target, countdown(turns));
    const std::int64_t before = plain.call(plain.target).gas_used;
    for (int run = 0; run < 4; ++run) // interpreted at first, translated at last
        EXPECT_EQ(changed.call(changed.target).gas_used, before + difference) << run;
    // One turn is over before anything is translated.
    EvmWorld fresh(kNewest, {}, *runtime);
    EXPECT_EQ(fresh.run(countdown(1)).gas_used, plain.run(countdown(1)).gas_used + 9);
    // Another rule set of the same deployment is as it was.
    EvmWorld prague(Rules::prague, {}, *runtime);
    prague.install(prague.target, countdown(turns));
    EXPECT_EQ(prague.call(prague.target).gas_used, before);
}

TEST(evm_overlay, storage_is_priced_by_its_four_numbers) {
    const auto runtime = with_overlay(R"("sstore_set=500", "sstore_reset=300", "sstore_clear=40", "cold_store=7")");
    EvmWorld world(kNewest, {}, *runtime);
    constexpr std::int64_t pushes = 6;
    Ran ran = world.run(sstore(1, 5)); // 0 -> 5
    EXPECT_EQ(ran.gas_used, pushes + 500 + 7);
    static_cast<void>(world.next());
    ran = world.run(sstore(1, 0)); // 5 -> 0
    EXPECT_EQ(ran.gas_used, pushes + 300 + 7);
    EXPECT_EQ(ran.refund, 40);
}

TEST(evm_overlay, limits_move) {
    const auto runtime = with_overlay(R"("max_code=30000", "max_init_code=10")");
    const auto deploys = [](std::uint64_t bytes) { return push(bytes) + push(0) + op({OP_RETURN}); };
    const auto create = [&](const Code& init, EvmWorld& world) {
        const Code code = to_memory(init) + push(init.size()) + push(0) + push(0) + op({OP_CREATE});
        return world.run(code + return_top());
    };
    EvmWorld changed(kNewest, {}, *runtime);
    EvmWorld plain;
    EXPECT_NE(create(deploys(30'000), changed).word(), 0u);
    EXPECT_EQ(create(deploys(30'001), changed).word(), 0u);
    EXPECT_EQ(create(deploys(30'000), plain).word(), 0u);
    EXPECT_EQ(create(Code(11, OP_JUMPDEST), changed).fault, Fault::init_code_size);
}

TEST(evm_overlay, what_cannot_be_changed_is_refused_by_name) {
    struct Row {
        const char* rules;
        const char* change;
        const char* message;
    };
    const Row rows[] = {
        {"evm/osaka", "JUMP=0", "/overlay/0/set/0: expected NAME=NUMBER with a number from 1 to 32767, found \"JUMP=0\""},
        {"evm/osaka", "JUMPI=0", "from 1 to 32767"},
        {"evm/osaka", "ADD=32768", "from 0 to 32767"},
        {"evm/osaka", "ADD=-1", "from 0 to 32767"},
        {"evm/osaka", "ADD=", "from 0 to 32767"},
        {"evm/osaka", "ADD", "expected NAME=NUMBER, found \"ADD\""},
        {"evm/osaka", "add=1", "expected an opcode of these rules, a price or a limit"},
        {"evm/prague", "CLZ=1", "expected an opcode of these rules, a price or a limit"}, // since Osaka
        {"evm/petersburg", "sstore_set=1", "expected a rule set with net metering"},
        {"evm/osaka", "sstore_noop=16384", "from 0 to 16383"},
        {"evm/osaka", "max_code=16777217", "from 0 to 16777216"},
        {"evm/tokyo", "ADD=1", "/overlay/0/rules: expected a rule set as \"evm/osaka\", found \"evm/tokyo\""},
    };
    for (const Row& row : rows) {
        Schedules schedules = fork_schedules();
        try {
            apply_overlays({{row.rules, {row.change}}}, schedules);
            ADD_FAILURE() << row.rules << " " << row.change << " was accepted";
        } catch (const sdk::Failure& failure) {
            EXPECT_EQ(failure.status(), RVM_E_CONFIG);
            EXPECT_NE(std::string(failure.what()).find(row.message), std::string::npos) << failure.what();
        }
    }
}

TEST(evm_overlay, a_configuration_without_overlays_changes_nothing) {
    EXPECT_TRUE(parse_overlays(R"({"overlay": []})").empty());
    EXPECT_TRUE(parse_overlays("{}").empty());
    for (const char* text : {"", "[]", R"({"overlay": {}})", R"({"overlay": [1]})", R"({"other": []})",
                             R"({"overlay": [{"set": [["ADD=1"]]}]})", R"({"overlay": [{"set": [{}]}]})"})
        EXPECT_THROW(static_cast<void>(parse_overlays(text)), sdk::Failure) << text;
}

} // namespace
} // namespace rvm::evm::test
