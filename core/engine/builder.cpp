// The builder's ground: cells, accumulators, emitting, moving.
#include "engine/builder.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "engine/builder_inline.hpp"

namespace rvm::engine {
namespace {

/// Entries or cells that one instruction may look at before the builder tidies.
constexpr std::size_t most_looks = 64;
/// Of the cells of a frame, those that one instruction may need: from there on every instruction begins tidily.
constexpr std::uint32_t last_cells = 5'000;

} // namespace

Builder::Builder(BuilderLimits limits, std::size_t words) : limits_(limits), handlers_(handler_words()) {
    words_.reserve(std::min<std::size_t>(words, limits.max_words));
}

// -- functions

void Builder::begin_function(std::uint32_t function, const FunctionShape& shape) {
    if (failed_) return;
    shape_ = shape;
    function_ = function;
    stack_base_ = shape.locals;
    std::fill_n(references_.begin(), std::min<std::size_t>(references_.size(), cells_ + 2), 0); // the last function's
    cells_ = 0;
    stack_.clear();
    clean_ = 0;
    spare_ = none;
    tail_target_ = none;
    untidy_ = false;
    labels_.clear();
    carried_.clear();
    jumps_.clear();
    held_readers_.clear();
    if (entries_.size() <= function) entries_.resize(function + 1);
    use_frame(0, std::max({shape.locals, shape.results, 1U}));
    words_.push_back(shape.parameters != 0 ? shape.parameters - 1 : 0);
    words_.push_back(0);
    words_.push_back(0);
    entries_[function] = here();
    begin_block();
    for (std::uint32_t i = 0; i < shape.on_stack; ++i)
        push_cell(Type::i64, i);
    clean_ = shape.on_stack;
    unwritten_.assign(shape.locals, false);
    std::fill(unwritten_.begin() + shape.parameters, unwritten_.end(), true);
    any_unwritten_ = shape.locals != shape.parameters;
    forget_accumulators();
    if (shape.parameters != 0) producers_[0] = {shape.parameters - 1, none, 0, 0, true};
}

/// From here on, other paths may read locals: those that are still zero are written.
void Builder::write_zeros() {
    if (!any_unwritten_) return;
    any_unwritten_ = false;
    for (std::uint32_t first = shape_.parameters, end = first; first < shape_.locals; first = end + 1) {
        for (end = first; end < shape_.locals && unwritten_[end];)
            ++end;
        if (end - first == 1) emit(number(Handler::zero1), first, 0, 0);
        if (end - first > 1) emit(number(Handler::zero), first, 0, end - first);
    }
}

void Builder::end_function(std::optional<std::uint32_t> height) {
    if (height.value_or(shape_.height) > Room::most_height) failed_ = true;
    if (failed_) return;
    assert(!reachable_);
    const Word needed = Room::of(height.value_or(shape_.height), cells_, 0);
    words_[entries_[function_] - 2] = needed;
    for (const std::uint32_t word : takes_room_)
        words_[word] -= needed;
    takes_room_.clear();
    for (const Fixup& jump : jumps_) {
        const auto distance = static_cast<std::int32_t>(labels_[jump.label].word - jump.word);
        std::memcpy(reinterpret_cast<std::uint8_t*>(&words_[jump.word]) + jump.slot, &distance, sizeof distance);
    }
    reachable_ = false;
}

std::optional<Code> Builder::finish() {
    if (failed_) return std::nullopt;
    for (const Fixup& call : calls_) {
        const auto distance = static_cast<std::int32_t>(entries_[call.label] - call.word);
        std::memcpy(reinterpret_cast<std::uint8_t*>(&words_[call.word]) + call.slot, &distance, sizeof distance);
        words_[call.word + (call.slot == call_sum_distance_slot ? 3 : 2)] += words_[entries_[call.label] - 2];
    }
    words_.shrink_to_fit();
    entries_.shrink_to_fit();
    positions_.shrink_to_fit();
    return Code{std::move(words_), std::move(entries_), std::move(positions_)};
}

// -- cells

/// Makes the tables by cell reach as far as the frame.
void Builder::grow_frame(std::uint32_t end) {
    if (end > limits_.max_cells) {
        failed_ = true;
        return;
    }
    cells_ = end;
    untidy_ |= end + last_cells > limits_.max_cells;
    if (references_.size() < end + 2) {
        references_.resize(end + 2, 0);
        reads_.resize(end + 2, 0);
        writers_.resize(end + 2, 0);
    }
}

/// The first free cells above `home`, which is not free.
std::uint32_t Builder::search(std::uint32_t count, std::uint32_t home) {
    std::uint32_t cell = home;
    while (!failed_ && (references_[cell] != 0 || references_[cell + count - 1] != 0)) {
        cell = std::max(cell + 1, stack_base_);
        use_frame(cell, count);
    }
    looked_at(cell - home);
    return failed_ ? 0 : cell;
}

void Builder::looked_at(std::size_t entries) noexcept {
    visits_ += entries;
    untidy_ |= entries > most_looks;
}

/// Entries away from home are what makes looks long and frames large. Where that becomes too much, all go home before
/// the next instruction: a long look is paid by the entries that were pushed since the last time, and whatever the
/// stack's height allows has a cell.
void Builder::tidy() {
    settle();
    untidy_ = cells_ + last_cells > limits_.max_cells;
}

std::uint32_t Builder::home(std::uint32_t below) const noexcept {
    return below < height() ? stack_[below].home : next_home();
}

/// Gives a constant a cell.
void Builder::force(std::uint32_t from_top) {
    Entry& entry = top(from_top);
    if (!entry.constant) return;
    std::uint32_t cell = entry.home;
    if (references_[cell] != 0) cell = fresh(entry.type);
    write_constant(cell, entry.bits);
    Entry& again = top(from_top);
    again.constant = false;
    again.cell = cell;
    reference(again, true);
}

// -- accumulators

void Builder::forget_accumulators() {
    for (Producer& producer : producers_)
        producer.cell = none;
    comparison_.word = none;
    last_ = none;
    last_copy_ = none;
}

/// From here on, other paths may read what is in cells now.
void Builder::keep_cells() {
    for (Producer& producer : producers_)
        producer.read = true;
    last_ = none;
    last_copy_ = none;
    comparison_.word = none;
}

/// An entry that was popped is read from its accumulator: if nobody else wants it, its cell is never written.
void Builder::from_accumulator(const Entry& entry, Bank bank) {
    Producer& producer = producers_[static_cast<std::size_t>(bank)];
    if (references_[entry.cell] != 0 || !is_temporary(entry.cell) || producer.read || producer.to_a == 0) return;
    words_[producer.word] = handlers_[producer.handler + producer.to_a];
    producer.cell = none;
}

// -- moving

void Builder::write_constant(std::uint32_t cell, std::uint64_t bits) {
    const auto narrow = static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
    const bool fits = static_cast<std::uint64_t>(static_cast<std::int64_t>(narrow)) == bits;
    const Handler handler = fits ? Handler::const32 : Handler::const64;
    const std::uint32_t word = emit(number(handler), cell, 0, fits ? static_cast<std::uint32_t>(narrow) : 0);
    if (!fits) more(bits);
    produced(Bank::integer, cell, word, number(handler), 0);
}

void Builder::copy(std::uint32_t to, std::uint32_t from) {
    if (to == from) return;
    Producer& integer = producers_[static_cast<std::size_t>(Bank::integer)];
    if (integer.cell == from && integer.held == none) {
        if (references_[from] == 0 && is_temporary(from) && !integer.read && integer.to_a != 0)
            words_[integer.word] = handlers_[integer.handler + integer.to_a];
        produced(Bank::integer, to, emit(number(Handler::copy_a), to, 0, 0), number(Handler::copy_a), 0);
        return;
    }
    for (Producer& producer : producers_)
        if (producer.cell == from) producer.read = true;
    if (last_copy_ != none && last_copy_ + 2 == here()) { // two in one
        words_[last_copy_] = handlers_[number(Handler::copy2)];
        words_[last_copy_ + 1] =
            (words_[last_copy_ + 1] & 0xffffffff) | std::uint64_t{to} << 32 | std::uint64_t{from} << 48;
        produced(Bank::integer, to, last_copy_, number(Handler::copy2), 0);
        last_copy_ = none;
        last_ = none;
        return;
    }
    const std::uint32_t word = emit(number(Handler::copy_r), to, from, 0);
    produced(Bank::integer, to, word, number(Handler::copy_r), 0);
    last_copy_ = word;
}

/// If the last instruction made the popped entry, for nobody else, as the sum of a cell or the accumulator and a
/// constant: the form of a load or store that adds instead. Else LoadForm::count.
LoadForm Builder::sum_form(const Entry& entry) const noexcept {
    const Producer& sum = producers_[0];
    if (entry.constant || sum.cell != entry.cell || sum.word + 2 != here() || sum.read ||
        references_[entry.cell] != 0 || !is_temporary(entry.cell))
        return LoadForm::count;
    if (sum.handler == number(Handler::i32_add_ri)) return LoadForm::s;
    if (sum.handler == number(Handler::i32_add_ai)) return LoadForm::t;
    if (words_[sum.word + 1] >> 63 != 0) return LoadForm::count; // offsets are not signed
    if (sum.handler == number(Handler::i64_add_ri)) return LoadForm::r;
    if (sum.handler == number(Handler::i64_add_ai)) return LoadForm::a;
    return LoadForm::count;
}

/// Takes it back, so that the accumulator is what it was before: the cell that was added to, and the constant.
std::uint32_t Builder::take_back_sum(std::uint32_t& constant) {
    const std::uint32_t word = producers_[0].word;
    const std::uint32_t holder = holder_at(word);
    const std::uint64_t operands = words_[word + 1];
    constant = static_cast<std::uint32_t>(operands >> 32);
    cut(word);
    producers_[0] = {};
    if (holder != none) producers_[0] = {labels_[holder].held, none, 0, 0, true, holder};
    last_ = none;
    last_copy_ = none;
    return static_cast<std::uint32_t>(operands >> 16 & 0xffff);
}

/// Makes spare_ a cell that no entry is in and that no move writes, be it one already made: what that one wrote must
/// last. A cell taken earlier may have become some entry's home. False if the frame is full.
bool Builder::claim_spare() {
    if (spare_ != none) {
        const auto written = [&](const Move& move) { return move.to == spare_; };
        if (references_[spare_] == 1 && std::ranges::none_of(moves_, written)) return true;
        --references_[spare_];
    }
    spare_ = cells_;
    use_frame(spare_, 1);
    if (failed_) return false;
    references_[spare_] = 1; // nobody else's
    return true;
}

/// Emits moves_ as if all happened at once, in linear time, and clears them.
void Builder::move_all() {
    for (std::size_t i = 0; i < moves_.size(); ++i) {
        Move& move = moves_[i];
        use_frame(std::max(move.to, move.from), 1);
        if (failed_) return;
        if (move.to == move.from) {
            move.done = true;
            continue;
        }
        ++reads_[move.from];
        writers_[move.to] = static_cast<std::uint32_t>(i) + 1;
    }
    auto drain = [&] {
        while (!ready_.empty()) {
            Move& move = moves_[ready_.back()];
            ready_.pop_back();
            copy(move.to, move.from);
            move.done = true;
            writers_[move.to] = 0;
            if (--reads_[move.from] == 0 && writers_[move.from] != 0) ready_.push_back(writers_[move.from] - 1);
        }
    };
    for (std::size_t i = moves_.size(); i-- > 0;)
        if (!moves_[i].done && reads_[moves_[i].to] == 0) ready_.push_back(static_cast<std::uint32_t>(i));
    drain();
    bool spare_claimed = false;
    for (std::size_t i = 0; i < moves_.size(); ++i) { // only cycles are left: each cell is read once
        Move& move = moves_[i];
        if (move.done) continue;
        if (!spare_claimed && !claim_spare()) return;
        spare_claimed = true;
        const std::uint32_t spare = spare_;
        copy(spare, move.from);
        const std::uint32_t freed = move.from;
        --reads_[freed];
        ++reads_[spare];
        move.from = spare;
        if (reads_[freed] == 0 && writers_[freed] != 0) ready_.push_back(writers_[freed] - 1);
        drain();
    }
    moves_.clear();
}

bool Builder::settled(std::uint32_t count) noexcept {
    for (std::uint32_t i = clean_; i < count; ++i, ++visits_)
        if (stack_[i].constant || stack_[i].cell != stack_[i].home) return false;
    return true;
}

void Builder::settle() {
    if (!reachable_ || failed_) return;
    if (settled(height())) {
        clean_ = height();
        return;
    }
    moves_.clear();
    for (std::uint32_t i = clean_; i < height(); ++i, ++visits_) {
        const Entry& entry = stack_[i];
        if (entry.constant) continue;
        for (std::uint32_t part = 0; part < cells_of(entry.type); ++part)
            moves_.push_back({entry.home + part, entry.cell + part, false});
    }
    move_all();
    if (failed_) return;
    for (std::uint32_t i = clean_; i < height(); ++i) {
        Entry& entry = stack_[i];
        if (entry.constant) write_constant(entry.home, entry.bits);
        reference(entry, false);
        entry.constant = false;
        entry.cell = entry.home;
        reference(entry, true);
    }
    clean_ = height();
}

// -- stack

void Builder::push(Type type, std::uint64_t bits) {
    if (!reachable_ || failed_) return;
    const std::uint32_t home = next_home();
    use_frame(home, 1);
    if (!failed_) stack_.emplace_back(bits, 0U, home, type, true);
}

void Builder::push_v128(std::uint64_t low, std::uint64_t high) {
    if (!reachable_ || failed_) return;
    const std::uint32_t cell = fresh(Type::v128);
    emit(number(Handler::const_v128), cell, 0, 0);
    more(low);
    more(high);
    overwritten(cell, 2);
    push_cell(Type::v128, cell);
}

void Builder::local_get(std::uint32_t cell, Type type) {
    if (!reachable_ || failed_) return;
    if (any_unwritten_ && unwritten_[cell]) {
        if (type != Type::v128) return push(type, 0);
        write_zeros();
    }
    push_cell(type, cell);
}

void Builder::local_set(std::uint32_t cell) {
    if (!reachable_ || failed_) return;
    const Entry value = pop();
    const std::uint32_t count = cells_of(value.type);
    if (any_unwritten_ && unwritten_[cell]) {
        if (value.constant && value.bits == 0) return;
        std::fill_n(unwritten_.begin() + cell, count, false);
    }
    if (!value.constant && value.cell == cell) return;
    if (references_[cell] != 0) { // entries below still mean the old value
        reference(value, true);
        stack_.push_back(value); // keeps its cell while a place for the old value is found
        const std::uint32_t kept = fresh(value.type);
        stack_.pop_back();
        reference(value, false);
        if (failed_) return;
        if (count == 2) {
            emit(number(Handler::copy_v128), kept, cell, 0);
            overwritten(kept, 2);
        } else {
            copy(kept, cell);
        }
        std::size_t i = stack_.size();
        while (i-- > 0 && references_[cell] != 0) {
            Entry& entry = stack_[i];
            if (entry.constant || entry.cell != cell) continue;
            reference(entry, false);
            entry.cell = kept;
            reference(entry, true);
        }
        looked_at(stack_.size() - 1 - i);
    }
    if (value.constant) {
        write_constant(cell, value.bits);
        last_ = none;
        return;
    }
    // The instruction that made the value writes the local at once, if it was the last one.
    const bool last_made_it = last_ != none && (words_[last_ + 1] & 0xffff) == value.cell && is_temporary(value.cell) &&
                              references_[value.cell] == 0;
    if (last_made_it) {
        words_[last_ + 1] = (words_[last_ + 1] & ~std::uint64_t{0xffff}) | cell;
        const std::uint32_t word = last_;
        for (Producer& producer : producers_) {
            if (producer.cell == cell) producer.cell = none;
            if (producer.cell == value.cell) {
                if (producer.word == word)
                    producer.cell = cell;
                else
                    producer.cell = none;
            }
        }
        last_ = none;
        last_copy_ = none;
        comparison_.word = none;
        return;
    }
    if (count == 2) {
        emit(number(Handler::copy_v128), cell, from_cell(value), 0);
        overwritten(cell, 2);
    } else {
        copy(cell, value.cell);
    }
    last_ = none;
}

void Builder::local_tee(std::uint32_t cell) {
    if (!reachable_ || failed_) return;
    const Type type = top(0).type;
    local_set(cell);
    local_get(cell, type);
}

void Builder::drop() {
    if (!reachable_ || failed_) return;
    pop();
}

void Builder::swap() {
    if (!reachable_ || failed_) return;
    Entry& upper = top(0);
    Entry& lower = top(1);
    std::swap(upper, lower);
    std::swap(upper.home, lower.home);
    assert(cells_of(upper.type) == cells_of(lower.type));
    clean_ = std::min(clean_, height() - 2);
}

void Builder::pick(std::uint32_t from_top) {
    if (!reachable_ || failed_) return;
    Entry entry = top(from_top);
    entry.home = next_home();
    use_frame(entry.home, cells_of(entry.type));
    if (failed_) return;
    reference(entry, true);
    stack_.push_back(entry);
}

void Builder::retype(Type type) {
    if (!reachable_ || failed_) return;
    assert(cells_of(type) == cells_of(top(0).type));
    top(0).type = type;
}

} // namespace rvm::engine
