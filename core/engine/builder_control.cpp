// Labels and blocks, jumps and tables of them, returns, traps.
#include <algorithm>
#include <cassert>

#include "engine/builder_inline.hpp"

namespace rvm::engine {

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

} // namespace rvm::engine
