// Calls of functions, of the host, of opcodes of plugins.
#include <algorithm>

#include "engine/builder_inline.hpp"

namespace rvm::engine {
namespace {

constexpr std::uint32_t most_lazy = 64; ///< entries that may be away from home at a call
constexpr std::uint32_t most_shift = 4; ///< cells that a callee may lie higher than needed: what rules count for a call
constexpr std::uint32_t most_table = 0xffff; ///< number of a table in a call

} // namespace

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
