// From stack code to register code in one pass.
//
// A translator tells the builder what its source does, instruction by instruction, in terms of an operand stack whose
// heights it has verified. The builder keeps a virtual stack: constants, locals and copies are pushed without code;
// results go to the cell of their stack position, or straight into the local that is set next, or stay in an
// accumulator when the next instruction consumes them. At labels every entry is in the cell of its position.
//
//     Builder b{limits};
//     b.begin_function(0, {.parameters = 1, .locals = 2, .results = 1, .height = 9});
//     b.local_get(0, Type::i32); b.push(Type::i32, 1); b.binary(Op::i32_add); b.ret();
//     b.end_function();
//     std::optional<Code> code = b.finish();
//
// Errors are kept: when a limit is exceeded, further calls do nothing and finish() gives nothing. Calls must respect
// the heights and types of a valid program; this is asserted, not reported.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/code.hpp"

namespace rvm::engine {

enum class LoadForm : std::uint8_t;
enum class Handler : std::uint16_t;

/// Accumulators.
enum class Bank : std::uint8_t { integer, f32, f64 };

enum class Type : std::uint8_t { i32, i64, f32, f64, ref, v128 };

[[nodiscard]] constexpr std::uint32_t cells_of(Type type) noexcept { return type == Type::v128 ? 2 : 1; }

/// Numbers of cells, except `height`.
struct FunctionShape {
    std::uint32_t parameters = 0; ///< the first locals; the caller put them there
    std::uint32_t locals = 0;     ///< parameters included; the rest begins as zero
    std::uint32_t results = 0;
    std::uint32_t height = 0;   ///< words the rules count, see Context::logical_limit: at most Room::most_height
    std::uint32_t on_stack = 0; ///< native: the parameters begin as this many entries of the operand stack
};

struct BuilderLimits {
    std::uint32_t max_cells = 65'000;      ///< of one register frame; at most this default
    std::uint32_t max_words = 0x3fff'ffff; ///< of all code
};

/// A place to branch to, valid in its function.
struct Label {
    std::uint32_t index = 0;
};

class Builder {
  public:
    /// `words`: about as many as the code will have; it may have any number.
    explicit Builder(BuilderLimits limits = {}, std::size_t words = 0);

    // -- functions; any order, each once; calls may name functions that come later
    void begin_function(std::uint32_t function, const FunctionShape& shape);
    /// `height`: instead of the shape's, when it is known only now.
    void end_function(std::optional<std::uint32_t> height = std::nullopt);

    // -- annotations
    /// The source of what follows, once for every instruction of it: this is where the builder tidies, see tidy().
    void at(std::uint32_t source) {
        source_ = source;
        if (untidy_) [[unlikely]]
            tidy();
    }
    /// Adds to the price of the current block.
    void charge(std::uint64_t gas) noexcept {
        if (!reachable_ || failed_) return;
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max() / 2;
        Word& price = words_[price_];
        const Word sum = price + std::min(gas, most); // of two that fit: read once, written once
        price = std::min(sum, most);
    }
    /// False in code that control never reaches; emitting there is allowed and makes nothing.
    [[nodiscard]] bool reachable() const noexcept { return reachable_; }
    /// Entries on the virtual stack.
    [[nodiscard]] std::uint32_t height() const noexcept { return static_cast<std::uint32_t>(stack_.size()); }
    /// The cell of the position under which there are `below` entries: of an entry, or of the next one.
    [[nodiscard]] std::uint32_t home(std::uint32_t below) const noexcept;

    // -- stack
    void push(Type type, std::uint64_t bits);
    void push_v128(std::uint64_t low, std::uint64_t high);
    void local_get(std::uint32_t cell, Type type);
    void local_set(std::uint32_t cell);
    void local_tee(std::uint32_t cell);
    void drop();
    void swap();
    void pick(std::uint32_t from_top); ///< pushes a copy
    void select();                     ///< a b c: a if c (i32 or i64) is not zero, else b
    void retype(Type type);            ///< same bits, other type of the same size (reinterpretations)

