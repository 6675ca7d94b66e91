// Code translated for the hot tier: basic blocks of instructions on numbered slots.
//
// A block is entered with `base` one past the top of the stack; slots are words at a distance from base, negative ones
// hold what the block found on the stack. DUP, SWAP, POP and PUSH leave no instruction: they only change which slot or
// constant the translator takes a later operand from. At its end a block puts every word where the stack wants it.
//
// A block's header pays the static gas of the whole block and checks stack limits once. Whoever needs the gas at one
// point (GAS, calls, growing memory) adds what the block has paid for the instructions behind it (`x`, called rest).
// When a header's check fails, the direct interpreter runs the block from its start and finds out what exactly is
// wrong, and where.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "code.hpp"
#include "machine.hpp"
#include "tail_calls.hpp"

namespace rvm::evm::hot {

struct Instruction;
struct HotMachine;

/// Runs one instruction and, in optimised code, all that follow (a tail call). Returns what to run next, or nullptr at
/// the end of the frame; see RVM_EVM_NEXT in handlers.cpp.
using Handler = const Instruction* (*)(const Instruction* ip, U256* base, HotMachine* m, std::int64_t gas) noexcept;
/// An instruction of the direct interpreter, as in instructions.hpp.
using Function = std::int64_t (*)(Machine& m, U256* sp, std::int64_t gas) noexcept;

/// What a field means is the handler's; slots are byte distances from base.
struct Instruction {
    Handler run;
    std::int32_t d;  ///< slot of the result; how base moves at the end of a block
    std::int32_t a;  ///< slot of the operand that was on top; a header's least height in bytes
    std::int32_t b;  ///< slot of the operand below; a header's greatest height in bytes less the least
    std::uint32_t x; ///< gas of a header; rest; bits of a shift; a jump's distance in instructions (two's complement)
    union {
        const U256* constant;
        Function function;
        std::uint64_t number;
    };
};
static_assert(sizeof(Instruction) == 32);

/// A block's length in opcodes is bounded, so that translating one again (recover.cpp) has a bounded cost.
inline constexpr int kMostOpcodes = 256;
/// Slots that no stack position uses: behind the highest a block can reach.
inline constexpr int kFirstTemporary = kMostOpcodes + 1, kTemporaries = kSpareSlots - kFirstTemporary;

/// Words whose addresses stay.
class Words {
  public:
    [[nodiscard]] const U256* add(const U256& word) {
        if (used_ == kChunk) {
            chunks_.push_back(std::make_unique_for_overwrite<U256[]>(kChunk));
            used_ = 0;
        }
        U256& place = chunks_.back()[used_++];
        place = word;
        return &place;
    }

  private:
    static constexpr std::size_t kChunk = 64;
    std::vector<std::unique_ptr<U256[]>> chunks_;
    std::size_t used_ = kChunk; ///< of the last chunk
};

struct Program {
    const Code* code = nullptr;
    const Schedule* schedule = nullptr;
    std::vector<Instruction> instructions;
    std::vector<std::uint32_t> positions; ///< in the code, by instruction
    /// By position of the JUMPDEST, 0 elsewhere: 1 + index of the header. With kInRun it is a later one of a run of
    /// JUMPDESTs whose header that is: what lies before it in the run costs nothing.
    std::vector<std::uint32_t> block_at;
    static constexpr std::uint32_t kInRun = std::uint32_t{1} << 31u;
    Words constants;
};

struct HotMachine : Machine {
    const Program& program;
    U256* bottom;
    rvm_status status = RVM_OK; ///< of the frame, once it has ended
    /// Gas that a frame which can be cancelled has not been handed yet: it gets portions, and polls before each. Who
    /// needs the exact gas adds it; zero in other frames.
    std::int64_t reserve = 0;
    std::int64_t portion = 256; ///< the next one; each is twice the one before, up to a limit
    U256* loop_base = nullptr;  ///< between two instructions, in builds without tail calls
    std::int64_t loop_gas = 0;

    HotMachine(const Host& the_host, const DispatchTables& the_dispatch, const Program& the_program,
               rvm_frame& the_frame, rvm_result& the_result) noexcept
        : Machine(the_host, the_dispatch, *the_program.schedule, *the_program.code, the_frame, the_result),
          program(the_program), bottom(scratch.stack) {}
    /// Goes on where `m` is.
    HotMachine(const Machine& m, const Program& the_program) noexcept
        : Machine(m), program(the_program), bottom(scratch.stack) {}
};

/// Runs a frame from `from`: the start of the code or a JUMPDEST.
[[nodiscard]] rvm_status run(HotMachine& m, Position from) noexcept;

/// Runs a frame from its start. Inlined: 1,024 nested frames are mispredicted returns, so one less is worth something.
[[nodiscard]] inline rvm_status run_whole(HotMachine& m, std::int64_t gas) noexcept {
#ifndef RVM_EVM_LOOP
    if ((m.frame.flags & RVM_FRAME_CANCELLABLE) == 0) [[likely]] {
        const Instruction* first = m.program.instructions.data();
        static_cast<void>(first->run(first, m.bottom, &m, gas));
        return m.status;
    }
#endif
    return run(m, {m.code.bytes, m.bottom, gas});
}

} // namespace rvm::evm::hot
