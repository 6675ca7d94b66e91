// Operations of ops.def: choosing the form of an instruction by where its operands are.
#include <cassert>

#include "engine/builder_inline.hpp"

namespace rvm::engine {
namespace {

constexpr std::uint32_t form_number(Sources form) noexcept { return static_cast<std::uint32_t>(form); }

bool fits_signed(std::uint64_t bits, unsigned width) noexcept {
    const unsigned unused = 64 - width;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << unused) >> unused) == bits;
}

/// Whether exchanging the operands of a float operation changes nothing: NaNs are canonical, so addition and
/// multiplication commute.
bool commutes(Op op, const OpShape& shape) noexcept {
    return shape.commutes || op == Op::f32_add || op == Op::f32_mul || op == Op::f64_add || op == Op::f64_mul;
}

} // namespace

/// Two operands, one result. Returns the form.
std::uint32_t Builder::two_sources(Op op, Type result, bool comparison) {
    const OpShape* shape = &shape_of(op);
    const bool floating = shape->operands != Bank::integer;
    if (top(1).constant && !top(0).constant) {
        if (comparison && shape->mirrored != Op::count) {
            swap();
            op = shape->mirrored;
            shape = &shape_of(op);
        } else if (commutes(op, *shape)) {
            swap();
        } else if (op == Op::i32_sub || op == Op::i64_sub) {
            swap();
            op = op == Op::i32_sub ? Op::i32_rsub : Op::i64_rsub;
            shape = &shape_of(op);
        }
    }
    if (top(0).constant && (op == Op::i64_sub || op == Op::i32_sub)) { // one form less, and sums fuse
        const std::uint64_t negated = 0 - top(0).bits;
        top(0).bits = shape->narrow ? static_cast<std::uint32_t>(negated) : negated;
        op = shape->narrow ? Op::i32_add : Op::i64_add;
        shape = &shape_of(op);
    }
    // A constant on the left has no form; on the right it must fit.
    if (top(1).constant) force(1);
    std::uint64_t bits = top(0).bits;
    if (shape->narrow) bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(bits)));
    if (top(0).constant && !floating && !fits_signed(bits, 32)) force(0);
    if (failed_) return 0;

    const bool can_trap = shape->family == Family::divide;
    Producer before;
    if (comparison) before = producers_[0];
    const Entry b = pop();
    const Entry a = pop();
    const bool a_acc = may_take(a, shape->operands);
    const bool b_acc = may_take(b, shape->operands);
    const std::uint32_t holder = a_acc || b_acc ? producers_[static_cast<std::size_t>(shape->operands)].held : none;
    Sources form = Sources::rr;
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    if (a_acc) {
        form = b.constant ? Sources::ai : Sources::ar;
        if (!b.constant) right = from_cell(b); // before from_accumulator: it may be the same cell
        from_accumulator(a, shape->operands);
    } else if (b_acc) {
        form = Sources::ra;
        left = from_cell(a);
        from_accumulator(b, shape->operands);
    } else {
        form = b.constant ? Sources::ri : Sources::rr;
        left = from_cell(a);
        if (!b.constant) right = from_cell(b);
    }
    const std::uint32_t home = next_home();
    const std::uint32_t cell = fresh(result, home);
    if (failed_) return 0;
    if (can_trap) note();
    const std::uint32_t handler = number(shape->first) + form_number(form);
    const std::uint32_t upper = b.constant && !floating ? static_cast<std::uint32_t>(bits) : right;
    const std::uint32_t word = emit(handler, cell, left, upper);
    if (b.constant && floating) more(b.bits);
    if (holder != none) {
        const Sources plain = form == Sources::ai ? Sources::ri : Sources::rr;
        takes_held({.word = word,
                    .handler = handler,
                    .to_a = two_sources_to_a,
                    .plain = number(shape->first) + form_number(plain),
                    .shift = form == Sources::ra ? 32U : 16U,
                    .label = holder});
    }
    produced(shape->result, cell, word, handler, two_sources_to_a);
    push_fresh(result, cell, home);
    if (comparison) comparison_ = {word, op, form_number(form), before};
    return form_number(form);
}

void Builder::one_source(Op op, Type result) {
    const OpShape& shape = shape_of(op);
    force(0);
    if (failed_) return;
    const Entry a = pop();
    const bool acc = in_accumulator(a, shape.operands);
    std::uint32_t source = 0;
    if (acc)
        from_accumulator(a, shape.operands);
    else
        source = from_cell(a);
    const std::uint32_t home = next_home();
    const std::uint32_t cell = fresh(result, home);
    if (failed_) return;
    if (shape.family == Family::truncate) note();
    const std::uint32_t handler = number(shape.first) + (acc ? one_source_a : 0);
    const std::uint32_t word = emit(handler, cell, source, 0);
    produced(shape.result, cell, word, handler, one_source_to_a);
    push_fresh(result, cell, home);
}

