#include "native/interpreter.hpp"

#include <bit>
#include <cstring>

#include "native/machine.hpp"

namespace rvm::native {
namespace {

using Signed = std::int64_t;

constexpr Word shift_mask = 63; ///< shift counts are taken modulo 64

Signed as_signed(Word value) noexcept { return std::bit_cast<Signed>(value); }
Word as_word(Signed value) noexcept { return std::bit_cast<Word>(value); }
Word truth(bool value) noexcept { return value ? 1 : 0; }

Word high_product(Word a, Word b) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<Word>((static_cast<Wide>(a) * b) >> 64);
}

/// Quotient towards zero; -2^63 / -1 wraps to -2^63.
Word signed_quotient(Word a, Word b) noexcept {
    return as_signed(b) == -1 ? Word{0} - a : as_word(as_signed(a) / as_signed(b));
}

Word signed_remainder(Word a, Word b) noexcept { return as_signed(b) == -1 ? 0 : as_word(as_signed(a) % as_signed(b)); }

Word sign_extend(Word value, unsigned bits) noexcept {
    const unsigned unused = 64 - bits;
    return as_word(as_signed(value << unused) >> unused);
}

/// Memory is little-endian whatever the machine.
template <typename T>
T load(const std::uint8_t* bytes) noexcept {
    T value{};
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value | static_cast<T>(T{bytes[i]} << (8 * i)));
    return value;
}

template <typename T>
void store(std::uint8_t* bytes, Word value) noexcept {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

} // namespace

