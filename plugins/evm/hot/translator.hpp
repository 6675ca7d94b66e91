// From code to blocks.
#pragma once

#include <memory>

#include "hot/handlers.hpp"
#include "hot/slots.hpp"

namespace rvm::evm::hot {

/// `code` outlives the result; nullptr without memory.
[[nodiscard]] std::unique_ptr<Program> translate(const Code& code, const Schedule& schedule) noexcept;

/// The words that PUSH1 pushes: no program keeps them.
inline constexpr std::array<U256, 256> kBytes = [] {
    std::array<U256, 256> words{};
    for (std::uint64_t i = 0; i < words.size(); ++i)
        words[i] = U256{i};
    return words;
}();

[[nodiscard]] constexpr Form form_of(const Value& a, const Value& b) noexcept {
    if (a.constant != nullptr) return Form::constant_slot;
    return b.constant != nullptr ? Form::slot_constant : Form::slots;
}

/// Where a slot is, from base.
constexpr std::int32_t bytes(std::int32_t slot) { return slot * static_cast<std::int32_t>(sizeof(U256)); }

/// One write that a block still owes at its end.
struct Move {
    std::int32_t to;
    Value from;
};

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
    /// Of a jump. A position that is not in the code, UINT64_MAX too, is no JUMPDEST.
    struct Target {
        bool known;
        std::uint64_t position; ///< if known
        Value word;             ///< if not
    };

    void resolve();
    [[nodiscard]] std::size_t header_at(std::uint64_t target);
    [[nodiscard]] std::size_t target_of(std::size_t jump) const;
    [[nodiscard]] bool only_jumps(std::size_t index) const;
    void thread(const std::vector<std::size_t>& chained);
    void go_through(std::size_t index);
    void begin_block(std::uint64_t position);
    void run_of_jumpdests();
    void end_block();
    /// Goes on in a new block with the next opcode.
    void fall();
    /// Translates the opcode at pc_ and moves behind it. False: the block has ended.
    bool opcode();
    std::uint8_t moving_opcodes();
    void push_opcode(unsigned size);
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
    const U256* constant(const U256& value);
    const U256* small_constant(std::uint64_t value);
    void push_constant(const U256& value) { slots_.push(Value::of(constant(value))); }
    /// The word in a slot: a temporary one for a constant.
    std::int32_t in_slot(const Value& value);
    void emit_copy(std::int32_t to, const Value& from);
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
    [[nodiscard]] Target take_target();
    void jump(Target target);
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
    static constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15; ///< 2^64 / golden ratio: Knuth, vol. 3, 6.4
    std::array<const U256*, 1u << kRecentBits> recent_{};
    std::vector<std::size_t> rests_;
    std::uint64_t pc_ = 0;
    std::size_t header_ = 0;
    std::uint32_t gas_ = 0;
    int opcodes_ = 0;
    Comparison comparison_;
    bool compared_ = false; ///< comparison_ is the last instruction
    bool aimed_ = false;    ///< the opcode at pc_ is a jump to aim_, which was pushed just before and is not in slots_
    std::uint64_t aim_ = 0;
};

/// Code repeats its masks and offsets: one that was seen lately is kept once, so that constants stay in the cache.
inline const U256* Translator::constant(const U256& value) {
    if (value.fits_64()) return small_constant(value.limbs[0]);
    const std::uint64_t mixed = value.limbs[0] ^ value.limbs[1] * 3 ^ value.limbs[2] * 5 ^ value.limbs[3] * 7;
    const U256*& seen = recent_[(mixed * kMultiplier) >> (64 - kRecentBits)];
    if (seen == nullptr || !(*seen == value)) seen = program_.constants.add(value);
    return seen;
}
inline const U256* Translator::small_constant(std::uint64_t value) {
    if (value < kBytes.size()) return &kBytes[value];
    const U256*& seen = recent_[(value * kMultiplier) >> (64 - kRecentBits)];
    if (seen == nullptr || !(*seen == U256{value})) seen = program_.constants.add(U256{value});
    return seen;
}

inline Instruction& Translator::emit(Handler run, std::int32_t d, std::int32_t a, std::int32_t b) {
    compared_ = false;
    program_.positions.push_back(static_cast<std::uint32_t>(pc_));
    return program_.instructions.emplace_back(Instruction{run, d, a, b, 0, {nullptr}});
}

inline void Translator::emit_copy(std::int32_t to, const Value& from) {
    if (from.constant == nullptr)
        emit(kHandlers.move, bytes(to), bytes(from.slot));
    else if (from.constant->fits_64())
        emit(kHandlers.load_number, bytes(to)).number = from.constant->limbs[0];
    else
        emit(kHandlers.load, bytes(to)).constant = from.constant;
}

inline std::int32_t Translator::in_slot(const Value& value) {
    if (value.constant == nullptr) return value.slot;
    const std::int32_t slot = slots_.temporaries(1);
    emit(kHandlers.load, bytes(slot)).constant = value.constant;
    return slot;
}

} // namespace rvm::evm::hot
