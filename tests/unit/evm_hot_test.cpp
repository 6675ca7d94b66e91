// The hot tier against the direct interpreter: generated programs, each run as written, translated in the middle of its
// first execution and translated from its start, must agree in status, gas, refund, output, fault, fault position and
// in every change of the state. RVM_EVM_FRAMES=N sets how many (default 6000).
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "hot/tier_up.hpp"
#include "support/evm_world.hpp"

namespace rvm::evm::test {
namespace {

/// Programs of blocks that jump among each other. Mostly valid: heights are followed, so that few die of their stack at
/// once.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Code program() {
        code_.clear();
        blocks_ = 2 + pick(8);
        starts_.assign(blocks_, 0);
        uses_.clear();
        height_ = 0;
        for (std::size_t block = 0; block < blocks_; ++block) {
            starts_[block] = code_.size();
            code_.push_back(OP_JUMPDEST);
            const std::size_t length = pick(4) == 0 ? pick(120) : pick(24);
            for (std::size_t i = 0; i < length; ++i)
                instruction();
            end_of_block();
        }
        if (pick(2) == 0) append(push(32 * pick(4)) + push(32 * pick(3)) + op({pick(4) == 0 ? OP_REVERT : OP_RETURN}));
        for (const auto& [at, block] : uses_) {
            code_[at] = static_cast<std::uint8_t>(starts_[block] >> 8);
            code_[at + 1] = static_cast<std::uint8_t>(starts_[block]);
        }
        return code_;
    }

  private:
    std::size_t pick(std::size_t below) { return random_() % below; }
    void append(const Code& code) { code_.insert(code_.end(), code.begin(), code.end()); }
    /// An opcode with its effect on the height.
    void emit(std::uint8_t opcode) {
        code_.push_back(opcode);
        height_ += kOpcodeInfo[opcode].growth();
    }
    void emit_push(const U256& value) {
        append(push(value));
        ++height_;
    }
    void emit_label(std::size_t block) {
        append({OP_PUSH2, 0, 0});
        uses_.emplace_back(code_.size() - 2, block);
        ++height_;
    }
    U256 constant() {
        switch (pick(8)) {
        case 0:
            return U256{1} << pick(256);
        case 1:
            return (U256{1} << pick(256)) - U256{1};
        case 2:
            return -U256{pick(5)};
        case 3:
            return {random_(), random_(), random_(), random_()};
        case 4:
            return {random_()};
        default:
            return {pick(70)};
        }
    }

    void instruction() {
        static constexpr std::uint8_t on_words[] = {
            OP_ADD,        OP_MUL,  OP_SUB, OP_DIV, OP_SDIV, OP_MOD, OP_SMOD,   OP_ADDMOD, OP_MULMOD, OP_EXP,
            OP_SIGNEXTEND, OP_LT,   OP_GT,  OP_SLT, OP_SGT,  OP_EQ,  OP_ISZERO, OP_AND,    OP_OR,     OP_XOR,
            OP_NOT,        OP_BYTE, OP_SHL, OP_SHR, OP_SAR,  OP_CLZ, OP_ISZERO, OP_LT,     OP_EQ};
        static constexpr std::uint8_t surroundings[] = {
            OP_ADDRESS,        OP_ORIGIN,   OP_CALLER,      OP_CALLVALUE, OP_CALLDATASIZE, OP_CODESIZE, OP_GASPRICE,
            OP_RETURNDATASIZE, OP_COINBASE, OP_TIMESTAMP,   OP_NUMBER,    OP_PREVRANDAO,   OP_GASLIMIT, OP_CHAINID,
            OP_SELFBALANCE,    OP_BASEFEE,  OP_BLOBBASEFEE, OP_PC,        OP_MSIZE,        OP_GAS};
        if (height_ < 4 && pick(50) != 0) return emit_push(constant());
        switch (pick(24)) {
        default:
            return emit(on_words[pick(std::size(on_words))]);
        case 0:
        case 1:
        case 2:
        case 3:
            return emit_push(constant());
        case 4:
        case 5:
        case 6:
            return emit(static_cast<std::uint8_t>(OP_DUP1 + pick(static_cast<std::size_t>(std::clamp(height_, 1, 16)))));
        case 7:
        case 8:
        case 9:
            return emit(static_cast<std::uint8_t>(OP_SWAP1 + pick(static_cast<std::size_t>(std::clamp(height_ - 1, 1, 16)))));
        case 10:
            return emit(OP_POP);
        case 11:
            return emit(surroundings[pick(std::size(surroundings))]);
        case 12:
            if (pick(3) != 0) emit_push({pick(400)});
            return emit(pick(3) == 0 ? OP_MLOAD : pick(4) == 0 ? OP_MSTORE8 : OP_MSTORE);
        case 13:
            if (pick(2) != 0) emit_push({pick(100)});
            return emit(OP_CALLDATALOAD);
        case 14:
            emit_push({pick(6)});
            return emit(pick(2) == 0 ? OP_SLOAD : OP_TLOAD);
        case 15:
            emit_push({pick(6)});
            return emit(pick(2) == 0 ? OP_SSTORE : OP_TSTORE);
        case 16:
            emit_push({pick(80)});
            emit_push({pick(300)});
            return emit(pick(3) == 0 ? OP_LOG1 : OP_KECCAK256);
        case 17: {
            static constexpr std::uint8_t copies[] = {OP_CALLDATACOPY, OP_CODECOPY, OP_MCOPY, OP_RETURNDATACOPY};
            const std::uint8_t opcode = copies[pick(std::size(copies))];
            emit_push({opcode == OP_RETURNDATACOPY ? 0 : pick(90)});
            emit_push({opcode == OP_RETURNDATACOPY ? 0 : pick(90)});
            emit_push({pick(300)});
            return emit(opcode);
        }
        case 18:
            if (pick(3) != 0) return;
            return call();
        case 19:
            if (pick(12) != 0) return;
            return emit(static_cast<std::uint8_t>(random_())); // anything, also what is no opcode
        }
    }

