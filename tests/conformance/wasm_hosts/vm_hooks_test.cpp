// vm_hooks: calls and creations across formats, accounts, environment, arithmetic, hash, gas.
#include "hooks_contract.hpp"

#include "keccak/keccak.hpp"

namespace rvm::conformance {
namespace {

using namespace hooks;
namespace e = rvm::conformance::evm;

const rvm_address E = address(0xe), N = address(0xc);

Code hash_of(const Code& bytes) {
    const keccak::Digest digest = keccak::keccak256(std::span<const std::uint8_t>(bytes));
    return {digest.begin(), digest.end()};
}

class vm_hooks : public HooksTest {};

TEST_F(vm_hooks, evm_calls_the_contract_which_calls_evm_and_native) {
    install(E, e::op({e::CALLER, e::CALLVALUE, e::ADD}) + e::return_top(), "evm");
    install_native(N, "space here 32\ndata key = u256 3\ndata five = u256 5\n"
                      "push key  push five  sstore\npush here  caller\npush here  push 32  return\n");
    // The EVM code at A passes its input on to S.
    const rvm_address A = address(0xa);
    install(
        A,
        e::op({e::CALLDATASIZE, e::PUSH0, e::PUSH0, e::CALLDATACOPY, e::PUSH0, e::PUSH0, e::CALLDATASIZE, e::PUSH0}) +
            e::push(30) + e::push(S) +
            e::op({e::GAS, e::CALL, e::POP, e::RETURNDATASIZE, e::PUSH0, e::PUSH0, e::RETURNDATACOPY, e::RETURNDATASIZE,
                   e::PUSH0, e::RETURN}),
        "evm");
    next();
    Outcome ran = call(A, invoke(plain, E, {}, 7) + invoke(plain, N, {}), 30);
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
    Answers answers(ran.output);
    const auto from_evm = answers.called();
    EXPECT_EQ(from_evm.status, 0u);
    EXPECT_EQ(from_evm.returned, word_bytes(add(from_address(S), word(7))));
    EXPECT_EQ(answers.called().status, 0u);
    EXPECT_EQ(slot(N, 3), 5u);
    EXPECT_EQ(balance(E), 7u);
    EXPECT_EQ(balance(S), 23u);
}

TEST_F(vm_hooks, delegated_code_runs_on_the_own_account) {
    install(E, e::store(4, 44) + e::op({e::CALLVALUE}) + e::return_top(), "evm");
    next();
    Answers answers = ask(invoke(delegated, E, {}), 9);
    EXPECT_EQ(answers.called().returned, word_bytes(9));
    EXPECT_EQ(slot(S, 4), 44u);
    EXPECT_EQ(slot(E, 4), 0u);
}

TEST_F(vm_hooks, a_call_with_value_brings_a_stipend_and_the_limit_is_kept) {
    install(E, e::op({e::GAS}) + e::return_top(), "evm");
    next();
    const auto gas_seen = [&](std::uint64_t value, std::uint64_t limit) {
        Answers answers = ask(invoke(plain, E, {}, value, limit), value);
        return saturate(rvm_u256_from_bytes(answers.called().returned.data(), 32));
    };
    EXPECT_EQ(gas_seen(0, 1'000), 1'000u - 2);
    EXPECT_EQ(gas_seen(1, 1'000), 3'300u - 2);
    EXPECT_GT(gas_seen(0, 0), static_cast<std::uint64_t>(gas) * 9 / 10) << "all but a 64th";
}

TEST_F(vm_hooks, evm_code_is_created_where_the_evm_says) {
    const Code runtime_code = e::push(43) + e::return_top();
    const Code init = e::deploys(runtime_code);
    Answers answers = ask(make(init, 3) + make2(init, 5), 3);
    const rvm_address first = answers.address();
    EXPECT_EQ(answers.number(2), 0u) << "no revert data";
    const rvm_address second = answers.address();
    EXPECT_EQ(answers.number(2), 0u);
    // EIP-1014, and the RLP list of the creator and its nonce 1.
    EXPECT_EQ(bytes(second), [&] {
        const Code hashed = hash_of(Code{0xff} + bytes(S) + word_bytes(5) + hash_of(init));
        return Code(hashed.begin() + 12, hashed.end());
    }());
    EXPECT_EQ(bytes(first), [&] {
        const Code hashed = hash_of(Code{0xd6, 0x94} + bytes(S) + Code{1});
        return Code(hashed.begin() + 12, hashed.end());
    }());
    EXPECT_EQ(balance(first), 3u);
    EXPECT_EQ(world().account(S)->nonce, 3u);
    EXPECT_EQ(call(first, {}).output, word_bytes(43));
}

TEST_F(vm_hooks, wasm_code_is_created_by_its_magic) {
    Answers answers = ask(make(read_module("counter.wasm")));
    const rvm_address made = answers.address();
    EXPECT_EQ(call(made, {}).output, word_bytes(1));
    EXPECT_EQ(call(made, {}).output, word_bytes(2));
}

TEST_F(vm_hooks, a_failed_creation_gives_no_address_and_the_revert_data) {
    Answers answers = ask(make(e::push(0xbad) + e::revert_top()));
    EXPECT_EQ(bytes(answers.address()), Code(20));
    EXPECT_EQ(answers.number(2), 32u);
}

TEST_F(vm_hooks, logs_split_topics_from_data) {
    const Code topics = word_bytes(0xaa) + word_bytes(0xbb);
    static_cast<void>(ask(hooks::log(2, topics + Code{1, 2, 3})));
    const auto logs = world().logs();
    ASSERT_EQ(logs.size(), 1u);
    EXPECT_EQ(logs[0].topic_count, 2u);
    EXPECT_EQ(Code(std::begin(logs[0].topics[1].bytes), std::end(logs[0].topics[1].bytes)), word_bytes(0xbb));
    EXPECT_EQ(Code(logs[0].data.data, logs[0].data.data + logs[0].data.size), (Code{1, 2, 3}));
    EXPECT_EQ(call(S, hooks::log(5, Code(160))).status, RVM_TRAP_LIMIT);
    EXPECT_EQ(call(S, hooks::log(2, Code(63))).status, RVM_TRAP_LIMIT) << "the topics are not there";
}

TEST_F(vm_hooks, the_environment_is_the_transactions) {
    TxOptions options;
    options.env = {{"block.number", word(101)},   {"block.timestamp", word(102)},  {"block.gas_limit", word(103)},
                   {"block.base_fee", word(104)}, {"block.coinbase", word(0x105)}, {"chain.id", word(106)},
                   {"tx.gas_price", word(107)},   {"tx.origin", word(0x108)}};
    next(options);
    Answers answers = ask(environment(), 12);
    EXPECT_EQ(answers.small(), 104u);
    EXPECT_EQ(from_address(answers.address()).limbs[0], 0x105u);
    EXPECT_EQ(answers.number(8), 103u);
    EXPECT_EQ(answers.number(8), 101u);
    EXPECT_EQ(answers.number(8), 102u);
    EXPECT_EQ(answers.number(8), 106u);
    EXPECT_EQ(bytes(answers.address()), bytes(S));
    EXPECT_EQ(bytes(answers.address()), bytes(sender));
    EXPECT_EQ(answers.small(), 12u);
    EXPECT_EQ(answers.small(), 107u);
    EXPECT_EQ(answers.number(4), 100u) << "ink for one gas";
    EXPECT_EQ(from_address(answers.address()).limbs[0], 0x108u);
    EXPECT_TRUE(answers.at_end());
}

TEST_F(vm_hooks, accounts_of_all_kinds_are_described) {
    const Code code = e::push(1) + e::return_top();
    install(E, code, "evm");
    world().add_balance(world().account(E), word(77));
    world().add_balance(world().account(address(0x99)), word(1));
    next();
    Answers answers = ask(account(E, 1, 100) + account(address(0x99), 0, 4) + account(address(0x98), 0, 4));
    EXPECT_EQ(answers.small(), 77u);
    EXPECT_EQ(answers.number(4), code.size());
    EXPECT_EQ(answers.take(32), hash_of(code));
    EXPECT_EQ(answers.number(4), code.size() - 1) << "as much as there is";
    EXPECT_EQ(answers.take(code.size() - 1), Code(code.begin() + 1, code.end()));
    EXPECT_EQ(answers.small(), 1u);
    EXPECT_EQ(answers.number(4), 0u);
    EXPECT_EQ(answers.take(32), hash_of({})) << "no code";
    EXPECT_EQ(answers.number(4), 0u);
    EXPECT_EQ(answers.small(), 0u);
    EXPECT_EQ(answers.number(4), 0u);
    EXPECT_EQ(answers.take(32), Code(32)) << "no account (EIP-1052)";
    Answers own = ask(account(S, 0, 4));
    EXPECT_EQ(own.small(), 0u);
    EXPECT_EQ(own.number(4), read_module("hooks.wasm").size());
    EXPECT_EQ(own.take(32), hash_of(read_module("hooks.wasm")));
}

TEST_F(vm_hooks, arithmetic_is_the_evms) {
    const Word big{{1, 2, 3, 4}}, most{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    Answers answers =
        ask(math(div, word(100), word(7)) + math(div, word(100), word(0)) + math(mod, word(100), word(7)) +
            math(mod, big, word(0)) + math(hooks::pow, word(3), word(100)) + math(hooks::pow, word(2), word(256)) +
            math(add_mod, most, word(2), word(10)) + math(mul_mod, most, most, word(12)) +
            math(mul_mod, most, most, word(0)));
    EXPECT_EQ(answers.small(), 14u);
    EXPECT_EQ(answers.small(), 0u);
    EXPECT_EQ(answers.small(), 2u);
    EXPECT_EQ(answers.small(), 0u);
    const Word power = answers.word(); // 3^100 = 515377520732011331036461129765621272702107522001
    EXPECT_EQ(power.limbs[2], 0x5a4653cau);
    EXPECT_EQ(power.limbs[1], 0x673768565b41f775u);
    EXPECT_EQ(power.limbs[0], 0xd6947d55cf3813d1u);
    EXPECT_EQ(answers.small(), 0u) << "modulo 2^256";
    EXPECT_EQ(answers.small(), 7u) << "2^256 - 1 ends in 5";
    EXPECT_EQ(answers.small(), 9u) << "2^256 - 1 is 3 modulo 12";
    EXPECT_EQ(answers.small(), 0u);
}

TEST_F(vm_hooks, keccak_is_the_evms) { EXPECT_EQ(ask(keccak({'a', 'b', 'c'})).take(32), hash_of({'a', 'b', 'c'})); }

TEST_F(vm_hooks, gas_and_ink_are_one_budget) {
    Answers answers = ask(gas_and_ink() + pay_for_pages(1) + gas_and_ink());
    const std::uint64_t gas_before = answers.number(8), ink_before = answers.number(8);
    EXPECT_LE(gas_before - ink_before / 100, 3u) << "a host call lies between";
    const std::uint64_t gas_after = answers.number(8);
    static_cast<void>(answers.number(8));
    EXPECT_GE(gas_before - gas_after, 100u) << "a page is 100 gas";
    EXPECT_LE(gas_before - gas_after, 120u);
}

TEST_F(vm_hooks, a_contract_deploys_itself) {
    const Code code = read_module("hooks.wasm");
    const Outcome made = create(code, "wasm");
    ASSERT_EQ(made.status, RVM_OK) << made.fault << made.error;
    EXPECT_GE(made.gas_used, 200 * static_cast<std::int64_t>(code.size()));
    Outcome ran = call(made.created, visit());
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.output, (Code{1, 0}));
}

TEST_F(vm_hooks, unknown_functions_and_other_types_are_refused_by_name) {
    const auto refusal = [&](const std::string& from, const std::string& to) {
        Code code = read_module("hooks.wasm");
        const auto at = std::search(code.begin(), code.end(), from.begin(), from.end());
        std::copy(to.begin(), to.end(), at);
        const Outcome ran = create(code, "wasm");
        EXPECT_EQ(ran.status, RVM_TRAP_INVALID_CODE);
        return ran.error + ran.fault;
    };
    EXPECT_NE(refusal("read_args", "read_argz").find("vm_hooks.read_argz"), std::string::npos);
    const std::string type = refusal("chainid", "msg_val"); // no such name either
    EXPECT_NE(type.find("vm_hooks.msg_val"), std::string::npos);
    EXPECT_NE(refusal("msg_value", "block_num").find("vm_hooks.block_num"), std::string::npos);
    EXPECT_NE(refusal("vm_hooks", "em_hooks").find("em_hooks."), std::string::npos);
}

} // namespace
} // namespace rvm::conformance