/// The loop. `a` is the operand window of the instruction, deepest first; results go to a[0] and up.
template <bool Traced>
rvm_status Machine::run() noexcept {
    const Instruction* const code = program.code.data();
    const std::size_t code_size = program.code.size();
    const bool pollable = (frame.flags & RVM_FRAME_CANCELLABLE) != 0;
    const bool is_static = (frame.flags & RVM_FRAME_STATIC) != 0;
    rvm_status status = RVM_OK;

    for (;;) {
        if (pc >= code_size) return RVM_E_INTERNAL;
        at = pc++;
        const Instruction& in = code[at];
        height = sp;
        if (sp - base < in.pops || sp - in.pops + in.pushes > limit) return RVM_E_INTERNAL;
        Word* const a = stack + (sp - in.pops);
        sp = sp - in.pops + in.pushes;
        if constexpr (Traced) {
            const OpInfo& info = op_info(in.op);
            const bool written = in.op != Op::label && !(in.op == Op::ret && in.small != 0);
            if (written && (info.flags & OpFlags::priced) == 0) {
                trace_op(gas + prepaid, info.price);
                prepaid -= info.price;
            }
        }

        switch (in.op) {
        // control
        case Op::trap:
            status = trap(RVM_TRAP_ILLEGAL, Fault::unreachable);
            break;
        case Op::label:
            if (in.value > static_cast<std::uint64_t>(gas)) {
                status = trap(RVM_TRAP_OUT_OF_GAS, Fault::block_gas);
                break;
            }
            gas -= static_cast<std::int64_t>(in.value);
            if constexpr (Traced) prepaid = static_cast<std::int64_t>(in.value);
            if (pollable) status = poll();
            break;
        case Op::jump:
            pc = in.index;
            break;
        case Op::jumpz:
            if (a[0] == 0) pc = in.index;
            break;
        case Op::jumpnz:
            if (a[0] != 0) pc = in.index;
            break;
        case Op::jumptable: {
            const std::uint64_t entry = in.index + (a[0] < in.value ? a[0] : in.value);
            if (entry >= program.targets.size()) return RVM_E_INTERNAL;
            pc = program.targets[entry];
            break;
        }
        case Op::call:
            if (in.index >= program.functions.size()) return RVM_E_INTERNAL;
            sp = height;
            status = enter_function(in.index, pc);
            break;
        case Op::ret: {
            if (depth == 0) return finish(true);
            if (sp != base + program.functions[function].results) return RVM_E_INTERNAL;
            leave_function();
            break;
        }
        case Op::halt:
            return finish(false);
        case Op::return_:
            status = finish_with(a);
            if (status == RVM_OK) return RVM_OK;
            break;
        case Op::revert:
            status = finish_with(a);
            if (status == RVM_OK) return RVM_TRAP_REVERT;
            break;

        // stack and registers
        case Op::push:
            a[0] = in.value;
            break;
        case Op::drop:
            break;
        case Op::dup:
            a[1] = a[0];
            break;
        case Op::swap: {
            const Word top = a[1];
            a[1] = a[0];
            a[0] = top;
            break;
        }
        case Op::pick:
            a[in.pops] = a[0];
            break;
        case Op::select:
            a[0] = a[2] != 0 ? a[0] : a[1];
            break;
        case Op::get:
            a[0] = registers[in.small & (register_count - 1)];
            break;
        case Op::set:
            registers[in.small & (register_count - 1)] = a[0];
            break;

        // arithmetic
        case Op::add:
            a[0] += a[1];
            break;
        case Op::sub:
            a[0] -= a[1];
            break;
        case Op::mul:
            a[0] *= a[1];
            break;
        case Op::mulhi:
            a[0] = high_product(a[0], a[1]);
            break;
        case Op::div:
        case Op::sdiv:
        case Op::mod:
        case Op::smod:
            if (a[1] == 0) {
                status = trap(RVM_TRAP_ARITHMETIC, Fault::division_by_zero);
                break;
            }
            if (in.op == Op::div)
                a[0] /= a[1];
            else if (in.op == Op::mod)
                a[0] %= a[1];
            else
                a[0] = in.op == Op::sdiv ? signed_quotient(a[0], a[1]) : signed_remainder(a[0], a[1]);
            break;
        case Op::sext:
            a[0] = sign_extend(a[0], in.small);
            break;

        // comparison
        case Op::eq:
            a[0] = truth(a[0] == a[1]);
            break;
        case Op::ne:
            a[0] = truth(a[0] != a[1]);
            break;
        case Op::lt:
            a[0] = truth(a[0] < a[1]);
            break;
        case Op::gt:
            a[0] = truth(a[0] > a[1]);
            break;
        case Op::slt:
            a[0] = truth(as_signed(a[0]) < as_signed(a[1]));
            break;
        case Op::sgt:
            a[0] = truth(as_signed(a[0]) > as_signed(a[1]));
            break;
        case Op::iszero:
            a[0] = truth(a[0] == 0);
            break;

        // bits
        case Op::and_:
            a[0] &= a[1];
            break;
        case Op::or_:
            a[0] |= a[1];
            break;
        case Op::xor_:
            a[0] ^= a[1];
            break;
        case Op::not_:
            a[0] = ~a[0];
            break;
        case Op::shl:
            a[0] <<= a[1] & shift_mask;
            break;
        case Op::shr:
            a[0] >>= a[1] & shift_mask;
            break;
        case Op::sar:
            a[0] = as_word(as_signed(a[0]) >> (a[1] & shift_mask));
            break;
        case Op::rotl:
            a[0] = std::rotl(a[0], static_cast<int>(a[1] & shift_mask));
            break;
        case Op::clz:
            a[0] = static_cast<Word>(std::countl_zero(a[0]));
            break;
        case Op::ctz:
            a[0] = static_cast<Word>(std::countr_zero(a[0]));
            break;
        case Op::popcnt:
            a[0] = static_cast<Word>(std::popcount(a[0]));
            break;
        case Op::bswap:
            a[0] = __builtin_bswap64(a[0]);
            break;

        // memory
        case Op::load8:
            status = inside(a[0], 1) ? (a[0] = memory[a[0]], RVM_OK) : outside();
            break;
        case Op::load16:
            status = inside(a[0], 2) ? (a[0] = load<std::uint16_t>(memory + a[0]), RVM_OK) : outside();
            break;
        case Op::load32:
            status = inside(a[0], 4) ? (a[0] = load<std::uint32_t>(memory + a[0]), RVM_OK) : outside();
            break;
        case Op::load64:
            status = inside(a[0], 8) ? (a[0] = load<std::uint64_t>(memory + a[0]), RVM_OK) : outside();
            break;
        case Op::store8:
            status = inside(a[0], 1) ? (store<std::uint8_t>(memory + a[0], a[1]), RVM_OK) : outside();
            break;
        case Op::store16:
            status = inside(a[0], 2) ? (store<std::uint16_t>(memory + a[0], a[1]), RVM_OK) : outside();
            break;
        case Op::store32:
            status = inside(a[0], 4) ? (store<std::uint32_t>(memory + a[0], a[1]), RVM_OK) : outside();
            break;
        case Op::store64:
            status = inside(a[0], 8) ? (store<std::uint64_t>(memory + a[0], a[1]), RVM_OK) : outside();
            break;
        case Op::mcopy:
            status = copy_memory(a);
            break;
        case Op::mfill:
            status = fill_memory(a);
            break;
        case Op::mgrow:
            status = grow(a);
            break;
        case Op::msize:
            a[0] = memory_size;
            break;

        // state
        case Op::sload:
            status = load_slot(a);
            break;
        case Op::sstore:
            status = is_static ? trap(RVM_TRAP_STATIC, Fault::static_frame) : store_slot(a);
            break;
        case Op::tload:
            status = load_transient(a);
            break;
        case Op::tstore:
            status = is_static ? trap(RVM_TRAP_STATIC, Fault::static_frame) : store_transient(a);
            break;

        // context
        case Op::caller:
            status = write_address(a[0], frame.msg->sender);
            break;
        case Op::self:
            status = write_address(a[0], frame.self->address);
            break;
        case Op::value:
            status = write_value(a[0], frame.msg->value);
            break;
        case Op::insize:
            a[0] = frame.msg->input.size;
            break;
        case Op::incopy:
            status = copy_input(a);
            break;
        case Op::number:
            a[0] = frame.env[host.env_number].limbs[0];
            break;
        case Op::timestamp:
            a[0] = frame.env[host.env_timestamp].limbs[0];
            break;
        case Op::chainid:
            a[0] = frame.env[host.env_chain_id].limbs[0];
            break;
        case Op::gas:
            a[0] = static_cast<Word>(gas);
            break;
        case Op::env:
            if (in.index >= artifact.imports.size()) return RVM_E_INTERNAL;
            status = write_value(a[0], frame.env[artifact.imports[in.index].env]);
            break;
        case Op::balance:
            status = read_balance(a);
            break;
        case Op::codesize:
            status = read_code_size(a);
            break;
        case Op::log:
            status = is_static ? trap(RVM_TRAP_STATIC, Fault::static_frame) : emit_log(a, in.small);
            break;

        // other programs
        case Op::invoke:
            status = call_program(a, RVM_CALL_CALL);
            break;
        case Op::invokestatic:
            status = call_program(a, RVM_CALL_STATIC);
            break;
        case Op::invokedelegate:
            status = call_program(a, RVM_CALL_DELEGATE);
            break;
        case Op::create:
            if (in.index > artifact.imports.size()) return RVM_E_INTERNAL;
            status = is_static ? trap(RVM_TRAP_STATIC, Fault::static_frame) : create_program(a, in.index);
            break;
        case Op::retsize:
            a[0] = frame.returned.size;
            break;
        case Op::retcopy:
            status = copy_returned(a);
            break;

        // imports
        case Op::syscall:
            if (in.index >= artifact.imports.size()) return RVM_E_INTERNAL;
            status = call_system(a, in.index);
            break;
        case Op::ext:
            if (in.index >= artifact.imports.size()) return RVM_E_INTERNAL;
            status = run_plugin_opcode(a, in);
            if (status == RVM_OK && (artifact.imports[in.index].opcode->flags & RVM_F_HALTS) != 0) return finish(false);
            break;
        default:
            return RVM_E_INTERNAL;
        }

        if (status != RVM_OK) [[unlikely]] {
            if constexpr (Traced)
                if (status > RVM_OK) trace_fault(status);
            return status;
        }
    }
}

template rvm_status Machine::run<false>() noexcept;
template rvm_status Machine::run<true>() noexcept;

std::uint64_t scratch_bytes() noexcept { return sizeof(Scratch); }

rvm_status interpret(const Artifact& artifact, const HostTables& host, rvm_frame& frame, rvm_result& result) noexcept {
    return Machine{artifact, host, frame, result}.execute();
}

} // namespace rvm::native
