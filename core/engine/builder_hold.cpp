// What the accumulator holds where a loop begins. A local that was set last before a loop and last in each turn need
// not be read from its cell at the loop's start: the processor would wait for the write of the turn before.
//
// In one pass nobody knows the ends of the turns yet. So a label that is reached from above only promises the local
// that is in the accumulator there, and keeps a list of the instructions that take it. The first branch to the label
// that comes without it ends the promise: the instructions are changed back to read the cell.
#include <cassert>

#include "engine/builder_inline.hpp"

namespace rvm::engine {

/// The label has just been bound, and nothing but what is above it reaches it so far.
void Builder::hold(std::uint32_t label) {
    const Producer above = producers_[static_cast<std::size_t>(Bank::integer)];
    forget_accumulators();
    if (above.cell == none || above.held != none || is_temporary(above.cell)) return;
    labels_[label].held = above.cell;
    producers_[static_cast<std::size_t>(Bank::integer)] = {above.cell, none, 0, 0, true, label};
}

/// A branch to the label is about to be made.
void Builder::arrive(std::uint32_t label) {
    const std::uint32_t cell = labels_[label].held;
    if (cell == none) return;
    const Producer& here = producers_[static_cast<std::size_t>(Bank::integer)];
    if (here.cell == cell && (here.held == none || here.held == label)) return;
    release(label);
}

/// Ends the promise.
void Builder::release(std::uint32_t label) {
    LabelState& state = labels_[label];
    if (state.held == none) return;
    for (std::uint32_t i = state.readers; i != none; i = held_readers_[i].before) {
        const HeldReader& reader = held_readers_[i];
        const bool to_a = words_[reader.word] != handlers_[reader.handler];
        assert(!to_a || words_[reader.word] == handlers_[reader.handler + reader.to_a]);
        words_[reader.word] = handlers_[reader.plain + (to_a ? reader.to_a : 0)];
        words_[reader.word + 1] |= std::uint64_t{state.held} << reader.shift;
    }
    state.held = none;
    state.readers = none;
    Producer& integer = producers_[static_cast<std::size_t>(Bank::integer)];
    if (integer.held == label) integer.cell = none;
}

/// The instruction that was just emitted takes what its label promises.
void Builder::takes_held(const HeldReader& reader) {
    LabelState& state = labels_[reader.label];
    held_readers_.push_back(reader);
    held_readers_.back().before = state.readers;
    state.readers = static_cast<std::uint32_t>(held_readers_.size() - 1);
}

} // namespace rvm::engine
