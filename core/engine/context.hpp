// The state of one running activation of the engine, and what its environment supplies.
//
// An environment (a native frame, a wasm instance) fills a Context, sets it to a function with `begin` and calls
// `run`. Handlers keep pc, fp, memory base, gas and accumulators in machine registers; everything here is exact
// whenever the environment sees it: in hooks, in host functions and after run().
#pragma once

#include <bit>
#include <cstdint>

struct rvm_frame; // the plugin boundary's; opaque here

namespace rvm::engine {

/// 8 bytes of a register frame: an i64, a zero-extended i32, the bits of an f64, those of an f32 below zeros, a
/// reference; two neighbours hold a v128, low half first.
using Cell = std::uint64_t;
/// Code is a sequence of words; see code.hpp.
using Word = std::uint64_t;

enum class Trap : std::uint32_t {
#define RVM_IR_TRAP(name, text) name,
#include "engine/trap.def"
#undef RVM_IR_TRAP
};

/// Static English text.
[[nodiscard]] const char* trap_text(Trap trap) noexcept;

struct Context;
struct Code;

/// A function that a table or reference cell may hold: cells keep `const Callable*`, null references are 0.
struct Callable {
    const Word* entry = nullptr; ///< first word of its code; null: not callable by the engine itself, `other` is asked
    std::uint64_t signature = 0; ///< canonical number of its type: equal exactly when the types are equal
    void* instance = nullptr;    ///< the environment's; calls stay in the engine when it equals Context::instance
    std::uint64_t data = 0;      ///< the environment's
};

/// A table of references, as call_indirect sees it.
struct Table {
    const Cell* cells = nullptr; ///< `const Callable*` or 0
    std::uint64_t size = 0;
};

/// A suspended function activation.
struct Record {
    const Word* pc = nullptr; ///< where it goes on
    Cell* fp = nullptr;
    std::uint64_t room = 0; ///< left above the function that was entered: Room of code.hpp
};

/// A function of the environment that code calls with `host`. `window` holds the arguments, deepest first, and takes
/// the results from its start; it stays where it is until the function returns. May change gas (charge), memories,
/// tables, globals, and may run other contexts. Anything but Trap::none ends the run at this instruction.
using HostFunction = Trap (*)(Context& context, Cell* window, std::uint64_t immediate) noexcept;

/// A small operation on cells, called with `leaf`: no gas, no growth, no calls. `out` may overlap a, b, c; operands
/// that the operation does not have point anywhere. Traps as above.
using LeafFunction = Trap (*)(Context& context, Cell* out, const Cell* a, const Cell* b, const Cell* c,
                              std::uint64_t immediate) noexcept;

/// An operation of a plugin that depends on its operands alone. Code calls it directly, with the window in place: no
/// machine registers are saved for the environment, which sees nothing of the call unless something is wrong.
struct Item {
    /// As an opcode of plugin.h. `window` holds the operands, deepest first, and takes the results from its start.
    std::int32_t (*run)(const void* self, rvm_frame* frame, Cell* window, std::uint64_t immediate) = nullptr;
    const void* self = nullptr;
    rvm_frame* frame = nullptr;
    std::uint64_t price = 0; ///< paid before each call
    /// Called when the price is not left, with `paid` false, and after a call whose status is not 0, with `paid` true.
    /// Trap::none goes on behind the call.
    Trap (*wrong)(Context& context, const Item& item, std::int32_t status, bool paid) noexcept = nullptr;
};

/// Cold paths that the environment decides. None may be null.
struct Hooks {
    /// Called before a function is entered for which there is no free record, or which needs a stack of `height` words
    /// in all or `cells` cells above Context::fp that are not there. Raises the limits so that all fit, moving stacks
    /// if it must (move_cells, move_records), or returns Trap::stack, Trap::depth or Trap::exit.
    Trap (*more_stack)(Context& context, std::uint64_t height, std::uint64_t cells) noexcept;
    /// Called at the entry of a block whose price exceeds Context::gas. Adds from `reserve_gas` and returns Trap::none
    /// to try again, or Trap::out_of_gas, Trap::yield, Trap::exit. Polling and quanta are made with this: hand out gas
    /// in slices. `refill_gas` is the plain version.
    Trap (*more_gas)(Context& context, std::uint64_t price) noexcept;
    /// Called by an indirect call whose callee has no code or belongs to another instance. `window` as for a host
    /// function. To call into another instance without recursion use `enter_instance`.
    Trap (*call_other)(Context& context, const Callable& callee, Cell* window) noexcept;
};

struct Context {
    // What the handlers touch most comes first.
    std::uint64_t limit1 = 0; ///< addresses below this one can be accessed with 1 byte ...
    std::uint64_t limit2 = 0;
    std::uint64_t limit4 = 0;
    std::uint64_t limit8 = 0;
    std::uint64_t limit16 = 0;
    // The limits of room: at most Room::most_records, most_words and most_cells of code.hpp from the first one on. They
    // are looked at by `begin` and after `more_stack`.
    Record* record_limit = nullptr; ///< one past the last usable one
    /// Calls whose stack would be higher, in words the rules count, ask `more_stack`.
    std::uint64_t logical_limit = 0;
    const Cell* cell_limit = nullptr; ///< one past the last usable cell
    Cell* const* globals = nullptr;   ///< each global's cell (a v128's first)
    const Table* const* tables = nullptr;

