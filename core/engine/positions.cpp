#include "engine/positions.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace rvm::engine {
namespace {

constexpr std::uint32_t short_words = 8;
constexpr std::uint32_t short_step = 16;
constexpr std::uint8_t long_form = 0x80;
static_assert(short_words * short_step == long_form);

void put(std::vector<std::uint8_t>& out, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.push_back(static_cast<std::uint8_t>(value));
}

std::uint32_t take(const std::uint8_t*& at) noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t byte = *at++;
        value |= std::uint32_t{byte & 0x7fU} << shift;
        if (byte < 0x80) return value;
    }
}

} // namespace

void Positions::add(std::uint32_t word, std::uint32_t source) {
    assert(word >= word_);
    if (count_++ % stretch == 0) {
        marks_.push_back({word, source, static_cast<std::uint32_t>(deltas_.size())});
    } else {
        const std::uint32_t step = source - source_;
        const std::uint32_t words = word - word_;
        if (words - 1 < short_words && step - 1 < short_step) [[likely]] {
            deltas_.push_back(static_cast<std::uint8_t>((words - 1) * short_step + step - 1));
        } else {
            deltas_.push_back(long_form);
            put(deltas_, words);
            put(deltas_, step << 1 ^ (step >> 31 != 0 ? ~std::uint32_t{0} : 0));
        }
    }
    word_ = word;
    source_ = source;
}

std::uint32_t Positions::source_at(std::uint32_t word) const noexcept {
    const auto next = std::ranges::upper_bound(marks_, word, {}, &Mark::word);
    if (next == marks_.begin()) return 0;
    Mark at = *std::prev(next);
    const std::uint8_t* delta = deltas_.data() + at.offset;
    const std::uint8_t* const end = deltas_.data() + (next == marks_.end() ? deltas_.size() : next->offset);
    while (delta != end) {
        std::uint32_t words = *delta / short_step + 1;
        std::uint32_t step = *delta % short_step + 1;
        if (*delta++ == long_form) {
            words = take(delta);
            step = take(delta);
            step = step >> 1 ^ (0 - (step & 1));
        }
        at.word += words;
        if (at.word > word) break;
        at.source += step;
    }
    return at.source;
}

std::size_t Positions::bytes() const noexcept { return marks_.capacity() * sizeof(Mark) + deltas_.capacity(); }

void Positions::shrink_to_fit() {
    marks_.shrink_to_fit();
    deltas_.shrink_to_fit();
}

} // namespace rvm::engine