    // -- operations of the table; the operation's kind decides operands and results
    void unary(Op op, Type result);
    void binary(Op op, Type result);
    void compare(Op op); ///< i32 result
    void equals_zero();  ///< i32 result, of i32 or i64
    void load(Op op, std::uint32_t offset, Type result);
    void store(Op op, std::uint32_t offset);
    /// The same with an address of 64 bits of which the upper ones count, and an offset that may exceed 32 bits:
    /// replaces the address, `from_top` entries below the top, by address + offset, saturating.
    void add_address(std::uint64_t offset, std::uint32_t from_top);
    void load_v128(std::uint32_t offset);
    void store_v128(std::uint32_t offset);

    // -- globals (index into Context::globals)
    void global_get(std::uint32_t index, Type type);
    void global_set(std::uint32_t index);

    // -- control
    /// A label with `below` entries under the `carried` ones. Everything is in its cell there.
    [[nodiscard]] Label label(std::uint32_t below, std::span<const Type> carried);
    /// A block begins here. Falling in from above is part of the old block up to here.
    void bind(Label label);
    void jump(Label label);
    /// Ends the block; what follows is a new one.
    void jump_if(Label label, bool when_zero = false);
    void jump_table(std::span<const Label> labels, Label otherwise);
    void ret();           ///< with the topmost `results` entries
    void trap(Trap trap); ///< unreachable and the like

    // -- calls. Arguments are the topmost entries; results are pushed with `results` types.
    // `advance`: words the rules count between the bases of the two functions.
    void call(std::uint32_t function, std::uint32_t arguments, std::span<const Type> results, std::uint32_t advance);
    void call_indirect(std::uint32_t table, std::uint64_t signature, std::uint32_t arguments,
                       std::span<const Type> results, std::uint32_t advance); ///< index on top
    void call_reference(std::uint64_t signature, std::uint32_t arguments, std::span<const Type> results,
                        std::uint32_t advance); ///< reference on top
    void tail_call(std::uint32_t function, std::uint32_t arguments);
    void tail_call_indirect(std::uint32_t table, std::uint64_t signature, std::uint32_t arguments);
    void tail_call_reference(std::uint64_t signature, std::uint32_t arguments);
    /// Calls the environment. Does not end the block.
    void host(HostFunction function, std::uint64_t immediate, std::uint32_t arguments, std::span<const Type> results);
    /// Calls an operation of a plugin, which stays where it is as long as the code. Does not end the block.
    void item(const Item& item, std::uint64_t immediate, std::uint32_t arguments, std::span<const Type> results);
    /// At most three operands; `result` nothing: none is pushed.
    void leaf(LeafFunction function, std::uint64_t immediate, std::uint32_t operands, std::optional<Type> result);
    /// Puts every entry into its cell and calls `host`, for tracers and debuggers: sees the stack from stack_base().
    void observe(HostFunction function, std::uint64_t immediate);

    /// Cell of the first stack position.
    [[nodiscard]] std::uint32_t stack_base() const noexcept { return stack_base_; }
    /// The current word: what labels of exception tables and the like are made of. Flushes nothing. run() may be told
    /// to go on in a block that nothing falls into; others may begin with a local in the accumulator: builder_hold.cpp.
    [[nodiscard]] std::uint32_t here() const noexcept { return static_cast<std::uint32_t>(words_.size()); }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// Entries and cells that labels, branches, calls and locals have looked at so far: in proportion to the entries
    /// pushed and the instructions, however deep the stack is.
    [[nodiscard]] std::uint64_t visits() const noexcept { return visits_; }
    [[nodiscard]] std::optional<Code> finish();
    /// Puts every entry into the cell of its position.
    void settle();

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct alignas(32) Entry { // a power of two: heights are asked for all the time
        Entry(std::uint64_t its_bits, std::uint32_t its_cell, std::uint32_t its_home, Type its_type, bool is_constant)
            : bits(its_bits), cell(its_cell), home(its_home), type(its_type), constant(is_constant) {}
        std::uint64_t bits; ///< of a constant
        std::uint32_t cell; ///< where it is, unless constant
        std::uint32_t home; ///< the cell of its position
        Type type;
        bool constant;
    };
    /// What an accumulator holds besides: the cell's value, made by the instruction at `word`.
    struct Producer {
        std::uint32_t cell = none;
        std::uint32_t word = 0;
        std::uint32_t handler = 0;
        std::uint32_t to_a = 0;    ///< added to `handler` when the cell need not be written; 0: it is always written
        bool read = false;         ///< something may read the cell
        std::uint32_t held = none; ///< the label that promises it: see hold()
    };
    /// An instruction that takes a promised value from the accumulator.
    struct HeldReader {
        std::uint32_t word = 0;
        std::uint32_t handler = 0;
        std::uint32_t to_a = 0;  ///< as in Producer
        std::uint32_t plain = 0; ///< the handler that takes it from its cell ...
        std::uint32_t shift = 0; ///< ... whose number belongs here in the operand word
        std::uint32_t label = 0;
        std::uint32_t before = none; ///< the label's reader before this one
    };
    struct LabelState {
        std::uint32_t word = none;
        std::uint32_t below = 0;
        std::uint32_t first_type = 0; ///< in carried_
        std::uint32_t carried = 0;
        std::uint32_t stub = none; ///< for the jump table numbered `stub_of`
        std::uint32_t stub_of = 0;
        std::uint32_t held = none;    ///< the cell whose value the accumulator has where it begins
        std::uint32_t readers = none; ///< the last one in held_readers_
        bool used = false;
    };
    struct Fixup {
        std::uint32_t word = 0;  ///< the instruction
        std::uint32_t label = 0; ///< or the function
        std::uint32_t slot = 0;  ///< byte offset of the distance from the instruction
    };
    struct Move {
        std::uint32_t to = 0;
        std::uint32_t from = 0;
        bool done = false;
    };
    struct Comparison {
        std::uint32_t word = none; ///< the instruction, which is the last one
        Op op{};
        std::uint32_t form = 0;
        Producer before;      ///< the integer accumulator without it
        bool negates = false; ///< it asks whether negated_, the instruction before it, is false
    };

