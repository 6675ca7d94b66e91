// Opcodes that only compute: operands are slots or constants, and so is the result.
#include "hot/translator.hpp"

namespace rvm::evm::hot {
namespace {

bool is_power_of_two(const U256& value) { return value && !(value & (value - U256{1})); }
unsigned exponent_of(const U256& power) { return u256::bit_width(power) - 1; }

bool is_commutative(std::uint8_t opcode) {
    return opcode == OP_ADD || opcode == OP_MUL || opcode == OP_AND || opcode == OP_OR || opcode == OP_XOR;
}

} // namespace

void Translator::unary_opcode(std::uint8_t opcode) {
    const Value a = slots_.pop();
    if (a.constant != nullptr) return push_constant(unary_function(opcode)(*a.constant));
    const std::int32_t slot = slots_.fresh();
    emit(unary(opcode), bytes(slot), bytes(a.slot));
    slots_.push_slot(slot);
}

void Translator::is_zero() {
    const bool follows = compared_;
    const Value a = slots_.pop();
    if (a.constant != nullptr) return push_constant(unary_function(OP_ISZERO)(*a.constant));
    if (follows && a.slot == comparison_.result && slots_.uses(a.slot) == 0) { // not (a ? b)
        const Comparison last = comparison_;
        program_.instructions.pop_back();
        program_.positions.pop_back();
        return emit_compare(last.kind, !last.negated, last.a, last.b);
    }
    emit_compare(Compare::zero, false, a, a);
}

void Translator::emit_compare(Compare kind, bool negated, const Value& a, const Value& b) {
    const std::int32_t slot = slots_.fresh();
    Instruction& made = emit(compare(kind, negated, form_of(a, b)), bytes(slot), bytes(a.slot), bytes(b.slot));
    made.constant = a.constant != nullptr ? a.constant : b.constant;
    slots_.push_slot(slot);
    comparison_ = {program_.instructions.size() - 1, kind, negated, a, b, slot};
    compared_ = true;
}

void Translator::binary_opcode(std::uint8_t opcode) {
    Value a = slots_.pop();
    Value b = slots_.pop();
    if (a.constant != nullptr && b.constant != nullptr)
        return push_constant(binary_function(opcode)(*a.constant, *b.constant));
    switch (opcode) {
    case OP_LT:
        return emit_compare(Compare::less, false, a, b);
    case OP_GT:
        return emit_compare(Compare::less, false, b, a);
    case OP_SLT:
        return emit_compare(Compare::signed_less, false, a, b);
    case OP_SGT:
        return emit_compare(Compare::signed_less, false, b, a);
    case OP_EQ:
        if (a.constant != nullptr) std::swap(a, b);
        if (b.constant != nullptr && !*b.constant) return emit_compare(Compare::zero, false, a, a);
        return emit_compare(Compare::equal, false, a, b);
    default:
        break;
    }
    if (a.constant != nullptr && is_commutative(opcode)) std::swap(a, b);
    if (!simplify(opcode, a, b)) emit_binary(opcode, a, b);
}

void Translator::emit_binary(std::uint8_t opcode, const Value& a, const Value& b) {
    const std::int32_t slot = slots_.fresh();
    Instruction& made = emit(binary(opcode, form_of(a, b)), bytes(slot), bytes(a.slot), bytes(b.slot));
    made.constant = a.constant != nullptr ? a.constant : b.constant;
    slots_.push_slot(slot);
}

void Translator::emit_shift(Handler shift, const Value& value, std::uint64_t bits) {
    if (bits == 0) return slots_.push(value);
    if (bits >= u256::word_bits) return push_constant(U256{});
    const std::int32_t slot = slots_.fresh();
    emit(shift, bytes(slot), bytes(value.slot)).x = static_cast<std::uint32_t>(bits);
    slots_.push_slot(slot);
}

void Translator::emit_and(const Value& value, const U256& mask) {
    if (!mask) return push_constant(U256{});
    if (mask == u256::max_value) return slots_.push(value);
    if (!mask.fits_64()) return emit_binary(OP_AND, value, Value::of(constant(mask)));
    const std::int32_t slot = slots_.fresh();
    emit(kHandlers.and_low, bytes(slot), bytes(value.slot)).number = mask.limbs[0];
    slots_.push_slot(slot);
}

/// Cheaper forms with one constant operand; a commutative opcode has it in b. False: there is none.
bool Translator::simplify(std::uint8_t opcode, const Value& a, const Value& b) {
    if (a.constant != nullptr) { // shifts have the count on top
        if (opcode == OP_SHL) return emit_shift(kHandlers.shift_left, b, u256::shift_count(*a.constant)), true;
        if (opcode == OP_SHR) return emit_shift(kHandlers.shift_right, b, u256::shift_count(*a.constant)), true;
        return false;
    }
    if (b.constant == nullptr) return false;
    const U256& c = *b.constant;
    switch (opcode) {
    case OP_AND:
        return emit_and(a, c), true;
    case OP_ADD:
    case OP_SUB:
    case OP_OR:
    case OP_XOR:
        return !c && (slots_.push(a), true);
    case OP_MUL:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_shift(kHandlers.shift_left, a, exponent_of(c)), true);
    case OP_DIV:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_shift(kHandlers.shift_right, a, exponent_of(c)), true);
    case OP_MOD:
        if (!c) return push_constant(c), true;
        return is_power_of_two(c) && (emit_and(a, c - U256{1}), true);
    default:
        return false;
    }
}

void Translator::ternary_opcode(std::uint8_t opcode) {
    const Value a = slots_.pop(), b = slots_.pop(), m = slots_.pop();
    if (a.constant != nullptr && b.constant != nullptr && m.constant != nullptr)
        return push_constant(ternary_function(opcode)(*a.constant, *b.constant, *m.constant));
    const std::int32_t slot_a = in_slot(a), slot_b = in_slot(b), slot_m = in_slot(m), slot = slots_.fresh();
    emit(ternary(opcode), bytes(slot), bytes(slot_a), bytes(slot_b)).x = static_cast<std::uint32_t>(bytes(slot_m));
    slots_.push_slot(slot);
}

/// EXP of two constants, such as a literal 2**96: its dynamic gas is known.
bool Translator::exp_of_constants() {
    const Value base = slots_.pop(), exponent = slots_.pop();
    if (base.constant == nullptr || exponent.constant == nullptr) {
        slots_.push(exponent);
        slots_.push(base);
        return false;
    }
    gas_ += (u256::bit_width(*exponent.constant) + 7) / 8 * static_cast<std::uint32_t>(schedule_.exp_byte);
    push_constant(u256::power(*base.constant, *exponent.constant));
    return true;
}

} // namespace rvm::evm::hot
