#include "native/machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace rvm::native {
namespace {

constexpr std::uint64_t kept_buffer_bytes = 32 * 1024; ///< heap buffers up to this size stay for the next frame
constexpr std::uint32_t poll_interval = 1024;          ///< blocks between two looks at the cancellation flag

void drop_memory(Scratch& scratch) noexcept {
    std::free(scratch.memory);
    scratch.memory = nullptr;
    scratch.memory_capacity = 0;
}

void drop_stack(Scratch& scratch) noexcept {
    std::free(scratch.stack);
    scratch.stack = nullptr;
    scratch.stack_capacity = 0;
}

void drop_activations(Scratch& scratch) noexcept {
    std::free(scratch.activations);
    scratch.activations = nullptr;
    scratch.activation_capacity = 0;
}

void drop_cells(Scratch& scratch) noexcept {
    std::free(scratch.cells);
    scratch.cells = nullptr;
    scratch.cell_capacity = 0;
}

void drop_records(Scratch& scratch) noexcept {
    std::free(scratch.records);
    scratch.records = nullptr;
    scratch.record_capacity = 0;
}

/// Large buffers go back at the end of a frame: else every depth could keep the largest it ever had.
void trim(Scratch& scratch) noexcept {
    if (scratch.memory_capacity > kept_buffer_bytes) drop_memory(scratch);
    if (scratch.stack_capacity * sizeof(Word) > kept_buffer_bytes) drop_stack(scratch);
    if (scratch.activation_capacity * sizeof(Activation) > kept_buffer_bytes) drop_activations(scratch);
    if (scratch.cell_capacity * sizeof(engine::Cell) > kept_buffer_bytes) drop_cells(scratch);
    if (scratch.record_capacity * sizeof(engine::Record) > kept_buffer_bytes) drop_records(scratch);
}

} // namespace

const char* fault_text(std::uint32_t number) noexcept {
    switch (static_cast<Fault>(number)) {
#define RVM_NATIVE_FAULT(name, number, text)                                                                           \
    case Fault::name:                                                                                                  \
        return text;
#include "native/faults.def"
#undef RVM_NATIVE_FAULT
    }
    return nullptr;
}

void release_scratch(Scratch& scratch) noexcept {
    drop_memory(scratch);
    drop_stack(scratch);
    drop_activations(scratch);
    drop_cells(scratch);
    drop_records(scratch);
}

Machine::Machine(const Artifact& artifact_, const HostTables& host_, rvm_frame& frame_, rvm_result& result_) noexcept
    : program(artifact_.program), artifact(artifact_), host(host_), frame(frame_), result(result_),
      scratch(*static_cast<Scratch*>(frame_.scratch)), gas(frame_.gas) {}

rvm_status Machine::execute() noexcept {
    open();
    const auto entry = entry_function();
    if (!entry) return close(finish(false));
    rvm_status status = start(*entry);
    if (status == RVM_OK)
        status = (frame.flags & RVM_FRAME_TRACED) != 0 && host.trace != nullptr ? run<true>() : run<false>();
    return close(status);
}

void Machine::open() noexcept {
    result.output = {nullptr, 0};
    result.detail = 0;
    result.fault_position = 0;
    frame.memory = {nullptr, 0};
}

/// Nothing to run when a program without `init` is created.
std::optional<std::uint32_t> Machine::entry_function() const noexcept {
    return (frame.flags & RVM_FRAME_CREATE) != 0 ? program.init : std::optional{program.main};
}

/// An item that the engine calls directly used the host, here or on another thread, though it is declared PURE.
bool Machine::promise_broken() const noexcept {
    return std::ranges::any_of(artifact.imports, [](const LinkedImport& import) {
        return import.item.run != nullptr &&
               (__atomic_load_n(&import.guard->flags, __ATOMIC_RELAXED) & RVM_FRAME_VIOLATED) != 0;
    });
}