    // builder_inline.hpp, builder.cpp: cells, code, moves
    std::uint32_t emit(std::uint32_t handler, std::uint32_t a, std::uint32_t b, std::uint32_t upper);
    void emit_alone(Handler handler);
    void more(std::uint64_t word);
    void note();
    void note_at(std::uint32_t word);
    void reference(const Entry& entry, bool add);
    void use_frame(std::uint32_t cell, std::uint32_t count);
    void grow_frame(std::uint32_t end);
    void tidy();
    void looked_at(std::size_t entries) noexcept;
    [[nodiscard]] bool is_temporary(std::uint32_t cell) const noexcept {
        return cell >= stack_base_ || cell < shape_.on_stack;
    }
    [[nodiscard]] std::uint32_t next_home() const noexcept;
    [[nodiscard]] std::uint32_t fresh(Type type) { return fresh(type, next_home()); }
    [[nodiscard]] std::uint32_t fresh(Type type, std::uint32_t home);
    [[nodiscard]] std::uint32_t search(std::uint32_t count, std::uint32_t home);
    void push_cell(Type type, std::uint32_t cell);
    void push_fresh(Type type, std::uint32_t cell, std::uint32_t home);
    Entry pop();
    Entry& top(std::uint32_t from_top) noexcept { return stack_[stack_.size() - 1 - from_top]; }
    void force(std::uint32_t from_top);
    void write_constant(std::uint32_t cell, std::uint64_t bits);
    void copy(std::uint32_t to, std::uint32_t from);
    [[nodiscard]] bool claim_spare();
    void move_all();
    [[nodiscard]] LoadForm sum_form(const Entry& entry) const noexcept;
    std::uint32_t take_back_sum(std::uint32_t& constant);
    void write_zeros();
    void produced(Bank bank, std::uint32_t cell, std::uint32_t word, std::uint32_t handler, std::uint32_t to_a);
    void overwritten(std::uint32_t cell, std::uint32_t count);
    void forget_accumulators();
    void keep_cells();
    [[nodiscard]] bool in_accumulator(const Entry& entry, Bank bank) const noexcept;
    void from_accumulator(const Entry& entry, Bank bank);
    std::uint32_t from_cell(const Entry& entry);
    // builder_hold.cpp, builder_inline.hpp
    void cut(std::uint32_t word);
    void hold(std::uint32_t label);
    void arrive(std::uint32_t label);
    void release(std::uint32_t label);
    void takes_held(const HeldReader& reader);
    [[nodiscard]] bool may_take(const Entry& entry, Bank bank) const noexcept;
    [[nodiscard]] std::uint32_t holder_at(std::uint32_t word) const noexcept;
    // builder_ops.cpp
    std::uint32_t two_sources(Op op, Type result, bool comparison);
    [[nodiscard]] bool extend(Op op, Type result);
    void one_source(Op op, Type result);
    // builder_control.cpp
    void begin_block();
    [[nodiscard]] bool settled(std::uint32_t count) noexcept;
    [[nodiscard]] bool needs_moves(const LabelState& label) const noexcept;
    void add_carried_moves(const LabelState& label);
    void emit_jump(std::uint32_t label);
    struct Branch {
        std::uint32_t handler = 0;
        std::uint32_t a = 0;
        std::uint32_t b = 0;
        std::uint32_t upper = 0;
        std::optional<std::uint64_t> third{}; ///< a third word
        std::uint32_t slot = 12;              ///< byte offset of the distance
        std::uint32_t back = 0;               ///< added to `handler` when it goes backwards
        std::uint32_t held = none;            ///< the label that promises what it takes from the accumulator
        std::uint32_t plain = 0;              ///< as in HeldReader
        std::uint32_t shift = 0;
    };
    [[nodiscard]] bool fuse_sum(Op op, std::uint32_t form, std::uint64_t operands, const Producer& sum, bool when_zero,
                                Label label);
    void branch(const Branch& how, Label label);
    void jump_if_zero(bool when_zero, bool acc, std::uint32_t cell, std::uint32_t held, Label label);
    [[nodiscard]] bool neighbours(std::uint32_t first, std::uint32_t base) const noexcept;
    std::uint32_t arrange(std::uint32_t arguments, std::span<const Type> results);
    struct Window {
        std::uint32_t base = 0;    ///< first cell of the arguments
        std::uint32_t target = 0;  ///< cell of the index or reference
        std::uint32_t entries = 0; ///< to be popped
    };
    Window arrange_with_target(std::uint32_t arguments, std::span<const Type> results);
    [[nodiscard]] std::uint32_t last_cell(const Window& window, std::uint32_t arguments) noexcept;
    [[nodiscard]] Handler take_last_argument(std::uint32_t cell, std::uint64_t& operands);
    void returned(std::uint32_t base, std::span<const Type> results);
    void takes_room(std::uint64_t below);
    void finish_call(std::uint32_t base, std::uint32_t arguments, std::span<const Type> results);
    std::uint32_t arrange_tail(std::uint32_t arguments, bool with_target);

