// Programs written to hurt the host end in the right trap, within their gas and within bounded memory.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mini_evm/interpreter.hpp"
#include "native/assembler.hpp"
#include "world_fixture.hpp"

// MiB that a sanitizer may need beside what is measured.
#if defined(__SANITIZE_ADDRESS__)
#define RVM_SANITIZER_MIB 512
#elif defined(__SANITIZE_THREAD__)
#define RVM_SANITIZER_MIB 1024
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RVM_SANITIZER_MIB 512 // the quarantine
#elif __has_feature(thread_sanitizer)
#define RVM_SANITIZER_MIB 1024 // shadow memory, four times what it covers
#endif
#endif

namespace rvm::conformance {
namespace {

using namespace evm;

const rvm_address A = address(0xa), B = address(0xb), N = address(0xc);

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kMemoryBudget = 16 * kMiB;       // the default of /limits/native/memory_bytes
constexpr std::uint64_t kOutputLimit = kMiB;             // the default of /limits/native/output_bytes
constexpr std::uint64_t kDepthFrames = 1025;             // frames of the deepest chain: depth 0 to 1024
constexpr std::int64_t kDeepGas = std::int64_t{1} << 60; // enough after 1024 times 63/64
#ifdef RVM_SANITIZER_MIB
constexpr std::uint64_t kSlack = RVM_SANITIZER_MIB * kMiB;
#else
constexpr std::uint64_t kSlack = 24 * kMiB; // the pooled stack, frames, journal, allocator
#endif

/// How far the process grew at its highest since this object was made.
class PeakMemory {
  public:
    PeakMemory() {
        std::ofstream("/proc/self/clear_refs") << "5"; // VmHWM starts again
        before_ = field("VmRSS:");
    }
    [[nodiscard]] std::uint64_t growth() const {
        const std::uint64_t high = field("VmHWM:");
        return high > before_ ? high - before_ : 0;
    }

  private:
    static std::uint64_t field(const std::string& name) {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;)
            if (word == name) {
                std::uint64_t kib = 0;
                status >> kib;
                return kib * 1024;
            }
        return 0;
    }
    std::uint64_t before_ = 0;
};

/// Runs `function` on a thread whose stack has `bytes`.
void on_thread(std::size_t bytes, const std::function<void()>& function) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void* argument) -> void* {
                      (*static_cast<const std::function<void()>*>(argument))();
                      return nullptr;
                  },
                  const_cast<std::function<void()>*>(&function)),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}
constexpr std::size_t kSmallStack = 256 * 1024;

class hostile : public WorldTest {
  protected:
    void install_native(const rvm_address& where, const std::string& text) {
        Report report;
        const std::optional<Bytes> code = native::assemble(text, "hostile.rasm", {}, report);
        ASSERT_TRUE(code.has_value()) << report.text();
        install(where, *code, "native");
    }
    /// Ends in `status` with all gas gone and nothing changed.
    void expect_trap(const rvm_address& target, rvm_status status, std::int64_t gas = kGas) {
        next();
        const std::vector<std::uint8_t> nothing = digest(end());
        begin();
        const Ran ran = call(target, word(0), 0, gas);
        EXPECT_EQ(ran.status, status) << status_name(ran.status);
        EXPECT_EQ(ran.gas_left, 0);
        EXPECT_TRUE(ran.output.empty());
        EXPECT_EQ(logs().size(), 0u);
        EXPECT_EQ(digest(end()), nothing);
        begin();
    }
    static std::string hex_address(const rvm_address& of) {
        std::string out;
        char digits[3];
        for (const std::uint8_t byte : of.bytes) {
            std::snprintf(digits, sizeof digits, "%02x", byte);
            out += digits;
        }
        return "hex \"" + out + "\"";
    }

    /// Native code that calls `next` with all gas it may give; one word of its output goes to `got`.
    static std::string native_call(const rvm_address& next, const std::string& before = "") {
        return "data target = " + hex_address(next) + "\nspace zero 32\nspace got 32\n" + before +
               "\npush -1 push target push zero push 0 push 0 push got push 32 invoke drop\n";
    }
    /// Programs that call `next` and return 1 + what it returned (nothing counts as 0).
    static std::string native_link(const rvm_address& next, const std::string& before = "") {
        return native_call(next, before) + "push got + 24 load64 bswap push 1 add\n";
    }
    static Code toy_link(const rvm_address& next) {
        return toy::invoke(RVM_CALL_CALL, next, toy::number(0)) + toy::op({toy::result}) + toy::number(1) +
               toy::op({toy::add, toy::give});
    }
    static Code evm_link(const rvm_address& next) {
        return evm::call(CALL, next, {.output_size = 32}) + op({POP, PUSH0, MLOAD}) + push(1) + op({ADD}) +
               return_top();
    }
};

