// Conditional branches: the comparison, and the sum before it, become part of the branch.
#include <algorithm>

#include "engine/builder_inline.hpp"

namespace rvm::engine {

/// Emits a conditional branch, which ends the block. Where values must move on the way, the branch goes to a stub
/// behind the rest of the function's code so far.
void Builder::branch(const Branch& how, Label label) {
    LabelState& state = labels_[label.index];
    state.used = true;
    write_zeros();
    const bool backwards = state.word != none && !needs_moves(state);
    const std::uint32_t back = backwards ? how.back : 0;
    const std::uint32_t at = emit(how.handler + back, how.a, how.b, how.upper);
    if (how.third) more(*how.third);
    if (how.held != none)
        takes_held({.word = at,
                    .handler = how.handler + back,
                    .plain = how.plain + back,
                    .shift = how.shift,
                    .label = how.held});
    if (needs_moves(state))
        release(label.index);
    else
        arrive(label.index);
    words_.push_back(0);
    if (!needs_moves(state)) {
        jumps_.push_back({at, label.index, how.slot});
        begin_block();
        keep_cells();
        return;
    }
    // taken -> stub; not taken -> [0] jump over the stub [0] stub [0] rest. The blocks of zero price belong to this
    // branch.
    const Producer before[3] = {producers_[0], producers_[1], producers_[2]};
    const std::uint32_t over = emit(number(Handler::jump), 0, 0, 0);
    words_.push_back(0);
    const std::uint32_t stub = here();
    words_[at + how.slot / 8] |= std::uint64_t{stub - at} << (how.slot % 8 * 8);
    forget_accumulators();
    add_carried_moves(state);
    move_all();
    emit_jump(label.index);
    words_.push_back(0);
    words_[over + 1] |= std::uint64_t{here() - over} << 32;
    std::copy(before, before + 3, producers_);
    begin_block();
    keep_cells();
}

/// `sum` made the value that is compared, as the last instruction before: one instruction adds, compares and branches.
bool Builder::fuse_sum(Op op, std::uint32_t form, std::uint64_t operands, const Producer& sum, bool when_zero,
                       Label label) {
    const bool immediate = form == static_cast<std::uint32_t>(Sources::ai);
    const bool on_right = form == static_cast<std::uint32_t>(Sources::ra);
    if (!immediate && !on_right && form != static_cast<std::uint32_t>(Sources::ar)) return false;
    if (sum.cell == none || sum.word + 2 != here()) return false;
    const bool from_acc = sum.handler == number(Handler::i32_add_ai) || sum.handler == number(Handler::i64_add_ai);
    const bool narrow = sum.handler == number(Handler::i32_add_ri) || sum.handler == number(Handler::i32_add_ai);
    if (!narrow && !from_acc && sum.handler != number(Handler::i64_add_ri)) return false;
    if (words_[sum.word] != handlers_[sum.handler] || (words_[sum.word + 1] & 0xffff) != sum.cell) return false;
    if (narrow && op == Op::i64_eq) op = Op::i32_eq; // the same for what is zero-extended
    if (narrow && op == Op::i64_ne) op = Op::i32_ne;
    if (shape_of(op).narrow != narrow) return false;
    if (on_right) op = shape_of(op).mirrored;
    if (when_zero) op = shape_of(op).inverse;
    const std::uint64_t added = words_[sum.word + 1];
    const std::uint32_t holder = holder_at(sum.word);
    cut(sum.word);
    const std::uint32_t plain = number(shape_of(op).first) + (immediate ? add_branch_i : add_branch_r);
    const Branch how{.handler = plain + (from_acc ? add_branch_a : 0),
                     .a = static_cast<std::uint32_t>(added & 0xffff),
                     .b = static_cast<std::uint32_t>(added >> 16 & 0xffff),
                     .upper = static_cast<std::uint32_t>(added >> 32),
                     .third = immediate ? operands >> 32 : operands >> (on_right ? 16 : 32) & 0xffff,
                     .slot = 20,
                     .back = branch_back,
                     .held = holder,
                     .plain = plain,
                     .shift = 16};
    producers_[0] = {sum.cell, here(), how.handler, 0, true};
    branch(how, label);
    return true;
}

void Builder::jump_if(Label label, bool when_zero) {
    if (!reachable_ || failed_) return;
    const std::uint32_t others = height() - 1;
    if (top(0).constant) force(0);
    if (failed_) return;
    if (!settled(others)) settle();
    if (failed_) return;
    clean_ = std::max(clean_, others);

    Comparison comparison = comparison_;
    const Entry condition = pop();
    const bool fusable = comparison.word != none && producers_[0].word == comparison.word &&
                         producers_[0].cell == condition.cell && !producers_[0].read &&
                         references_[condition.cell] == 0 && is_temporary(condition.cell);
    constexpr auto rr = static_cast<std::uint32_t>(Sources::rr);
    constexpr auto ri = static_cast<std::uint32_t>(Sources::ri);
    constexpr auto ra = static_cast<std::uint32_t>(Sources::ra);
    constexpr auto ai = static_cast<std::uint32_t>(Sources::ai);
    if (fusable && comparison.negates) {
        comparison = negated_;
        when_zero = !when_zero;
    }
    if (fusable) { // the comparison goes, the branch compares
        const OpShape& shape = shape_of(comparison.op);
        const std::uint64_t operands = words_[comparison.word + 1];
        const bool immediate = comparison.form == ri || comparison.form == ai;
        const bool floating = shape.family == Family::float_compare;
        Branch how{.a = static_cast<std::uint32_t>(operands >> 16 & 0xffff)};
        if (floating && immediate) {
            how.third = words_[comparison.word + 2];
        } else if (immediate) {
            how.upper = static_cast<std::uint32_t>(operands >> 32);
            how.third = 0;
            how.slot = 16;
        } else {
            how.b = static_cast<std::uint32_t>(operands >> 32 & 0xffff);
        }
        how.held = holder_at(comparison.word);
        cut(comparison.word);
        producers_[0] = comparison.before;
        if (!floating && fuse_sum(comparison.op, comparison.form, operands, comparison.before, when_zero, label))
            return;
        const bool equal = comparison.op == Op::i32_eq || comparison.op == Op::i64_eq;
        if (immediate && how.upper == 0 && (equal || comparison.op == Op::i32_ne || comparison.op == Op::i64_ne)) {
            jump_if_zero(equal != when_zero, comparison.form == ai, how.a, how.held, label);
            return;
        }
        std::uint32_t first = number(shape.first) + branch_forms;
        if (when_zero && floating) first += branch_not_forms - branch_forms;
        if (when_zero && !floating) first = number(shape_of(shape.inverse).first) + branch_forms;
        how.handler = first + comparison.form;
        how.back = floating ? float_branch_back : branch_back;
        how.plain = first + (immediate ? ri : rr);
        how.shift = comparison.form == ra ? 16 : 0;
        branch(how, label);
        return;
    }
    const bool acc = in_accumulator(condition, Bank::integer);
    if (acc) {
        const Producer sum = producers_[0];
        if (fuse_sum(Op::i64_ne, ai, 0, sum, when_zero, label)) return;
        from_accumulator(condition, Bank::integer);
    }
    jump_if_zero(when_zero, acc, acc ? 0 : from_cell(condition), none, label);
}

/// A branch on the accumulator or a cell. `held`: the label that promises what the accumulator has.
void Builder::jump_if_zero(bool when_zero, bool acc, std::uint32_t cell, std::uint32_t held, Label label) {
    const std::uint32_t plain = number(when_zero ? Handler::jump_zero_r : Handler::jump_nonzero_r);
    branch({.handler = plain + (acc ? one_source_a : 0),
            .a = acc ? 0 : cell,
            .back = zero_branch_back,
            .held = held,
            .plain = plain,
            .shift = 0},
           label);
}

} // namespace rvm::engine
