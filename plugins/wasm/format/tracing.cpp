#include "format/tracing.hpp"

#include "format/cancelling.hpp"
#include "module/instruction.hpp"
#include "module/names.hpp"
#include "module/reader.hpp"
#include "run/instance.hpp"

namespace rvm::wasm::format {
namespace {

/// The instruction that begins at a byte of the code, as far as its first bytes tell.
Op op_at(rvm_view code, std::uint64_t at) noexcept {
    if (at >= code.size) return Op::count;
    const auto prefix = static_cast<Prefix>(code.data[at]);
    if (prefix != Prefix::misc && prefix != Prefix::vector) return plain_opcodes[code.data[at]].op;
    if (at + 1 >= code.size) return Op::count;
    const std::uint8_t second = code.data[at + 1] & 0x7f; // LEB128; longer ones are named after the prefix alone
    const bool whole = (code.data[at + 1] & 0x80) == 0;
    return !whole ? Op::count : prefix == Prefix::misc ? misc_opcodes[second] : vector_opcodes[second];
}

/// A function's first block is told to begin at its body, where the locals are declared.
std::uint64_t first_instruction(const Module& module, std::uint64_t position) {
    const std::uint32_t function = function_at(module, position);
    if (function == UINT32_MAX) return position;
    const Range body = module.bodies[function - module.imported_functions];
    if (body.offset != position) return position;
    Reader reader(module.part(body), body.offset);
    for (std::uint32_t groups = reader.u32("locals"); groups != 0; --groups) {
        reader.u32("locals");
        read_value_type(reader, module.features, module.type_first);
    }
    return reader.offset();
}

rvm_op_event event_at(rvm_frame& frame, std::int64_t units, std::uint64_t position) noexcept {
    const Op op = op_at(frame.program, position);
    rvm_op_event event{};
    event.struct_size = sizeof event;
    event.opcode = position < frame.program.size ? frame.program.data[position] : 0;
    event.name = op == Op::count ? "?" : info(op).text.data(); // literals of the table: they end in a zero
    event.format = "wasm";
    event.pc = position;
    event.gas = units / static_cast<std::int64_t>(costs::units_per_gas);
    event.refund = frame.refund;
    event.depth = frame.depth;
    event.word_bytes = sizeof(Cell);
    event.returned = frame.returned;
    event.address = frame.self->address;
    return event;
}

} // namespace

void trace_block(void* user, engine::Context& context, std::uint64_t price) {
    auto& of = *static_cast<hosts::FrameContext*>(static_cast<hosts::User*>(user));
    const Program& program = static_cast<const Instance*>(context.instance)->program();
    const std::uint64_t at = first_instruction(program.module, program.code.block_position(context.pc));
    rvm_op_event event = event_at(*of.frame, context.gas_left(), at);
    event.cost = static_cast<std::int64_t>((price + costs::units_per_gas - 1) / costs::units_per_gas);
    event.memory = {context.memory, context.memory_size};
    of.host->trace->op(of.frame, &event);
    poll_cancelled(of, context);
}

void trace_import(engine::Context& context, const char* name, std::span<const Cell> arguments) {
    const hosts::FrameContext& of = hosts::frame_of(context);
    const Program& program = static_cast<const Instance*>(context.instance)->program();
    const std::uint64_t at = context.pc == nullptr ? 0 : program.position(context.pc - 1); // it stands behind the call
    rvm_op_event event = event_at(*of.frame, context.gas_left(), at);
    event.name = name;
    event.cost = static_cast<std::int64_t>(prices::host_call);
    event.stack = {reinterpret_cast<const std::uint8_t*>(arguments.data()), arguments.size_bytes()};
    event.memory = {context.memory, context.memory_size};
    of.host->trace->op(of.frame, &event);
}

void trace_fault(const hosts::HostTables& host, rvm_frame& frame, std::int64_t units, std::uint64_t position,
                 rvm_status status) {
    const rvm_op_event event = event_at(frame, units, position);
    host.trace->fault(&frame, &event, status);
}

} // namespace rvm::wasm::format
