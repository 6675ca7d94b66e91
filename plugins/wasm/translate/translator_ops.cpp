// Arithmetic, memory, tables.
#include "run/hooks.hpp"
#include "translate/translator.hpp"

namespace rvm::wasm {

using engine::Type;
using IrOp = engine::Op;

/// What most of code is; everything else goes on to other().
void Translator::plain(const Instruction& in) {
    switch (in.op) {
#define RVM_WASM_UNARY(instruction, result)                                                                            \
    case Op::instruction:                                                                                              \
        builder_.unary(IrOp::instruction, Type::result);                                                               \
        return;
#define RVM_WASM_BINARY(instruction, result)                                                                           \
    case Op::instruction:                                                                                              \
        builder_.binary(IrOp::instruction, Type::result);                                                              \
        return;
#define RVM_WASM_COMPARE(instruction)                                                                                  \
    case Op::instruction:                                                                                              \
        builder_.compare(IrOp::instruction);                                                                           \
        return;
#define RVM_WASM_LOAD(instruction, operation, result)                                                                  \
    case Op::instruction:                                                                                              \
        load(in, IrOp::operation, Type::result);                                                                       \
        return;
#define RVM_WASM_STORE(instruction, operation)                                                                         \
    case Op::instruction:                                                                                              \
        store(in, IrOp::operation);                                                                                    \
        return;
#define RVM_WASM_RETYPE(instruction, result)                                                                           \
    case Op::instruction:                                                                                              \
        builder_.retype(Type::result);                                                                                 \
        return;
#include "translate/plain.def"
    case Op::i32_const:
        builder_.push(Type::i32, in.value);
        return;
    case Op::i64_const:
        builder_.push(Type::i64, in.value);
        return;
    case Op::f32_const:
        builder_.push(Type::f32, in.value);
        return;
    case Op::f64_const:
        builder_.push(Type::f64, in.value);
        return;
    case Op::i32_eqz:
    case Op::i64_eqz:
        builder_.equals_zero();
        return;
    default:
        return other(in);
    }
}

/// Accesses of other memories than the first: rare enough for a call.
bool Translator::far_memory(const Instruction& in, Type result, std::uint32_t operands, bool is_load) {
    if (in.index == 0) return false;
    const std::uint64_t immediate = hooks::pack_access(in);
    builder_.leaf(is_load ? hooks::far_load : hooks::far_store, immediate, operands,
                  is_load ? std::optional<Type>(result) : std::nullopt);
    return true;
}

void Translator::load(const Instruction& in, IrOp op, Type result) {
    if (far_memory(in, result, 1, true)) return;
    if (!module_.memories[0].limits.is64) {
        builder_.load(op, static_cast<std::uint32_t>(in.value), result);
        return;
    }
    builder_.add_address(in.value, 0);
    builder_.load(op, 0, result);
}

void Translator::store(const Instruction& in, IrOp op) {
    if (far_memory(in, Type::i32, 2, false)) return;
    if (!module_.memories[0].limits.is64) {
        builder_.store(op, static_cast<std::uint32_t>(in.value));
        return;
    }
    builder_.add_address(in.value, 1);
    builder_.store(op, 0);
}

void Translator::bulk(const Instruction& in) {
    const std::uint64_t both = hooks::pack_indices(in.index, in.index2);
    const auto host = [&](engine::HostFunction function, std::uint32_t operands) {
        builder_.host(function, both, operands, {});
    };
    const Type address =
        in.op == Op::memory_size || in.op == Op::memory_grow ? cell_type(module_.memories[in.index].limits.address())
        : in.op == Op::table_size || in.op == Op::table_grow ? cell_type(module_.tables[in.index].limits.address())
                                                             : Type::i32;
    switch (in.op) {
    case Op::memory_size:
        builder_.leaf(hooks::memory_size, both, 0, address);
        break;
    case Op::memory_grow:
        builder_.host(hooks::memory_grow, both, 1, std::span<const Type>(&address, 1));
        break;
    case Op::memory_fill:
        host(hooks::memory_fill, 3);
        break;
    case Op::memory_copy:
        host(hooks::memory_copy, 3);
        break;
    case Op::memory_init:
        host(hooks::memory_init, 3);
        break;
    case Op::data_drop:
        host(hooks::data_drop, 0);
        break;
    case Op::table_get: {
        const Type element = Type::ref;
        builder_.host(hooks::table_get, both, 1, std::span<const Type>(&element, 1));
        break;
    }
    case Op::table_set:
        host(hooks::table_set, 2);
        break;
    case Op::table_size:
        builder_.leaf(hooks::table_size, both, 0, address);
        break;
    case Op::table_grow:
        builder_.host(hooks::table_grow, both, 2, std::span<const Type>(&address, 1));
        break;
    case Op::table_fill:
        host(hooks::table_fill, 3);
        break;
    case Op::table_copy:
        host(hooks::table_copy, 3);
        break;
    case Op::table_init:
        host(hooks::table_init, 3);
        break;
    case Op::elem_drop:
        host(hooks::elem_drop, 0);
        break;
    default:
        malformed(in.at, std::string(info(in.op).text) + " is not supported by this version");
    }
}

} // namespace rvm::wasm
