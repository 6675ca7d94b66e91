// Where code came from: positions in a source by word of code, in little more than a byte each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rvm::engine {

class Positions {
  public:
    /// From `word` on, code comes from `source`: the translator's own number. Words must not descend.
    void add(std::uint32_t word, std::uint32_t source);
    /// The source of the code at `word`; 0 before the first position.
    [[nodiscard]] std::uint32_t source_at(std::uint32_t word) const noexcept;
    /// Heap bytes behind it.
    [[nodiscard]] std::size_t bytes() const noexcept;
    void shrink_to_fit();

  private:
    static constexpr std::uint32_t stretch =
        128; ///< positions from one mark to the next: what a look-up decodes at most
    struct Mark {
        std::uint32_t word = 0;
        std::uint32_t source = 0;
        std::uint32_t offset = 0; ///< in deltas_, of the next position
    };
    std::vector<Mark> marks_;
    /// By position: a byte below 0x80, 1 to 8 words further (3 bits) and 1 to 16 further in the source (4 bits); or
    /// 0x80 and two LEB128 numbers: words further, and the step of the source, zigzag.
    std::vector<std::uint8_t> deltas_;
    std::uint32_t count_ = 0;
    std::uint32_t word_ = 0; ///< of the last position
    std::uint32_t source_ = 0;
};

} // namespace rvm::engine