void Builder::unary(Op op, Type result) {
    if (!reachable_ || failed_) return;
    one_source(op, result);
}

void Builder::binary(Op op, Type result) {
    if (!reachable_ || failed_) return;
    if (op == Op::i64_and && top(0).constant && top(0).bits == 0xffffffff) { // too wide for an immediate
        pop();
        return one_source(Op::i32_wrap_i64, result);
    }
    if (extend(op, result)) return;
    two_sources(op, result, false);
}

/// A shift to the left and back again, signed, by one constant: the sign of a smaller number extended.
bool Builder::extend(Op op, Type result) {
    if ((op != Op::i32_shr_s && op != Op::i64_shr_s) || !top(0).constant) return false;
    const bool narrow = op == Op::i32_shr_s;
    const std::uint64_t distance = top(0).bits & (narrow ? 31 : 63);
    const std::uint64_t kept = (narrow ? 32 : 64) - distance;
    if (kept != 8 && kept != 16 && (narrow || kept != 32)) return false;
    const Entry& shifted = top(1);
    const Producer& shift = producers_[0];
    const std::uint32_t shl = number(narrow ? Handler::i32_shl_rr : Handler::i64_shl_rr);
    const bool from_acc = shift.handler == shl + form_number(Sources::ai);
    if (shifted.constant || shift.cell != shifted.cell || shift.word + 2 != here() || shift.read ||
        references_[shifted.cell] != 1 || !is_temporary(shifted.cell))
        return false;
    if (!from_acc && shift.handler != shl + form_number(Sources::ri)) return false;
    if ((words_[shift.word + 1] >> 32 & (narrow ? 31 : 63)) != distance) return false;
    pop();
    pop();
    const std::uint32_t holder = holder_at(shift.word);
    std::uint32_t constant = 0;
    const std::uint32_t source = take_back_sum(constant);
    const Op extension = kept == 8    ? (narrow ? Op::i32_extend8_s : Op::i64_extend8_s)
                         : kept == 16 ? (narrow ? Op::i32_extend16_s : Op::i64_extend16_s)
                                      : Op::i64_extend32_s;
    const std::uint32_t cell = fresh(result);
    if (failed_) return true;
    const std::uint32_t handler = number(shape_of(extension).first) + (from_acc ? one_source_a : 0);
    const std::uint32_t word = emit(handler, cell, source, 0);
    if (holder != none)
        takes_held({.word = word,
                    .handler = handler,
                    .to_a = one_source_to_a,
                    .plain = number(shape_of(extension).first),
                    .shift = 16,
                    .label = holder});
    produced(Bank::integer, cell, word, handler, one_source_to_a);
    push_cell(result, cell);
    return true;
}

void Builder::compare(Op op) {
    if (!reachable_ || failed_) return;
    two_sources(op, Type::i32, true);
}

void Builder::equals_zero() {
    if (!reachable_ || failed_) return;
    const Comparison inner = comparison_;
    const bool compared = inner.word != none && producers_[0].word == inner.word && producers_[0].cell == top(0).cell &&
                          !top(0).constant && !producers_[0].read && references_[top(0).cell] == 1 &&
                          is_temporary(top(0).cell);
    if (compared && shape_of(inner.op).inverse != Op::count) { // the opposite is asked at once
        comparison_.op = shape_of(inner.op).inverse;
        comparison_.negates = false;
        producers_[0].handler = number(shape_of(comparison_.op).first) + inner.form;
        words_[inner.word] = handlers_[producers_[0].handler];
        if (holder_at(inner.word) != none) {
            HeldReader& reader = held_readers_.back();
            reader.plain = producers_[0].handler - reader.handler + reader.plain;
            reader.handler = producers_[0].handler;
        }
        return;
    }
    push(Type::i64, 0);
    if (failed_) return;
    two_sources(Op::i64_eq, Type::i32, true); // an i32 is zero-extended
    if (!compared || failed_) return;
    negated_ = inner;
    comparison_.negates = true;
}

