// Threaded code: every instruction ends in its own indirect jump to the next one's code. The checks (stack, static gas)
// and the jump are stamped over the opcode table; what an instruction does is a step (steps.hpp).
#include "interpreter.hpp"

#include <iterator>

#include "steps.hpp"
#include "tracing.hpp"

// Labels as values are an extension that both g++ and clang++ have.
#pragma GCC diagnostic ignored "-Wpedantic"
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-label-as-value"
#endif

namespace rvm::evm {
namespace {

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

/// The static part of an instruction's price; a constant wherever no rule set changed it.
template <Opcode opcode, int introduced_at>
[[gnu::always_inline]] inline std::int64_t static_gas(const Machine& m) {
    if constexpr (is_repriced(opcode))
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

/// Where the code of each opcode is, in the order of opcodes.def, and behind them the fault of what is no opcode.
using Labels = const void* const*;

/// Watched: reports instructions to the tracer and polls for cancellation. `labels_out` set: gives its labels instead
/// of running.
template <bool Watched>
rvm_status loop(Machine* machine, const DispatchTable* table, Position from, Labels* labels_out) noexcept {
#define RVM_EVM_OPCODE(name, number, operands, results, gas_cost, since) &&op_##name,
    static const void* const labels[] = {
#include "opcodes.def"
        &&undefined};
#undef RVM_EVM_OPCODE
    if (labels_out != nullptr) {
        *labels_out = labels;
        return RVM_OK;
    }
    Machine& m = *machine;
    const std::uint8_t* pc = from.pc;
    U256* sp = from.sp;
    std::int64_t gas = from.gas;
    U256* const bottom = m.scratch.stack;
    const void* const* const next = table->data();
    [[maybe_unused]] const bool traced = Watched && (m.frame.flags & RVM_FRAME_TRACED) != 0;
    if constexpr (Watched)
        if (traced) report_instruction(m, {pc, sp, gas});
    goto* next[*pc];

#define RVM_EVM_OPCODE(name, number, operands, results, gas_cost, since)                                               \
    op_##name : {                                                                                                      \
        using namespace instructions;                                                                                  \
        using namespace steps;                                                                                         \
        [[maybe_unused]] const std::uint8_t* const at = pc;                                                            \
        if (!stack_fits<OP_##name>(bottom, sp)) [[unlikely]]                                                           \
            goto stack_fault;                                                                                          \
        gas -= static_gas<OP_##name, gas_cost>(m);                                                                     \
        if (gas < 0) [[unlikely]]                                                                                      \
            goto failed;                                                                                               \
        if (!step<OP_##name>(name, m, pc, sp, gas)) [[unlikely]]                                                       \
            goto failed;                                                                                               \
        if constexpr (OP_##name == OP_REVERT) goto reverted;                                                           \
        if constexpr (ends_frame(OP_##name)) goto ended;                                                               \
        if constexpr (Watched) {                                                                                       \
            if (is_jump(OP_##name) && pc <= at && cancelled(m)) goto failed;                                           \
            if (traced) report_instruction(m, {pc, sp, gas});                                                          \
        }                                                                                                              \
        goto* next[*pc];                                                                                               \
    }
#include "opcodes.def"
#undef RVM_EVM_OPCODE

undefined:
    m.fault = Fault::undefined_instruction;
    goto failed;
stack_fault:
    m.fault = sp < bottom + kOpcodeInfo[*pc].operands ? Fault::stack_underflow : Fault::stack_overflow;
failed:
    if constexpr (Watched)
        if (traced) report_fault(m, {pc, sp, gas});
    return end_in_failure(m, pc);
reverted:
    m.frame.gas = gas;
    return RVM_TRAP_REVERT;
ended:
    m.frame.gas = gas;
    return RVM_OK;
}

} // namespace

void make_dispatch_tables(DispatchTables& out) noexcept {
    static constexpr std::uint8_t numbers[] = {
#define RVM_EVM_OPCODE(name, number, operands, results, gas_cost, since) number,
#include "opcodes.def"
#undef RVM_EVM_OPCODE
    };
    Labels plain = nullptr, watched = nullptr;
    static_cast<void>(loop<false>(nullptr, nullptr, {}, &plain));
    static_cast<void>(loop<true>(nullptr, nullptr, {}, &watched));
    for (std::size_t rules = 0; rules < kRuleSets; ++rules) {
        out.plain[rules].fill(plain[std::size(numbers)]);
        out.watched[rules].fill(watched[std::size(numbers)]);
        for (std::size_t i = 0; i < std::size(numbers); ++i) {
            if (!kOpcodeInfo[numbers[i]].defined(static_cast<Rules>(rules))) continue;
            out.plain[rules][numbers[i]] = plain[i];
            out.watched[rules][numbers[i]] = watched[i];
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

rvm_status interpret(Machine& m, const DispatchTables& tables, Position from) noexcept {
    const auto rules = static_cast<std::size_t>(m.schedule.rules);
    if ((m.frame.flags & (RVM_FRAME_TRACED | RVM_FRAME_CANCELLABLE)) != 0) [[unlikely]]
        return loop<true>(&m, &tables.watched[rules], from, nullptr);
    return loop<false>(&m, &tables.plain[rules], from, nullptr);
}

} // namespace rvm::evm