// ---- Endless loops ------------------------------------------------------------------------------------------------

TEST_F(hostile, endless_native_loop_runs_out_of_gas) {
    install_native(N, "again: jump again\n");
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
}
TEST_F(hostile, endless_native_loop_without_a_price_in_its_body_still_pays) {
    install_native(N, "again: push 1 jumpnz again\n");
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
}
TEST_F(hostile, endless_jump_table_runs_out_of_gas) {
    install_native(N, "again: push 7 jumptable [again, again] else again\n");
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
}
TEST_F(hostile, endless_evm_loop_runs_out_of_gas) {
    install_evm(A, op({JUMPDEST, PUSH0, JUMP}));
    expect_trap(A, RVM_TRAP_OUT_OF_GAS);
}
TEST_F(hostile, endless_loop_in_init_code_takes_the_creation_along) {
    const Ran ran = create(op({JUMPDEST, PUSH0, JUMP}), kMiniEvm);
    EXPECT_EQ(ran.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(ran.gas_left, 0);
}

// ---- Recursion inside a program -----------------------------------------------------------------------------------

TEST_F(hostile, endless_function_recursion_traps_at_the_function_depth) {
    install_native(N, "func main\n call down\nfunc down\n call down\n");
    expect_trap(N, RVM_TRAP_DEPTH);
}
TEST_F(hostile, mutual_function_recursion_traps_too) {
    install_native(N, "func main\n call ping\nfunc ping\n call pong\nfunc pong\n call ping\n");
    expect_trap(N, RVM_TRAP_DEPTH);
}
TEST_F(hostile, recursion_that_fills_the_operand_stack_traps) {
    std::string text = "func main\n call down\nfunc down\n";
    constexpr int kWords = 1000;
    for (int i = 0; i < kWords; ++i)
        text += "push 1 ";
    text += "\ncall down\n";
    for (int i = 0; i < kWords; ++i)
        text += "drop ";
    install_native(N, text);
    expect_trap(N, RVM_TRAP_STACK);
}

// ---- Recursion of nested calls ------------------------------------------------------------------------------------

class hostile_depth : public hostile {
  protected:
    /// N, A and B call each other so that `N` is at depth 0.
    void native_to_native() { install_native(N, native_link(N)); }
    void toy_to_native() {
        install_native(N, native_link(B));
        install_toy(B, toy_link(N));
    }
    void evm_to_native() {
        install_native(N, native_link(A));
        install_evm(A, evm_link(N));
    }
    void all_three() {
        install_native(N, native_link(A));
        install_evm(A, evm_link(B));
        install_toy(B, toy_link(N));
    }
    void expect_deepest() {
        next();
        const PeakMemory peak;
        const Ran ran = call(N, word(0), 0, kDeepGas);
        ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
        EXPECT_EQ(ran.number(), kDepthFrames);
        EXPECT_LT(peak.growth(), kDepthFrames * 64 * 1024 + kSlack) << "scratch areas and frames of 1025 depths";
    }
};

TEST_F(hostile_depth, native_calls_native_to_the_limit) {
    native_to_native();
    expect_deepest();
}
TEST_F(hostile_depth, toy_calls_native_to_the_limit) {
    toy_to_native();
    expect_deepest();
}
TEST_F(hostile_depth, evm_calls_native_to_the_limit) {
    evm_to_native();
    expect_deepest();
}
TEST_F(hostile_depth, three_formats_take_turns_to_the_limit) {
    all_three();
    expect_deepest();
}
TEST_F(hostile_depth, thread_with_a_small_stack_reaches_the_same_depth) {
    all_three();
    on_thread(kSmallStack, [&] { expect_deepest(); });
}
TEST_F(hostile_depth, trap_at_the_deepest_frame_unwinds_on_a_small_stack) {
    install_native(N, native_call(N) + "trap\n");
    on_thread(kSmallStack, [&] { expect_trap(N, RVM_TRAP_ILLEGAL, kDeepGas); });
}
TEST_F(hostile_depth, world_moves_between_threads_with_different_stacks) {
    all_three();
    for (int round = 0; round < 3; ++round) {
        on_thread(kSmallStack, [&] { expect_deepest(); });
        expect_deepest();
    }
}

// ---- Memory -------------------------------------------------------------------------------------------------------

TEST_F(hostile, growing_one_frame_stops_at_its_limit) {
    install_native(N, "memory 64\nagain: push 64 mgrow push -1 eq jumpz again\nmsize\n");
    next();
    const PeakMemory peak;
    const Ran ran = call(N, word(0), 0, kDeepGas);
    ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
    EXPECT_EQ(ran.number(), kMemoryBudget) << "a frame may have it all; mgrow says -1 beyond";
    EXPECT_LT(peak.growth(), 2 * kMemoryBudget + kSlack);
}

TEST_F(hostile, budget_of_memory_spans_all_nested_frames) {
    install_native(N, native_link(N, "push 1024 mgrow drop"));
    next();
    const PeakMemory peak;
    // Each frame takes one page and 1024 more: 15 of them fit into 16 MiB.
    constexpr std::uint64_t kFits = kMemoryBudget / (1025 * 1024);
    for (int round = 0; round < 2; ++round) { // what a frame took comes back at its end
        const Ran ran = call(N, word(0), 0, kDeepGas);
        ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
        EXPECT_EQ(ran.number(), kFits);
    }
    EXPECT_LT(peak.growth(), 2 * kMemoryBudget + kSlack);
}

TEST_F(hostile, one_frame_after_the_other_does_not_add_up) {
    // B takes 8 MiB; N calls it until gas ends.
    install_native(B, "push 8192 mgrow drop\n");
    install_native(N, "data target = " + hex_address(B) +
                          "\nspace zero 32\nagain: push 1000000 push target push zero push 0 push 0 push 0 push 0 "
                          "invoke jumpnz again\npush 0\n");
    next();
    const PeakMemory peak;
    const Ran ran = call(N, word(0), 0, 100'000'000);
    EXPECT_EQ(ran.status, RVM_OK) << "the call that cannot pay its memory fails, the caller goes on";
    EXPECT_LT(peak.growth(), kMemoryBudget + kSlack);
}

TEST_F(hostile, evm_memory_ends_with_its_gas_or_the_budget) {
    constexpr std::uint64_t kFar = 0x1000000; // 16 MiB: with its last word above the budget
    install_evm(A, push(1) + push(kFar) + op({MSTORE}));
    next();
    EXPECT_EQ(call(A).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(call(A, word(0), 0, kDeepGas).status, RVM_TRAP_MEMORY);
}

// ---- Return data --------------------------------------------------------------------------------------------------

TEST_F(hostile, output_beyond_the_limit_traps) {
    install_native(N, "push 2048 mgrow drop push 0 push " + std::to_string(kOutputLimit + 1) + " return\n");
    expect_trap(N, RVM_TRAP_LIMIT);
}
TEST_F(hostile, output_at_the_limit_is_given) {
    install_native(N, "push 1024 mgrow drop push 0 push " + std::to_string(kOutputLimit) + " return\n");
    next();
    const Ran ran = call(N);
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.output.size(), kOutputLimit);
}
TEST_F(hostile, return_bombs_of_every_depth_do_not_stay_in_memory) {
    // On the way back each of 1025 frames returns 1 MiB; only two answers are alive at a time.
    install_native(N, native_call(N) + "push 1024 mgrow drop push 0 push 1048576 return\n");
    next();
    const PeakMemory peak;
    const Ran ran = call(N, word(0), 0, kDeepGas);
    ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
    EXPECT_EQ(ran.output.size(), kOutputLimit);
    EXPECT_LT(peak.growth(), kDepthFrames * 64 * 1024 + 2 * kMemoryBudget + kSlack);
}
TEST_F(hostile, answers_of_abandoned_calls_do_not_stay_in_memory_either) {
    // On the way down each of 1025 frames first has B answer with 1 MiB, then calls on.
    install_native(B, "push 1024 mgrow drop push 0 push 1048576 return\n");
    install_native(N, "data other = " + hex_address(B) + "\n" +
                          native_link(N, "push 100000 push other push zero push 0 push 0 push 0 push 0 invoke drop"));
    next();
    const PeakMemory peak;
    const Ran ran = call(N, word(0), 0, kDeepGas);
    ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
    EXPECT_EQ(ran.number(), kDepthFrames);
    EXPECT_LT(peak.growth(), kDepthFrames * 64 * 1024 + 2 * kMemoryBudget + kSlack);
}
TEST_F(hostile, revert_bomb_keeps_its_gas_but_not_its_effects) {
    install_native(N, "data k = u256 1\npush k push k sstore push 1024 mgrow drop push 0 push 1048576 revert\n");
    next();
    const Ran ran = call(N);
    EXPECT_EQ(ran.status, RVM_TRAP_REVERT);
    EXPECT_EQ(ran.output.size(), kOutputLimit);
    EXPECT_GT(ran.gas_left, 0);
    EXPECT_EQ(slot(N, 1), 0u);
}
TEST_F(hostile, copying_return_data_that_is_not_there_traps) {
    install_native(N, "space at 32\npush at push -1 push 32 retcopy\n");
    expect_trap(N, RVM_TRAP_MEMORY);
}

// ---- Logs, calls, creations, destruction --------------------------------------------------------------------------

TEST_F(hostile, log_bomb_is_bounded_by_gas) {
    constexpr std::uint64_t kPriceOfByte = 8; // gas::log_byte, EVM's G_logdata
    install_native(N, "memory 64\nagain: push 0 push 65536 log 0 jump again\n");
    next();
    const PeakMemory peak;
    const Ran ran = call(N);
    EXPECT_TRUE(ran.status == RVM_TRAP_OUT_OF_GAS || ran.status == RVM_TRAP_LIMIT) << status_name(ran.status);
    EXPECT_EQ(logs().size(), 0u) << "a trap takes its logs along";
    EXPECT_LT(peak.growth(), 4 * kGas / kPriceOfByte + kSlack);
}
TEST_F(hostile, empty_logs_are_not_free) {
    install_native(N, "again: push 0 push 0 log 0 jump again\n");
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
}

TEST_F(hostile, storm_of_calls_ends_with_the_gas) {
    // Every warm call costs at least 100 gas.
    install_native(B, "data k = u256 0\nspace v 32\npush k push v sload push v + 31 load8 push 1 add push v + 31 swap "
                      "store8 push k push v sstore\n");
    install_native(N, "data target = " + hex_address(B) +
                          "\nspace zero 32\nagain: push -1 push target push zero push 0 push 0 push 0 push 0 invoke "
                          "drop jump again\n");
    const PeakMemory peak;
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(slot(B, 0), 0u);
    EXPECT_LT(peak.growth(), 2 * kMemoryBudget + kSlack);
}
TEST_F(hostile, storm_of_calls_to_new_addresses_pays_for_each) {
    // 2600 gas for every address that was cold: 10 million gas reach fewer than 4000 accounts.
    install_native(N,
                   "space target 32\nspace zero 32\nagain: get r0 push 1 add dup set r0 push target + 8 swap store64 "
                   "push 0 push target push zero push 0 push 0 push 0 push 0 invoke drop jump again\n");
    const PeakMemory peak;
    expect_trap(N, RVM_TRAP_OUT_OF_GAS);
    EXPECT_LT(peak.growth(), 2 * kMemoryBudget + kSlack);
}
TEST_F(hostile, binary_tree_of_calls_ends_with_the_gas) {
    // Every frame calls itself twice: 2^1024 frames if gas did not end it.
    install_native(N, native_link(N, "push -1 push target push zero push 0 push 0 push 0 push 0 invoke drop"));
    next();
    const PeakMemory peak;
    const Ran ran = call(N, word(0), 0, 3'000'000);
    EXPECT_TRUE(ran.status == RVM_OK || ran.status == RVM_TRAP_OUT_OF_GAS) << status_name(ran.status);
    EXPECT_LT(peak.growth(), kDepthFrames * 64 * 1024 + kMemoryBudget + kSlack);
}

TEST_F(hostile, huge_input_is_read_in_place) {
    constexpr std::uint64_t kSize = 64 * kMiB;
    const std::vector<std::uint8_t> input(kSize, 0x5a);
    install_native(N, "space at 32\npush at push " + std::to_string(kSize - 16) +
                          " push 32 incopy push at load8 push at + 16 load8 add insize add\n");
    next();
    rvm_message message{};
    message.recipient = message.code_address = N;
    message.input = {input.data(), input.size()};
    const PeakMemory peak;
    const Ran ran = run(message);
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), kSize + 0x5a) << "zeros beyond the end";
    EXPECT_LT(peak.growth(), kSlack) << "nothing copies it";
}
TEST_F(hostile, copying_input_from_the_end_of_the_number_line_gives_zeros) {
    install_native(N, "space at 32\npush at push -1 push 32 incopy push at load64\n");
    next();
    const Ran ran = call(N, word(UINT64_MAX));
    ASSERT_EQ(ran.status, RVM_OK);
    EXPECT_EQ(ran.number(), 0u);
}

