// Native rvm programs between the other formats.
#include <optional>
#include <string>

#include "native/assembler.hpp"
#include "world_fixture.hpp"

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), N = address(0xc);

/// Writes 7 to slot 0 and transient slot 0, logs, calls the address in its input and leaves 1 + what that gave.
constexpr const char* kRelay = R"(
space key 32
data seven = u256 7
space target 32
space given 32
space nothing 32

push key  push seven  sstore
push key  push seven  tstore
push 0  push 0  push seven  log 1
push target  push 0  push 32  incopy
push 1000000  push target + 12  push nothing  push 0  push 0  push given  push 32  invoke  drop
push given + 24  load64  bswap  push 1  add
)";

class native_cross : public WorldTest {
  protected:
    void install_native(const rvm_address& where, const std::string& text) {
        Report report;
        const std::optional<Bytes> code = native::assemble(text, "test.rasm", {}, report);
        ASSERT_TRUE(code.has_value()) << report.text();
        install(where, *code, "native");
    }
    /// EVM code that calls N with `target` as input and returns success << 64 | what N gave.
    static Code calls_native(Opcode kind, const rvm_address& target) {
        return push(target) + to_memory(0) + evm::call(kind, N, {.input_size = 32, .output_size = 32}) + push(64) +
               op({SHL, PUSH0, MLOAD, OR}) + return_top();
    }
    static constexpr std::uint64_t kToyGives = 41;
};

TEST_F(native_cross, evm_calls_native_calls_toy_and_returns) {
    install_toy(B, toy::write(0, 3) + toy::number(kToyGives) + toy::op({toy::give}));
    install_native(N, kRelay);
    install_evm(A, calls_native(CALL, B));
    next();
    const Ran ran = call(A);
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.word().limbs[1], 1u);
    EXPECT_EQ(ran.word().limbs[0], kToyGives + 1);
    EXPECT_EQ(slot(N, 0), 7u);
    EXPECT_EQ(slot(B, 0), 3u);
    EXPECT_EQ(logs().size(), 1u);
}

TEST_F(native_cross, toy_calls_native_calls_evm_and_returns) {
    install_evm(A, store(0, 5) + op({CALLER}) + push(0) + op({EQ}) + push(10) + op({ADD}) + return_top());
    install_native(N, kRelay);
    install_toy(B, toy::invoke(RVM_CALL_CALL, N, toy::number(A)) + toy::op({toy::result, toy::give}));
    next();
    EXPECT_EQ(call(B).number(), 11u);
    EXPECT_EQ(slot(A, 0), 5u);
    EXPECT_EQ(slot(N, 0), 7u);
}

TEST_F(native_cross, trap_of_a_native_frame_takes_the_toy_below_it_along) {
    install_toy(B, toy::write(0, 3) + toy::number(1) + toy::number(2) + toy::op({toy::log}));
    install_native(N, std::string(kRelay) + "trap\n");
    install_evm(A, push(B) + to_memory(0) + evm::call(CALL, N, {.gas = 3'000'000, .input_size = 32}) + return_top());
    next();
    static_cast<void>(end());
    begin();
    const Changes nothing = end();
    begin();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 0u);
    EXPECT_EQ(logs().size(), 0u);
    EXPECT_EQ(digest(end()), digest(nothing));
}

TEST_F(native_cross, static_context_reaches_native_code) {
    install_toy(B, toy::op({toy::flags, toy::give}));
    install_native(N, kRelay);
    install_evm(A, calls_native(STATICCALL, B));
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.word().limbs[1], 0u) << "the native program writes a slot";
    EXPECT_EQ(size(end()), 0u);
}

TEST_F(native_cross, delegatecall_runs_native_code_on_evm_storage) {
    install_toy(B, toy::op({toy::caller, toy::give}));
    install_native(N, kRelay);
    install_evm(A, calls_native(DELEGATECALL, B));
    next();
    const Ran ran = call(A);
    EXPECT_EQ(ran.word().limbs[1], 1u);
    EXPECT_EQ(ran.word().limbs[0], saturate(from_address(A)) + 1) << "the toy is called by A";
    EXPECT_EQ(slot(A, 0), 7u);
    EXPECT_EQ(slot(N, 0), 0u);
}

} // namespace
} // namespace rvm::conformance
