// A static context holds through every format below it (EIP-214).
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), C = address(0xc), D = address(0xd);

class static_context : public WorldTest {
  protected:
    /// Runs `code` as C: A (EVM) STATICCALLs toy B, which CALLs C with no value. Gives C's status as B sees it.
    Ran run_below_toy(const Code& code) {
        install_evm(C, code);
        install_toy(B, toy::invoke(RVM_CALL_CALL, C, toy::number(0), 0, 200'000) + toy::op({toy::give}));
        install_evm(A, evm::call(STATICCALL, B, {.output_size = 32}) + op({POP}) + return_memory(0, 32));
        fund(C, 10);
        next();
        return call(A);
    }
    /// Runs toy code as C: toy D STATICs EVM A, which CALLs C and returns success.
    Ran run_below_evm(const Code& body) {
        install_toy(C, body);
        install_evm(A, evm::call(CALL, C, {.gas = 200'000}) + return_top());
        install_toy(D, toy::invoke(RVM_CALL_STATIC, A, toy::number(0)) + toy::op({toy::result, toy::give}));
        fund(C, 10);
        next();
        return call(D);
    }
    void expect_no_change() { EXPECT_EQ(size(end()), 0u); }
};

constexpr auto kTrapped = static_cast<std::uint64_t>(RVM_TRAP_STATIC);

TEST_F(static_context, evm_state_changes_trap_below_a_toy_frame) {
    const std::pair<const char*, Code> cases[] = {
        {"SSTORE", store(0, 1)},
        {"TSTORE", push(1) + push(0) + op({TSTORE})},
        {"LOG0", op({PUSH0, PUSH0, LOG0})},
        {"LOG4", op({PUSH0, PUSH0, PUSH0, PUSH0, PUSH0, PUSH0}) + op({LOG4})},
        {"CREATE", evm::create(Code{})},
        {"CREATE2", evm::create2(Code{}, 1)},
        {"SELFDESTRUCT", push(D) + op({SELFDESTRUCT})},
        {"CALL with value", evm::call(CALL, D, {.value = 1})},
    };
    for (const auto& [name, code] : cases) {
        EXPECT_EQ(run_below_toy(code).number(), kTrapped) << name;
        expect_no_change();
        begin();
    }
}

TEST_F(static_context, evm_reads_and_valueless_calls_run) {
    const std::pair<const char*, Code> cases[] = {
        {"SLOAD", op({PUSH0, SLOAD})},
        {"TLOAD", op({PUSH0, TLOAD})},
        {"BALANCE", push(D) + op({BALANCE})},
        {"CALL", evm::call(CALL, D)},
        {"CALLCODE with value", evm::call(CALLCODE, D, {.value = 1})}, // moves nothing: not in EIP-214's list
        {"DELEGATECALL", evm::call(DELEGATECALL, D)},
        {"STATICCALL", evm::call(STATICCALL, D)},
    };
    for (const auto& [name, code] : cases) {
        EXPECT_EQ(run_below_toy(code + op({STOP})).number(), 0u) << name;
        expect_no_change();
        begin();
    }
}

TEST_F(static_context, toy_state_changes_trap_below_an_evm_frame) {
    const std::pair<const char*, Code> cases[] = {
        {"store", toy::write(0, 1)},
        {"store_transient", toy::number(1) + toy::number(0) + toy::op({toy::store_transient})},
        {"log", toy::number(1) + toy::number(2) + toy::op({toy::log})},
        {"create", toy::make(toy::program({}), 1)},
        {"destroy", toy::number(B) + toy::op({toy::destroy})},
        {"call with value", toy::invoke(RVM_CALL_CALL, B, toy::number(0), 1)},
    };
    for (const auto& [name, body] : cases) {
        const Ran ran = run_below_evm(body);
        EXPECT_EQ(ran.status, RVM_OK) << name;
        EXPECT_EQ(ran.number(), 0u) << name;
        expect_no_change();
        begin();
    }
}

TEST_F(static_context, reaches_delegate_calls_and_shows_in_the_frame) {
    // STATIC -> EVM -> DELEGATECALL -> toy: the toy sees the flag.
    install_toy(C, toy::op({toy::flags, toy::give}));
    install_evm(B, evm::call(DELEGATECALL, C, {.output_size = 32}) + op({POP}) + return_memory(0, 32));
    install_evm(A, evm::call(STATICCALL, B, {.output_size = 32}) + op({POP}) + return_memory(0, 32));
    next();
    EXPECT_EQ(call(A).number() & RVM_FRAME_STATIC, RVM_FRAME_STATIC);
    EXPECT_EQ(call(B).number() & RVM_FRAME_STATIC, 0u);
}

TEST_F(static_context, ends_with_the_call_that_began_it) {
    install_toy(B, toy::op({toy::value, toy::give}));
    install_evm(A, evm::call(STATICCALL, B, {.output_size = 32}) + push(0) + op({SSTORE}) + push(1) + push(0) +
                       op({TSTORE}) + return_memory(0, 32));
    next();
    const Ran ran = call(A, word(0), 9);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 0u) << "a static call has no value";
    EXPECT_EQ(slot(A, 0), 1u);
}

TEST_F(static_context, top_level_message_can_ask_for_it) {
    install_toy(B, toy::write(0, 1));
    install_evm(A, evm::call(CALL, B) + return_top());
    next();
    rvm_message message{};
    message.kind = RVM_CALL_CALL;
    message.flags = RVM_MESSAGE_STATIC;
    message.recipient = message.code_address = A;
    EXPECT_EQ(run(message).number(), 0u);
    message.recipient = message.code_address = B;
    EXPECT_EQ(run(message).status, RVM_TRAP_STATIC);
    message.flags = 0;
    EXPECT_EQ(run(message).status, RVM_OK);
}

} // namespace
} // namespace rvm::conformance