TEST_F(hostile, storm_of_creations_leaves_nothing_behind) {
    // Creates an empty-handed EVM account with a new salt each time.
    install_evm(A, op({JUMPDEST}) + push(0) + op({SLOAD}) + push(1) + op({ADD, DUP1}) + push(0) +
                       op({SSTORE, PUSH0, PUSH0, PUSH0, CREATE2, POP, PUSH0, JUMP}));
    const PeakMemory peak;
    expect_trap(A, RVM_TRAP_OUT_OF_GAS);
    EXPECT_LT(peak.growth(), kMemoryBudget + kSlack);
}
TEST_F(hostile, init_code_that_creates_itself_stops_within_gas_and_depth) {
    // CODECOPY the whole init code to memory and CREATE with it.
    const Code itself = op({CODESIZE, PUSH0, PUSH0, CODECOPY, CODESIZE, PUSH0, PUSH0, CREATE, STOP});
    rvm_message message{};
    message.kind = RVM_CALL_CREATE;
    message.init_code = view(itself);
    message.format = kMiniEvm;
    message.gas = kDeepGas;
    const PeakMemory peak;
    const Ran ran = run(message);
    EXPECT_EQ(ran.status, RVM_OK) << status_name(ran.status);
    EXPECT_EQ(size(end(0)), kDepthFrames + 1) << "one account a depth, and the sender";
    EXPECT_LT(peak.growth(), kDepthFrames * 64 * 1024 + kSlack);
    begin();
}

