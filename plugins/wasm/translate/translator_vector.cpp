// Vectors: the engine moves them, leaves compute.
#include "run/hooks.hpp"
#include "run/vectors.hpp"
#include "translate/translator.hpp"

namespace rvm::wasm {

using engine::Type;

void Translator::vector(const Instruction& in) {
    const OpInfo& op = info(in.op);
    if (in.op == Op::v128_const) {
        std::uint64_t halves[2] = {0, 0};
        for (unsigned i = 0; i < 16; ++i) {
            halves[i / 8] |= std::uint64_t{in.bytes[i]} << (i % 8 * 8);
        }
        builder_.push_v128(halves[0], halves[1]);
        return;
    }
    if (in.op == Op::v128_load || in.op == Op::v128_store) {
        const bool loads = in.op == Op::v128_load;
        if (far_memory(in, Type::v128, loads ? 1 : 2, loads)) return;
        const bool is64 = module_.memories[0].limits.is64;
        if (is64) builder_.add_address(in.value, loads ? 0 : 1);
        const auto offset = static_cast<std::uint32_t>(is64 ? 0 : in.value);
        loads ? builder_.load_v128(offset) : builder_.store_v128(offset);
        return;
    }
    const auto operands = static_cast<std::uint32_t>(op.signature.find('.'));
    std::optional<Type> result;
    if (operands + 1 < op.signature.size()) {
        switch (op.signature[operands + 1]) {
        case 'i':
            result = Type::i32;
            break;
        case 'I':
            result = Type::i64;
            break;
        case 'f':
            result = Type::f32;
            break;
        case 'F':
            result = Type::f64;
            break;
        default:
            result = Type::v128;
            break;
        }
    }
    if (in.op == Op::i8x16_shuffle) { // the lanes are a third operand
        std::uint64_t halves[2] = {0, 0};
        for (unsigned i = 0; i < 16; ++i) {
            halves[i / 8] |= std::uint64_t{in.bytes[i]} << (i % 8 * 8);
        }
        builder_.push_v128(halves[0], halves[1]);
        builder_.leaf(vectors::operation(in.op), 0, 3, Type::v128);
        return;
    }
    const bool accesses = op.immediate == Immediate::memarg || op.immediate == Immediate::memarg_lane;
    builder_.leaf(vectors::operation(in.op), accesses ? hooks::pack_access(in) : in.lane, operands, result);
}

} // namespace rvm::wasm
