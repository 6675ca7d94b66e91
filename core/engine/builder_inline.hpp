// Internal: what the builder does for nearly every instruction, small enough to be compiled into its callers.
#pragma once

#include "engine/builder.hpp"
#include "engine/handlers.hpp"

namespace rvm::engine {

inline constexpr std::uint32_t distance_slot = 12;          ///< byte offset of an instruction's upper operand half
inline constexpr std::uint32_t call_sum_distance_slot = 16; ///< in a call that makes an argument

// -- code

inline std::uint32_t Builder::emit(std::uint32_t handler, std::uint32_t a, std::uint32_t b, std::uint32_t upper) {
    const std::uint32_t word = here();
    if (word > limits_.max_words) failed_ = true;
    words_.push_back(handlers_[handler], a | std::uint64_t{b} << 16 | std::uint64_t{upper} << 32);
    last_ = none;
    comparison_.word = none;
    return word;
}

/// An instruction without operands.
inline void Builder::emit_alone(Handler handler) {
    if (here() > limits_.max_words) failed_ = true;
    words_.push_back(handlers_[number(handler)]);
    last_ = none;
    comparison_.word = none;
}

inline void Builder::more(std::uint64_t word) { words_.push_back(word); }

/// The next instruction may stop here.
inline void Builder::note() { note_at(here()); }

inline void Builder::note_at(std::uint32_t word) {
    if (noted_ == source_) return;
    noted_ = source_;
    positions_.add(word, source_);
}

// -- cells

inline void Builder::use_frame(std::uint32_t cell, std::uint32_t count) {
    if (cell + count > cells_) [[unlikely]]
        grow_frame(cell + count);
}

inline void Builder::reference(const Entry& entry, bool add) {
    if (entry.constant) return;
    references_[entry.cell] += add ? 1U : ~0U;
    if (entry.type == Type::v128) [[unlikely]]
        references_[entry.cell + 1] += add ? 1U : ~0U;
}

inline std::uint32_t Builder::next_home() const noexcept {
    const auto position = static_cast<std::uint32_t>(stack_.size());
    if (position < shape_.on_stack) return position;
    if (position == shape_.on_stack) return stack_base_;
    return stack_.back().home + cells_of(stack_.back().type);
}

/// A cell for the next entry: its home unless another entry is there.
inline std::uint32_t Builder::fresh(Type type, std::uint32_t home) {
    const std::uint32_t count = cells_of(type);
    use_frame(home, count);
    if (failed_) return 0;
    if (references_[home] != 0 || references_[home + count - 1] != 0) [[unlikely]]
        return search(count, home);
    return home;
}

inline void Builder::push_cell(Type type, std::uint32_t cell) {
    const std::uint32_t home = next_home();
    use_frame(home, cells_of(type));
    if (failed_) return;
    reference(stack_.emplace_back(0, cell, home, type, false), true);
}

/// In what fresh() gave for this home.
inline void Builder::push_fresh(Type type, std::uint32_t cell, std::uint32_t home) {
    reference(stack_.emplace_back(0, cell, home, type, false), true);
}

inline Builder::Entry Builder::pop() {
    const Entry& last = stack_.back();
    // One by one: a wide read of what has just been written in parts would wait until all of it has reached the cache.
    const Entry entry(last.bits, last.cell, last.home, last.type, last.constant);
    stack_.pop_back();
    reference(entry, false);
    clean_ = std::min(clean_, height());
    return entry;
}

// -- accumulators

inline void Builder::overwritten(std::uint32_t cell, std::uint32_t count) {
    for (Producer& producer : producers_)
        if (producer.cell != none && producer.cell - cell < count) producer.cell = none;
}

inline void Builder::produced(Bank bank, std::uint32_t cell, std::uint32_t word, std::uint32_t handler,
                              std::uint32_t to_a) {
    overwritten(cell, 1);
    producers_[static_cast<std::size_t>(bank)] = {cell, word, handler, to_a, false};
    last_ = word;
}

inline bool Builder::in_accumulator(const Entry& entry, Bank bank) const noexcept {
    const Producer& producer = producers_[static_cast<std::size_t>(bank)];
    return !entry.constant && producer.cell == entry.cell && producer.held == none;
}

/// in_accumulator(), or promised to be there: then the instruction is a reader, see takes_held().
inline bool Builder::may_take(const Entry& entry, Bank bank) const noexcept {
    return !entry.constant && producers_[static_cast<std::size_t>(bank)].cell == entry.cell;
}

/// The label that promises what the last instruction, at `word`, takes from the accumulator; none: it takes nothing so.
inline std::uint32_t Builder::holder_at(std::uint32_t word) const noexcept {
    return !held_readers_.empty() && held_readers_.back().word == word ? held_readers_.back().label : none;
}

/// Takes the code from `word` on back.
inline void Builder::cut(std::uint32_t word) {
    words_.resize(word);
    while (!held_readers_.empty() && held_readers_.back().word >= word) {
        labels_[held_readers_.back().label].readers = held_readers_.back().before;
        held_readers_.pop_back();
    }
}

inline std::uint32_t Builder::from_cell(const Entry& entry) {
    for (Producer& producer : producers_)
        if (producer.cell == entry.cell) producer.read = true;
    return entry.cell;
}

// -- blocks

/// The word of the new block's price has just been written.
inline void Builder::begin_block() {
    price_ = here() - 1;
    note_at(price_);
    reachable_ = true;
}

inline bool Builder::needs_moves(const LabelState& label) const noexcept {
    return label.carried != 0 && height() != label.below + label.carried;
}

} // namespace rvm::engine
