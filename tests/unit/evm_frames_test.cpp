// What frames hand to each other and what a creation needs, one test an EIP: those that published fixtures exercise
// only in passing.
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "support/evm_world.hpp"

namespace rvm::evm::test {
namespace {

constexpr std::int64_t kPush = 3;

/// A call without input, whose output goes to the first word of memory.
Code call_of(std::uint8_t opcode, const rvm_address& to, std::uint64_t value = 0) {
    const bool has_value = opcode == OP_CALL || opcode == OP_CALLCODE;
    return push(32) + push(0) + push(0) + push(0) + (has_value ? push(value) : Code{}) + push(to) + push(50'000) +
           op({opcode});
}
/// Runs the call and returns the word that it wrote to memory.
Code word_from(std::uint8_t opcode, const rvm_address& to, std::uint64_t value = 0) {
    return call_of(opcode, to, value) + op({OP_POP}) + push(0) + op({OP_MLOAD}) + return_top();
}

U256 as_word(const rvm_address& address) {
    std::uint8_t bytes[32]{};
    std::copy(std::begin(address.bytes), std::end(address.bytes), bytes + 12);
    return u256::load_be(bytes);
}

/// 0x60 as init code, with 0x01fe behind it in memory: PUSH1 finds a zero and a STOP, not 1 and INVALID.
TEST(evm_init_code, is_followed_by_zeroes_whatever_the_creator_keeps_there) {
    const auto store = [](std::uint64_t byte, std::uint64_t at) { return push(byte) + push(at) + op({OP_MSTORE8}); };
    for (const std::uint8_t opcode : {OP_CREATE, OP_CREATE2}) {
        EvmWorld world;
        const Code code = store(OP_PUSH1, 0) + store(1, 1) + store(OP_INVALID, 2) +
                          (opcode == OP_CREATE2 ? push(0) : Code{}) + push(1) + push(0) + push(0) + op({opcode});
        EXPECT_NE(world.run(code + return_top()).word(), 0u);
    }
}

TEST(evm_eip7, delegatecall_keeps_sender_value_and_storage) {
    const rvm_address library = address(1);
    struct Row {
        std::uint8_t asks;
        U256 by_call, by_callcode, by_delegatecall;
    };
    EvmWorld names;
    const Row rows[] = {
        {OP_CALLER, as_word(names.target), as_word(names.target), as_word(names.sender)},
        {OP_CALLVALUE, U256{2}, U256{2}, U256{9}},
        {OP_ADDRESS, as_word(library), as_word(names.target), as_word(names.target)},
    };
    for (const Row& row : rows) {
        const auto run = [&](std::uint8_t call) {
            EvmWorld world(Rules::homestead);
            world.install(library, op({row.asks}) + return_top());
            world.install(world.target, word_from(call, library, 2));
            return world.call(world.target, {}, EvmWorld::kGas, 9).word();
        };
        EXPECT_EQ(run(OP_CALL), row.by_call) << kOpcodeInfo[row.asks].name;
        EXPECT_EQ(run(OP_CALLCODE), row.by_callcode) << kOpcodeInfo[row.asks].name;
        EXPECT_EQ(run(OP_DELEGATECALL), row.by_delegatecall) << kOpcodeInfo[row.asks].name;
    }
    EvmWorld world(Rules::homestead);
    world.install(library, sstore(3, 4));
    EXPECT_EQ(world.run(word_from(OP_DELEGATECALL, library)).status, RVM_OK);
    EXPECT_EQ(world.slot(world.target, 3), 4u);
    EXPECT_EQ(world.slot(library, 3), 0u);
}

TEST(evm_eip140, revert_undoes_and_gives_back_gas_and_data) {
    EvmWorld world(Rules::byzantium);
    const Code reverting = sstore(1, 1) + push(0x77) + revert_top();
    const Ran top = world.run(reverting);
    EXPECT_EQ(top.status, RVM_TRAP_REVERT);
    EXPECT_EQ(top.number(), 0x77u);
    EXPECT_EQ(top.gas_used, 2 * kPush + 20'000 + 4 * kPush + 3 + 3) << "the rest is given back";
    EXPECT_EQ(world.slot(world.target, 1), 0u);
    world.install(address(1), reverting);
    // The call's success is below the word of its data.
    const Code caller = call_of(OP_CALL, address(1)) + push(0) + op({OP_MLOAD, OP_ADD}) + return_top();
    const Ran ran = world.run(caller);
    EXPECT_EQ(ran.number(), 0x77u) << "0 from the call, and its data";
    EXPECT_EQ(world.slot(address(1), 1), 0u);
    EXPECT_LT(ran.gas_used, 30'000) << "of the 50,000 given";
}

/// CREATE of nothing with `salt` on top as CREATE2.
Code creation(std::uint8_t opcode) {
    return (opcode == OP_CREATE2 ? push(0) : Code{}) + push(0) + push(0) + push(0) + op({opcode}) + return_top();
}

TEST(evm_eip2681, a_creator_at_the_last_nonce_creates_nothing) {
    for (const std::uint8_t opcode : {OP_CREATE, OP_CREATE2}) {
        EvmWorld world;
        world.install(world.target, creation(opcode));
        world.world().set_nonce(world.account(world.target), UINT64_MAX - 1);
        static_cast<void>(world.next());
        EXPECT_NE(world.call(world.target).word(), U256{}) << "the last creation";
        EXPECT_EQ(world.account(world.target)->nonce, UINT64_MAX);
        const Ran ran = world.call(world.target);
        EXPECT_EQ(ran.status, RVM_OK);
        EXPECT_EQ(ran.word(), U256{});
        EXPECT_LT(ran.gas_used, 40'000) << "what was kept for the init code comes back";
        EXPECT_EQ(world.account(world.target)->nonce, UINT64_MAX);
    }
}

/// What is at the address decides whether a creation there burns its gas.
Ran create_on(const std::function<void(World&, rvm_account*)>& prepare) {
    EvmWorld world;
    world.install(world.target, creation(OP_CREATE2));
    const std::uint64_t before = world.mark();
    const Ran free = world.call(world.target);
    EXPECT_NE(free.word(), U256{});
    rvm_address place{};
    std::uint8_t bytes[32];
    u256::store_be(free.word(), bytes);
    std::copy(bytes + 12, bytes + 32, place.bytes);
    world.rollback(before);
    prepare(world.world(), world.account(place));
    static_cast<void>(world.next());
    return world.call(world.target);
}

TEST(evm_eip684, a_creation_on_nonce_or_code_burns_its_gas) {
    const Ran nonce = create_on([](World& world, rvm_account* account) { world.set_nonce(account, 1); });
    EXPECT_EQ(nonce.word(), U256{});
    EXPECT_GT(nonce.gas_used, EvmWorld::kGas * 63 / 64);
    const Ran code = create_on([](World& world, rvm_account* account) {
        const Code stop{0x00};
        world.set_code(account, view(stop), "evm");
    });
    EXPECT_EQ(code.word(), U256{});
    EXPECT_GT(code.gas_used, EvmWorld::kGas * 63 / 64);
    const Ran wei = create_on([](World& world, rvm_account* account) { world.add_balance(account, {{1, 0, 0, 0}}); });
    EXPECT_NE(wei.word(), U256{}) << "a balance alone does not collide";
}

TEST(evm_eip7610, a_creation_on_storage_burns_its_gas) {
    const Ran ran = create_on([](World& world, rvm_account* account) {
        world.add_balance(account, {{1, 0, 0, 0}}); // an account has to be there to have storage
        world.set_slot(account, {{1, 0, 0, 0}}, {{1, 0, 0, 0}});
    });
    EXPECT_EQ(ran.word(), U256{});
    EXPECT_GT(ran.gas_used, EvmWorld::kGas * 63 / 64);
}

TEST(evm_eip161, a_touched_empty_account_goes_since_eip158) {
    for (const Rules rules : {Rules::eip158, Rules::byzantium, Rules::osaka}) {
        EvmWorld world(rules);
        world.world().set_nonce(world.account(address(7)), 0); // exists, empty
        static_cast<void>(world.run(call_of(OP_CALL, address(7)) + op({OP_STOP})));
        static_cast<void>(world.next());
        EXPECT_EQ(world.account(address(7), RVM_WANT_EXISTS)->flags & RVM_ACCOUNT_EXISTS, 0u);
    }
}

TEST(evm_prices, of_opcodes_by_the_eip_that_brought_them) {
    struct Row {
        const char* eip;
        std::uint8_t opcode;
        unsigned operands;
        Rules rules;
        std::int64_t gas;
    };
    constexpr Row rows[] = {
        {"EIP-1344", OP_CHAINID, 0, Rules::istanbul, 2},
        {"EIP-1884", OP_SELFBALANCE, 0, Rules::istanbul, 5},
        {"EIP-1884", OP_EXTCODEHASH, 1, Rules::istanbul, 700},
        {"EIP-1052", OP_EXTCODEHASH, 1, Rules::constantinople, 400},
        {"EIP-3198", OP_BASEFEE, 0, Rules::london, 2},
        {"EIP-3855", OP_PUSH0, 0, Rules::shanghai, 2},
        {"EIP-4399", OP_PREVRANDAO, 0, Rules::paris, 2},
        {"EIP-4844", OP_BLOBHASH, 1, Rules::cancun, 3},
        {"EIP-7516", OP_BLOBBASEFEE, 0, Rules::cancun, 2},
        {"EIP-1153", OP_TSTORE, 2, Rules::cancun, 100},
        {"EIP-145", OP_SHL, 2, Rules::constantinople, 3},
        {"EIP-145", OP_SAR, 2, Rules::constantinople, 3},
        {"EIP-7939", OP_CLZ, 1, Rules::osaka, 5},
    };
    for (const Row& row : rows) {
        const Code operands = times(row.operands, push(0x9999));
        EXPECT_EQ(gas_of(row.rules, operands + op({row.opcode})), row.operands * kPush + row.gas)
            << row.eip << ' ' << kOpcodeInfo[row.opcode].name;
    }
}

} // namespace
} // namespace rvm::evm::test
