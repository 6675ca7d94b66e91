// The hot tier's instructions. In optimised code a handler ends in a jump to the next one's; other builds return the
// next instruction to a loop (tail_calls.hpp).
#include "hot/handlers.hpp"

#include <algorithm>
#include <array>

#include "hot/recover.hpp"
#include "instructions.hpp"
#include "interpreter.hpp"
#include "tail_calls.hpp"
#include "tracing.hpp"

#ifdef RVM_EVM_LOOP
#define RVM_EVM_NEXT(next)                                                                                             \
    do {                                                                                                               \
        m->loop_base = base;                                                                                           \
        m->loop_gas = gas;                                                                                             \
        return next;                                                                                                   \
    } while (false)
#else
#define RVM_EVM_NEXT(next) return (next)->run(next, base, m, gas)
#endif

#define RVM_EVM_HANDLER const Instruction* /* NOLINT */
#define RVM_EVM_PARAMETERS                                                                                             \
    [[maybe_unused]] const Instruction *ip, [[maybe_unused]] U256 *base, [[maybe_unused]] HotMachine *m,               \
        [[maybe_unused]] std::int64_t gas

namespace rvm::evm::hot {
namespace {

U256& slot(U256* base, std::int32_t distance) noexcept {
    return *reinterpret_cast<U256*>(reinterpret_cast<std::uint8_t*>(base) + distance);
}
std::uint32_t position(const HotMachine& m, const Instruction* ip) noexcept {
    return m.program.positions[static_cast<std::size_t>(ip - m.program.instructions.data())];
}

// ---- Ends of frames, out of line ----

[[gnu::noinline]] RVM_EVM_HANDLER fail_at(const Instruction* ip, HotMachine* m) noexcept {
    m->status = end_in_failure(*m, m->code.bytes + position(*m, ip));
    return nullptr;
}

/// `gas` with the reserve.
[[gnu::noinline]] RVM_EVM_HANDLER interpret_from(HotMachine* m, std::uint64_t at, U256* sp, std::int64_t gas) noexcept {
    m->reserve = 0;
    m->status = interpret(*m, {m->code.bytes + at, sp, gas});
    return nullptr;
}

/// Polls and hands out the next portion of the reserve, `needed` at least if there is as much. The checks of blocks
/// find that a portion is spent: nothing else in the code knows of them. False: the frame has been cancelled.
bool hand_out(HotMachine& m, std::int64_t& gas, std::int64_t needed) noexcept {
    constexpr std::int64_t most = 1 << 17; // well below a millisecond
    const std::int64_t left = gas + m.reserve;
    gas = std::min(left, std::max(m.portion, needed));
    m.reserve = left - gas;
    m.portion = std::min(2 * m.portion, most);
    return !cancelled(m);
}

/// A header's check failed: for want of a portion of the gas, of gas, or because of the stack.
[[gnu::noinline]] RVM_EVM_HANDLER refuse_block(const Instruction* header, U256* base, HotMachine* m,
                                               std::int64_t gas) noexcept {
    const auto height =
        static_cast<std::uint64_t>(reinterpret_cast<std::uint8_t*>(base) - reinterpret_cast<std::uint8_t*>(m->bottom));
    const bool fits = height - static_cast<std::uint64_t>(header->a) <= static_cast<std::uint64_t>(header->b);
    if (m->reserve == 0 || !fits) return interpret_from(m, position(*m, header), base, gas + m->reserve);
    // More than there was: a jump may ask for blocks behind this one, too.
    if (!hand_out(*m, gas, std::max<std::int64_t>(header->x, gas + 1))) return fail_at(header, m);
    RVM_EVM_NEXT(header);
}

/// The gas at hand does not cover what the block has paid for. Without a reserve that covers it, some instruction
/// behind `ip` will fail. `exact` is with the reserve.
[[gnu::noinline]] RVM_EVM_HANDLER run_dry(const Instruction* ip, U256* base, HotMachine* m,
                                          std::int64_t exact) noexcept {
    if (std::int64_t gas = exact - static_cast<std::int64_t>(ip->x); gas >= 0) {
        m->reserve = 0;
        if (!hand_out(*m, gas, 0)) return fail_at(ip, m);
        RVM_EVM_NEXT(ip + 1);
    }
    const Recovered at = recover(m->program, static_cast<std::size_t>(ip - m->program.instructions.data()), base);
    if (at.sp == nullptr) {
        m->host_failure = RVM_E_NO_MEMORY;
        return fail_at(ip, m);
    }
    return interpret_from(m, at.position, at.sp, exact);
}

/// What the header of a run of JUMPDESTs takes for those before `at`: it is given back to who enters there.
std::int64_t gas_before(const Program& program, const Instruction* header, std::uint64_t at) noexcept {
    const std::uint32_t start = program.positions[static_cast<std::size_t>(header - program.instructions.data())];
    return static_cast<std::int64_t>(at - start) * program.schedule->gas[OP_JUMPDEST];
}

// ---- Blocks and jumps ----

/// Pays for the block behind `header` and runs it.
#define RVM_EVM_ENTER(header)                                                                                          \
    do {                                                                                                               \
        const Instruction* const entered = (header);                                                                   \
        const std::int64_t left = gas - static_cast<std::int64_t>(entered->x);                                         \
        const auto height = static_cast<std::uint64_t>(reinterpret_cast<std::uint8_t*>(base) -                         \
                                                       reinterpret_cast<std::uint8_t*>(m->bottom));                    \
        if (left < 0 || height - static_cast<std::uint64_t>(entered->a) > static_cast<std::uint64_t>(entered->b))      \
            [[unlikely]]                                                                                               \
            return refuse_block(entered, base, m, gas);                                                                \
        gas = left;                                                                                                    \
        RVM_EVM_NEXT(entered + 1);                                                                                     \
    } while (false)

const Instruction* target_of(const Instruction* ip) noexcept { return ip + static_cast<std::int32_t>(ip->x); }

RVM_EVM_HANDLER enter(RVM_EVM_PARAMETERS) noexcept { RVM_EVM_ENTER(ip); }
RVM_EVM_HANDLER fall(RVM_EVM_PARAMETERS) noexcept {
    base = &slot(base, ip->d);
    RVM_EVM_ENTER(ip + 1);
}
/// The target's header has been copied into the jump: one cache line less to wait for.
RVM_EVM_HANDLER jump(RVM_EVM_PARAMETERS) noexcept {
    base = &slot(base, ip->d);
    const std::int64_t left = gas - static_cast<std::int64_t>(static_cast<std::uint32_t>(ip->number));
    const auto height =
        static_cast<std::uint64_t>(reinterpret_cast<std::uint8_t*>(base) - reinterpret_cast<std::uint8_t*>(m->bottom));
    if (left < 0 || height - static_cast<std::uint64_t>(ip->a) > static_cast<std::uint64_t>(ip->b)) [[unlikely]]
        return refuse_block(ip + static_cast<std::int32_t>(ip->number >> 32u), base, m, gas);
    gas = left;
    RVM_EVM_NEXT(target_of(ip) + 1);
}
RVM_EVM_HANDLER join(RVM_EVM_PARAMETERS) noexcept { RVM_EVM_NEXT(target_of(ip)); }
/// Block of a target that is known only now, as in Program::block_at.
std::uint32_t find_block(const HotMachine& m, const U256& target) noexcept {
    return target.fits_64() && target.limbs[0] < m.program.block_at.size() ? m.program.block_at[target.limbs[0]] : 0;
}
/// There is no JUMPDEST, or it is in the middle of a run of them.
[[gnu::noinline]] RVM_EVM_HANDLER unusual_jump(const Instruction* ip, U256* base, HotMachine* m, std::int64_t gas,
                                               const U256& target) noexcept {
    const std::uint32_t block = find_block(*m, target);
    if (block == 0) {
        m->fault = Fault::bad_jump_destination;
        return fail_at(ip, m);
    }
    const Instruction* const header = &m->program.instructions[(block & ~Program::kInRun) - 1];
    gas += gas_before(m->program, header, target.limbs[0]);
    base = &slot(base, ip->d);
    RVM_EVM_NEXT(header);
}
RVM_EVM_HANDLER jump_slot(RVM_EVM_PARAMETERS) noexcept {
    const std::uint32_t block = find_block(*m, slot(base, ip->a));
    if (block - 1 >= Program::kInRun - 1) [[unlikely]]
        return unusual_jump(ip, base, m, gas, slot(base, ip->a));
    base = &slot(base, ip->d);
    RVM_EVM_ENTER(&m->program.instructions[block - 1]);
}
RVM_EVM_HANDLER jump_if(RVM_EVM_PARAMETERS) noexcept {
    const bool taken = static_cast<bool>(slot(base, ip->a));
    base = &slot(base, ip->d);
    if (taken) RVM_EVM_ENTER(target_of(ip));
    RVM_EVM_ENTER(ip + 1);
}
RVM_EVM_HANDLER jump_if_slot(RVM_EVM_PARAMETERS) noexcept {
    if (slot(base, ip->b)) return jump_slot(ip, base, m, gas);
    base = &slot(base, ip->d);
    RVM_EVM_ENTER(ip + 1);
}

// ---- Words ----

template <Form form>
[[gnu::always_inline]] inline const U256& first(const Instruction* ip, U256* base) noexcept {
    return form == Form::constant_slot ? *ip->constant : slot(base, ip->a);
}
template <Form form>
[[gnu::always_inline]] inline const U256& second(const Instruction* ip, U256* base) noexcept {
    return form == Form::slot_constant ? *ip->constant : slot(base, ip->b);
}

template <Opcode opcode, Unary function>
RVM_EVM_HANDLER run_unary(RVM_EVM_PARAMETERS) noexcept {
    instructions::compute<opcode>(function, slot(base, ip->d), slot(base, ip->a));
    RVM_EVM_NEXT(ip + 1);
}
template <Opcode opcode, Binary function, Form form>
RVM_EVM_HANDLER run_binary(RVM_EVM_PARAMETERS) noexcept {
    instructions::compute<opcode>(function, slot(base, ip->d), first<form>(ip, base), second<form>(ip, base));
    RVM_EVM_NEXT(ip + 1);
}
template <Opcode opcode, Ternary function>
RVM_EVM_HANDLER run_ternary(RVM_EVM_PARAMETERS) noexcept {
    instructions::compute<opcode>(function, slot(base, ip->d), slot(base, ip->a), slot(base, ip->b),
                                  slot(base, static_cast<std::int32_t>(ip->x)));
    RVM_EVM_NEXT(ip + 1);
}
template <U256 (*function)(const Machine&) noexcept>
RVM_EVM_HANDLER run_nullary(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = function(*m);
    RVM_EVM_NEXT(ip + 1);
}

RVM_EVM_HANDLER move(RVM_EVM_PARAMETERS) noexcept {
    copy_limbs(slot(base, ip->d), slot(base, ip->a));
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER load(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = *ip->constant;
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER load_number(RVM_EVM_PARAMETERS) noexcept {
    // In halves of 16 bytes, as the host compares keys: what was written limb by limb it would have to wait for.
    using Half = std::uint64_t __attribute__((vector_size(16)));
    const Half low{ip->number, 0}, high{};
    std::uint64_t* const limbs = slot(base, ip->d).limbs;
    std::memcpy(limbs, &low, sizeof low);
    std::memcpy(limbs + 2, &high, sizeof high);
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER gas_left(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = U256{static_cast<std::uint64_t>(gas + m->reserve) + ip->x};
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER shift_left(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = slot(base, ip->a) << ip->x;
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER shift_right(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = slot(base, ip->a) >> ip->x;
    RVM_EVM_NEXT(ip + 1);
}
RVM_EVM_HANDLER and_low(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = U256{slot(base, ip->a).limbs[0] & ip->number};
    RVM_EVM_NEXT(ip + 1);
}

template <Compare kind>
[[gnu::always_inline]] inline bool holds(const U256& a, const U256& b) noexcept {
    switch (kind) {
    case Compare::less:
        return a < b;
    case Compare::signed_less:
        return u256::signed_less(a, b);
    case Compare::equal:
        return a == b;
    default:
        return !a;
    }
}
template <Compare kind, bool negated, Form form>
RVM_EVM_HANDLER run_compare(RVM_EVM_PARAMETERS) noexcept {
    slot(base, ip->d) = instructions::truth(holds<kind>(first<form>(ip, base), second<form>(ip, base)) != negated);
    RVM_EVM_NEXT(ip + 1);
}
template <Compare kind, bool negated, Form form>
RVM_EVM_HANDLER run_jump_compare(RVM_EVM_PARAMETERS) noexcept {
    const bool taken = holds<kind>(first<form>(ip, base), second<form>(ip, base)) != negated;
    base = &slot(base, ip->d);
    if (taken) RVM_EVM_ENTER(target_of(ip));
    RVM_EVM_ENTER(ip + 1);
}

// ---- Instructions with a price of their own ----

/// Runs `function` with the exact gas of this point.
[[gnu::noinline]] std::int64_t run_function(const Instruction* ip, U256* base, HotMachine* m,
                                            std::int64_t gas) noexcept {
    return ip->function(*m, &slot(base, ip->a), gas + m->reserve + static_cast<std::int64_t>(ip->x));
}
RVM_EVM_HANDLER call(RVM_EVM_PARAMETERS) noexcept {
    const std::int64_t exact = run_function(ip, base, m, gas);
    if (exact < 0) [[unlikely]]
        return fail_at(ip, m);
    gas = exact - m->reserve - static_cast<std::int64_t>(ip->x);
    if (gas < 0) [[unlikely]]
        return run_dry(ip, base, m, exact);
    RVM_EVM_NEXT(ip + 1);
}

constexpr std::uint64_t kWord = sizeof(U256);

/// Memory that is not there yet; returns the gas left of `gas`, or the frame has ended.
struct Grown {
    bool ended;
    std::int64_t gas;
};
[[gnu::noinline]] Grown grow(const Instruction* ip, HotMachine* m, std::int64_t gas, const U256& offset) noexcept {
    const std::int64_t elsewhere = m->reserve + static_cast<std::int64_t>(ip->x);
    const std::int64_t exact = touch_memory(*m, offset, kWord, gas + elsewhere);
    if (exact < 0) {
        fail_at(ip, m);
        return {true, 0};
    }
    return {false, exact - elsewhere};
}

[[gnu::noinline]] Grown grow_to(const Instruction* ip, HotMachine* m, std::int64_t gas, std::uint64_t offset) noexcept {
    return grow(ip, m, gas, U256{offset});
}

/// The same instruction with growing memory, out of line, so that the common case saves no registers. When the gas
/// comes out negative the effect still happens and the instructions behind run dry.
template <bool stores, bool at_number, bool constant>
[[gnu::noinline]] RVM_EVM_HANDLER grow_and_access(RVM_EVM_PARAMETERS) noexcept {
    const Grown grown = at_number ? grow_to(ip, m, gas, ip->number) : grow(ip, m, gas, slot(base, ip->a));
    if (grown.ended) return nullptr;
    gas = grown.gas;
    std::uint8_t* const place = m->memory + (at_number ? ip->number : slot(base, ip->a).limbs[0]);
    if constexpr (stores)
        u256::store_be(constant ? *ip->constant : slot(base, ip->b), place);
    else
        slot(base, ip->d) = u256::load_be(place);
    if (gas < 0) [[unlikely]]
        return run_dry(ip, base, m, gas + m->reserve + static_cast<std::int64_t>(ip->x));
    RVM_EVM_NEXT(ip + 1);
}
template <bool stores, bool at_number, bool constant>
RVM_EVM_HANDLER access(RVM_EVM_PARAMETERS) noexcept {
    const bool there = at_number ? is_there(*m, ip->number, kWord) : is_there(*m, slot(base, ip->a), kWord);
    if (!there) [[unlikely]]
        return grow_and_access<stores, at_number, constant>(ip, base, m, gas);
    std::uint8_t* const place = m->memory + (at_number ? ip->number : slot(base, ip->a).limbs[0]);
    if constexpr (stores)
        u256::store_be(constant ? *ip->constant : slot(base, ip->b), place);
    else
        slot(base, ip->d) = u256::load_be(place);
    RVM_EVM_NEXT(ip + 1);
}

RVM_EVM_HANDLER input_load_at(RVM_EVM_PARAMETERS) noexcept {
    const rvm_view& input = m->frame.msg->input;
    if (ip->number < input.size && input.size - ip->number >= kWord) [[likely]]
        slot(base, ip->d) = u256::load_be(input.data + ip->number);
    else
        instructions::CALLDATALOAD(*m, &(slot(base, ip->d) = U256{ip->number}) + 1, 0);
    RVM_EVM_NEXT(ip + 1);
}

// ---- Ends ----

RVM_EVM_HANDLER end(RVM_EVM_PARAMETERS) noexcept {
    gas += m->reserve;
    if (ip->function != nullptr) {
        gas = ip->function(*m, &slot(base, ip->a), gas);
        if (gas < 0) return fail_at(ip, m);
    }
    m->frame.gas = gas;
    m->status = static_cast<rvm_status>(ip->x);
    return nullptr;
}
RVM_EVM_HANDLER fault(RVM_EVM_PARAMETERS) noexcept {
    m->fault = static_cast<Fault>(ip->number);
    return fail_at(ip, m);
}

// ---- Tables ----

#define RVM_EVM_NULLARY(X)                                                                                             \
    X(ADDRESS)                                                                                                         \
    X(ORIGIN)                                                                                                          \
    X(CALLER)                                                                                                          \
    X(CALLVALUE)                                                                                                       \
    X(CALLDATASIZE)                                                                                                    \
    X(GASPRICE)                                                                                                        \
    X(RETURNDATASIZE)                                                                                                  \
    X(COINBASE) X(TIMESTAMP) X(NUMBER) X(PREVRANDAO) X(GASLIMIT) X(CHAINID) X(BASEFEE) X(BLOBBASEFEE) X(MSIZE)
#define RVM_EVM_UNARY(X) X(NOT) X(CLZ)
#define RVM_EVM_BINARY(X)                                                                                              \
    X(ADD) X(MUL) X(SUB) X(DIV) X(SDIV) X(MOD) X(SMOD) X(SIGNEXTEND) X(AND) X(OR) X(XOR) X(BYTE) X(SHL) X(SHR) X(SAR)
#define RVM_EVM_COMPARE(X) X(LT) X(GT) X(SLT) X(SGT) X(EQ)
#define RVM_EVM_TERNARY(X) X(ADDMOD) X(MULMOD)
#define RVM_EVM_EFFECT(X)                                                                                              \
    X(EXP)                                                                                                             \
    X(KECCAK256)                                                                                                       \
    X(BALANCE)                                                                                                         \
    X(CALLDATALOAD)                                                                                                    \
    X(CALLDATACOPY)                                                                                                    \
    X(CODECOPY)                                                                                                        \
    X(EXTCODESIZE)                                                                                                     \
    X(EXTCODECOPY) X(RETURNDATACOPY) X(EXTCODEHASH) X(BLOCKHASH) X(SELFBALANCE) X(BLOBHASH) X(MSTORE8) X(SLOAD)        \
        X(SSTORE) X(TLOAD) X(TSTORE) X(MCOPY) X(LOG0) X(LOG1) X(LOG2) X(LOG3) X(LOG4) X(CREATE) X(CALL) X(CALLCODE)    \
            X(DELEGATECALL) X(CREATE2) X(STATICCALL) X(RETURN) X(SELFDESTRUCT)

// Handlers by form, and comparisons by kind and negation.

using Forms = std::array<Handler, 3>;

template <Opcode opcode, Binary function>
constexpr Forms forms_of_binary = {&run_binary<opcode, function, Form::slots>,
                                   &run_binary<opcode, function, Form::slot_constant>,
                                   &run_binary<opcode, function, Form::constant_slot>};

using Comparisons = std::array<std::array<Forms, 2>, 4>;

template <Compare kind, bool negated>
constexpr Forms forms_of_compare = {&run_compare<kind, negated, Form::slots>,
                                    &run_compare<kind, negated, Form::slot_constant>,
                                    &run_compare<kind, negated, Form::constant_slot>};
template <Compare kind, bool negated>
constexpr Forms forms_of_jump = {&run_jump_compare<kind, negated, Form::slots>,
                                 &run_jump_compare<kind, negated, Form::slot_constant>,
                                 &run_jump_compare<kind, negated, Form::constant_slot>};
#define RVM_EVM_COMPARISONS(forms)                                                                                     \
    {                                                                                                                  \
        {                                                                                                              \
            {forms<Compare::less, false>, forms<Compare::less, true>},                                                 \
                {forms<Compare::signed_less, false>, forms<Compare::signed_less, true>},                               \
                {forms<Compare::equal, false>, forms<Compare::equal, true>}, {                                         \
                forms<Compare::zero, false>, forms<Compare::zero, true>                                                \
            }                                                                                                          \
        }                                                                                                              \
    }
constexpr Comparisons kCompares RVM_EVM_COMPARISONS(forms_of_compare);
constexpr Comparisons kJumps RVM_EVM_COMPARISONS(forms_of_jump);
#undef RVM_EVM_COMPARISONS

Handler choose(const Comparisons& from, Compare kind, bool negated, Form form) noexcept {
    return from[static_cast<std::size_t>(kind)][negated ? 1 : 0][static_cast<std::size_t>(form)];
}

} // namespace

constexpr Handlers kHandlers = {
    .enter = enter,
    .fall = fall,
    .move = move,
    .load = load,
    .load_number = load_number,
    .call = call,
    .gas_left = gas_left,
    .shift_left = shift_left,
    .shift_right = shift_right,
    .and_low = and_low,
    .memory_load = access<false, false, false>,
    .memory_load_at = access<false, true, false>,
    .memory_store = access<true, false, false>,
    .memory_store_at = access<true, true, false>,
    .memory_store_constant = access<true, false, true>,
    .input_load_at = input_load_at,
    .jump = jump,
    .join = join,
    .jump_slot = jump_slot,
    .jump_if = jump_if,
    .jump_if_slot = jump_if_slot,
    .end = end,
    .fault = fault,
};

constexpr std::array<Shape, kOpcodes> kShapes = [] {
    std::array<Shape, kOpcodes> shapes{};
    shapes.fill(Shape::effect);
    for (unsigned opcode = OP_PUSH0; opcode <= OP_PUSH32; ++opcode)
        shapes[opcode] = Shape::push;
    for (unsigned i = 0; i < 16; ++i) {
        shapes[OP_DUP1 + i] = Shape::dup;
        shapes[OP_SWAP1 + i] = Shape::swap;
    }
    shapes[OP_POP] = Shape::pop;
#define RVM_EVM_CASE(NAME) shapes[OP_##NAME] = Shape::nullary;
    RVM_EVM_NULLARY(RVM_EVM_CASE)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME) shapes[OP_##NAME] = Shape::unary;
    RVM_EVM_UNARY(RVM_EVM_CASE)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME) shapes[OP_##NAME] = Shape::binary;
    RVM_EVM_BINARY(RVM_EVM_CASE)
    RVM_EVM_COMPARE(RVM_EVM_CASE)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME) shapes[OP_##NAME] = Shape::ternary;
    RVM_EVM_TERNARY(RVM_EVM_CASE)
#undef RVM_EVM_CASE
    return shapes;
}();

// Lookups by opcode. RVM_EVM_CASE is one answer, NAME the opcode's.
#define RVM_EVM_LOOKUP(signature, LIST)                                                                                \
    signature noexcept {                                                                                               \
        switch (opcode) {                                                                                              \
            LIST(RVM_EVM_CASE)                                                                                         \
        default:                                                                                                       \
            return nullptr;                                                                                            \
        }                                                                                                              \
    }

#define RVM_EVM_CASE(NAME)                                                                                             \
    case OP_##NAME:                                                                                                    \
        return &run_nullary<&instructions::NAME>;
RVM_EVM_LOOKUP(Handler nullary(std::uint8_t opcode), RVM_EVM_NULLARY)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME)                                                                                             \
    case OP_##NAME:                                                                                                    \
        return &run_unary<OP_##NAME, &instructions::NAME>;
RVM_EVM_LOOKUP(Handler unary(std::uint8_t opcode), RVM_EVM_UNARY)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME)                                                                                             \
    case OP_##NAME:                                                                                                    \
        return forms_of_binary<OP_##NAME, &instructions::NAME>[static_cast<std::size_t>(form)];
RVM_EVM_LOOKUP(Handler binary(std::uint8_t opcode, Form form), RVM_EVM_BINARY)
#undef RVM_EVM_CASE
#define RVM_EVM_CASE(NAME)                                                                                             \
    case OP_##NAME:                                                                                                    \
        return &run_ternary<OP_##NAME, &instructions::NAME>;
RVM_EVM_LOOKUP(Handler ternary(std::uint8_t opcode), RVM_EVM_TERNARY)
#undef RVM_EVM_CASE

#define RVM_EVM_CASE(NAME)                                                                                             \
    case OP_##NAME:                                                                                                    \
        return &instructions::NAME;
#define RVM_EVM_UNARY_OR_ISZERO(X) RVM_EVM_UNARY(X) X(ISZERO)
#define RVM_EVM_BINARY_OR_COMPARE(X) RVM_EVM_BINARY(X) RVM_EVM_COMPARE(X)
RVM_EVM_LOOKUP(Unary unary_function(std::uint8_t opcode), RVM_EVM_UNARY_OR_ISZERO)
RVM_EVM_LOOKUP(Binary binary_function(std::uint8_t opcode), RVM_EVM_BINARY_OR_COMPARE)
RVM_EVM_LOOKUP(Ternary ternary_function(std::uint8_t opcode), RVM_EVM_TERNARY)
RVM_EVM_LOOKUP(Function function_of(std::uint8_t opcode), RVM_EVM_EFFECT)
#undef RVM_EVM_CASE
#undef RVM_EVM_LOOKUP

Handler compare(Compare kind, bool negated, Form form) noexcept { return choose(kCompares, kind, negated, form); }
Handler jump_compare(Compare kind, bool negated, Form form) noexcept { return choose(kJumps, kind, negated, form); }

rvm_status run(HotMachine& m, Position from) noexcept {
    const Program& program = m.program;
    const auto position = static_cast<std::size_t>(from.pc - m.code.bytes);
    const std::uint32_t block = position == 0 ? 1 : program.block_at[position];
    const Instruction* ip = &program.instructions[(block & ~Program::kInRun) - 1];
    std::int64_t gas = from.gas;
    if ((block & Program::kInRun) != 0) gas += gas_before(program, ip, position);
    if ((m.frame.flags & RVM_FRAME_CANCELLABLE) != 0) {
        m.reserve = gas;
        gas = 0;
        if (!hand_out(m, gas, 0)) return end_in_failure(m, from.pc);
    }
#ifdef RVM_EVM_LOOP
    m.loop_base = from.sp;
    m.loop_gas = gas;
    while (ip != nullptr)
        ip = ip->run(ip, m.loop_base, &m, m.loop_gas);
#else
    static_cast<void>(ip->run(ip, from.sp, &m, gas));
#endif
    return m.status;
}

} // namespace rvm::evm::hot
