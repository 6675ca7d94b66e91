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

/// Half-word n of operand word w.
inline std::uint16_t half(const Word* pc, unsigned w, unsigned n) noexcept {
    return load_bytes<std::uint16_t>(reinterpret_cast<const std::uint8_t*>(pc) + 8 * w + 2 * n);
}
inline u32 upper(const Word* pc) noexcept { return load_bytes<u32>(reinterpret_cast<const std::uint8_t*>(pc) + 12); }
inline Cell sign_extended(i64 value) noexcept { return static_cast<Cell>(value); }

inline u64 height_of(const Word* entry) noexcept { return static_cast<u32>(entry[-2]); }
inline u64 bytes_of_frame(const Word* entry) noexcept { return entry[-2] >> 32; }
inline u64 place(const Cell* cell) noexcept { return reinterpret_cast<u64>(cell); }

/// A cell plus a constant, as a number of T's width.
template <typename T>
inline Cell add_cell(Cell cell, i32 constant) noexcept {
    const Cell sum = cell + static_cast<Cell>(i64{constant});
    return sizeof(T) == 4 ? static_cast<u32>(sum) : sum;
}

/// Asks for what the function at `entry` needs, `base` cells and `advance` words above the running one.
Trap more_stack(Context& context, u64 base, u64 advance, const Word* entry) noexcept {
    context.logical += advance;
    const Trap trap = context.hooks->more_stack(context, height_of(entry), base + bytes_of_frame(entry) / sizeof(Cell));
    context.logical -= advance;
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
    context.logical -= static_cast<std::uint16_t>(caller.pc[-1] >> 16);
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
#define NO_ROOM(record, logical, frame, entry)                                                                         \
    ((record) == context->record_limit || (logical) + height_of(entry) > context->logical_limit ||                     \
     place(frame) + bytes_of_frame(entry) > place(context->cell_limit))
#define SAVE()                                                                                                         \
    context->pc = pc;                                                                                                  \
    context->fp = fp;                                                                                                  \
    context->gas = gas;                                                                                                \
    context->accumulator = acc;                                                                                        \
    context->accumulator_f32 = acc_f32;                                                                                \
    context->accumulator_f64 = acc_f64
#define LOAD()                                                                                                         \
    fp = context->fp;                                                                                                  \
    memory = context->memory;                                                                                          \
    gas = context->gas
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
#define TRAP_CODE(code)                                                                                                \
    do {                                                                                                               \
        context->stopped = (code);                                                                                     \
        STOP();                                                                                                        \
    } while (false)
#define TRAP(name) TRAP_CODE(Trap::name)

#if RVM_TAIL_CALLS

#define RVM_REGISTERS                                                                                                  \
    const Word *pc, Cell *fp, std::uint8_t *memory, i64 gas, Cell acc, Context *context, float acc_f32, double acc_f64
#define RVM_REGISTER_VALUES pc, fp, memory, gas, acc, context, acc_f32, acc_f64
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
                                           context.accumulator_f32, context.accumulator_f64);
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

/// Return address of the outermost function; the word before a return address says how far to advance: not at all.
const Word* finished_code() noexcept {
    static const Word code[] = {0, handlers()[number(Handler::finished)]};
    return code + 1;
}

const Word* leave_code() noexcept {
    static const Word code[] = {0, handlers()[number(Handler::leave)]};
    return code + 1;
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
    context.record = context.records;
    *context.record++ = {finished_code(), nullptr};
    context.pc = entry;
    context.fp = frame;
}

void begin(Context& context, const Code& code, std::uint32_t function, Cell* frame) noexcept {
    begin(context, code.entry(function), frame);
}

Trap enter_instance(Context& context, const Word* entry, Cell* window, LeaveFunction leave,
                    std::uint64_t data) noexcept {
    const std::size_t offset = static_cast<std::size_t>(window - context.fp);
    const u64 advance = static_cast<std::uint16_t>(context.pc[-1] >> 16);
    while (context.record_limit - context.record < 3 ||
           context.logical + advance + height_of(entry) > context.logical_limit ||
           place(context.fp + offset) + bytes_of_frame(entry) > place(context.cell_limit)) {
        const Trap trap = more_stack(context, offset, advance, entry);
        if (trap != Trap::none) return trap;
    }
    *context.record++ = {context.pc, context.fp};
    *context.record++ = {reinterpret_cast<const Word*>(reinterpret_cast<u64>(leave)), nullptr};
    *context.record++ = {leave_code(), reinterpret_cast<Cell*>(data)};
    context.logical += advance;
    context.pc = entry;
    context.fp += offset;
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
    context.logical -= static_cast<std::uint16_t>(record.pc[-1] >> 16);
    return true;
}

Trap run(Context& context) noexcept {
    context.stopped = Trap::none;
    return start(context, entry_code());
}

} // namespace rvm::engine