TEST_F(hostile, accounts_that_destroy_themselves_in_turns_keep_no_money) {
    // A and B name each other as heir; N calls them in turns until its gas ends, then stops by itself.
    fund(A, 1000);
    fund(B, 500);
    install_toy(A, toy::number(B) + toy::op({toy::destroy}));
    install_toy(B, toy::number(A) + toy::op({toy::destroy}));
    install_native(N, "data a = " + hex_address(A) + "\ndata b = " + hex_address(B) +
                          "\nspace zero 32\npush 1000 set r0\n"
                          "again: push -1 push a push zero push 0 push 0 push 0 push 0 invoke drop\n"
                          "push -1 push b push zero push 0 push 0 push 0 push 0 invoke drop\n"
                          "get r0 push 1 sub dup set r0 jumpnz again\npush 1\n");
    next();
    const Ran ran = call(N, word(0), 0, 100'000'000);
    ASSERT_EQ(ran.status, RVM_OK) << status_name(ran.status);
    static_cast<void>(end());
    begin();
    EXPECT_EQ(balance(A), 0u);
    EXPECT_EQ(balance(B), 0u);
    EXPECT_EQ(account(A)->flags & RVM_ACCOUNT_EXISTS, 0u);
    EXPECT_EQ(account(B)->flags & RVM_ACCOUNT_EXISTS, 0u);
}

TEST_F(hostile, size_and_hash_of_a_huge_account_do_not_copy_it) {
    constexpr std::uint64_t kSize = 32 * kMiB;
    install_evm(B, Code(kSize, STOP));
    install_evm(A, op({JUMPDEST}) + push(B) + op({EXTCODESIZE, POP}) + push(B) + op({EXTCODEHASH, POP, PUSH0, JUMP}));
    install_native(N, "data target = " + hex_address(B) + "\nagain: push target codesize drop jump again\n");
    next();
    const PeakMemory peak;
    EXPECT_EQ(call(A).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(call(N).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_LT(peak.growth(), kSlack);
}

} // namespace
} // namespace rvm::conformance