rvm_status Machine::close(rvm_status status) noexcept {
    // The engine does not look at the guards after each call of an item: what a frame did on a broken promise is undone
    // with it. The reference interpreter looks here as well, so that a traced frame ends as an untraced one does.
    if (status >= RVM_OK && promise_broken()) status = trap(RVM_TRAP_ILLEGAL, Fault::broken_promise);
    if (status > RVM_OK) {
        if (status != RVM_TRAP_REVERT) gas = 0;
        result.detail = static_cast<std::uint32_t>(fault);
        if (at < program.positions.size()) result.fault_position = program.positions[at];
    }
    frame.gas = gas;
    frame.memory = {nullptr, 0};
    trim(scratch);
    return status;
}

/// Pays and fills the initial memory.
rvm_status Machine::start_memory(std::uint32_t entry) noexcept {
    at = program.functions[entry].first;
    if (program.memory_pages == 0) return RVM_OK;
    const std::int64_t price = program.memory_pages * gas::page;
    if (price > gas) return trap(RVM_TRAP_OUT_OF_GAS, Fault::start_gas);
    gas -= price;
    if (const rvm_status status = grow_memory(program.memory_pages); status != RVM_OK) return status;
    for (const DataSegment& segment : program.segments)
        std::memcpy(memory + segment.offset, program.data.data() + segment.start, segment.size);
    return RVM_OK;
}

/// Prepares memory and the entry function.
rvm_status Machine::start(std::uint32_t entry) noexcept {
    function = entry;
    if (const rvm_status status = start_memory(entry); status != RVM_OK) return status;
    limit = program.functions[entry].max_height;
    stack = scratch.stack != nullptr ? scratch.stack : scratch.inline_stack;
    if (const rvm_status status = reserve_stack(limit); status != RVM_OK) return status;
    std::memset(registers, 0, sizeof registers);
    pc = program.functions[entry].first;
    return RVM_OK;
}

rvm_status Machine::pay(std::int64_t price) noexcept {
    if (price > gas) return trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas);
    gas -= price;
    if ((frame.flags & RVM_FRAME_TRACED) != 0 && host.trace != nullptr) {
        const std::int64_t fixed = op_info(program.code[at].op).price;
        trace_op(gas + price + prepaid, fixed + price);
        prepaid -= fixed;
    }
    return RVM_OK;
}

/// Takes bytes of the execution's memory budget.
rvm_status Machine::reserve(std::uint64_t bytes) noexcept {
    const rvm_status status = host.vm->reserve(&frame, static_cast<std::int64_t>(bytes));
    return status > RVM_OK ? trap(status, Fault::memory_budget) : status;
}

/// Adds zeroed pages; the caller has checked the limit and charged.
rvm_status Machine::grow_memory(std::uint64_t pages) noexcept {
    const std::uint64_t added = pages * page_bytes;
    const std::uint64_t size = memory_size + added;
    if (const rvm_status status = reserve(added); status != RVM_OK) return status;
    if (size <= inline_memory_bytes) {
        memory = scratch.inline_memory;
    } else {
        if (size > scratch.memory_capacity) {
            constexpr std::uint64_t most = std::uint64_t{max_memory_pages} * page_bytes;
            const std::uint64_t capacity = std::min(most, std::max(size, 2 * scratch.memory_capacity));
            auto* grown = static_cast<std::uint8_t*>(std::malloc(capacity));
            if (grown == nullptr) return RVM_E_NO_MEMORY;
            if (memory_size != 0) std::memcpy(grown, memory, memory_size);
            std::free(scratch.memory);
            scratch.memory = grown;
            scratch.memory_capacity = capacity;
        } else if (memory_size != 0 && memory == scratch.inline_memory) {
            std::memcpy(scratch.memory, memory, memory_size);
        }
        memory = scratch.memory;
    }
    std::memset(memory + memory_size, 0, added);
    memory_size = size;
    frame.memory = {memory, memory_size};
    return RVM_OK;
}

