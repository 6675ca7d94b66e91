#include "native/engine_frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "native/interpreter.hpp"

namespace rvm::native {
namespace {

using engine::Cell;
using engine::Context;
using engine::Trap;

/// Gas between two looks at the cancellation flag.
constexpr std::int64_t poll_slice = 16384;

} // namespace

/// The operations of the machine as the reference interpreter calls them.
template <Op op>
rvm_status EngineFrame::operate(Word* a, [[maybe_unused]] const Instruction& in) noexcept {
    const auto unless_static = [&](auto&& effect) {
        return (frame.flags & RVM_FRAME_STATIC) != 0 ? trap(RVM_TRAP_STATIC, Fault::static_frame) : effect();
    };
    if constexpr (op == Op::mcopy) return copy_memory(a);
    if constexpr (op == Op::mfill) return fill_memory(a);
    if constexpr (op == Op::mgrow) return grow(a);
    if constexpr (op == Op::sload) return load_slot(a);
    if constexpr (op == Op::sstore) return unless_static([&] { return store_slot(a); });
    if constexpr (op == Op::tload) return load_transient(a);
    if constexpr (op == Op::tstore) return unless_static([&] { return store_transient(a); });
    if constexpr (op == Op::incopy) return copy_input(a);
    if constexpr (op == Op::gas) return a[0] = static_cast<Word>(gas), RVM_OK;
    if constexpr (op == Op::balance) return read_balance(a);
    if constexpr (op == Op::codesize) return read_code_size(a);
    if constexpr (op == Op::log) return unless_static([&] { return emit_log(a, in.small); });
    if constexpr (op == Op::invoke) return call_program(a, RVM_CALL_CALL);
    if constexpr (op == Op::invokestatic) return call_program(a, RVM_CALL_STATIC);
    if constexpr (op == Op::invokedelegate) return call_program(a, RVM_CALL_DELEGATE);
    if constexpr (op == Op::create) return unless_static([&] { return create_program(a, in.index); });
    if constexpr (op == Op::retcopy) return copy_returned(a);
    if constexpr (op == Op::syscall) return call_system(a, in.index);
    if constexpr (op == Op::ext) return run_plugin_opcode(a, in);
    if constexpr (op == Op::return_ || op == Op::revert) return finish_with(a);
    if constexpr (op == Op::halt) return finish(false);
    return RVM_E_INTERNAL;
}

/// Nothing to pay an opcode with, or it ended otherwise than well.
Trap EngineFrame::item_wrong(Context& context, const engine::Item& item, std::int32_t status, bool paid) noexcept {
    EngineFrame& self = of(context);
    if (!paid) return self.stop(self.trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas));
    status = self.item_status(status, item.frame, 0);
    return status == RVM_OK ? Trap::none : self.stop(status);
}

engine::Item engine_item(const LinkedImport& import) noexcept {
    const rvm_opcode& opcode = *import.opcode;
    constexpr std::uint32_t kinds = RVM_F_PURE | RVM_F_MEMORY | RVM_F_WRITES_STATE | RVM_F_HALTS;
    if ((opcode.flags & kinds) != RVM_F_PURE || import.guard == nullptr) return {};
    return {.run = opcode.run,
            .self = opcode.self,
            .frame = import.guard,
            .price = opcode.gas,
            .wrong = &EngineFrame::item_wrong};
}

template <Op op>
Trap EngineFrame::perform(Context& context, Cell* window, std::uint64_t index) noexcept {
    EngineFrame& self = of(context);
    const Instruction& in = self.program.code[index];
    self.at = static_cast<std::uint32_t>(index);
    const std::int64_t before = context.gas_left();
    self.gas = before;
    const rvm_status status = self.operate<op>(window, in);
    (void)context.charge(static_cast<std::uint64_t>(before - self.gas)); // more than there is: the status says so
    if constexpr (op == Op::mgrow) context.set_memory(self.memory, self.memory_size);
    if (status != RVM_OK) [[unlikely]]
        return self.stop(status);
    if constexpr (op == Op::halt || op == Op::return_) return self.stop(RVM_OK);
    if constexpr (op == Op::revert) return self.stop(RVM_TRAP_REVERT);
    if constexpr (op == Op::ext)
        if ((self.artifact.imports[in.index].opcode->flags & RVM_F_HALTS) != 0) return self.stop(self.finish(false));
    return Trap::none;
}

