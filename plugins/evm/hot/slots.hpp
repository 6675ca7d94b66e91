// The translator's idea of the stack: for each position the slot or constant that holds its word.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "hot/program.hpp"

namespace rvm::evm::hot {

/// A word of a block: a constant, or what a slot holds.
struct Value {
    const U256* constant;
    std::int32_t slot;

    [[nodiscard]] bool is_slot(std::int32_t which) const noexcept { return constant == nullptr && slot == which; }
};

/// One write that a block still owes at its end.
struct Move {
    std::int32_t to;
    Value from;
};

/// Positions and slots count from the block's base, which is position 0; what the block found on the stack is below.
class Slots {
  public:
    Slots();
    /// A new block, on the stack as it is.
    void reset() noexcept;

    [[nodiscard]] std::int32_t height() const noexcept { return height_; }
    [[nodiscard]] Value pop() noexcept {
        --height_;
        const Value value = at(height_);
        if (value.constant == nullptr) --uses_[index(value.slot)];
        return value;
    }
    void push(Value value) noexcept {
        at(height_) = value;
        if (value.constant == nullptr) ++uses_[index(value.slot)];
        ++height_;
        high_ = std::max(high_, height_);
    }
    void push_slot(std::int32_t slot) noexcept { push({nullptr, slot}); }
    void dup(std::int32_t depth) noexcept { push(at(height_ - depth)); }
    void swap(std::int32_t depth) noexcept { std::swap(at(height_ - 1), at(height_ - 1 - depth)); }

    /// Words on the stack that live in `slot`.
    [[nodiscard]] unsigned uses(std::int32_t slot) const noexcept { return uses_[index(slot)]; }
    /// A slot for the word about to be pushed: its own position's, or a temporary one while that is needed by another.
    [[nodiscard]] std::int32_t fresh() noexcept {
        static_cast<void>(at(height_));
        high_ = std::max(high_, height_);
        return uses_[index(height_)] == 0 ? height_ : temporary_++;
    }
    /// `count` temporary slots in a row.
    [[nodiscard]] std::int32_t temporaries(std::int32_t count) noexcept;
    /// The block has to end before its room is used up.
    [[nodiscard]] bool almost_full() const noexcept {
        constexpr std::int32_t most_of_an_opcode = 16; // operands, a result, what a jump protects, a cycle
        return temporary_ > kFirstTemporary + kTemporaries - most_of_an_opcode || low_ < kLowWater ||
               height_ < kLowWater;
    }

    /// Whether settling writes `slot`.
    [[nodiscard]] bool will_be_written(std::int32_t slot) noexcept;
    /// Puts every word into its own position's slot: the moves that do it, in an order in which none destroys what
    /// another needs. reset() comes next.
    void settle(std::vector<Move>& out);

  private:
    static constexpr std::int32_t kLowest = -1100, kHighest = kFirstTemporary + kTemporaries;
    static constexpr std::int32_t kLowWater = -1040; // deeper than any stack: such a block never runs
    [[nodiscard]] static std::size_t index(std::int32_t position) noexcept {
        return static_cast<std::size_t>(position - kLowest);
    }
    Value& at(std::int32_t position) noexcept {
        while (low_ > position) { // below, every word is still where it was found
            --low_;
            values_[index(low_)] = {nullptr, low_};
        }
        return values_[index(position)];
    }

    std::array<Value, static_cast<std::size_t>(kHighest - kLowest)> values_; ///< see low_
    std::array<std::uint16_t, static_cast<std::size_t>(kHighest - kLowest)> uses_{};
    std::array<std::uint16_t, static_cast<std::size_t>(kHighest - kLowest)> readers_{}; ///< of settle(), else zero
    std::vector<std::int32_t> ready_;
    std::int32_t height_ = 0, low_ = 0, high_ = 0; ///< values_ from low_ to high_ were looked at
    std::int32_t temporary_ = kFirstTemporary;
};

} // namespace rvm::evm::hot