/// Makes room for `words` on the operand stack.
rvm_status Machine::reserve_stack(std::uint32_t words) noexcept {
    if (words > stack_words) return trap(RVM_TRAP_STACK, Fault::stack_limit);
    if (words <= stack_words_) return RVM_OK;
    std::uint32_t wanted = stack_words_;
    while (wanted < words)
        wanted *= 2;
    if (const rvm_status status = reserve((wanted - stack_words_) * sizeof(Word)); status != RVM_OK) return status;
    stack_words_ = wanted;
    if (wanted > scratch.stack_capacity) {
        auto* grown = static_cast<Word*>(std::malloc(wanted * sizeof(Word)));
        if (grown == nullptr) return RVM_E_NO_MEMORY;
        std::memcpy(grown, stack, sp * sizeof(Word));
        std::free(scratch.stack);
        scratch.stack = grown;
        scratch.stack_capacity = wanted;
    }
    stack = scratch.stack;
    return RVM_OK;
}

/// Makes room for one more suspended activation.
rvm_status Machine::reserve_activation() noexcept {
    if (depth == max_call_depth) return trap(RVM_TRAP_DEPTH, Fault::call_depth);
    if (depth < activation_words_) return RVM_OK;
    const std::uint32_t wanted = activation_words_ * 2;
    if (const rvm_status status = reserve((wanted - activation_words_) * sizeof(Activation)); status != RVM_OK)
        return status;
    if (wanted > scratch.activation_capacity) {
        auto* grown = static_cast<Activation*>(std::malloc(wanted * sizeof(Activation)));
        if (grown == nullptr) return RVM_E_NO_MEMORY;
        const Activation* old =
            activation_words_ == inline_activations ? scratch.inline_activation : scratch.activations;
        std::memcpy(grown, old, depth * sizeof(Activation));
        std::free(scratch.activations);
        scratch.activations = grown;
        scratch.activation_capacity = wanted;
    } else if (activation_words_ == inline_activations) {
        std::memcpy(scratch.activations, scratch.inline_activation, depth * sizeof(Activation));
    }
    activation_words_ = wanted;
    return RVM_OK;
}

rvm_status Machine::poll() noexcept {
    if (++ticks % poll_interval == 0 && host.vm->cancelled(&frame) != 0) return RVM_E_CANCELLED;
    return RVM_OK;
}

rvm_status Machine::copy_memory(const Word* a) noexcept {
    if (!inside(a[0], a[2]) || !inside(a[1], a[2])) return outside();
    if (const rvm_status status = pay(word_price(a[2])); status != RVM_OK) return status;
    if (a[2] != 0) std::memmove(memory + a[0], memory + a[1], a[2]);
    return RVM_OK;
}

rvm_status Machine::fill_memory(const Word* a) noexcept {
    if (!inside(a[0], a[2])) return outside();
    if (const rvm_status status = pay(word_price(a[2])); status != RVM_OK) return status;
    if (a[2] != 0) std::memset(memory + a[0], static_cast<int>(a[1] & 0xff), a[2]);
    return RVM_OK;
}

rvm_status Machine::grow(Word* a) noexcept {
    const std::uint64_t before = memory_size / page_bytes;
    if (a[0] > max_memory_pages - before) {
        const rvm_status status = pay(0);
        a[0] = ~Word{0};
        return status;
    }
    if (const rvm_status status = pay(static_cast<std::int64_t>(a[0]) * gas::page); status != RVM_OK) return status;
    if (a[0] != 0)
        if (const rvm_status status = grow_memory(a[0]); status != RVM_OK) return status;
    a[0] = before;
    return RVM_OK;
}