void Builder::load(Op op, std::uint32_t offset, Type result) {
    if (!reachable_ || failed_) return;
    const OpShape& shape = shape_of(op);
    const bool direct = top(0).constant && top(0).bits <= 0xffffffff - offset;
    if (!direct) force(0);
    if (failed_) return;
    const Entry address = pop();
    const LoadForm sum = offset == 0 ? sum_form(address) : LoadForm::count;
    const bool acc = sum == LoadForm::count && may_take(address, Bank::integer);
    std::uint32_t upper = direct ? static_cast<std::uint32_t>(address.bits) + offset : offset;
    std::uint32_t base = 0;
    LoadForm form = sum;
    if (sum != LoadForm::count) {
        base = take_back_sum(upper);
    } else if (acc) {
        from_accumulator(address, Bank::integer);
        form = LoadForm::a;
    } else {
        if (!direct) base = from_cell(address);
        form = direct ? LoadForm::i : LoadForm::r;
    }
    const std::uint32_t home = next_home();
    const std::uint32_t cell = fresh(result, home);
    if (failed_) return;
    note();
    const std::uint32_t handler = number(shape.first) + static_cast<std::uint32_t>(form);
    const std::uint32_t word = emit(handler, cell, base, upper);
    if ((form == LoadForm::a || form == LoadForm::t) && producers_[0].held != none) {
        const LoadForm plain = form == LoadForm::a ? LoadForm::r : LoadForm::s;
        takes_held({.word = word,
                    .handler = handler,
                    .to_a = load_to_a,
                    .plain = number(shape.first) + static_cast<std::uint32_t>(plain),
                    .shift = 16,
                    .label = producers_[0].held});
    }
    produced(shape.result, cell, word, handler, load_to_a);
    push_fresh(result, cell, home);
}

void Builder::store(Op op, std::uint32_t offset) {
    if (!reachable_ || failed_) return;
    const bool floating = shape_of(op).family == Family::float_store;
    const bool direct = top(1).constant && top(1).bits <= 0xffffffff - offset;
    if (!direct) force(1);
    const bool in_float = floating && in_accumulator(top(0), shape_of(op).operands);
    if (floating && !in_float) op = op == Op::f32_store ? Op::store32 : Op::store64;
    const bool immediate = top(0).constant && fits_signed(top(0).bits, 16);
    if (!immediate) force(0);
    if (failed_) return;
    const OpShape& shape = shape_of(op);
    const Entry value = pop();
    const Entry address = pop();
    std::uint32_t upper = direct ? static_cast<std::uint32_t>(address.bits) + offset : offset;
    LoadForm sum = LoadForm::count;
    if (offset == 0 && !in_float && (value.constant || value.cell != address.cell)) sum = sum_form(address);
    const bool added = sum != LoadForm::count;
    const bool address_acc = !added && may_take(address, Bank::integer);
    const auto takes_address = [&](std::uint32_t word, std::uint32_t handler, std::uint32_t plain) {
        if (producers_[0].held == none) return;
        takes_held({.word = word, .handler = handler, .plain = plain, .shift = 0, .label = producers_[0].held});
    };
    if (in_float) {
        std::uint32_t base = 0;
        if (address_acc)
            from_accumulator(address, Bank::integer);
        else if (!direct)
            base = from_cell(address);
        from_accumulator(value, shape.operands);
        note();
        const LoadForm form = direct ? LoadForm::i : address_acc ? LoadForm::a : LoadForm::r;
        const std::uint32_t handler = number(shape.first) + static_cast<std::uint32_t>(form);
        const std::uint32_t word = emit(handler, base, 0, upper);
        if (address_acc) takes_address(word, handler, number(shape.first) + static_cast<std::uint32_t>(LoadForm::r));
        return;
    }
    const bool value_acc = !address_acc && !added && may_take(value, Bank::integer);
    std::uint32_t base = 0;
    std::uint32_t source = immediate ? static_cast<std::uint16_t>(value.bits) : 0;
    if (!immediate && !value_acc) source = from_cell(value);
    if (added)
        base = take_back_sum(upper);
    else if (!direct && !address_acc)
        base = from_cell(address);
    if (address_acc) from_accumulator(address, Bank::integer);
    if (value_acc) from_accumulator(value, Bank::integer);
    StoreForm form = StoreForm::rr;
    StoreForm plain = StoreForm::rr; // what takes nothing from the accumulator
    if (sum == LoadForm::s || sum == LoadForm::t) {
        plain = immediate ? StoreForm::si : StoreForm::sr;
        form = sum == LoadForm::s ? plain : immediate ? StoreForm::ti : StoreForm::tr;
    } else if (direct) {
        plain = StoreForm::ir;
        form = immediate ? StoreForm::ii : value_acc ? StoreForm::ia : plain;
    } else {
        plain = immediate ? StoreForm::ri : StoreForm::rr;
        form = address_acc || sum == LoadForm::a ? (immediate ? StoreForm::ai : StoreForm::ar)
               : value_acc                       ? StoreForm::ra
                                                 : plain;
    }
    note();
    const auto handler_of = [&](StoreForm f) { return number(shape.first) + static_cast<std::uint32_t>(f); };
    const std::uint32_t word = emit(handler_of(form), base, source, upper);
    if (value_acc && producers_[0].held != none)
        takes_held({.word = word,
                    .handler = handler_of(form),
                    .plain = handler_of(plain),
                    .shift = 16,
                    .label = producers_[0].held});
    else if (address_acc || sum == LoadForm::a || sum == LoadForm::t)
        takes_address(word, handler_of(form), handler_of(plain));
}