    const Word* loop_end = nullptr; ///< the last branch backwards of this run, ...
    const Word* loop = nullptr;     ///< ... where it went, and ...
    const Word* called = nullptr;   ///< ... the entry of the last call: hints, see run.cpp

    // Saved machine registers: exact outside the handlers.
    const Word* pc = nullptr;
    Cell* fp = nullptr;
    std::uint8_t* memory = nullptr; ///< base of memory 0
    std::int64_t gas = 0;           ///< of the current slice
    Cell accumulator = 0;
    float accumulator_f32 = 0;
    double accumulator_f64 = 0;
    Record* record = nullptr; ///< next free one

    std::uint64_t memory_size = 0; ///< bytes; change it with set_memory
    std::int64_t reserve_gas = 0;  ///< beyond the slice
    Record* records = nullptr;     ///< the first one
    void* instance = nullptr;      ///< the environment's own
    const Hooks* hooks = nullptr;
    const Callable* callee = nullptr; ///< of the call_other being made
    Trap stopped = Trap::none;        ///< why the last run ended

    /// Gas left in all.
    [[nodiscard]] std::int64_t gas_left() const noexcept { return gas + reserve_gas; }
    /// Takes `price` (not negative) of what is left in all; false, and nothing taken, when too little is left.
    [[nodiscard]] bool charge(std::uint64_t price) noexcept {
        if (price > static_cast<std::uint64_t>(gas_left())) return false;
        gas -= static_cast<std::int64_t>(price);
        if (gas < 0) {
            reserve_gas += gas;
            gas = 0;
        }
        return true;
    }
    /// Memory 0 as code sees it from now on. Growing with the base in place needs this call too.
    void set_memory(std::uint8_t* base, std::uint64_t size) noexcept {
        memory = base;
        memory_size = size;
        limit1 = size;
        limit2 = size < 2 ? 0 : size - 1;
        limit4 = size < 4 ? 0 : size - 3;
        limit8 = size < 8 ? 0 : size - 7;
        limit16 = size < 16 ? 0 : size - 15;
    }
    [[nodiscard]] std::size_t depth() const noexcept { return static_cast<std::size_t>(record - records); }
};

/// Adds the whole reserve to the slice: Trap::none if `price` is now there.
Trap refill_gas(Context& context, std::uint64_t price) noexcept;

/// Tells the context that its cells have moved by copying: adjusts fp and all records.
void move_cells(Context& context, const Cell* from, Cell* to) noexcept;
/// Tells the context that its records have moved by copying.
void move_records(Context& context, Record* to, std::size_t capacity) noexcept;

/// Sets the context to the entry of a function whose arguments are at `frame`; results will stand there too. Charges
/// nothing yet: the entry block is paid by run(). The caller has checked that `function`'s height is within the limits.
void begin(Context& context, const Code& code, std::uint32_t function, Cell* frame) noexcept;
/// The same for a callable with code.
void begin(Context& context, const Word* entry, Cell* frame) noexcept;

/// For `call_other` and host functions only, once in each: the run goes on in a function of another instance, whose
/// arguments are at `window`, when the caller of this returns Trap::none. The caller has switched instance, memory,
/// globals and tables; when the function returns or unwinds, `leave(context, data)` switches them back. Takes three
/// records; asks `more_stack` for them and for the callee's stack, and passes its refusal on.
using LeaveFunction = Trap (*)(Context& context, std::uint64_t data) noexcept;
Trap enter_instance(Context& context, const Word* entry, Cell* window, LeaveFunction leave,
                    std::uint64_t data) noexcept;

/// Drops the running activation: its caller is then current, with pc behind the call. For exceptions. False when there
/// is no caller in this run. Calls `leave` where it passes from one instance to another.
[[nodiscard]] bool unwind(Context& context) noexcept;

/// Runs until the outermost function returns (Trap::none) or something stops it; context.pc is then the instruction
/// that trapped or the block that was not entered, and Code::position tells where that is in the source. After
/// Trap::yield a further run() goes on. Uses a bounded amount of C stack, whatever the code does. [one thread a
/// context]
Trap run(Context& context) noexcept;

/// What run() needs of the C stack beyond a few hundred bytes, for whoever declares the need of a frame: computed goto,
/// which only instrumented builds use, keeps the temporaries of all handlers in one frame.
[[nodiscard]] std::uint64_t run_stack_bytes() noexcept;

} // namespace rvm::engine
