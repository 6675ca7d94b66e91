// Blocks, branches, calls.
#include <algorithm>
#include <cassert>

#include "engine/builder_inline.hpp"

namespace rvm::engine {
namespace {

constexpr std::uint32_t most_lazy = 64; ///< entries that may be away from home at a call
constexpr std::uint32_t most_shift = 4; ///< cells that a callee may lie higher than needed: what rules count for a call
constexpr std::uint32_t most_table = 0xffff; ///< number of a table in a call

} // namespace

/// The word of the new block's price has just been written.
void Builder::begin_block() {
    price_ = here() - 1;
    note_at(price_);
    reachable_ = true;
}

Label Builder::label(std::uint32_t below, std::span<const Type> carried) {
    LabelState state;
    state.below = below;
    state.first_type = static_cast<std::uint32_t>(carried_.size());
    state.carried = static_cast<std::uint32_t>(carried.size());
    visits_ += carried.size();
    carried_.insert(carried_.end(), carried.begin(), carried.end());
    labels_.push_back(state);
    return {static_cast<std::uint32_t>(labels_.size() - 1)};
}

void Builder::bind(Label label) {
    if (failed_) return;
    LabelState& state = labels_[label.index];
    if (reachable_) {
        settle();
        write_zeros();
        words_.push_back(handlers_[number(Handler::enter)]);
    }
    words_.push_back(0);
    state.word = here();
    const bool only_from_above = reachable_ && !state.used;
    begin_block();
    if (only_from_above)
        hold(label.index);
    else
        forget_accumulators();
    while (height() > state.below)
        pop();
    for (std::uint32_t i = clean_; i < height(); ++i, ++visits_) { // those below are at home already
        Entry& entry = stack_[i];
        reference(entry, false);
        entry.constant = false;
        entry.cell = entry.home;
        reference(entry, true);
    }
    while (!failed_ && height() < state.below)
        push_cell(Type::i64, next_home());
    for (std::uint32_t i = 0; !failed_ && i < state.carried; ++i)
        push_cell(carried_[state.first_type + i], next_home());
    clean_ = height();
}

bool Builder::needs_moves(const LabelState& label) const noexcept {
    return label.carried != 0 && height() != label.below + label.carried;
}

/// What a label carries, from where it is to where it belongs. Everything is at home.
void Builder::add_carried_moves(const LabelState& label) {
    moves_.clear();
    if (label.carried == 0 || height() == label.below + label.carried) return;
    std::uint32_t to = stack_[label.below].home;
    for (std::uint32_t i = height() - label.carried; i < height(); ++i)
        for (std::uint32_t part = 0; part < cells_of(stack_[i].type); ++part)
            moves_.push_back({to++, stack_[i].home + part, false});
}

void Builder::emit_jump(std::uint32_t label) {
    arrive(label);
    const Handler handler = labels_[label].word == none ? Handler::jump : Handler::jump_back;
    jumps_.push_back({emit(number(handler), 0, 0, 0), label, distance_slot});
    labels_[label].used = true;
}

void Builder::jump(Label label) {
    if (!reachable_ || failed_) return;
    settle();
    add_carried_moves(labels_[label.index]);
    move_all();
    write_zeros();
    emit_jump(label.index);
    forget_accumulators();
    reachable_ = false;
}

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

void Builder::jump_table(std::span<const Label> labels, Label otherwise) {
    if (!reachable_ || failed_) return;
    force(0);
    if (!failed_) settle();
    if (failed_) return;
    write_zeros();
    const Entry index = pop();
    const std::uint32_t table = ++tables_;
    const std::uint32_t at =
        emit(number(Handler::jump_table), from_cell(index), 0, static_cast<std::uint32_t>(labels.size()));
    const std::size_t slots = labels.size() + 1;
    if (slots / 2 + 1 > limits_.max_words - here()) {
        failed_ = true;
        return;
    }
    words_.resize(words_.size() + (slots + 1) / 2);
    std::vector<std::uint32_t> stubbed;
    for (std::size_t i = 0; i < slots; ++i) {
        const Label label = i < labels.size() ? labels[i] : otherwise;
        LabelState& state = labels_[label.index];
        state.used = true;
        release(label.index);
        if (needs_moves(state) && state.stub_of != table) {
            state.stub_of = table;
            stubbed.push_back(label.index);
        }
    }
    for (const std::uint32_t label : stubbed) {
        words_.push_back(0);
        labels_[label].stub = here();
        forget_accumulators();
        add_carried_moves(labels_[label]);
        move_all();
        if (failed_) return;
        emit_jump(label);
    }
    for (std::size_t i = 0; i < slots; ++i) {
        const Label label = i < labels.size() ? labels[i] : otherwise;
        const auto slot = static_cast<std::uint32_t>(16 + 4 * i);
        if (labels_[label.index].stub_of != table) {
            jumps_.push_back({at, label.index, slot});
            continue;
        }
        const std::uint64_t distance = labels_[label.index].stub - at;
        words_[at + 2 + i / 2] |= distance << (i % 2 * 32);
    }
    forget_accumulators();
    reachable_ = false;
}

void Builder::ret() {
    if (!reachable_ || failed_) return;
    std::uint32_t first = height();
    for (std::uint32_t cells = 0; cells < shape_.results;)
        cells += cells_of(stack_[--first].type);
    if (shape_.results == 0) {
        emit_alone(Handler::ret);
    } else if (shape_.results == 1) {
        const std::uint64_t bits = top(0).bits;
        const auto narrow = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
        const bool fits = static_cast<std::uint64_t>(static_cast<std::int64_t>(narrow)) == bits;
        if (top(0).constant && !fits) force(0);
        if (failed_) return;
        const Entry result = pop();
        if (result.constant) {
            emit(number(Handler::ret_i), 0, 0, static_cast<std::uint32_t>(narrow));
        } else if (in_accumulator(result, Bank::integer)) {
            from_accumulator(result, Bank::integer);
            const bool there = result.cell == 0 && producers_[0].cell == 0; // its cell is written, too
            emit_alone(there ? Handler::ret_there : Handler::ret_a);
        } else if (from_cell(result) == 0) {
            emit_alone(Handler::ret);
        } else {
            emit(number(Handler::ret_r), result.cell, 0, 0);
        }
    } else {
        std::uint32_t to = 0;
        moves_.clear();
        for (std::uint32_t i = first; i < height(); ++i)
            for (std::uint32_t part = 0; part < cells_of(stack_[i].type); ++part, ++to)
                if (!stack_[i].constant) moves_.push_back({to, stack_[i].cell + part, false});
        move_all();
        to = 0;
        for (std::uint32_t i = first; i < height(); ++i) {
            if (stack_[i].constant) write_constant(to, stack_[i].bits);
            to += cells_of(stack_[i].type);
        }
        emit_alone(Handler::ret);
    }
    forget_accumulators();
    reachable_ = false;
}

void Builder::trap(Trap trap) {
    if (!reachable_ || failed_) return;
    note();
    if (trap == Trap::unreachable)
        emit_alone(Handler::unreachable);
    else
        emit(number(Handler::stop), 0, 0, static_cast<std::uint32_t>(trap));
    forget_accumulators();
    reachable_ = false;
}

// -- calls

/// Whether the entries from `first` on are in neighbouring cells already, in order, at `base` or above.
bool Builder::neighbours(std::uint32_t first, std::uint32_t base) const noexcept {
    if (first == height() || stack_[first].constant || stack_[first].cell < base) return false;
    std::uint32_t cell = stack_[first].cell;
    for (std::uint32_t i = first; i < height(); cell += cells_of(stack_[i].type), ++i)
        if (stack_[i].constant || stack_[i].cell != cell) return false;
    return true;
}

/// Brings the topmost entries into neighbouring cells above which nothing else is; returns the first one.
std::uint32_t Builder::arrange(std::uint32_t arguments, std::span<const Type> results) {
    const std::uint32_t first = height() - arguments;
    std::uint32_t base = first < height() ? stack_[first].home : next_home();
    if (first < shape_.on_stack) base = stack_base_; // the cells of parameters are not below the rest of the frame
    bool disturbed = height() - clean_ > most_lazy;  // bounds the look at each call below
    const std::uint32_t usual = base;
    if (!disturbed && neighbours(first, base) && stack_[first].cell - base <= most_shift) base = stack_[first].cell;
    for (std::uint32_t i = clean_; i < first; ++i, ++visits_)
        disturbed |= !stack_[i].constant && stack_[i].cell + cells_of(stack_[i].type) > base;
    if (disturbed) {
        settle();
        base = usual;
    }
    moves_.clear();
    std::uint32_t to = base;
    std::uint32_t cells = 0;
    for (std::uint32_t i = first; i < height(); ++i)
        for (std::uint32_t part = 0; part < cells_of(stack_[i].type); ++part, ++to)
            if (!stack_[i].constant) moves_.push_back({to, stack_[i].cell + part, false});
    move_all();
    to = base;
    for (std::uint32_t i = first; !failed_ && i < height(); ++i) {
        if (stack_[i].constant) {
            use_frame(to, 1);
            write_constant(to, stack_[i].bits);
        }
        to += cells_of(stack_[i].type);
    }
    for (const Type type : results)
        cells += cells_of(type);
    use_frame(base, std::max(cells, to - base) + 1);
    return base;
}

void Builder::finish_call(std::uint32_t base, std::uint32_t arguments, std::span<const Type> results) {
    for (std::uint32_t i = 0; i < arguments; ++i)
        pop();
    forget_accumulators();
    std::uint32_t cell = base;
    for (const Type type : results) {
        if (failed_) return;
        push_cell(type, cell);
        cell += cells_of(type);
    }
}

/// A function has just returned: its first result is in the accumulator, too.
void Builder::returned(std::uint32_t base, std::span<const Type> results) {
    if (!results.empty()) producers_[0] = {base, none, 0, 0, true};
}

void Builder::call(std::uint32_t function, std::uint32_t arguments, std::span<const Type> results,
                   std::uint32_t advance) {
    if (!reachable_ || failed_) return;
    const std::uint32_t base = arrange(arguments, results);
    if (failed_) return;
    const std::uint32_t last = last_cell({base, 0, arguments}, arguments);
    std::uint64_t sum = 0;
    const Handler handler = arguments == 0 ? Handler::call : take_last_argument(last, sum);
    note();
    if (handler == Handler::call || handler == Handler::call_r) {
        calls_.push_back({emit(number(handler), base, last, 0), function, distance_slot});
    } else {
        const std::uint32_t word = emit(number(handler), base, last, static_cast<std::uint32_t>(sum >> 16 & 0xffff));
        calls_.push_back({word, function, call_sum_distance_slot});
        more(sum & 0xffff'ffff'0000'0000);
    }
    takes_room(Room::of(advance, base, 1));
    finish_call(base, arguments, results);
    returned(base, results);
}

/// Where the last argument is; the first one's place when there is none.
std::uint32_t Builder::last_cell(const Window& window, std::uint32_t arguments) noexcept {
    std::uint32_t end = window.base;
    for (std::uint32_t i = 0; i < arguments; ++i)
        end += cells_of(top(window.entries - arguments + i).type);
    return arguments == 0 ? end : end - 1;
}

/// The last word of a call, `below` being the room between the bases. end_function() takes the caller's need from it.
void Builder::takes_room(std::uint64_t below) {
    takes_room_.push_back(here());
    more(below);
}

/// How the last argument, which is in `cell`, comes into the accumulator: the form of call. If the last instruction
/// only made it, as a copy or the sum of a cell and a constant, takes that back: the call makes it instead, from
/// `operands`.
Handler Builder::take_last_argument(std::uint32_t cell, std::uint64_t& operands) {
    const Producer& made = producers_[0];
    if (made.cell != cell) return Handler::call_r;
    const Handler usual = made.held == none ? Handler::call : Handler::call_r;
    if (made.word == none || made.word + 2 != here() || words_[made.word] != handlers_[made.handler]) return usual;
    Handler handler = Handler::call_sum64;
    operands = words_[made.word + 1];
    const std::uint32_t holder = holder_at(made.word);
    const bool held = holder != none; // then the cell is read as well
    if (made.handler == number(Handler::copy2)) {
        words_[made.word] = handlers_[number(Handler::copy_r)];
        words_[made.word + 1] &= 0xffff'ffff;
        operands >>= 32;
    } else {
        if (made.handler == number(Handler::i32_add_ri) || (held && made.handler == number(Handler::i32_add_ai)))
            handler = Handler::call_sum32;
        else if (made.handler != number(Handler::i64_add_ri) && made.handler != number(Handler::copy_r) &&
                 !(held && made.handler == number(Handler::i64_add_ai)))
            return usual;
        if (held) operands |= std::uint64_t{labels_[holder].held} << 16;
        cut(made.word);
    }
    return handler;
}

/// arrange() for a call whose index or reference is on top. It is read before anything of the callee is written: a
/// local stays where it is, and so does what is in its own cell, above the arguments.
Builder::Window Builder::arrange_with_target(std::uint32_t arguments, std::span<const Type> results) {
    force(0);
    if (failed_) return {};
    const Entry target = top(0);
    const bool local = !is_temporary(target.cell);
    const bool at_home = target.cell == target.home && height() - 1 - arguments >= shape_.on_stack;
    if (local || at_home) {
        from_cell(pop());
        return {arrange(arguments, results), target.cell, arguments};
    }
    Window window{arrange(arguments + 1, results), 0, arguments + 1};
    if (failed_) return {};
    window.target = window.base;
    for (std::uint32_t i = 1; i <= arguments; ++i)
        window.target += cells_of(top(i).type);
    return window;
}

void Builder::call_indirect(std::uint32_t table, std::uint64_t signature, std::uint32_t arguments,
                            std::span<const Type> results, std::uint32_t advance) {
    if (!reachable_ || failed_) return;
    const Window window = arrange_with_target(arguments, results);
    if (failed_) return;
    note();
    if (table > most_table) failed_ = true;
    emit(number(Handler::call_indirect), window.target, window.base, last_cell(window, arguments) | table << 16);
    more(signature);
    takes_room(Room::of(advance, window.base, 1));
    finish_call(window.base, window.entries, results);
    returned(window.base, results);
}

void Builder::call_reference(std::uint64_t signature, std::uint32_t arguments, std::span<const Type> results,
                             std::uint32_t advance) {
    if (!reachable_ || failed_) return;
    const Window window = arrange_with_target(arguments, results);
    if (failed_) return;
    note();
    emit(number(Handler::call_reference), window.target, window.base, last_cell(window, arguments));
    more(signature);
    takes_room(Room::of(advance, window.base, 1));
    finish_call(window.base, window.entries, results);
    returned(window.base, results);
}

/// Arguments to the start of the frame; an index or reference on top to the cell after all others, which top(0) then
/// names. The last argument's cell.
std::uint32_t Builder::arrange_tail(std::uint32_t arguments, bool with_target) {
    if (with_target) {
        force(0);
        if (failed_) return 0;
        std::uint32_t needed = 0;
        for (std::uint32_t i = 1; i <= arguments; ++i)
            needed += cells_of(top(i).type);
        if (tail_target_ == none || tail_target_ < needed || references_[tail_target_] != 0)
            tail_target_ = std::max(cells_, needed); // above everything, arguments included
        const std::uint32_t spare = tail_target_;
        use_frame(spare, 1);
        if (failed_) return 0;
        copy(spare, top(0).cell);
        reference(top(0), false);
        top(0).cell = spare;
        reference(top(0), true);
    }
    const std::uint32_t end = height() - (with_target ? 1 : 0);
    std::uint32_t to = 0;
    moves_.clear();
    for (std::uint32_t i = end - arguments; i < end; ++i)
        for (std::uint32_t part = 0; part < cells_of(stack_[i].type); ++part, ++to) {
            use_frame(to, 1);
            if (!stack_[i].constant) moves_.push_back({to, stack_[i].cell + part, false});
        }
    move_all();
    to = 0;
    for (std::uint32_t i = end - arguments; !failed_ && i < end; ++i) {
        if (stack_[i].constant) write_constant(to, stack_[i].bits);
        to += cells_of(stack_[i].type);
    }
    return to == 0 ? 0 : to - 1;
}

void Builder::tail_call(std::uint32_t function, std::uint32_t arguments) {
    if (!reachable_ || failed_) return;
    const std::uint32_t last = arrange_tail(arguments, false);
    if (failed_) return;
    note();
    calls_.push_back({emit(number(Handler::tail_call), last, 0, 0), function, distance_slot});
    takes_room(0);
    forget_accumulators();
    reachable_ = false;
}

void Builder::tail_call_indirect(std::uint32_t table, std::uint64_t signature, std::uint32_t arguments) {
    if (!reachable_ || failed_) return;
    const std::uint32_t last = arrange_tail(arguments, true);
    if (failed_) return;
    note();
    if (table > most_table) failed_ = true;
    emit(number(Handler::tail_call_indirect), top(0).cell, 0, last | table << 16);
    more(signature);
    takes_room(Room::of(0, 0, 1));
    emit_alone(Handler::ret);
    forget_accumulators();
    reachable_ = false;
}

void Builder::tail_call_reference(std::uint64_t signature, std::uint32_t arguments) {
    if (!reachable_ || failed_) return;
    const std::uint32_t last = arrange_tail(arguments, true);
    if (failed_) return;
    note();
    emit(number(Handler::tail_call_reference), top(0).cell, 0, last);
    more(signature);
    takes_room(Room::of(0, 0, 1));
    emit_alone(Handler::ret);
    forget_accumulators();
    reachable_ = false;
}

void Builder::host(HostFunction function, std::uint64_t immediate, std::uint32_t arguments,
                   std::span<const Type> results) {
    if (!reachable_ || failed_) return;
    const std::uint32_t base = arrange(arguments, results);
    if (failed_) return;
    note();
    emit(number(Handler::host), base, 0, 0);
    more(reinterpret_cast<std::uint64_t>(function));
    more(immediate);
    takes_room(Room::of(0, base, 1));
    finish_call(base, arguments, results);
}

void Builder::item(const Item& item, std::uint64_t immediate, std::uint32_t arguments, std::span<const Type> results) {
    if (!reachable_ || failed_) return;
    const std::uint64_t last = arguments != 0 ? top(0).bits : 0;
    const auto narrow = static_cast<std::int32_t>(static_cast<std::uint32_t>(last));
    const bool constant =
        arguments != 0 && top(0).constant && static_cast<std::uint64_t>(static_cast<std::int64_t>(narrow)) == last;
    if (constant) {
        pop();
        --arguments;
    }
    const std::uint32_t base = arrange(arguments, results);
    const std::uint32_t cell = base + arguments; // a plugin's operands are words
    use_frame(cell, 1);
    if (failed_) return;
    note();
    if (constant)
        emit(number(Handler::item_i), base, cell, static_cast<std::uint32_t>(narrow));
    else
        emit(number(Handler::item), base, 0, 0);
    more(reinterpret_cast<std::uint64_t>(&item));
    more(immediate);
    finish_call(base, arguments, results);
}

void Builder::observe(HostFunction function, std::uint64_t immediate) {
    if (!reachable_ || failed_) return;
    settle();
    write_zeros();
    if (failed_) return;
    note();
    emit(number(Handler::host), stack_base_, 0, 0);
    more(reinterpret_cast<std::uint64_t>(function));
    more(immediate);
    more(0);
    forget_accumulators();
}

} // namespace rvm::engine