void Builder::add_address(std::uint64_t offset, std::uint32_t from_top) {
    if (!reachable_ || failed_) return;
    force(from_top);
    const std::uint32_t cell = fresh(Type::i64);
    if (failed_) return;
    Entry& address = top(from_top);
    const std::uint32_t word = emit(number(Handler::add_address), cell, from_cell(address), 0);
    more(offset);
    produced(Bank::integer, cell, word, number(Handler::add_address), 0);
    last_ = none;
    reference(address, false);
    address.cell = cell;
    reference(address, true);
    clean_ = std::min(clean_, height() - 1 - from_top);
}

void Builder::load_v128(std::uint32_t offset) {
    if (!reachable_ || failed_) return;
    force(0);
    if (failed_) return;
    const Entry address = pop();
    const std::uint32_t base = from_cell(address);
    const std::uint32_t cell = fresh(Type::v128);
    if (failed_) return;
    note();
    last_ = emit(number(Handler::load_v128), cell, base, offset);
    overwritten(cell, 2);
    push_cell(Type::v128, cell);
}

void Builder::store_v128(std::uint32_t offset) {
    if (!reachable_ || failed_) return;
    force(1);
    if (failed_) return;
    const Entry value = pop();
    const Entry address = pop();
    note();
    const std::uint32_t base = from_cell(address);
    emit(number(Handler::store_v128), base, from_cell(value), offset);
}

void Builder::select() {
    if (!reachable_ || failed_) return;
    const Type kind = top(2).type;
    force(2);
    force(1);
    force(0);
    if (failed_) return;
    const Entry condition = pop();
    const Entry b = pop();
    const Entry a = pop();
    const bool wide = kind == Type::v128;
    const bool acc = !wide && in_accumulator(condition, Bank::integer);
    const std::uint32_t left = from_cell(a);
    const std::uint32_t right = from_cell(b);
    const std::uint32_t last = acc ? 0 : from_cell(condition);
    if (acc) from_accumulator(condition, Bank::integer);
    const std::uint32_t cell = fresh(kind);
    if (failed_) return;
    const Handler handler = wide ? Handler::select_v128 : acc ? Handler::select_a : Handler::select_r;
    const std::uint32_t word = emit(number(handler), cell, left, right | last << 16);
    if (wide) {
        overwritten(cell, 2);
        last_ = word;
    } else {
        produced(Bank::integer, cell, word, number(handler), 0);
    }
    push_cell(kind, cell);
}

void Builder::global_get(std::uint32_t index, Type kind) {
    if (!reachable_ || failed_) return;
    const std::uint32_t cell = fresh(kind);
    if (failed_) return;
    const Handler handler = kind == Type::v128 ? Handler::global_get_v128 : Handler::global_get;
    const std::uint32_t word = emit(number(handler), cell, 0, index);
    if (kind == Type::v128) {
        overwritten(cell, 2);
        last_ = word;
    } else {
        produced(Bank::integer, cell, word, number(handler), 0);
    }
    push_cell(kind, cell);
}

void Builder::global_set(std::uint32_t index) {
    if (!reachable_ || failed_) return;
    force(0);
    if (failed_) return;
    const Entry value = pop();
    const Handler handler = value.type == Type::v128 ? Handler::global_set_v128 : Handler::global_set;
    emit(number(handler), from_cell(value), 0, index);
}

void Builder::leaf(LeafFunction function, std::uint64_t immediate, std::uint32_t operands, std::optional<Type> result) {
    if (!reachable_ || failed_) return;
    assert(operands <= 3);
    for (std::uint32_t i = 0; i < operands; ++i)
        force(i);
    if (failed_) return;
    std::uint32_t cells[3] = {};
    for (std::uint32_t i = operands; i-- > 0;)
        cells[i] = from_cell(pop());
    const std::uint32_t cell = result ? fresh(*result) : 0;
    if (failed_) return;
    note();
    const std::uint32_t word = emit(number(Handler::leaf), cell, cells[0], cells[1] | cells[2] << 16);
    more(reinterpret_cast<std::uint64_t>(function));
    more(immediate);
    if (!result) return;
    overwritten(cell, cells_of(*result));
    last_ = word;
    push_cell(*result, cell);
}

} // namespace rvm::engine