/// Operations that neither charge nor call: they run without saving the machine registers.
template <Op op>
Trap EngineFrame::look(Context& context, Cell* out, const Cell* a, const Cell*, const Cell*,
                       std::uint64_t index) noexcept {
    EngineFrame& self = of(context);
    rvm_status status = RVM_OK;
    if constexpr (op == Op::msize) *out = self.memory_size;
    if constexpr (op == Op::insize) *out = self.frame.msg->input.size;
    if constexpr (op == Op::retsize) *out = self.frame.returned.size;
    if constexpr (op == Op::number) *out = self.frame.env[self.host.env_number].limbs[0];
    if constexpr (op == Op::timestamp) *out = self.frame.env[self.host.env_timestamp].limbs[0];
    if constexpr (op == Op::chainid) *out = self.frame.env[self.host.env_chain_id].limbs[0];
    if constexpr (op == Op::caller) status = self.write_address(*a, self.frame.msg->sender);
    if constexpr (op == Op::self) status = self.write_address(*a, self.frame.self->address);
    if constexpr (op == Op::value) status = self.write_value(*a, self.frame.msg->value);
    if constexpr (op == Op::env)
        status = self.write_value(*a, self.frame.env[self.artifact.imports[self.program.code[index].index].env]);
    if (status == RVM_OK) [[likely]]
        return Trap::none;
    self.at = static_cast<std::uint32_t>(index);
    return self.stop(status);
}

template <Op op>
constexpr EngineCall EngineFrame::call_of() noexcept {
    switch (op) {
    case Op::mcopy:
    case Op::mfill:
    case Op::mgrow:
    case Op::sload:
    case Op::sstore:
    case Op::tload:
    case Op::tstore:
    case Op::incopy:
    case Op::gas:
    case Op::balance:
    case Op::codesize:
    case Op::log:
    case Op::invoke:
    case Op::invokestatic:
    case Op::invokedelegate:
    case Op::create:
    case Op::retcopy:
    case Op::syscall:
    case Op::ext:
    case Op::return_:
    case Op::revert:
    case Op::halt:
        return {&EngineFrame::perform<op>, nullptr};
    case Op::msize:
    case Op::insize:
    case Op::retsize:
    case Op::number:
    case Op::timestamp:
    case Op::chainid:
    case Op::caller:
    case Op::self:
    case Op::value:
    case Op::env:
        return {nullptr, &EngineFrame::look<op>};
    default:
        return {};
    }
}

EngineCall engine_call(Op op) noexcept {
    switch (op) {
#define RVM_OPCODE(name, mnemonic, byte, immediate, pops, pushes, price, flags, summary)                               \
    case Op::name:                                                                                                     \
        return EngineFrame::call_of<Op::name>();
#include "native/opcode_table.def"
#undef RVM_OPCODE
    }
    return {};
}

engine::HostFunction engine_end() noexcept {
    return [](Context& context, Cell*, std::uint64_t index) noexcept {
        EngineFrame& self = EngineFrame::of(context);
        self.at = static_cast<std::uint32_t>(index);
        return self.stop(self.finish(false));
    };
}

// -- stacks: accounted like the reference interpreter's, whatever the buffers' sizes

rvm_status EngineFrame::account_record() noexcept {
    const auto suspended = static_cast<std::uint32_t>(context_.depth() - 1);
    if (suspended == max_call_depth) return trap(RVM_TRAP_DEPTH, Fault::call_depth);
    if (suspended < activation_words_) return RVM_OK;
    const std::uint32_t wanted = activation_words_ * 2;
    if (const rvm_status status = reserve((wanted - activation_words_) * sizeof(Activation)); status != RVM_OK)
        return status;
    activation_words_ = wanted;
    const std::uint32_t capacity = wanted + 1; // and the outermost function's
    if (capacity > scratch.record_capacity) {
        auto* grown = static_cast<engine::Record*>(std::malloc(capacity * sizeof(engine::Record)));
        if (grown == nullptr) return RVM_E_NO_MEMORY;
        std::memcpy(grown, context_.records, context_.depth() * sizeof(engine::Record));
        std::free(scratch.records);
        scratch.records = grown;
        scratch.record_capacity = capacity;
        engine::move_records(context_, grown, capacity);
    } else if (context_.records != scratch.records) {
        std::memcpy(scratch.records, context_.records, context_.depth() * sizeof(engine::Record));
        engine::move_records(context_, scratch.records, capacity);
    }
    return RVM_OK;
}

rvm_status EngineFrame::account_stack(std::uint64_t words) noexcept {
    if (words > native::stack_words) return trap(RVM_TRAP_STACK, Fault::stack_limit);
    std::uint32_t wanted = stack_words_;
    while (wanted < words)
        wanted *= 2;
    if (wanted == stack_words_) return RVM_OK;
    if (const rvm_status status = reserve((wanted - stack_words_) * sizeof(Word)); status != RVM_OK) return status;
    stack_words_ = wanted;
    return RVM_OK;
}

