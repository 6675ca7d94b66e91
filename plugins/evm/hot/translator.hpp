// From code to blocks.
#pragma once

#include <memory>

#include "hot/handlers.hpp"
#include "hot/slots.hpp"

namespace rvm::evm::hot {

/// `code` outlives the result; nullptr without memory.
[[nodiscard]] std::unique_ptr<Program> translate(const Code& code, const Schedule& schedule) noexcept;

/// Where a slot is, from base.
constexpr std::int32_t bytes(std::int32_t slot) { return slot * static_cast<std::int32_t>(sizeof(U256)); }

class Translator {
  public:
    explicit Translator(Program& program) : program_(program), code_(*program.code), schedule_(*program.schedule) {}

    /// All of the code.
    void translate_all();
    /// The block at `position` up to the opcode that makes its instruction number `last` (the header is number 0), then
    /// the moves that bring every word home; they are the last `moves()` of the program's instructions. Returns the
    /// height of the stack over base.
    std::int32_t translate_part(std::uint32_t position, std::size_t last);
    [[nodiscard]] const std::vector<Move>& moves() const noexcept { return moves_; }

  private:
    struct Comparison { ///< the last instruction, when it is one
        std::size_t index = 0;
        Compare kind{};
        bool negated = false;
        Value a{}, b{};
        std::int32_t result = 0;
    };
    struct Fixup {
        std::size_t index;
        std::uint64_t target;
    };

    void resolve();
    [[nodiscard]] std::size_t header_at(std::uint64_t target);
    void thread(std::size_t index);
    void begin_block(std::uint64_t position);
    void run_of_jumpdests();
    void end_block();
    /// Goes on in a new block with the next opcode.
    void fall();
    /// Translates the opcode at pc_ and moves behind it. False: the block has ended.
    bool opcode();
    void charge(std::uint8_t opcode);
    std::uint8_t moving_opcodes();
    /// The block has to end before the next opcode.
    [[nodiscard]] bool is_full() const { return opcodes_ == kMostOpcodes || slots_.almost_full(); }
    void shaped(std::uint8_t opcode);
    void skip_to_jumpdest();

    Instruction& emit(Handler run, std::int32_t d = 0, std::int32_t a = 0, std::int32_t b = 0);
    /// `rest` of the instruction is known at the end of the block.
    void needs_rest(Instruction& instruction) {
        instruction.x = gas_;
        rests_.push_back(program_.instructions.size() - 1);
    }
    /// Code repeats its masks and offsets: one that was seen lately is kept once, so that constants stay in the cache.
    const U256* constant(const U256& value) {
        const std::uint64_t mixed = (value.limbs[0] ^ value.limbs[1] * 3 ^ value.limbs[2] * 5 ^ value.limbs[3] * 7) *
                                    0x9e3779b97f4a7c15; // 2^64 / golden ratio: Knuth, vol. 3, 6.4
        const U256*& seen = recent_[mixed >> (64 - kRecentBits)];
        if (seen == nullptr || !(*seen == value)) seen = program_.constants.add(value);
        return seen;
    }
    void push_constant(const U256& value) { slots_.push({constant(value), 0}); }
    /// The word in a slot: a temporary one for a constant.
    std::int32_t in_slot(const Value& value);
    void emit_moves();

    void unary_opcode(std::uint8_t opcode);
    void is_zero();
    void binary_opcode(std::uint8_t opcode);
    bool simplify(std::uint8_t opcode, const Value& a, const Value& b);
    void emit_shift(Handler shift, const Value& value, std::uint64_t bits);
    void emit_and(const Value& value, const U256& mask);
    void emit_compare(Compare kind, bool negated, const Value& a, const Value& b);
    void emit_binary(std::uint8_t opcode, const Value& a, const Value& b);
    void ternary_opcode(std::uint8_t opcode);
    bool exp_of_constants();
    void memory_load();
    void memory_store();
    void input_load();
    void effect(std::uint8_t opcode);
    /// Operands in a row as the direct interpreter's functions want them; returns the slot of sp.
    std::int32_t place_operands(int count);
    void jump(const Value& target);
    bool jump_if();
    void end_frame(Function function, rvm_status status);
    void fault(Fault fault);
    void protect(Value& value);

    Program& program_;
    const Code& code_;
    const Schedule& schedule_;
    Slots slots_;
    std::vector<Move> moves_;
    std::vector<Fixup> fixups_;
    static constexpr int kRecentBits = 7;
    std::array<const U256*, 1u << kRecentBits> recent_{};
    std::vector<std::size_t> rests_;
    std::uint64_t pc_ = 0;
    std::size_t header_ = 0;
    std::uint32_t gas_ = 0;
    std::int32_t need_ = 0, growth_ = 0;
    int opcodes_ = 0;
    Comparison comparison_;
    bool compared_ = false; ///< comparison_ is the last instruction
};

inline Instruction& Translator::emit(Handler run, std::int32_t d, std::int32_t a, std::int32_t b) {
    compared_ = false;
    program_.positions.push_back(static_cast<std::uint32_t>(pc_));
    return program_.instructions.emplace_back(Instruction{run, d, a, b, 0, {nullptr}});
}

inline std::int32_t Translator::in_slot(const Value& value) {
    if (value.constant == nullptr) return value.slot;
    const std::int32_t slot = slots_.temporaries(1);
    emit(kHandlers.load, bytes(slot)).constant = value.constant;
    return slot;
}

} // namespace rvm::evm::hot
