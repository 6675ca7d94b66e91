// The import module rvm: creations, calls, accounts, environment; items of other plugins; tracing.
#include "hooks_contract.hpp"

#include "keccak/keccak.hpp"
#include "module_builder.hpp"

namespace rvm::conformance {
namespace {

namespace e = rvm::conformance::evm;
using hooks::Answers;
using hooks::bytes;

const rvm_address M = address(0x9), E = address(0xe);

Code hash_of(const Code& text) {
    const keccak::Digest digest = keccak::keccak256(std::span<const std::uint8_t>(text));
    return {digest.begin(), digest.end()};
}

class rvm_module : public WasmWorldTest {
  protected:
    void SetUp() override {
        WasmWorldTest::SetUp();
        install(M, read_module("maker.wasm"), "wasm");
        next();
    }
    Answers ask(const Code& input, std::uint64_t value = 0, std::uint32_t flags = 0) {
        Outcome ran = call(M, input, value, gas, flags);
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
        return Answers(std::move(ran.output));
    }
};

TEST_F(rvm_module, creates_in_its_own_format_and_in_others) {
    Answers own = ask(Code{0} + read_module("counter.wasm"));
    EXPECT_EQ(own.number(1), 0u);
    const rvm_address counter = own.address();
    EXPECT_EQ(call(counter, {}).output, word_bytes(1));
    const Code init = e::deploys(e::push(43) + e::return_top());
    Answers foreign = ask(Code{1} + init);
    EXPECT_EQ(foreign.number(1), 0u);
    const rvm_address made = foreign.address();
    EXPECT_EQ(call(made, {}).output, word_bytes(43));
    const Code hashed = hash_of(Code{0xff} + bytes(M) + word_bytes(0) + hash_of(init)); // EIP-1014
    EXPECT_EQ(bytes(made), Code(hashed.begin() + 12, hashed.end()));
    EXPECT_EQ(ask(Code{1} + init).number(1), 2u) << "the address is taken";
    EXPECT_EQ(ask(Code{1} + e::push(1) + e::revert_top()).number(1), 1u);
    EXPECT_EQ(call(M, Code{0} + Code{0}, 0, gas, RVM_MESSAGE_STATIC).status, RVM_TRAP_STATIC);
}

TEST_F(rvm_module, calls_statically_and_delegates) {
    install(E, e::store(4, 44) + e::op({e::ADDRESS}) + e::return_top(), "evm");
    next();
    EXPECT_EQ(ask(Code{2} + bytes(E)).number(1), 2u) << "it writes";
    EXPECT_EQ(slot(E, 4), 0u);
    Answers delegated = ask(Code{3} + bytes(E));
    EXPECT_EQ(delegated.number(1), 0u);
    EXPECT_EQ(delegated.word().limbs[0], from_address(M).limbs[0]);
    EXPECT_EQ(slot(M, 4), 44u);
    EXPECT_EQ(slot(E, 4), 0u);
}

TEST_F(rvm_module, gives_back_what_a_callee_leaves_of_its_stipend) {
    // Calls the account at 0 with the value at 32, without input and gas.
    const auto sends = [](std::uint8_t value) {
        using namespace modules;
        const Code all = {0, 0x41, 0, 0x41, 32, 0x41, 0, 0x41, 0, 0x42, 0, 0x10, 0, 0x1a, 0x0b};
        const Code memory = bytes(E) + Code(12) + word_bytes(value);
        return Code{0, 'a', 's', 'm', 1, 0, 0, 0} +
               section(1, {2, 0x60, 0, 0, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7e, 1, 0x7f}) +
               section(2, Code{1} + name("rvm") + name("call") + Code{0, 1}) + section(3, {1, 0}) +
               section(5, {1, 0, 1}) + section(7, Code{1} + name("execute") + Code{0, 1}) +
               section(10, Code{1} + leb(all.size()) + all) +
               section(11, Code{1, 0, 0x41, 0, 0x0b} + leb(memory.size()) + memory);
    };
    world().add_balance(world().account(E), word(1)); // not new, and without code
    world().add_balance(world().account(M), word(5));
    const auto cost = [&](std::uint8_t value) {
        install(M, sends(value), "wasm");
        next();
        const Outcome ran = call(M, {});
        EXPECT_EQ(ran.status, RVM_OK) << ran.fault;
        return ran.gas_used;
    };
    const std::int64_t nothing = cost(0);
    EXPECT_EQ(cost(1) - nothing, 9'000 - 2'300) << "as a CALL of Ethereum";
    EXPECT_EQ(balance(E), 2u);
}

TEST_F(rvm_module, describes_accounts) {
    const Code code = e::push(0x1234) + e::return_top();
    install(E, code, "evm");
    world().add_balance(world().account(E), word(7));
    next();
    Answers answers = ask(Code{4} + bytes(E));
    EXPECT_EQ(answers.small(), 7u);
    EXPECT_EQ(answers.number(4), code.size());
    EXPECT_EQ(answers.take(32), hash_of(code));
    EXPECT_EQ(answers.take(4), Code(code.begin(), code.begin() + 4));
}

TEST_F(rvm_module, describes_frame_block_and_transaction) {
    TxOptions options;
    options.env = {{"block.number", word(101)},   {"block.timestamp", word(102)},  {"block.gas_limit", word(103)},
                   {"chain.id", word(104)},       {"block.coinbase", word(105)},   {"tx.origin", word(106)},
                   {"block.base_fee", word(107)}, {"block.prevrandao", word(108)}, {"tx.gas_price", word(109)}};
    next(options);
    for (const bool is_static : {false, true}) {
        Answers answers = ask({5}, is_static ? 0 : 3, is_static ? RVM_MESSAGE_STATIC : 0);
        for (const std::uint64_t expected : {101U, 102U, 103U, 104U})
            EXPECT_EQ(answers.number(8), expected);
        for (const std::uint64_t expected : {105U, 106U})
            EXPECT_EQ(saturate(from_address(answers.address())), expected);
        for (const std::uint64_t expected : {107U, 108U, 109U})
            EXPECT_EQ(answers.small(), expected);
        EXPECT_EQ(answers.small(), 0u) << "the hash of a block that nobody knows";
        EXPECT_EQ(bytes(answers.address()), bytes(sender));
        EXPECT_EQ(bytes(answers.address()), bytes(M));
        EXPECT_EQ(answers.small(), is_static ? 0u : 3u);
        EXPECT_EQ(answers.number(1), is_static ? 1u : 0u);
        EXPECT_EQ(answers.number(1), 0u);
        EXPECT_GT(answers.number(8), static_cast<std::uint64_t>(gas) * 9 / 10);
        EXPECT_TRUE(answers.at_end());
    }
}

TEST_F(rvm_module, a_tracer_changes_nothing_and_sees_blocks) {
    const Outcome plain = call(M, {5});
    TxOptions options;
    options.tracer = "jsonl";
    next(options);
    const Outcome traced = call(M, {5});
    EXPECT_EQ(traced.status, plain.status);
    EXPECT_EQ(traced.gas_used, plain.gas_used);
    static_cast<void>(world().end());
    const std::string text = world().trace_text();
    EXPECT_NE(text.find(R"("event":"op")"), std::string::npos);
    EXPECT_NE(text.find(R"("format":"wasm")"), std::string::npos);
    EXPECT_EQ(text.find("unreachable"), std::string::npos) << "a function begins with its first instruction";
    begin();
}

} // namespace
} // namespace rvm::conformance