    /// To itself, to nobody or to a word from the stack.
    void call() {
        emit_push({pick(64)});
        emit_push({pick(200)});
        emit_push({pick(64)});
        emit_push({pick(200)});
        if (pick(2) == 0) emit_push({pick(2)});
        if (pick(2) == 0)
            emit(OP_ADDRESS);
        else
            emit_push({0x5000 + pick(3)});
        if (pick(3) == 0)
            emit(OP_GAS);
        else
            emit_push({pick(4000)});
        static constexpr std::uint8_t calls[] = {OP_CALL, OP_STATICCALL, OP_DELEGATECALL, OP_CALLCODE};
        emit(calls[pick(std::size(calls))]);
    }

    void end_of_block() {
        const std::size_t block = pick(blocks_);
        switch (pick(8)) {
        case 0:
            emit_label(block);
            return emit(OP_JUMP);
        case 1:
        case 2:
        case 3:
            if (pick(2) == 0) emit(static_cast<std::uint8_t>(pick(2) == 0 ? OP_LT : OP_EQ));
            if (pick(2) == 0) emit(OP_ISZERO);
            emit_label(block);
            return emit(OP_JUMPI);
        case 4: // a target that the translator cannot see
            emit_label(block);
            emit_push({0});
            emit(OP_MSTORE);
            emit_push({0});
            emit(OP_MLOAD);
            return emit(pick(2) == 0 ? OP_JUMP : OP_JUMPI);
        case 5:
            if (pick(6) == 0) emit(static_cast<std::uint8_t>(pick(2) == 0 ? OP_STOP : OP_INVALID));
            return;
        default: // into the next one
            return;
        }
    }

    std::mt19937_64 random_;
    Code code_;
    std::size_t blocks_ = 0;
    std::vector<std::size_t> starts_;
    std::vector<std::pair<std::size_t, std::size_t>> uses_; ///< where a label's bytes are, and which
    int height_ = 0;
};

std::string hex(const Code& code) {
    std::string out;
    for (const std::uint8_t byte : code) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        out += digits;
    }
    return out;
}

std::vector<std::uint8_t> digest(Changes changes) {
    const rvm_bytes32 out = changes.digest();
    return {std::begin(out.bytes), std::end(out.bytes)};
}

struct Observed {
    Ran ran;
    std::vector<std::uint8_t> changes;
};

enum class Way {
    direct, ///< as written: nothing that records reads is translated
    first,  ///< the first execution: translated once it has run for long
    hot,    ///< translated from the start
    polled, ///< as hot, in frames that poll for cancellation and get their gas in portions
};

