// Threaded code: every instruction is a function that ends in a jump to the next one's. The checks (stack, static gas)
// and the jump are stamped over the opcode table; what an instruction does is a step (steps.hpp).
#include "interpreter.hpp"

#include <iterator>

#include "hot/tier_up.hpp"
#include "steps.hpp"
#include "tail_calls.hpp"
#include "tracing.hpp"

#ifdef RVM_EVM_LOOP
#define RVM_EVM_NEXT                                                                                                   \
    do {                                                                                                               \
        m->at = {pc, sp, gas};                                                                                         \
        return kRunning;                                                                                               \
    } while (false)
#else
#define RVM_EVM_NEXT return table[*pc].run(pc, sp, gas, m, table, bottom)
#endif

#define RVM_EVM_PARAMETERS                                                                                             \
    [[maybe_unused]] const std::uint8_t *pc, [[maybe_unused]] U256 *sp, [[maybe_unused]] std::int64_t gas,             \
        [[maybe_unused]] Machine *m, [[maybe_unused]] const DirectHandler *table, [[maybe_unused]] U256 *bottom

namespace rvm::evm {
namespace {

/// Not a status: the frame goes on at m->at.
[[maybe_unused]] constexpr rvm_status kRunning = INT32_MAX;

constexpr bool ends_frame(Opcode opcode) {
    return opcode == OP_STOP || opcode == OP_RETURN || opcode == OP_REVERT || opcode == OP_SELFDESTRUCT;
}
constexpr bool is_jump(Opcode opcode) { return opcode == OP_JUMP || opcode == OP_JUMPI; }

/// Whether some rule set changed the static gas of an opcode.
constexpr bool is_repriced(Opcode opcode) {
#define RVM_EVM_REPRICED(name, from, gas)                                                                              \
    if (opcode == OP_##name) return true;
#include "opcodes.def"
#undef RVM_EVM_REPRICED
    return false;
}

/// The static part of an instruction's price; a constant wherever no rule set changed it, but not for watched frames,
/// as which those run whose rules the deployment changed.
template <bool Watched, Opcode opcode, int introduced_at>
[[gnu::always_inline]] inline std::int64_t static_gas(const Machine& m) {
    if constexpr (Watched || is_repriced(opcode))
        return m.schedule.gas[opcode];
    else
        return introduced_at;
}

template <Opcode opcode>
[[gnu::always_inline]] inline bool stack_fits(const U256* bottom, const U256* sp) {
    constexpr OpcodeInfo info = kOpcodeInfo[opcode];
    if constexpr (info.operands > 0)
        if (sp < bottom + info.operands) [[unlikely]]
            return false;
    if constexpr (info.growth() > 0)
        if (sp > bottom + (static_cast<int>(kStackLimit) - info.growth())) [[unlikely]]
            return false;
    return true;
}

bool is_traced(const Machine& m) noexcept { return (m.frame.flags & RVM_FRAME_TRACED) != 0; }

template <bool Watched>
[[gnu::noinline]] rvm_status failed(RVM_EVM_PARAMETERS) noexcept {
    if constexpr (Watched)
        if (is_traced(*m)) report_fault(*m, {pc, sp, gas});
    return end_in_failure(*m, pc);
}
template <bool Watched>
[[gnu::noinline]] rvm_status stack_fault(RVM_EVM_PARAMETERS) noexcept {
    m->fault = sp < bottom + kOpcodeInfo[*pc].operands ? Fault::stack_underflow : Fault::stack_overflow;
    return failed<Watched>(pc, sp, gas, m, table, bottom);
}
template <bool Watched>
rvm_status undefined(RVM_EVM_PARAMETERS) noexcept {
    m->fault = Fault::undefined_instruction;
    return failed<Watched>(pc, sp, gas, m, table, bottom);
}

/// What a watched frame does between two instructions. False: it has been cancelled.
template <Opcode opcode>
[[gnu::noinline]] bool watch(Machine& m, Position at, const std::uint8_t* before) noexcept {
    if (is_jump(opcode) && at.pc <= before && cancelled(m)) return false;
    if (is_traced(m)) report_instruction(m, at);
    return true;
}

/// Out of line, so that a jump needs no stack.
[[gnu::noinline]] rvm_status go_hot(RVM_EVM_PARAMETERS) noexcept { return hot::tier_up(*m, {pc, sp, gas}); }

/// Bytes of memory at the offset on the stack's top that an instruction needs; 0: it is no plain access.
constexpr std::uint64_t accessed(Opcode opcode) {
    return opcode == OP_MLOAD || opcode == OP_MSTORE ? 32 : opcode == OP_MSTORE8 ? 1 : 0;
}

template <bool Watched, Opcode opcode, auto action, int introduced_at>
rvm_status run(RVM_EVM_PARAMETERS) noexcept;

/// An instruction of which run() found that it is not the common case, so that that one saves no registers.
template <bool Watched, Opcode opcode, auto action, int introduced_at>
[[gnu::noinline]] rvm_status run_apart(RVM_EVM_PARAMETERS) noexcept {
    if (!steps::step<opcode>(action, *m, pc, sp, gas)) [[unlikely]]
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    if constexpr (Watched)
        if (!watch<opcode>(*m, {pc, sp, gas}, pc)) return failed<Watched>(pc, sp, gas, m, table, bottom);
    RVM_EVM_NEXT;
}

template <bool Watched, Opcode opcode, auto action, int introduced_at>
rvm_status run(RVM_EVM_PARAMETERS) noexcept {
    [[maybe_unused]] const std::uint8_t* const before = pc;
    if (!stack_fits<opcode>(bottom, sp)) [[unlikely]]
        return stack_fault<Watched>(pc, sp, gas, m, table, bottom);
    gas -= static_gas<Watched, opcode, introduced_at>(*m);
    if (gas < 0) [[unlikely]]
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    if constexpr (accessed(opcode) != 0) {
        if (!is_there(*m, sp[-1], accessed(opcode))) [[unlikely]]
            return run_apart<Watched, opcode, action, introduced_at>(pc, sp, gas, m, table, bottom);
        instructions::access<opcode>(*m, sp);
        sp += kOpcodeInfo[opcode].growth();
        ++pc;
    } else if (!steps::step<opcode>(action, *m, pc, sp, gas)) [[unlikely]] {
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    }
    if constexpr (ends_frame(opcode)) {
        m->frame.gas = gas;
        return opcode == OP_REVERT ? RVM_TRAP_REVERT : RVM_OK;
    }
    if constexpr (Watched) {
        if (!watch<opcode>(*m, {pc, sp, gas}, before)) return failed<Watched>(pc, sp, gas, m, table, bottom);
    }
    if constexpr (is_jump(opcode)) {
        if (gas < m->hot_below && pc <= before) [[unlikely]]
            return go_hot(pc, sp, gas, m, table, bottom);
    }
    RVM_EVM_NEXT;
}

/// An instruction of another plugin.
template <bool Watched>
rvm_status run_plugin_op(RVM_EVM_PARAMETERS) noexcept {
    const rvm_evm_op& op = *m->dispatch.ops[*pc];
    const std::ptrdiff_t height = sp - bottom;
    if (height < op.operands) [[unlikely]] {
        m->fault = Fault::stack_underflow;
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    }
    if (height - op.operands + op.results > static_cast<std::ptrdiff_t>(kStackLimit)) [[unlikely]] {
        m->fault = Fault::stack_overflow;
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    }
    gas -= m->schedule.gas[*pc];
    if (gas < 0) [[unlikely]]
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    const rvm_status status = op.run(op.self, raw(sp - op.operands));
    if (status != RVM_OK) [[unlikely]] {
        m->fault = Fault::plugin_instruction;
        if (status < 0) m->host_failure = status;
        return failed<Watched>(pc, sp, gas, m, table, bottom);
    }
    sp += op.results - op.operands;
    ++pc;
    if constexpr (Watched)
        if (is_traced(*m)) report_instruction(*m, {pc, sp, gas});
    RVM_EVM_NEXT;
}

} // namespace

void make_dispatch_tables(const Schedules& schedules, DispatchTables& out) noexcept {
    struct Line {
        std::uint8_t opcode;
        DirectStep plain, watched;
    };
    using namespace instructions;
    using namespace steps;
    static constexpr Line lines[] = {
#define RVM_EVM_OPCODE(name, number, operands, results, gas_cost, since)                                               \
    {number, &run<false, OP_##name, name, gas_cost>, &run<true, OP_##name, name, gas_cost>},
#include "opcodes.def"
#undef RVM_EVM_OPCODE
    };
    for (std::size_t rules = 0; rules < kRuleSets; ++rules) {
        out.plain[rules].fill({undefined<false>});
        out.watched[rules].fill({undefined<true>});
        for (const Line& line : lines) {
            if (!kOpcodeInfo[line.opcode].defined(static_cast<Rules>(rules))) continue;
            out.plain[rules][line.opcode] = {line.plain};
            out.watched[rules][line.opcode] = {line.watched};
        }
        for (std::size_t number = 0; number < kOpcodes; ++number) {
            if (!schedules[rules].from_plugin[number]) continue;
            out.plain[rules][number] = {run_plugin_op<false>};
            out.watched[rules][number] = {run_plugin_op<true>};
        }
    }
}

rvm_status end_in_failure(Machine& m, const std::uint8_t* pc) noexcept {
    m.result.output = {};
    if (m.host_failure != RVM_OK) return m.host_failure;
    m.frame.gas = 0;
    m.result.detail = static_cast<std::uint32_t>(m.fault);
    m.result.fault_position = static_cast<std::uint64_t>(pc - m.code.bytes);
    return status_of(m.fault);
}

rvm_status interpret(Machine& m, Position from) noexcept {
    const auto rules = static_cast<std::size_t>(m.schedule.rules);
    const bool watched = (m.frame.flags & (RVM_FRAME_TRACED | RVM_FRAME_CANCELLABLE)) != 0 || m.schedule.overlaid;
    const DirectHandler* const table = (watched ? m.dispatch.watched : m.dispatch.plain)[rules].data();
    if (is_traced(m)) report_instruction(m, from);
#ifdef RVM_EVM_LOOP
    rvm_status status = kRunning;
    for (m.at = from; status == kRunning;)
        status = table[*m.at.pc].run(m.at.pc, m.at.sp, m.at.gas, &m, table, m.scratch.stack);
    return status;
#else
    return table[*from.pc].run(from.pc, from.sp, from.gas, &m, table, m.scratch.stack);
#endif
}

} // namespace rvm::evm
