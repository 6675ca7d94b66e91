// Rules by fork, one test an EIP: prices, limits and what changes hands, interpreted.
#include <gtest/gtest.h>

#include "creation.hpp"
#include "support/evm_world.hpp"

namespace rvm::evm::test {
namespace {

constexpr std::int64_t kPush = 3;

TEST(evm_eip2, creation_that_cannot_pay_its_deposit) {
    const Code init = deploying(Code(100, 0x01)); // a deposit of 20,000
    EXPECT_EQ(EvmWorld(Rules::homestead).create(init, 10'000).status, RVM_TRAP_OUT_OF_GAS);
    EvmWorld frontier(Rules::frontier);
    const Ran ran = frontier.create(init, 10'000);
    EXPECT_EQ(ran.status, RVM_OK) << "Frontier leaves an account without code";
    EXPECT_EQ(frontier.account(ran.created)->code_size, 0u);
    EXPECT_LT(ran.gas_used, 1000);
}

TEST(evm_eip150, prices_of_state_access) {
    const auto cost = [](Rules rules, std::uint8_t opcode) {
        return gas_of(rules, push(0x9999) + op({opcode})) - kPush;
    };
    struct Row {
        Rules rules;
        std::int64_t balance, code_size, sload;
    };
    for (const Row& row :
         {Row{Rules::homestead, 20, 20, 50}, Row{Rules::eip150, 400, 700, 200}, Row{Rules::istanbul, 700, 700, 800},
          Row{Rules::berlin, 2600, 2600, 2100}, Row{Rules::osaka, 2600, 2600, 2100}}) {
        EXPECT_EQ(cost(row.rules, OP_BALANCE), row.balance) << static_cast<int>(row.rules);
        EXPECT_EQ(cost(row.rules, OP_EXTCODESIZE), row.code_size) << static_cast<int>(row.rules);
        EXPECT_EQ(cost(row.rules, OP_SLOAD), row.sload) << static_cast<int>(row.rules);
    }
}

/// CALL with all arguments zero but the gas and the address.
Code call_with(std::uint64_t gas, const rvm_address& to, std::uint64_t value = 0) {
    return times(4, push(0)) + push(value) + push(to) + push(gas) + op({OP_CALL});
}

TEST(evm_eip150, a_call_gets_at_most_all_but_one_64th) {
    // The callee returns its gas; the caller asks for more than there is.
    const auto callee_gas = [](Rules rules) {
        EvmWorld world(rules);
        world.install(address(1), op({OP_GAS}) + return_top());
        const Code caller = push(32) + push(0) + push(0) + push(0) + push(0) + push(address(1)) + push(~0ull) +
                            op({OP_CALL, OP_POP}) + push(0) + op({OP_MLOAD}) + return_top();
        return world.run(caller, {}, 100'000);
    };
    EXPECT_EQ(callee_gas(Rules::homestead).status, RVM_TRAP_OUT_OF_GAS);
    // Left of 100,000 behind seven PUSHes, a word of memory and the call's own 700.
    const std::uint64_t left = 100'000 - 7 * 3 - 3 - 700;
    EXPECT_EQ(callee_gas(Rules::eip150).number(), left - left / 64 - 2);
}

TEST(evm_eip158, exp_and_new_accounts) {
    const Code exp = push(0x10000) + push(2) + op({OP_EXP}); // an exponent of three bytes
    EXPECT_EQ(gas_of(Rules::eip150, exp) - 2 * kPush, 10 + 3 * 10);
    EXPECT_EQ(gas_of(Rules::eip158, exp) - 2 * kPush, 10 + 3 * 50);
    const std::int64_t arguments = 7 * kPush;
    EXPECT_EQ(gas_of(Rules::eip150, call_with(0, address(7))) - arguments, 700 + 25'000) << "a call creates";
    EXPECT_EQ(gas_of(Rules::eip158, call_with(0, address(7))) - arguments, 700) << "only value creates";
    EvmWorld world(Rules::eip158);
    world.fund(world.target, 1);
    EXPECT_EQ(world.run(call_with(0, address(7), 1)).gas_used - arguments, 700 + 25'000 + 9000 - 2300)
        << "the stipend comes back";
}

TEST(evm_eip170, code_size) {
    const auto create = [](Rules rules, std::uint64_t size) {
        return EvmWorld(rules).create(push(size) + push(0) + op({OP_RETURN}), 100'000'000).status;
    };
    EXPECT_EQ(create(Rules::eip150, 24577), RVM_OK);
    EXPECT_EQ(create(Rules::eip158, 24576), RVM_OK);
    EXPECT_EQ(create(Rules::eip158, 24577), RVM_TRAP_LIMIT);
}

TEST(evm_eip3541, code_does_not_begin_with_ef) {
    EXPECT_EQ(EvmWorld(Rules::berlin).create(deploying({0xef})).status, RVM_OK);
    EXPECT_EQ(EvmWorld(Rules::london).create(deploying({0xef})).status, RVM_TRAP_INVALID_CODE);
    EXPECT_EQ(EvmWorld(Rules::london).create(deploying({0xee, 0xef})).status, RVM_OK);
}

TEST(evm_eip3860, init_code_size_and_words) {
    const auto create = [](Rules rules, std::uint64_t size) {
        return EvmWorld(rules).run(push(size) + push(0) + push(0) + op({OP_CREATE}) + return_top(), {}, 30'000'000);
    };
    EXPECT_EQ(create(Rules::paris, 49153).status, RVM_OK);
    EXPECT_EQ(create(Rules::shanghai, 49152).status, RVM_OK);
    EXPECT_EQ(create(Rules::shanghai, 49153).fault, Fault::init_code_size);
    EXPECT_EQ(create(Rules::shanghai, 320).gas_used - create(Rules::paris, 320).gas_used, 2 * 10);
}

TEST(evm_opcodes_by_fork, exist_from_their_rule_set_on) {
    struct Row {
        std::uint8_t opcode;
        Rules since;
    };
    for (const Row& row : {Row{OP_DELEGATECALL, Rules::homestead},
                           Row{OP_REVERT, Rules::byzantium},
                           Row{OP_STATICCALL, Rules::byzantium},
                           Row{OP_RETURNDATASIZE, Rules::byzantium},
                           Row{OP_RETURNDATACOPY, Rules::byzantium},
                           Row{OP_SHL, Rules::constantinople},
                           Row{OP_SHR, Rules::constantinople},
                           Row{OP_SAR, Rules::constantinople},
                           Row{OP_EXTCODEHASH, Rules::constantinople},
                           Row{OP_CREATE2, Rules::constantinople},
                           Row{OP_CHAINID, Rules::istanbul},
                           Row{OP_SELFBALANCE, Rules::istanbul},
                           Row{OP_BASEFEE, Rules::london},
                           Row{OP_PUSH0, Rules::shanghai},
                           Row{OP_TLOAD, Rules::cancun},
                           Row{OP_TSTORE, Rules::cancun},
                           Row{OP_MCOPY, Rules::cancun},
                           Row{OP_BLOBHASH, Rules::cancun},
                           Row{OP_BLOBBASEFEE, Rules::cancun},
                           Row{OP_CLZ, Rules::osaka}}) {
        const Code code = times(7, push(0)) + op({row.opcode});
        for (std::size_t i = 0; i < kRuleSets; ++i) {
            const auto rules = static_cast<Rules>(i);
            const Ran ran = EvmWorld(rules).run(code);
            EXPECT_EQ(ran.fault == Fault::undefined_instruction, rules < row.since)
                << kOpcodeInfo[row.opcode].name << " " << i;
        }
    }
}

/// Gas and refund of two writes to slot 0, which holds `original`; EIP-2200's table of cases.
TEST(evm_sstore, follows_the_published_cases_of_eip_2200_1283_2929_3529) {
    struct Case {
        std::uint64_t original, first, second;
        std::int64_t gas_2200, refund_2200, gas_1283;
    };
    // EIP-2200 "Test Cases" lists them with the gas of the PUSHes (4 x 3).
    constexpr Case cases[] = {{0, 0, 0, 1612, 0, 412},      {0, 0, 1, 20812, 0, 20212},  {0, 1, 0, 20812, 19200, 20212},
                              {0, 1, 2, 20812, 0, 20212},   {0, 1, 1, 20812, 0, 20212},  {1, 0, 0, 5812, 15000, 5212},
                              {1, 0, 1, 5812, 4200, 5212},  {1, 0, 2, 5812, 0, 5212},    {1, 2, 0, 5812, 15000, 5212},
                              {1, 2, 3, 5812, 0, 5212},     {1, 2, 1, 5812, 4200, 5212}, {1, 2, 2, 5812, 0, 5212},
                              {1, 1, 0, 5812, 15000, 5212}, {1, 1, 2, 5812, 0, 5212},    {1, 1, 1, 1612, 0, 412}};
    const auto run = [](const Case& row, Rules rules) {
        EvmWorld world(rules);
        world.install(world.target, sstore(0, row.first) + sstore(0, row.second));
        world.world().set_slot(world.account(world.target), {}, {{row.original, 0, 0, 0}});
        static_cast<void>(world.next());
        return world.call(world.target);
    };
    for (const Case& row : cases) {
        const testing::Message name = testing::Message() << row.original << " -> " << row.first << " -> " << row.second;
        EXPECT_EQ(run(row, Rules::istanbul).gas_used, row.gas_2200) << name;
        EXPECT_EQ(run(row, Rules::istanbul).refund, row.refund_2200) << name;
        EXPECT_EQ(run(row, Rules::constantinople).gas_used, row.gas_1283) << name;
        // EIP-2929: a no-op costs 100 instead of 800, the first access 2100, and 5000 becomes 2900.
        const bool resets = row.original != 0 && row.gas_2200 > 5000, sets = row.gas_2200 > 20000;
        const int noops = resets || sets ? 1 : 2;
        const std::int64_t berlin = 12 + 2100 + 100 * noops + (resets ? 2900 : 0) + (sets ? 20'000 : 0);
        EXPECT_EQ(run(row, Rules::berlin).gas_used, berlin) << name;
        // EIP-3529: 4800 instead of 15000.
        const std::int64_t cleared = run(row, Rules::berlin).refund, less = run(row, Rules::london).refund;
        EXPECT_EQ(cleared - less, row.refund_2200 == 15000 ? 10200 : 0) << name;
    }
    const Case gross{1, 0, 1, 0, 0, 0};
    EXPECT_EQ(run(gross, Rules::byzantium).gas_used, 12 + 5000 + 20'000);
    EXPECT_EQ(run(gross, Rules::petersburg).gas_used, 12 + 5000 + 20'000) << "EIP-1716 takes EIP-1283 back";
    EXPECT_EQ(run(gross, Rules::petersburg).refund, 15'000);
}

TEST(evm_eip2200, needs_more_than_the_stipend) {
    const Code code = sstore(0, 0); // two PUSHes before it
    EXPECT_EQ(EvmWorld(Rules::istanbul).run(code, {}, 2306).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(EvmWorld(Rules::istanbul).run(code, {}, 2307).status, RVM_OK);
}

TEST(evm_eip2929, second_access_is_warm) {
    const Code twice = push(address(9)) + op({OP_BALANCE}) + push(address(9)) + op({OP_EXTCODEHASH});
    EXPECT_EQ(gas_of(Rules::berlin, twice), 2 * kPush + 2600 + 100);
    const Code slots = push(1) + op({OP_SLOAD}) + push(1) + op({OP_SLOAD}) + push(2) + op({OP_SLOAD});
    EXPECT_EQ(gas_of(Rules::berlin, slots), 3 * kPush + 2100 + 100 + 2100);
}

TEST(evm_eip2929, a_revert_makes_cold_again) {
    EvmWorld world(Rules::berlin);
    world.install(address(1), push(address(9)) + op({OP_BALANCE}) + push(0) + push(0) + op({OP_REVERT}));
    const Ran ran = world.run(call_with(50'000, address(1)) + push(address(9)) + op({OP_BALANCE}));
    const std::int64_t callee = kPush + 2600 + 2 * kPush;
    EXPECT_EQ(ran.gas_used, 7 * kPush + 2600 + callee + kPush + 2600);
}

TEST(evm_memory, grows_quadratically) {
    EXPECT_EQ(gas_of(kNewest, push(0) + push(0) + op({OP_MSTORE})), 2 * kPush + 3 + 3);
    EXPECT_EQ(gas_of(kNewest, push(0) + push(1) + op({OP_MSTORE})), 2 * kPush + 3 + 2 * 3);
    const std::int64_t words = 10'000 / 32 + 1;
    EXPECT_EQ(gas_of(kNewest, push(0) + push(10'000) + op({OP_MSTORE8})),
              2 * kPush + 3 + words * 3 + words * words / 512);
    EXPECT_EQ(EvmWorld().run(push(0) + push(U256{0, 1, 0, 0}) + op({OP_MSTORE})).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(EvmWorld().run(push(0) + push(~0ull) + op({OP_MSTORE})).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(EvmWorld().run(push(0) + push(~0ull) + op({OP_RETURN})).status, RVM_OK) << "an empty range costs nothing";
}

TEST(evm_eip5656, mcopy_overlaps_and_grows) {
    const Code setup = to_memory(word_bytes(U256{1, 2, 3, 4}));
    EvmWorld world;
    EXPECT_EQ(world.run(setup + push(32) + push(0) + push(8) + op({OP_MCOPY}) + push(8) + op({OP_MLOAD}) + return_top())
                  .word(),
              (U256{1, 2, 3, 4}));
    const std::int64_t before = gas_of(kNewest, setup + push(32) + push(0) + push(32));
    EXPECT_EQ(gas_of(kNewest, setup + push(32) + push(0) + push(32) + op({OP_MCOPY})) - before, 3 + 3 + 3);
}

TEST(evm_eip211, return_data) {
    EvmWorld world;
    world.install(address(1), push(0xabcd) + return_top());
    const Code call = call_with(50'000, address(1)) + op({OP_POP});
    EXPECT_EQ(world.run(call + op({OP_RETURNDATASIZE}) + return_top()).number(), 32u);
    const Code copy =
        call + push(32) + push(0) + push(0) + op({OP_RETURNDATACOPY}) + push(0) + op({OP_MLOAD}) + return_top();
    EXPECT_EQ(world.run(copy).number(), 0xabcdu);
    EXPECT_EQ(world.run(call + push(0) + push(33) + push(0) + op({OP_RETURNDATACOPY})).fault,
              Fault::return_data_bounds);
    EXPECT_EQ(world.run(call + push(0) + push(32) + push(0) + op({OP_RETURNDATACOPY})).status, RVM_OK);
}

TEST(evm_eip214, static_frames_change_nothing) {
    EvmWorld world;
    const Code attempts[] = {sstore(0, 1),
                             push(1) + push(0) + op({OP_TSTORE}),
                             push(0) + push(0) + op({OP_LOG0}),
                             times(3, push(0)) + op({OP_CREATE}),
                             times(4, push(0)) + op({OP_CREATE2}),
                             push(0) + op({OP_SELFDESTRUCT}),
                             call_with(0, address(3), 1)};
    std::uint16_t number = 0x20;
    for (const Code& attempt : attempts) {
        world.install(address(++number), attempt);
        world.fund(address(number), 1);
        const Code caller =
            times(4, push(0)) + push(address(number)) + push(100'000) + op({OP_STATICCALL}) + return_top();
        EXPECT_EQ(world.run(caller).number(), 0u) << number;
        EXPECT_EQ(world.call(address(number)).status, RVM_OK) << number;
    }
}

TEST(evm_eip1014, creation_addresses) {
    // The EIP's examples 1 and 4.
    const rvm_bytes32 zero{}, salt = [] {
        rvm_bytes32 out{};
        out.bytes[28] = 0xca, out.bytes[29] = 0xfe, out.bytes[30] = 0xba, out.bytes[31] = 0xbe;
        return out;
    }();
    const auto hex = [](const rvm_address& a) {
        std::string out;
        for (const std::uint8_t byte : a.bytes) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", byte);
            out += digits;
        }
        return out;
    };
    const Code nothing{0x00}, beef{0xde, 0xad, 0xbe, 0xef};
    EXPECT_EQ(hex(creation_address({}, 0, &zero, view(nothing))), "4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38");
    rvm_address creator{};
    creator.bytes[18] = 0x00;
    const std::uint8_t one[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef};
    std::memcpy(creator.bytes, one, sizeof one);
    EXPECT_EQ(hex(creation_address(creator, 0, &salt, view(beef))), "60f3f640a8508fc6a86d45df051962668e1e8ac7");
    // By nonce: the addresses of the first two creations of 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0 (Ethereum
    // mainnet).
    const std::uint8_t two[] = {0x6a, 0xc7, 0xea, 0x33, 0xf8, 0x83, 0x1e, 0xa9, 0xdc, 0xc5,
                                0x33, 0x93, 0xaa, 0xa8, 0x8b, 0x25, 0xa7, 0x85, 0xdb, 0xf0};
    std::memcpy(creator.bytes, two, sizeof two);
    EXPECT_EQ(hex(creation_address(creator, 0, nullptr, {})), "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
    EXPECT_EQ(hex(creation_address(creator, 1, nullptr, {})), "343c43a37d37dff08ae8c4a11544c718abb4fcf8");
}

TEST(evm_eip1052, code_hash_of_nothing_and_of_nobody) {
    EvmWorld world;
    world.fund(address(0x31), 1);
    EXPECT_EQ(world.run(push(address(0x30)) + op({OP_EXTCODEHASH}) + return_top()).number(), 0u);
    EXPECT_EQ(world.run(push(address(0x31)) + op({OP_EXTCODEHASH}) + return_top()).word().limbs[3],
              0xc5d2460186f7233cu);
}

TEST(evm_eip1153, transient_slots_die_with_the_transaction_and_revert) {
    EvmWorld world;
    const Code count =
        push(0) + op({OP_TLOAD}) + push(1) + op({OP_ADD, OP_DUP1}) + push(0) + op({OP_TSTORE}) + return_top();
    EXPECT_EQ(world.run(count).number(), 1u);
    EXPECT_EQ(world.call(world.target).number(), 2u);
    static_cast<void>(world.next());
    EXPECT_EQ(world.call(world.target).number(), 1u);
    EXPECT_EQ(gas_of(kNewest, push(0) + op({OP_TLOAD})), kPush + 100);
}

TEST(evm_selfdestruct, pays_refunds_and_removes_by_fork) {
    const Code destroy = push(address(0x40)) + op({OP_SELFDESTRUCT});
    const auto run = [&](Rules rules) {
        EvmWorld world(rules);
        world.install(world.target, destroy);
        world.fund(world.target, 5);
        static_cast<void>(world.next());
        const Ran ran = world.call(world.target);
        static_cast<void>(world.next());
        EXPECT_EQ(world.balance(address(0x40)), 5u);
        return std::make_pair(ran, world.account(world.target)->code_size != 0);
    };
    EXPECT_EQ(run(Rules::homestead).first.gas_used, kPush);
    EXPECT_EQ(run(Rules::homestead).first.refund, 24'000);
    EXPECT_EQ(run(Rules::eip150).first.gas_used, kPush + 5000 + 25'000);
    EXPECT_EQ(run(Rules::berlin).first.gas_used, kPush + 5000 + 25'000 + 2600);
    EXPECT_EQ(run(Rules::london).first.refund, 0) << "EIP-3529";
    EXPECT_FALSE(run(Rules::shanghai).second);
    EXPECT_TRUE(run(Rules::cancun).second) << "EIP-6780: it was there before this transaction";
}

TEST(evm_eip6780, an_account_created_in_the_transaction_goes) {
    EvmWorld world;
    const Ran created = world.create(deploying(push(address(0x40)) + op({OP_SELFDESTRUCT})));
    ASSERT_EQ(created.status, RVM_OK);
    EXPECT_EQ(world.call(created.created).status, RVM_OK);
    static_cast<void>(world.next());
    EXPECT_EQ(world.account(created.created)->code_size, 0u);
}

TEST(evm_eip7702, a_delegate_runs_and_its_access_is_paid) {
    const auto run = [](Rules rules) {
        EvmWorld world(rules);
        world.install(address(0x50), push(0x77) + return_top());
        Code designator{0xef, 0x01, 0x00};
        const rvm_address to = address(0x50);
        designator.insert(designator.end(), std::begin(to.bytes), std::end(to.bytes));
        world.install(address(0x51), designator);
        const Code caller = push(32) + times(3, push(0)) + push(0) + push(address(0x51)) + push(50'000) +
                            op({OP_CALL}) + push(0) + op({OP_MLOAD, OP_ADD}) + return_top();
        return world.run(caller);
    };
    EXPECT_EQ(run(Rules::prague).number(), 0x78u);
    EXPECT_EQ(run(Rules::cancun).number(), 0u) << "0xef is no instruction: the call fails";
    const std::int64_t arguments = 7 * kPush, callee = 4 * kPush + 3 + 3, after = 7 * 3;
    EXPECT_EQ(run(Rules::prague).gas_used, arguments + 3 + 2600 + 2600 + callee + after);
}

TEST(evm_environment, words_reach_their_opcodes) {
    const rvm_u256 word{{1, 2, 3, 4}};
    const std::pair<const char*, std::uint8_t> words[] = {
        {"block.number", OP_NUMBER},         {"block.timestamp", OP_TIMESTAMP}, {"block.coinbase", OP_COINBASE},
        {"block.gas_limit", OP_GASLIMIT},    {"block.base_fee", OP_BASEFEE},    {"block.blob_base_fee", OP_BLOBBASEFEE},
        {"block.prevrandao", OP_PREVRANDAO}, {"chain.id", OP_CHAINID},          {"tx.origin", OP_ORIGIN},
        {"tx.gas_price", OP_GASPRICE}};
    for (const auto& [name, opcode] : words)
        EXPECT_EQ(EvmWorld(kNewest, {{name, word}}).run(op({opcode}) + return_top()).word(), (U256{1, 2, 3, 4}))
            << name;
    EXPECT_EQ(EvmWorld(Rules::london, {{"block.difficulty", word}}).run(op({OP_PREVRANDAO}) + return_top()).word(),
              (U256{1, 2, 3, 4}));
    EvmWorld blobs(kNewest, {{"tx.blob_count", {{2, 0, 0, 0}}}, {"tx.blob_hash.1", word}, {"tx.blob_hash.2", word}});
    EXPECT_EQ(blobs.run(push(1) + op({OP_BLOBHASH}) + return_top()).word(), (U256{1, 2, 3, 4}));
    EXPECT_EQ(blobs.run(push(2) + op({OP_BLOBHASH}) + return_top()).word(), U256{});
}

} // namespace
} // namespace rvm::evm::test
