// `run` of portable modules: calls every function and folds what it can see into one number.
#include "generator/code.hpp"

namespace rvm::wasm::generator {
namespace {

/// digest = (digest ^ top) * an odd number
void fold(Bytes& out, const Plan& plan) {
    opcode(out, Op::global_get, plan.digest);
    opcode(out, Op::i64_xor);
    number64(out, 0x100000001b3); // FNV's prime
    opcode(out, Op::i64_mul);
    opcode(out, Op::global_set, plan.digest);
}

/// The value on top, of any type, as one or two numbers.
void fold_value(Code& code, const Plan& plan, char type) {
    Bytes& out = code.out();
    switch (type) {
    case 'f':
        opcode(out, Op::i32_reinterpret_f32);
        [[fallthrough]];
    case 'i':
        opcode(out, Op::i64_extend_i32_u);
        break;
    case 'F':
        opcode(out, Op::i64_reinterpret_f64);
        break;
    case 'v': {
        const std::uint32_t kept = code.fresh('v');
        opcode(out, Op::local_tee, kept);
        opcode(out, Op::i64x2_extract_lane, 0);
        fold(out, plan);
        opcode(out, Op::local_get, kept);
        opcode(out, Op::i64x2_extract_lane, 1);
        break;
    }
    case 'r':
    case 'x':
    case 't':
        opcode(out, Op::ref_is_null);
        opcode(out, Op::i64_extend_i32_u);
        break;
    default:
        break;
    }
    fold(out, plan);
}

/// The first bytes of a memory and its size.
void fold_memory(Code& code, const Plan& plan, std::uint32_t memory) {
    Bytes& out = code.out();
    const PlannedMemory& from = plan.memories[memory];
    opcode(out, Op::memory_size, memory);
    if (!from.is64) opcode(out, Op::i64_extend_i32_u);
    fold(out, plan);
    if (from.pages == 0) return;
    const std::uint32_t at = code.fresh(from.is64 ? 'I' : 'i');
    const auto push = [&](std::int32_t value) { from.is64 ? number64(out, value) : number(out, value); };
    push(0);
    opcode(out, Op::local_set, at);
    opcode(out, Op::loop);
    put(out, {0x40});
    opcode(out, Op::local_get, at);
    opcode(out, Op::i64_load);
    leb(out, memory == 0 ? 0 : 0x40);
    if (memory != 0) leb(out, memory);
    leb(out, 0);
    fold(out, plan);
    opcode(out, Op::local_get, at);
    push(8);
    opcode(out, from.is64 ? Op::i64_add : Op::i32_add);
    opcode(out, Op::local_tee, at);
    push(8192); // what addresses mostly stay below
    opcode(out, from.is64 ? Op::i64_lt_u : Op::i32_lt_u);
    opcode(out, Op::br_if, 0);
    opcode(out, Op::end);
}

} // namespace

Bytes run_body(Random& random, Plan& plan) {
    Code code(random, plan, {"", "I"}, UINT32_MAX);
    Bytes& out = code.out();
    for (std::uint64_t i = 3 + random.below(6); i > 0; --i) {
        const auto callee = static_cast<std::uint32_t>(random.below(plan.functions.size()));
        for (const char type : plan.functions[callee].parameters)
            code.leaf(type);
        opcode(out, Op::call, callee);
        const std::string& results = plan.functions[callee].results;
        for (std::size_t k = results.size(); k-- > 0;)
            fold_value(code, plan, results[k]);
    }
    for (std::uint32_t i = 0; i < plan.globals.size(); ++i) {
        opcode(out, Op::global_get, i);
        fold_value(code, plan, plan.globals[i].type);
    }
    for (std::uint32_t i = 0; i < plan.memories.size(); ++i)
        fold_memory(code, plan, i);
    opcode(out, Op::global_get, plan.digest);
    return code.finish();
}

} // namespace rvm::wasm::generator
