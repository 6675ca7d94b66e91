// The translator's idea of the stack: for each position the slot or constant that holds its word.
#pragma once

#include <algorithm>
#include <array>
#include <utility>

#include "hot/program.hpp"

namespace rvm::evm::hot {

/// The slot of constants. No word is in it: nobody needs to ask whether a value is a constant to count its uses.
inline constexpr std::int32_t kNoSlot = kFirstTemporary + kTemporaries;

/// A word of a block: a constant, or what a slot holds.
struct Value {
    const U256* constant; ///< or nullptr
    std::int32_t slot;

    [[nodiscard]] static Value in(std::int32_t slot) noexcept { return {nullptr, slot}; }
    [[nodiscard]] static Value of(const U256* constant) noexcept { return {constant, kNoSlot}; }
};

/// Positions and slots count from the block's base, which is position 0; what the block found on the stack is below.
class Slots {
  public:
    /// A new block, on the stack as it is.
    void reset() noexcept;

    [[nodiscard]] std::int32_t height() const noexcept { return height_; }
    /// How far the block has reached into the stack that it found, and over it: in words.
    [[nodiscard]] std::int32_t depth() const noexcept { return -low_; }
    [[nodiscard]] std::int32_t growth() const noexcept { return high_; }

    [[nodiscard]] Value pop() noexcept {
        const Value value = at(--height_);
        --uses_[index(value.slot)];
        return value;
    }
    void push(Value value) noexcept {
        values_[index(height_)] = value;
        ++uses_[index(value.slot)];
        high_ = std::max(high_, ++height_);
    }
    void push_slot(std::int32_t slot) noexcept { push(Value::in(slot)); }
    /// A word that whoever pushed it pops again.
    void pass() noexcept { high_ = std::max(high_, height_ + 1); }
    void dup(std::int32_t depth) noexcept { push(at(height_ - depth)); }
    void swap(std::int32_t depth) noexcept {
        Value& other = at(height_ - 1 - depth); // the lower one first: it makes the other known
        std::swap(values_[index(height_ - 1)], other);
    }

    /// Words on the stack that live in `slot`.
    [[nodiscard]] unsigned uses(std::int32_t slot) const noexcept { return uses_[index(slot)]; }
    /// A slot for the word about to be pushed: its own position's, or a temporary one while that is needed by another.
    [[nodiscard]] std::int32_t fresh() noexcept { return uses_[index(height_)] == 0 ? height_ : temporary_++; }
    /// `count` temporary slots in a row.
    [[nodiscard]] std::int32_t temporaries(std::int32_t count) noexcept {
        temporary_ += count;
        return temporary_ - count;
    }
    /// The block has to end before its room is used up.
    [[nodiscard]] bool almost_full() const noexcept {
        constexpr std::int32_t most_of_an_opcode = 16; // operands, a result, what a jump protects, a cycle
        return temporary_ > kFirstTemporary + kTemporaries - most_of_an_opcode || low_ < kLowWater;
    }

    /// Whether settling writes `slot`.
    [[nodiscard]] bool will_be_written(std::int32_t slot) const noexcept {
        return slot >= low_ && slot < height_ && !at_home(slot);
    }
    /// Puts every word into its own position's slot: calls write(position, value) for the moves that do it, in an order
    /// in which none destroys what another needs. reset() comes next.
    template <typename Write>
    void settle(Write write);

  private:
    static constexpr std::int32_t kLowest = -1100, kHighest = kNoSlot;
    static constexpr std::int32_t kLowWater = -1040; // deeper than any stack: such a block never runs
    static constexpr std::size_t kAll = static_cast<std::size_t>(kHighest - kLowest) + 1;
    static constexpr std::size_t kPositions = static_cast<std::size_t>(kFirstTemporary - kLowest);
    [[nodiscard]] static std::size_t index(std::int32_t position) noexcept {
        return static_cast<std::size_t>(position - kLowest);
    }
    [[nodiscard]] Value& at(std::int32_t position) noexcept {
        low_ = std::min(low_, position);
        if (position < known_) [[unlikely]]
            know(position);
        return values_[index(position)];
    }
    void know(std::int32_t position) noexcept;
    [[nodiscard]] bool at_home(std::int32_t position) const noexcept {
        return values_[index(position)].slot == position;
    }
    template <typename Write>
    void settle_cycles(std::size_t owed, Write write);

    std::array<Value, kPositions> values_;
    std::array<std::uint16_t, kAll> uses_{};
    std::array<std::uint16_t, kAll> readers_{};         ///< of settle(), else zero
    std::array<std::int32_t, kPositions> owed_, ready_; ///< of settle()
    std::int32_t height_ = 0, low_ = 0, high_ = 0;      ///< the lowest position looked at, the greatest height
    std::int32_t known_ = 0; ///< from here to 0 the arrays have been what reset() leaves, once
    std::int32_t temporary_ = kFirstTemporary;
};

template <typename Write>
void Slots::settle(Write write) {
    // A position may be written once no other owed position reads its slot.
    std::size_t owed = 0, ready = 0;
    for (std::int32_t position = low_; position < height_; ++position) {
        if (at_home(position)) continue;
        owed_[owed++] = position;
        ++readers_[index(values_[index(position)].slot)];
    }
    for (std::size_t i = 0; i < owed; ++i)
        if (readers_[index(owed_[i])] == 0) ready_[ready++] = owed_[i];
    std::size_t left = owed;
    for (; ready != 0; --left) {
        const std::int32_t position = ready_[--ready];
        const Value from = std::exchange(values_[index(position)], Value::in(position));
        write(position, from);
        if (--readers_[index(from.slot)] == 0 && will_be_written(from.slot)) ready_[ready++] = from.slot;
    }
    if (left != 0) settle_cycles(owed, write);
}

/// What is left are cycles, each word read by one other.
template <typename Write>
void Slots::settle_cycles(std::size_t owed, Write write) {
    const std::int32_t saved = temporaries(1); // one cycle after the other
    for (std::size_t i = 0; i < owed; ++i) {
        const std::int32_t start = owed_[i];
        if (at_home(start)) continue;
        write(saved, Value::in(start));
        for (std::int32_t position = start;;) {
            const std::int32_t source = std::exchange(values_[index(position)], Value::in(position)).slot;
            readers_[index(source)] = 0;
            write(position, Value::in(source == start ? saved : source));
            if (source == start) break;
            position = source;
        }
    }
}

} // namespace rvm::evm::hot