Observed observe(const Code& code, const Code& input, std::int64_t gas, Way way, Rules rules,
                 Runtime& runtime = evm_runtime()) {
    EvmWorld world(rules, {}, runtime,
                   way == Way::direct   ? RVM_WORLD_RECORD_READS
                   : way == Way::polled ? RVM_WORLD_CANCELLABLE
                                        : 0);
    world.install(world.target, code);
    world.fund(world.target, 5);
    static_cast<void>(world.next());
    const std::uint64_t before = world.mark();
    if (way == Way::hot || way == Way::polled) {
        constexpr int most_runs = 200; // what costs next to nothing never becomes hot
        std::int64_t missing = hot::kGasBeforeTranslation * static_cast<std::int64_t>(code.size());
        for (int i = 0; i < most_runs && missing > 0; ++i) {
            const std::int64_t used = world.call(world.target, input, gas).gas_used;
            if (i > 0) missing -= used; // the host has the code prepared again for its second execution
            world.rollback(before);
        }
    }
    Observed out{world.call(world.target, input, gas), {}};
    out.changes = digest(world.next());
    return out;
}

#ifdef __SANITIZE_THREAD__
constexpr std::uint64_t kFrames = 600; // ThreadSanitizer keeps most of a megabyte for each execution on a stack of its own
#else
constexpr std::uint64_t kFrames = 6000;
#endif

TEST(evm_hot, agrees_with_the_direct_interpreter) {
    const char* wanted = std::getenv("RVM_EVM_FRAMES");
    const std::uint64_t frames = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : kFrames;
    const char* from = std::getenv("RVM_EVM_SEED");
    const std::uint64_t first = from != nullptr ? std::strtoull(from, nullptr, 10) : 1;
    std::uint64_t ended[RVM_TRAP_LIMIT + 1] = {};
    constexpr std::uint64_t frames_a_runtime = 4000; // a runtime keeps all code it has seen
    std::unique_ptr<Runtime> runtime;
    for (std::uint64_t seed = first; seed < first + frames; ++seed) {
        if ((seed - first) % frames_a_runtime == 0) runtime = open_evm_runtime();
        Generator generator(seed);
        const Code code = generator.program();
        std::mt19937_64 random(seed ^ 0x5eed);
        Code input(random() % 120);
        for (std::uint8_t& byte : input)
            byte = static_cast<std::uint8_t>(random());
        const Rules rules = random() % 4 == 0 ? static_cast<Rules>(random() % kRuleSets) : kNewest;
        const std::int64_t budgets[] = {200, 1000, 5000, 30'000};
        const std::int64_t gas =
            100 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(budgets[random() % 4]));
        const Observed direct = observe(code, input, gas, Way::direct, rules, *runtime);
        for (const Way way : {Way::first, Way::hot, Way::polled}) {
            const Observed other = observe(code, input, gas, way, rules, *runtime);
            ASSERT_EQ(other.ran, direct.ran) << "seed " << seed << " way " << static_cast<int>(way) << " rules "
                                             << static_cast<int>(rules) << " gas " << gas << "\n"
                                             << hex(code);
            ASSERT_EQ(other.changes, direct.changes) << "seed " << seed << "\n" << hex(code);
        }
        ++ended[direct.ran.status];
    }
    // A generator whose programs all die the same death proves nothing.
    if (frames < 1000) return;
    for (const rvm_status status : {RVM_OK, RVM_TRAP_OUT_OF_GAS, RVM_TRAP_STACK, RVM_TRAP_ILLEGAL})
        EXPECT_GT(ended[status], frames / 200) << "status " << status;
}

/// Runs all ways, which must not matter; returns the result.
Ran all_ways(const Code& code, std::int64_t gas = EvmWorld::kGas, Rules rules = kNewest, const Code& input = {}) {
    const Observed direct = observe(code, input, gas, Way::direct, rules);
    for (const Way way : {Way::first, Way::hot, Way::polled}) {
        const Observed other = observe(code, input, gas, way, rules);
        EXPECT_EQ(other.ran, direct.ran);
        EXPECT_EQ(other.changes, direct.changes);
    }
    return direct.ran;
}