/// Makes room for `needed` cells above the running function's frame.
rvm_status EngineFrame::grow_cells(std::uint64_t needed) noexcept {
    const auto used = static_cast<std::uint64_t>(context_.fp - cells_);
    if (used + needed <= static_cast<std::uint64_t>(context_.cell_limit - cells_)) return RVM_OK;
    const std::uint64_t capacity =
        std::max(used + needed, 2 * static_cast<std::uint64_t>(context_.cell_limit - cells_));
    if (capacity > scratch.cell_capacity) {
        auto* grown = static_cast<Cell*>(std::malloc(capacity * sizeof(Cell)));
        if (grown == nullptr) return RVM_E_NO_MEMORY;
        std::memcpy(grown, cells_, static_cast<std::size_t>(context_.cell_limit - cells_) * sizeof(Cell));
        engine::move_cells(context_, cells_, grown);
        std::free(scratch.cells);
        scratch.cells = grown;
        scratch.cell_capacity = static_cast<std::uint32_t>(capacity);
    } else {
        std::memcpy(scratch.cells, cells_, static_cast<std::size_t>(context_.cell_limit - cells_) * sizeof(Cell));
        engine::move_cells(context_, cells_, scratch.cells);
    }
    cells_ = scratch.cells;
    context_.cell_limit = cells_ + scratch.cell_capacity;
    return RVM_OK;
}

void EngineFrame::show_limits() noexcept {
    context_.record_limit = context_.records + activation_words_ + 1;
    context_.logical_limit = stack_words_;
}

Trap EngineFrame::more_stack(Context& context, std::uint64_t height, std::uint64_t cells) noexcept {
    EngineFrame& self = of(context);
    rvm_status status = self.account_record();
    if (status == RVM_OK) status = self.account_stack(height);
    if (status == RVM_OK) status = self.grow_cells(cells);
    if (status != RVM_OK) return self.stop(status);
    self.show_limits();
    return Trap::none;
}

/// Gas is handed out in slices when somebody may cancel.
Trap EngineFrame::more_gas(Context& context, std::uint64_t price) noexcept {
    if (price > static_cast<std::uint64_t>(context.gas_left())) return Trap::out_of_gas;
    EngineFrame& self = of(context);
    if (self.host.vm->cancelled(&self.frame) != 0) return self.stop(RVM_E_CANCELLED);
    const std::int64_t slice = std::min(context.reserve_gas, std::max(poll_slice, static_cast<std::int64_t>(price)));
    context.reserve_gas -= slice;
    context.gas += slice;
    return Trap::none;
}

const engine::Hooks EngineFrame::hooks{&EngineFrame::more_stack, &EngineFrame::more_gas,
                                       [](Context&, const engine::Callable&, Cell*) noexcept { return Trap::exit; }};

// -- running

rvm_status EngineFrame::execute() noexcept {
    open();
    rvm_status status = RVM_OK;
    if (const auto entry = entry_function()) {
        status = start_memory(*entry);
        if (status == RVM_OK) status = run_code(*entry);
    } else {
        status = finish(false);
    }
    return close(status);
}

rvm_status EngineFrame::run_code(std::uint32_t entry) noexcept {
    const engine::Code& code = *artifact.code;
    context_.instance = this;
    context_.hooks = &hooks;
    context_.set_memory(memory, memory_size);
    const bool pollable = (frame.flags & RVM_FRAME_CANCELLABLE) != 0;
    context_.gas = pollable ? std::min(gas, poll_slice) : gas;
    context_.reserve_gas = gas - context_.gas;
    context_.records = scratch.inline_records;
    cells_ = scratch.inline_cells;
    context_.fp = cells_;
    context_.cell_limit = cells_ + inline_cells;
    if (const rvm_status status = account_stack(program.functions[entry].max_height); status != RVM_OK) return status;
    if (const rvm_status status = grow_cells(code.cells(entry)); status != RVM_OK) return status;
    show_limits();
    engine::begin(context_, code, entry, cells_);
    const Trap why = engine::run(context_);
    gas = context_.gas_left();
    switch (why) {
    case Trap::exit:
        at = code.position(context_.pc);
        return ended_;
    case Trap::none:
        return finish_top(cells_[0]);
    default:
        break;
    }
    at = why == Trap::out_of_gas ? code.block_position(context_.pc) : code.position(context_.pc);
    switch (why) {
    case Trap::unreachable:
        return trap(RVM_TRAP_ILLEGAL, Fault::unreachable);
    case Trap::out_of_gas:
        return trap(RVM_TRAP_OUT_OF_GAS, Fault::block_gas);
    case Trap::memory_bounds:
        return outside();
    case Trap::division_by_zero:
        return trap(RVM_TRAP_ARITHMETIC, Fault::division_by_zero);
    default:
        return RVM_E_INTERNAL;
    }
}

rvm_status execute_frame(const Artifact& artifact, const HostTables& host, rvm_frame& frame,
                         rvm_result& result) noexcept {
    const bool traced = (frame.flags & RVM_FRAME_TRACED) != 0 && host.trace != nullptr;
    if (traced || !artifact.code) return interpret(artifact, host, frame, result);
    return EngineFrame{artifact, host, frame, result}.execute();
}

} // namespace rvm::native
