// The rules of single instructions (core specification 3.3); included by validator.hpp.
#pragma once

namespace rvm::wasm {

template <class Sink>
void Validator<Sink>::judge(const Instruction& in) {
    at_ = in.at;
    op_ = in.op;
    if (!rule(in.op).own) {
        simple(in);
        return;
    }
    switch (in.op) {
    case Op::unreachable:
        leave();
        break;
    case Op::block:
    case Op::loop:
        open(in);
        break;
    case Op::if_:
        pop(i32);
        open(in);
        break;
    case Op::else_: {
        if (controls_.back().op != Op::if_) malformed(at_, "else without if");
        const Control opened = close();
        Instruction next = in;
        next.block = opened.block;
        push(starts(opened.block));
        open(next);
        break;
    }
    case Op::end: {
        const Control closed = close();
        if (closed.op == Op::if_ && !std::ranges::equal(starts(closed.block), ends(closed.block))) {
            invalid(at_, "type mismatch: an if without else must leave what it takes");
        }
        if (!controls_.empty()) push(ends(closed.block));
        break;
    }
    case Op::br:
        check_label(in.index);
        pop(label_types(in.index));
        leave();
        break;
    case Op::br_if:
        check_label(in.index);
        pop(i32);
        require(label_types(in.index));
        break;
    case Op::br_table:
        judge_branch_table(in);
        break;
    case Op::return_:
        pop(ends(controls_.front().block));
        leave();
        break;
    case Op::call:
    case Op::return_call:
        judge_call(function(in.index), in.op == Op::return_call);
        break;
    case Op::call_indirect:
    case Op::return_call_indirect:
        if (!matches(table(in.index2).element, funcref)) mismatch(funcref, table(in.index2).element);
        pop(table(in.index2).limits.address());
        judge_call(in.index, in.op == Op::return_call_indirect);
        break;
    case Op::call_ref:
    case Op::return_call_ref:
        pop(ValueType::reference(in.index, true));
        judge_call(in.index, in.op == Op::return_call_ref);
        break;
    case Op::throw_:
        pop(module_.parameters(tag(in.index)));
        leave();
        break;
    case Op::throw_ref:
        pop(exnref);
        leave();
        break;
    case Op::try_table:
        judge_try_table(in);
        break;
    case Op::drop:
        pop_any();
        break;
    case Op::select:
    case Op::select_t:
        judge_select(in);
        break;
    case Op::local_get:
        if (local(in); !all_have_values_ && !initialized_[in.index]) uninitialized(in.index);
        push(locals_[in.index]);
        break;
    case Op::local_set:
    case Op::local_tee:
        pop(locals_[local(in)]);
        if (!all_have_values_ && !initialized_[in.index]) {
            initialized_[in.index] = true;
            assigned_.push_back(in.index);
        }
        if (in.op == Op::local_tee) push(locals_[in.index]);
        break;
    case Op::global_get:
        push(global(in.index).type);
        break;
    case Op::global_set:
        if (!global(in.index).is_mutable) immutable(in.index);
        pop(module_.globals[in.index].type);
        break;
    case Op::table_get:
        pop(table(in.index).limits.address());
        push(module_.tables[in.index].element);
        break;
    case Op::table_set:
        pop(table(in.index).element);
        pop(module_.tables[in.index].limits.address());
        break;
    case Op::ref_null:
        push(in.type);
        break;
    case Op::ref_is_null:
        pop_reference();
        push(i32);
        break;
    case Op::ref_func:
        function(in.index);
        if (!module_.declared[in.index]) undeclared(in.index);
        push(module_.features.has(Feature::function_references)
                 ? ValueType::reference(module_.functions[in.index], false)
                 : funcref);
        break;
    case Op::ref_as_non_null:
        push(pop_reference().as_non_null());
        break;
    case Op::br_on_null:
    case Op::br_on_non_null:
        judge_reference_branch(in);
        break;
    default:
        judge_bulk(in);
        break;
    }
}

template <class Sink>
void Validator<Sink>::judge_branch_table(const Instruction& in) {
    pop(i32);
    Reader labels({in.bytes, in.bytes_end}, in.at);
    std::uint32_t last = 0;
    std::uint32_t previous = UINT32_MAX;
    std::size_t arity = 0;
    // The default is the last label; every label must take the operands that are there.
    Reader find = labels;
    for (std::uint32_t i = 0; i <= in.count; ++i) {
        last = find.u32("a label");
    }
    check_label(last);
    arity = label_types(last).size();
    for (std::uint32_t i = 0; i < in.count; ++i) {
        const std::uint32_t label = labels.u32("a label");
        if (label == previous) continue; // long tables repeat labels
        previous = label;
        check_label(label);
        const std::span<const ValueType> types = label_types(label);
        if (types.size() != arity) {
            invalid(at_, "type mismatch in br_table: label " + std::to_string(label) + " takes " +
                             std::to_string(types.size()) + " operands, the default " + std::to_string(arity));
        }
        if (!module_.features.has(Feature::reference_types) && !std::ranges::equal(types, label_types(last))) {
            invalid(at_, "type mismatch in br_table: labels of different types"); // subtyping came with 2.0
        }
        count(arity);
        // Judge without losing the operands' own types.
        const Control& control = controls_.back();
        for (std::size_t k = 0; k < arity; ++k) {
            const std::size_t depth = k + 1;
            const bool present = operands_.size() - control.height >= depth;
            if (!present && control.unreachable) continue;
            if (!present) invalid(at_, "type mismatch in br_table: the operand stack is empty");
            const ValueType found = operands_[operands_.size() - depth];
            if (!matches(found, types[arity - depth])) mismatch(types[arity - depth], found);
        }
    }
    pop(label_types(last));
    leave();
}

template <class Sink>
void Validator<Sink>::judge_try_table(const Instruction& in) {
    Reader clauses({in.bytes, in.bytes_end}, in.at);
    std::vector<ValueType> caught;
    for (std::uint32_t i = 0; i < in.count; ++i) {
        const CatchClause clause = read_catch_clause(clauses);
        caught.clear();
        if (clause.kind == CatchKind::catch_ || clause.kind == CatchKind::catch_ref) {
            const std::span<const ValueType> payload = module_.parameters(tag(clause.tag));
            caught.assign(payload.begin(), payload.end());
        }
        if (clause.kind == CatchKind::catch_ref || clause.kind == CatchKind::catch_all_ref) {
            caught.push_back(exnref.as_non_null());
        }
        count(caught.size());
        check_label(clause.label);
        const std::span<const ValueType> types = label_types(clause.label);
        if (!std::ranges::equal(caught, types, matches)) {
            invalid(at_, "type mismatch in try_table: clause " + std::to_string(i) + " does not fit its label");
        }
    }
    open(in);
}

template <class Sink>
void Validator<Sink>::judge_select(const Instruction& in) {
    pop(i32);
    if (in.op == Op::select_t) {
        if (in.count != 1) invalid(at_, "invalid result arity: select names " + std::to_string(in.count) + " types");
        pop(in.type);
        pop(in.type);
        push(in.type);
        return;
    }
    const ValueType second = pop_any();
    const ValueType first = pop_any();
    if (first.is_reference() || second.is_reference()) {
        invalid(at_, "type mismatch: select without a type cannot choose references");
    }
    if (first != second && !first.is_bottom() && !second.is_bottom()) mismatch(first, second);
    push(first.is_bottom() ? second : first);
}

template <class Sink>
void Validator<Sink>::judge_call(std::uint32_t type, bool tail) {
    pop(module_.parameters(type));
    if (!tail) {
        push(module_.results(type));
        return;
    }
    const std::span<const ValueType> own = ends(controls_.front().block);
    if (!std::ranges::equal(module_.results(type), own, matches)) {
        invalid(at_, "type mismatch in a tail call: the callee's results differ from the function's");
    }
    leave();
}

template <class Sink>
void Validator<Sink>::judge_reference_branch(const Instruction& in) {
    const ValueType reference = pop_reference();
    check_label(in.index);
    const std::span<const ValueType> types = label_types(in.index);
    if (in.op == Op::br_on_null) {
        require(types);
        push(reference.as_non_null());
        return;
    }
    if (types.empty() || !matches(reference.as_non_null(), types.back())) {
        invalid(at_, "type mismatch in br_on_non_null: the label takes no such reference");
    }
    require(types.first(types.size() - 1));
}

template <class Sink>
void Validator<Sink>::judge_bulk(const Instruction& in) {
    const auto narrower = [](ValueType a, ValueType b) { return a == i64 && b == i64 ? i64 : i32; };
    switch (in.op) {
    case Op::memory_init:
        pop(i32);
        pop(i32);
        pop(memory(in.index2));
        data(in.index);
        break;
    case Op::data_drop:
        data(in.index);
        break;
    case Op::memory_copy: {
        const ValueType to = memory(in.index);
        const ValueType from = memory(in.index2);
        pop(narrower(to, from));
        pop(from);
        pop(to);
        break;
    }
    case Op::memory_fill: {
        const ValueType address = memory(in.index);
        pop(address);
        pop(i32);
        pop(address);
        break;
    }
    case Op::table_init: {
        const TableType& to = table(in.index2);
        if (!matches(element(in.index).type, to.element)) mismatch(to.element, element(in.index).type);
        pop(i32);
        pop(i32);
        pop(to.limits.address());
        break;
    }
    case Op::elem_drop:
        element(in.index);
        break;
    case Op::table_copy: {
        const TableType& to = table(in.index);
        const TableType& from = table(in.index2);
        if (!matches(from.element, to.element)) mismatch(to.element, from.element);
        pop(narrower(to.limits.address(), from.limits.address()));
        pop(from.limits.address());
        pop(to.limits.address());
        break;
    }
    case Op::table_grow: {
        const ValueType address = table(in.index).limits.address();
        pop(address);
        pop(module_.tables[in.index].element);
        push(address);
        break;
    }
    case Op::table_size:
        push(table(in.index).limits.address());
        break;
    case Op::table_fill: {
        const ValueType address = table(in.index).limits.address();
        pop(address);
        pop(module_.tables[in.index].element);
        pop(address);
        break;
    }
    default:
        invalid(at_, "no rule for " + std::string(info(in.op).text));
    }
}

} // namespace rvm::wasm