TEST(evm_hot, a_long_loop_needs_no_native_stack) {
    // 300,000 turns of a countdown.
    const Code code = push(300'000) + op({OP_JUMPDEST}) + push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(4) +
                      op({OP_JUMPI, OP_STOP});
    EXPECT_EQ(all_ways(code, 100'000'000).status, RVM_OK);
}

/// Every instruction that goes on to the next must do so by a jump: 200,000 turns of a countdown with it in the body.
TEST(evm_hot, no_instruction_in_a_loop_takes_native_stack) {
    for (unsigned number = 0; number < kOpcodes; ++number) {
        const auto opcode = static_cast<std::uint8_t>(number);
        const OpcodeInfo& info = kOpcodeInfo[opcode];
        if (!info.defined(kNewest) || immediate_bytes(opcode) != 0 || info.operands > 6) continue; // no calls
        switch (opcode) {
        case OP_STOP:
        case OP_RETURN:
        case OP_REVERT:
        case OP_INVALID:
        case OP_SELFDESTRUCT:
        case OP_JUMP:
        case OP_JUMPI:
        case OP_CREATE:
        case OP_CREATE2:
        case OP_DELEGATECALL:
        case OP_STATICCALL:
        case OP_RETURNDATACOPY:
            continue;
        default:
            break;
        }
        const bool moves = (opcode >= OP_DUP1 && opcode <= OP_SWAP16) || opcode == OP_POP;
        Code code = times(17, op({OP_CALLER})) + push(200'000) + op({OP_JUMPDEST});
        const auto turn = static_cast<std::uint64_t>(code.size() - 1);
        if (!moves) {
            for (unsigned i = 0; i < info.operands; ++i)
                code = code + push(2 + i);
            code = code + op({opcode}) + times(info.results, op({OP_POP}));
        } else if (opcode == OP_POP) {
            code = code + op({OP_CALLER, OP_POP});
        } else if (opcode <= OP_DUP16) {
            code = code + op({opcode, OP_POP});
        } else {
            code = code + op({opcode, opcode});
        }
        code = code + push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(turn) + op({OP_JUMPI});
        EXPECT_EQ(all_ways(code, 1'000'000'000).status, RVM_OK) << info.name;
    }
}

TEST(evm_hot, a_loop_goes_on_translated_where_it_is) {
    // A countdown over words that a prologue left on the stack and in memory; each turn adds to both. Enough turns for
    // the first execution to be translated in the middle, at a height other than the block's own.
    const Code prologue = push(11) + push(22) + push(33) + push(32) + op({OP_MSTORE}) + push(2000);
    Code code = prologue;
    const std::uint64_t turn = code.size();
    code = code + op({OP_JUMPDEST, OP_SWAP1}) + push(3) + op({OP_ADD, OP_SWAP1}) +           // 22 + 3 * turns
           push(32) + op({OP_MLOAD}) + push(5) + op({OP_ADD}) + push(32) + op({OP_MSTORE}) + // 33 + 5 * turns
           push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(turn) + op({OP_JUMPI, OP_ADD, OP_ADD}) + push(32) +
           op({OP_MLOAD, OP_ADD}) + return_top();
    EXPECT_EQ(all_ways(code).number(), 11u + 22 + 6000 + 33 + 10'000);
    for (std::int64_t gas = 60'000; gas < 60'100; ++gas) // dies in the middle of a turn, at each place
        EXPECT_EQ(all_ways(code, gas).status, RVM_TRAP_OUT_OF_GAS);
}

TEST(evm_hot, settles_permutations) {
    // Rotates and swaps input words, ends the block, then folds what is where into one word.
    Code code;
    for (unsigned i = 0; i < 6; ++i)
        code = code + push(32 * i) + op({OP_CALLDATALOAD});
    code = code + op({OP_SWAP1, OP_SWAP3, OP_SWAP5, OP_SWAP2, OP_DUP4, OP_SWAP6, OP_POP, OP_SWAP4});
    code = code + push2(code.size() + 4) + op({OP_JUMP, OP_JUMPDEST});
    for (unsigned i = 0; i < 5; ++i)
        code = code + push(7) + op({OP_MUL, OP_ADD});
    Code input;
    for (std::uint64_t i = 1; i <= 6; ++i)
        input = input + word_bytes(U256{i * 1000 + i});
    EXPECT_EQ(all_ways(code + return_top(), EvmWorld::kGas, kNewest, input).status, RVM_OK);
}

TEST(evm_hot, many_cycles_in_one_block) {
    Code code;
    for (unsigned i = 0; i < 80; ++i)
        code = code + op({OP_CALLER, OP_CALLVALUE, OP_SWAP1});
    code = code + op({OP_JUMPDEST}) + return_top();
    EXPECT_EQ(all_ways(code).word(), U256(0x10fff0));
}

TEST(evm_hot, gas_running_out_behind_growing_memory_is_found_exactly) {
    const Code code = push(1) + push(2) + op({OP_SWAP1}) + push(5) + push(640) +
                      op({OP_MSTORE, OP_ADD, OP_POP, OP_CALLER, OP_POP}) + push(3) + op({OP_INVALID});
    for (std::int64_t gas = 1; gas < 130; ++gas) {
        const Ran ran = all_ways(code, gas);
        EXPECT_EQ(ran.gas_used, gas) << "every halt takes all gas";
    }
    EXPECT_EQ(all_ways(code, 200).fault, Fault::invalid_instruction);
}

TEST(evm_hot, gas_is_exact_in_the_middle_of_a_block) {
    const Code code = op({OP_GAS, OP_GAS, OP_CALLER, OP_POP, OP_SWAP1, OP_SUB}) + return_top();
    EXPECT_EQ(all_ways(code).number(), 2u);
}

TEST(evm_hot, jumps_to_what_is_no_jumpdest_fail_where_they_are) {
    for (const Code& target : {push(3), push(9999), push(U256{0, 1, 0, 0}), push(0)}) {
        const Ran ran = all_ways(target + op({OP_JUMP}));
        EXPECT_EQ(ran.fault, Fault::bad_jump_destination);
        EXPECT_EQ(ran.fault_position, target.size());
        EXPECT_EQ(all_ways(push(1) + target + op({OP_JUMPI})).fault, Fault::bad_jump_destination);
        EXPECT_EQ(all_ways(push(0) + target + op({OP_JUMPI})).status, RVM_OK);
    }
    // 0x5b as data of a PUSH.
    EXPECT_EQ(all_ways(push(4) + op({OP_JUMP, OP_PUSH1, OP_JUMPDEST, OP_STOP})).fault, Fault::bad_jump_destination);
}

/// `blocks` that only jump, from one to the next in a scattered order, then what is `behind` them all. With `back` the
/// last one jumps to the chain's number `back` instead.
Code scattered_jumps(std::uint64_t blocks, const Code& behind, std::uint64_t back = 0) {
    constexpr std::uint64_t size = 5, stride = 1237; // a prime: every block has its turn
    const std::uint64_t end = blocks * size;
    const auto place = [&](std::uint64_t turn) { return turn * stride % blocks; };
    std::vector<std::uint64_t> next(blocks, end);
    for (std::uint64_t turn = 0; turn + 1 < blocks; ++turn)
        next[place(turn)] = place(turn + 1) * size;
    if (back != 0) next[place(blocks - 1)] = place(back) * size;
    Code code;
    for (const std::uint64_t target : next)
        code = code + op({OP_JUMPDEST}) + push2(target) + op({OP_JUMP});
    return code + op({OP_JUMPDEST}) + behind;
}

TEST(evm_hot, chains_of_jumps_cost_what_their_blocks_cost) {
    constexpr std::int64_t block = 1 + 3 + 8; // JUMPDEST, PUSH2, JUMP
    const Code last = push(42) + return_top();
    for (const std::uint64_t blocks : {2u, 300u, 6000u}) { // the last needs more than one jump pays for
        const Code code = scattered_jumps(blocks, last);
        const std::int64_t whole = all_ways(code, 1'000'000).gas_used;
        EXPECT_EQ(whole, static_cast<std::int64_t>(blocks) * block + all_ways(op({OP_JUMPDEST}) + last).gas_used);
        EXPECT_EQ(all_ways(code, whole).number(), 42u);
        for (const std::int64_t gas : {whole - 1, whole - 30, whole / 2, block - 1})
            EXPECT_EQ(all_ways(code, gas).status, RVM_TRAP_OUT_OF_GAS);
    }
}

TEST(evm_hot, jumps_in_a_ring_end_with_the_gas) {
    for (const std::uint64_t back : {1u, 7u, 39u})
        for (const std::int64_t gas : {479, 480, 1000, 123'456})
            EXPECT_EQ(all_ways(scattered_jumps(40, {}, back), gas).status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(all_ways(op({OP_JUMPDEST}) + push(0) + op({OP_JUMP}), 100'000).status, RVM_TRAP_OUT_OF_GAS);
}

TEST(evm_hot, a_jumpdest_at_the_first_byte_is_a_target) {
    // Jumps back to 0 until the gas is gone, or twice with a counter in storage.
    const Code code = op({OP_JUMPDEST}) + push(1) + push(0) + op({OP_TLOAD, OP_ADD, OP_DUP1}) + push(0) +
                      op({OP_TSTORE}) + push(3) + op({OP_GT}) + push(0) + op({OP_JUMPI}) + push(0) + op({OP_TLOAD}) +
                      return_top();
    EXPECT_EQ(all_ways(code).number(), 3u);
}

TEST(evm_hot, runs_of_jumpdests_cost_what_is_behind_the_target) {
    // Jumps to each JUMPDEST of a run, the target known when it is translated or only from the input, 50 times.
    constexpr unsigned length = 9;
    for (const bool known : {true, false}) {
        for (unsigned which = 0; which < length; ++which) {
            const auto code_to = [&](std::uint64_t run) {
                return push(50) + op({OP_JUMPDEST}) + // at 2
                       (known ? push2(run + which) : push(0) + op({OP_CALLDATALOAD})) + op({OP_JUMP, OP_INVALID}) +
                       times(length, op({OP_JUMPDEST})) + push(1) + op({OP_SWAP1, OP_SUB, OP_DUP1}) + push(2) +
                       op({OP_JUMPI, OP_GAS}) + return_top();
            };
            constexpr std::uint64_t run = 8;
            const Code input = word_bytes(U256{run + which});
            const Ran whole = all_ways(code_to(run), 100'000, kNewest, input);
            ASSERT_EQ(whole.status, RVM_OK);
            for (std::int64_t gas = whole.gas_used - 60; gas < whole.gas_used; ++gas)
                EXPECT_EQ(all_ways(code_to(run), gas, kNewest, input).status, RVM_TRAP_OUT_OF_GAS);
        }
    }
}

TEST(evm_hot, a_cancelled_frame_ends_soon_in_either_tier) {
    const Code forever = op({OP_JUMPDEST}) + push(0) + op({OP_JUMP});
    EvmWorld world(kNewest, {}, evm_runtime(), RVM_WORLD_CANCELLABLE);
    world.install(world.target, forever);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.recipient = message.code_address = world.target;
    message.gas = INT64_MAX;                  // years
    for (int round = 0; round < 4; ++round) { // the first may begin as it is written, the others are translated
        static_cast<void>(world.next());
        std::thread canceller([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            world.world().table().cancel(world.world().get());
        });
        const Outcome outcome = world.world().execute(message);
        canceller.join();
        EXPECT_EQ(outcome.status, RVM_E_CANCELLED) << round;
    }
}

TEST(evm_hot, gas_in_portions_is_seen_by_nobody) {
    // GAS, memory that grows by more than a portion, and a call that wants all but one 64th, in a loop.
    const Code body = op({OP_GAS}) + push(0) + op({OP_SSTORE}) + push(1) + op({OP_GAS, OP_MSTORE}) + times(5, push(0)) +
                      push(4) + op({OP_GAS, OP_CALL, OP_POP});
    const Code code = op({OP_JUMPDEST}) + body + push(0) + op({OP_JUMP});
    for (const std::int64_t gas : {1'000, 40'000, 90'000, 200'000, 1'000'000})
        EXPECT_EQ(all_ways(code, gas).status, RVM_TRAP_OUT_OF_GAS);
    // A block that costs more than any portion: five creations.
    Code creations;
    for (int i = 0; i < 5; ++i)
        creations = creations + times(3, push(0)) + op({OP_CREATE, OP_POP});
    EXPECT_EQ(all_ways(creations + op({OP_GAS}) + return_top(), 1'000'000).status, RVM_OK);
}

TEST(evm_hot, the_stack_limit_holds_in_blocks) {
    const Code fill = times(1023, op({OP_CALLER}));
    EXPECT_EQ(all_ways(fill + op({OP_CALLER, OP_STOP})).status, RVM_OK);
    EXPECT_EQ(all_ways(fill + op({OP_CALLER, OP_CALLER, OP_STOP})).fault, Fault::stack_overflow);
    EXPECT_EQ(all_ways(fill + op({OP_CALLER, OP_POP, OP_CALLER})).status, RVM_OK);
    EXPECT_EQ(all_ways(op({OP_CALLER, OP_POP, OP_POP})).fault, Fault::stack_underflow);
    EXPECT_EQ(all_ways(op({OP_CALLER, OP_POP, OP_POP})).fault_position, 2u);
}

} // namespace
} // namespace rvm::evm::test
