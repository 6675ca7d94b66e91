// Dispatch: the handlers of handlers.def as functions that call each other in tail position, or as labels of one
// function.
//
// clang: `musttail` guarantees that a handler's call of the next one is a jump, at every optimisation level. g++ 12 has
// no such promise but makes sibling calls of exactly these functions when it optimises; the build asks for it by
// RVM_ENGINE_SIBLING_CALLS (CMakeLists.txt), and a test looks for calls that were left. Otherwise (no optimisation,
// sanitizers) computed goto: slower, never deeper. All use the same bodies.
#include <cstdint>
#include <cstring>

#include "engine/context.hpp"
#include "engine/handlers.hpp"
#include "engine/numeric.hpp"

#if defined(__clang__)
#define RVM_TAIL_CALLS 1
#define RVM_TAIL [[clang::musttail]]
#define RVM_WHOLE __attribute__((noinline))
#elif defined(RVM_ENGINE_SIBLING_CALLS)
#define RVM_TAIL_CALLS 1
#define RVM_TAIL
/// Or g++ makes versions of cold handlers that take fewer machine registers: every caller would shuffle the rest.
#define RVM_WHOLE __attribute__((noipa))
#else
#define RVM_TAIL_CALLS 0
#endif

namespace rvm::engine {
namespace {

/// The next free record, in a vector register: the integer registers of the calling convention are taken, and through
/// the context every call and return would wait for the store of the one before. The other half is a record's size:
/// what calls and returns add and subtract would be read from memory else.
using Link = u64 __attribute__((vector_size(16)));
inline Link link_to(const Record* record) noexcept { return Link{reinterpret_cast<u64>(record), sizeof(Record)}; }
/// By a record: the size in the first half, nothing in the other.
inline Link one_record(Link link) noexcept { return __builtin_shufflevector(link, Link{}, 1, 2); }

/// Half-word n of operand word w.
inline std::uint16_t half(const Word* pc, unsigned w, unsigned n) noexcept {
    return load_bytes<std::uint16_t>(reinterpret_cast<const std::uint8_t*>(pc) + 8 * w + 2 * n);
}
inline u32 upper(const Word* pc) noexcept { return load_bytes<u32>(reinterpret_cast<const std::uint8_t*>(pc) + 12); }
inline Cell sign_extended(i64 value) noexcept { return static_cast<Cell>(value); }

// Room for a function, see Room in code.hpp: a record has what is left above the function that was entered. A call
// takes from that the word at its end, which counts what the callee needs; or without that, when only the callee itself
// tells.

inline u64 needed(const Word* entry) noexcept { return entry[-2]; }
/// What the accumulator has where a function begins.
inline Cell last_argument(const Word* entry, const Cell* frame) noexcept { return frame[entry[-3]]; }

/// By the limits, above the running function's base if no words of the stack were below it.
u64 room_by_limits(const Context& context) noexcept {
    return Room::of(context.logical_limit, static_cast<u64>(context.cell_limit - context.fp),
                    static_cast<u64>(context.record_limit - context.record));
}

/// A cell plus a constant, as a number of T's width.
template <typename T>
inline Cell add_cell(Cell cell, i32 constant) noexcept {
    const Cell sum = cell + static_cast<Cell>(i64{constant});
    return sizeof(T) == 4 ? static_cast<u32>(sum) : sum;
}

/// Asks for the room that a call takes.
Trap more_stack(Context& context, u64 taken) noexcept {
    const u64 left = context.record[-1].room - taken;
    const u64 before = room_by_limits(context);
    const auto height = static_cast<i64>(context.logical_limit) - Room::words(left);
    const auto cells = context.cell_limit - context.fp - Room::cells(left);
    const Trap trap = context.hooks->more_stack(context, static_cast<u64>(height), static_cast<u64>(cells));
    const u64 more = room_by_limits(context) - before; // all records have the same limits; a record of leave_code too
    if (trap == Trap::none && more == 0) return Trap::stack; // or the call would ask for ever
    for (Record* record = context.records; record != context.record; ++record)
        record->room += more;
    return trap;
}

/// Ends a call into another instance: see enter_instance.
Trap leave_instance(Context& context) noexcept {
    const u64 data = reinterpret_cast<u64>(context.fp);
    context.record -= 2;
    const Record function = context.record[1];
    const Record caller = context.record[0];
    context.fp = caller.fp;
    context.pc = caller.pc;
    return reinterpret_cast<LeaveFunction>(reinterpret_cast<u64>(function.pc))(context, data);
}

#define HALF_OF(word, n) half(pc, word, n)
#define HALF(n) half(pc, 1, n)
#define CELL(n) fp[HALF(n)]
#define IMMEDIATE static_cast<i32>(upper(pc))
#define OFFSET                                                                                                         \
    u64 { upper(pc) }
#define DISTANCE static_cast<std::ptrdiff_t>(IMMEDIATE)
#define SIGNED_CELL(value) sign_extended(value)
#define SHORT_CELL(n) sign_extended(static_cast<std::int16_t>(HALF(n)))
#define RECORD reinterpret_cast<Record*>(link[0])
#define PUSH_RECORD() link += one_record(link)
#define POP_RECORD() link -= one_record(link)
#define SAVE()                                                                                                         \
    context->record = RECORD;                                                                                          \
    context->pc = pc;                                                                                                  \
    context->fp = fp;                                                                                                  \
    context->gas = gas;                                                                                                \
    context->accumulator = acc;                                                                                        \
    context->accumulator_f32 = acc_f32;                                                                                \
    context->accumulator_f64 = acc_f64
#define LOAD()                                                                                                         \
    fp = context->fp;                                                                                                  \
    memory = context->memory;                                                                                          \
    link = link_to(context->record);                                                                                   \
    acc = context->accumulator;                                                                                        \
    gas = context->gas
/// Gives registers that nothing reads any more no value in particular.
#define WHATEVER_IS_IN(...) __asm__("" : __VA_ARGS__)
#if defined(__x86_64__)
#define IN_FLOAT_REGISTER(variable) "=x"(variable)
#else
#define IN_FLOAT_REGISTER(variable) "=w"(variable)
#endif
#define NEXT(words)                                                                                                    \
    pc += (words);                                                                                                     \
    DISPATCH()
#define ENTER(target)                                                                                                  \
    do {                                                                                                               \
        pc = (target);                                                                                                 \
        gas -= static_cast<i64>(pc[-1]);                                                                               \
        if (gas < 0) [[unlikely]]                                                                                      \
            COLD(more_gas);                                                                                            \
        DISPATCH();                                                                                                    \
    } while (false)
// A target computed from pc is known only when the word with the distance has been read: in short loops and recursions
// the processor would wait for that, turn after turn, though it has predicted the jump. So the last branch backwards
// and its target are kept; the comparison is predicted as the jump is, and nothing waits for it. Calls of one function
// come from several places: of them the target is kept, and taken when the new one compares equal.
#define FORWARD(distance) ENTER(pc + (distance))
#define BACKWARD(distance)                                                                                             \
    do {                                                                                                               \
        if (pc != context->loop_end) [[unlikely]] {                                                                    \
            context->loop_end = pc;                                                                                    \
            context->loop = pc + (distance);                                                                           \
        }                                                                                                              \
        ENTER(context->loop);                                                                                          \
    } while (false)
#define KEPT(name, to, last)                                                                                           \
    const Word* name = (last);                                                                                         \
    const bool same = (to) == name;                                                                                    \
    __asm__("" : "+r"(name)) /* or the compiler would take `to` where they are equal */
#define ENTER_FUNCTION(entry)                                                                                          \
    do {                                                                                                               \
        KEPT(again, entry, context->called);                                                                           \
        if (!same) [[unlikely]]                                                                                        \
            again = context->called = (entry);                                                                         \
        ENTER(again);                                                                                                  \
    } while (false)
#define TRAP_CODE(code)                                                                                                \
    do {                                                                                                               \
        context->stopped = (code);                                                                                     \
        STOP();                                                                                                        \
    } while (false)
#define TRAP(name) TRAP_CODE(Trap::name)

#if RVM_TAIL_CALLS

#define RVM_REGISTERS                                                                                                  \
    const Word *pc, Cell *fp, std::uint8_t *memory, i64 gas, Cell acc, Context *context, float acc_f32,                \
        double acc_f64, Link link
#define RVM_REGISTER_VALUES pc, fp, memory, gas, acc, context, acc_f32, acc_f64, link
using Function = Trap (*)(RVM_REGISTERS); // not noexcept: clang would have a scope to leave before the tail call

#define DISPATCH() RVM_TAIL return reinterpret_cast<Function>(*pc)(RVM_REGISTER_VALUES)
#define COLD(name) RVM_TAIL return handle_##name(RVM_REGISTER_VALUES)
#define STOP() RVM_TAIL return stop_run(RVM_REGISTER_VALUES)

RVM_WHOLE Trap stop_run(RVM_REGISTERS) {
    (void)memory;
    SAVE();
    return context->stopped;
}

#define RVM_HANDLER(name, ...) RVM_WHOLE Trap handle_##name(RVM_REGISTERS);
#include "engine/handlers.def"
#undef RVM_HANDLER
#define RVM_HANDLER(name, ...) Trap handle_##name(RVM_REGISTERS) __VA_ARGS__
#include "engine/handlers.def"
#undef RVM_HANDLER

Trap start(Context& context, const Word* at) noexcept {
    return reinterpret_cast<Function>(*at)(at, context.fp, context.memory, context.gas, context.accumulator, &context,
                                           context.accumulator_f32, context.accumulator_f64, link_to(context.record));
}

const Word* table() noexcept {
    static const Function functions[] = {
#define RVM_HANDLER(name, ...) handle_##name,
#include "engine/handlers.def"
#undef RVM_HANDLER
    };
    static_assert(sizeof(Function) == sizeof(Word));
    return reinterpret_cast<const Word*>(functions);
}

#else

#pragma GCC diagnostic ignored "-Wpedantic" // labels as values are an extension
#define DISPATCH() goto* reinterpret_cast<void*>(*pc)
#define COLD(name) goto handle_##name
#define STOP() goto stop_run

/// With a null context: the addresses of all handlers, through `addresses`.
Trap loop(Context* context, const Word* at, const Word** addresses) noexcept {
    static const void* const labels[] = {
#define RVM_HANDLER(name, ...) &&handle_##name,
#include "engine/handlers.def"
#undef RVM_HANDLER
    };
    static_assert(sizeof(void*) == sizeof(Word));
    if (context == nullptr) {
        *addresses = reinterpret_cast<const Word*>(labels);
        return Trap::none;
    }
    const Word* pc = at;
    Cell* fp = context->fp;
    std::uint8_t* memory = context->memory;
    i64 gas = context->gas;
    Cell acc = context->accumulator;
    float acc_f32 = context->accumulator_f32;
    double acc_f64 = context->accumulator_f64;
    Link link = link_to(context->record);
    DISPATCH();
#define RVM_HANDLER(name, ...) handle_##name : __VA_ARGS__
#include "engine/handlers.def"
#undef RVM_HANDLER
stop_run:
    SAVE();
    return context->stopped;
}

Trap start(Context& context, const Word* at) noexcept { return loop(&context, at, nullptr); }

const Word* table() noexcept {
    const Word* addresses = nullptr;
    (void)loop(nullptr, nullptr, &addresses);
    return addresses;
}

#endif

const Word* handlers() noexcept {
    static const Word* const all = table();
    return all;
}

/// Return address of the outermost function.
const Word* finished_code() noexcept {
    static const Word code[] = {handlers()[number(Handler::finished)]};
    return code;
}

const Word* leave_code() noexcept {
    static const Word code[] = {handlers()[number(Handler::leave)]};
    return code;
}

/// run() pays the block at pc and goes on there.
const Word* entry_code() noexcept {
    static const Word code[] = {handlers()[number(Handler::resume)]};
    return code;
}

} // namespace

const Word* handler_words() noexcept { return handlers(); }

std::uint64_t run_stack_bytes() noexcept { return RVM_TAIL_CALLS ? 0 : 4096; } // as optimised code would need

const char* trap_text(Trap trap) noexcept {
    switch (trap) {
#define RVM_IR_TRAP(name, text)                                                                                        \
    case Trap::name:                                                                                                   \
        return text;
#include "engine/trap.def"
#undef RVM_IR_TRAP
    }
    return "";
}

Trap refill_gas(Context& context, std::uint64_t price) noexcept {
    context.gas += context.reserve_gas;
    context.reserve_gas = 0;
    return price <= static_cast<std::uint64_t>(context.gas) ? Trap::none : Trap::out_of_gas;
}

void move_cells(Context& context, const Cell* from, Cell* to) noexcept {
    context.fp = to + (context.fp - from);
    for (Record* record = context.records; record != context.record; ++record)
        if (record->pc != leave_code() && record->fp != nullptr) record->fp = to + (record->fp - from);
}

void move_records(Context& context, Record* to, std::size_t capacity) noexcept {
    context.record = to + context.depth();
    context.records = to;
    context.record_limit = to + capacity;
}

void begin(Context& context, const Word* entry, Cell* frame) noexcept {
    context.record = context.records + 1;
    context.fp = frame;
    context.records[0] = {finished_code(), nullptr, room_by_limits(context) - needed(entry)};
    context.pc = entry;
    context.accumulator = last_argument(entry, frame);
}

void begin(Context& context, const Code& code, std::uint32_t function, Cell* frame) noexcept {
    begin(context, code.entry(function), frame);
}

Trap enter_instance(Context& context, const Word* entry, Cell* window, LeaveFunction leave,
                    std::uint64_t data) noexcept {
    const auto offset = window - context.fp;
    const u64 taken = context.pc[-1] + needed(entry) + Room::of(0, 0, 2); // one record is in the first
    while (!Room::enough(context.record[-1].room - taken)) {
        const Trap trap = more_stack(context, taken);
        if (trap != Trap::none) return trap;
    }
    const u64 room = context.record[-1].room - taken;
    *context.record++ = {context.pc, context.fp, 0};
    *context.record++ = {reinterpret_cast<const Word*>(reinterpret_cast<u64>(leave)), nullptr, 0};
    *context.record++ = {leave_code(), reinterpret_cast<Cell*>(data), room};
    context.pc = entry;
    context.fp += offset;
    context.accumulator = last_argument(entry, context.fp);
    return Trap::none;
}

bool unwind(Context& context) noexcept {
    const Record record = *--context.record;
    if (record.pc == finished_code()) return ++context.record, false;
    context.fp = record.fp;
    if (record.pc == leave_code()) {
        (void)leave_instance(context);
        return true;
    }
    context.pc = record.pc;
    return true;
}

Trap run(Context& context) noexcept {
    context.stopped = Trap::none;
    context.loop_end = nullptr; // may be of code that is gone
    return start(context, entry_code());
}

} // namespace rvm::engine