/// Success without output of the program's own: its code when created, else the top of the stack if wanted and there.
rvm_status Machine::finish(bool with_top) noexcept {
    if ((frame.flags & RVM_FRAME_CREATE) != 0) {
        result.output = frame.program;
    } else if (with_top && sp != 0) {
        return finish_top(stack[sp - 1]);
    }
    return RVM_OK;
}

/// Success with a word as output, or the program's code when created.
rvm_status Machine::finish_top(Word top) noexcept {
    if ((frame.flags & RVM_FRAME_CREATE) != 0) return finish(false);
    store_u256(scratch.result, {{top, 0, 0, 0}});
    result.output = {scratch.result, sizeof scratch.result};
    return RVM_OK;
}

/// Output from memory, for return and revert.
rvm_status Machine::finish_with(const Word* a) noexcept {
    if (!inside(a[0], a[1])) return outside();
    if (a[1] == 0) return RVM_OK;
    rvm_span out{};
    if (const rvm_status status = host.vm->output(&frame, a[1], &out); status != RVM_OK)
        return status > RVM_OK ? trap(status, Fault::output_limit) : status;
    std::memcpy(out.data, memory + a[0], a[1]);
    result.output = {out.data, a[1]};
    return RVM_OK;
}

/// Calls a function: the arguments on the stack become the bottom of its own.
rvm_status Machine::enter_function(std::uint32_t callee, std::uint32_t resume) noexcept {
    const Function& target = program.functions[callee];
    if (const rvm_status status = reserve_activation(); status != RVM_OK) return status;
    const std::uint32_t new_base = sp - target.parameters;
    if (const rvm_status status = reserve_stack(new_base + target.max_height); status != RVM_OK) return status;
    Activation* saved = activation_words_ == inline_activations ? scratch.inline_activation : scratch.activations;
    Activation& activation = saved[depth++];
    std::memcpy(activation.registers, registers, sizeof registers);
    activation.resume = resume;
    activation.base = base;
    activation.limit = limit;
    activation.function = function;
    std::memset(registers, 0, sizeof registers);
    base = new_base;
    limit = new_base + target.max_height;
    function = callee;
    pc = target.first;
    return RVM_OK;
}

/// Returns to the caller, on whose stack the results already are. There is a suspended activation.
void Machine::leave_function() noexcept {
    const Activation* saved = activation_words_ == inline_activations ? scratch.inline_activation : scratch.activations;
    const Activation& activation = saved[--depth];
    std::memcpy(registers, activation.registers, sizeof registers);
    pc = activation.resume;
    base = activation.base;
    limit = activation.limit;
    function = activation.function;
}

rvm_op_event Machine::event(std::int64_t gas_before, std::int64_t cost) const noexcept {
    const Instruction& instruction = program.code[at];
    rvm_op_event out{};
    out.struct_size = sizeof out;
    out.opcode = static_cast<std::uint32_t>(instruction.op);
    out.name = op_info(instruction.op).mnemonic.data();
    if (instruction.op == Op::ext) out.name = artifact.imports[instruction.index].opcode->mnemonic;
    if (instruction.op == Op::syscall) out.name = artifact.imports[instruction.index].syscall->id;
    out.format = "native";
    out.pc = program.positions[at];
    out.gas = gas_before;
    out.cost = cost;
    out.refund = frame.refund;
    out.depth = frame.depth;
    out.word_bytes = sizeof(Word);
    out.stack = {reinterpret_cast<const std::uint8_t*>(stack), height * sizeof(Word)};
    out.memory = {memory, memory_size};
    out.returned = frame.returned;
    out.address = frame.self->address;
    return out;
}

void Machine::trace_op(std::int64_t gas_before, std::int64_t cost) noexcept {
    const rvm_op_event op = event(gas_before, cost);
    host.trace->op(&frame, &op);
}

void Machine::trace_fault(rvm_status status) noexcept {
    const rvm_op_event op = event(gas + prepaid, 0);
    host.trace->fault(&frame, &op, status);
}

} // namespace rvm::native