    BuilderLimits limits_;
    const Word* handlers_; ///< their addresses
    Words words_;
    Positions positions_;
    std::uint32_t noted_ = none;         ///< the source of the last position
    std::vector<std::uint32_t> entries_; ///< of the functions
    std::vector<Fixup> calls_;
    std::vector<std::uint32_t> takes_room_; ///< the last words of calls in the current function

    // of the current function
    FunctionShape shape_;
    std::uint32_t function_ = 0;
    std::uint32_t stack_base_ = 0;
    std::uint32_t cells_ = 0;
    std::vector<Entry> stack_;
    std::uint32_t clean_ = 0;               ///< entries from the bottom known to be at home
    std::vector<std::uint32_t> references_; ///< entries in each cell
    std::vector<bool> unwritten_;           ///< by local: it is still zero and no code has written that
    bool any_unwritten_ = false;            ///< only in a function's first block
    std::vector<LabelState> labels_;
    std::vector<Type> carried_;
    std::vector<Fixup> jumps_;
    std::vector<HeldReader> held_readers_;
    Producer producers_[3];
    Comparison comparison_;
    Comparison negated_;        ///< of floats: those have no opposite
    std::uint32_t last_ = none; ///< the last instruction, when its destination may still be changed
    std::uint32_t last_copy_ = none;
    std::uint32_t price_ = 0; ///< word of the current block's price
    std::uint32_t source_ = 0;
    std::uint32_t tables_ = 0;
    std::uint32_t spare_ = none;       ///< the cell that breaks cycles of moves
    std::uint32_t tail_target_ = none; ///< the cell that takes the index or reference of tail calls
    std::uint64_t visits_ = 0;         ///< by loops over the stack and over cells
    bool untidy_ = false;              ///< tidy() is due
    bool reachable_ = false;
    bool failed_ = false;

    std::vector<Move> moves_;
    std::vector<std::uint32_t> reads_;   ///< by cell: moves that still read it
    std::vector<std::uint32_t> writers_; ///< by cell: the move that writes it, plus one
    std::vector<std::uint32_t> ready_;
};

} // namespace rvm::engine
