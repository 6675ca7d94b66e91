// The parts of a primitive's input, taken from the front. Sizes inside an input are numbers of 4 bytes, big-endian.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include <rvm/plugin.h>

namespace rvm::crypto {

using Bytes = std::span<const std::uint8_t>;

/// Reading past the end gives empty parts and zeros, and whole() is false from then on.
class Parts {
  public:
    explicit Parts(rvm_view input) noexcept : rest_(input.data, input.size) {}

    [[nodiscard]] Bytes take(std::size_t size) noexcept {
        if (size > rest_.size()) {
            whole_ = false;
            rest_ = {};
            return {};
        }
        const Bytes part = rest_.first(size);
        rest_ = rest_.subspan(size);
        return part;
    }
    /// A big-endian number of `size` bytes, at most 8.
    [[nodiscard]] std::uint64_t number(std::size_t size = 4) noexcept {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : take(size)) {
            value = value << 8u | byte;
        }
        return value;
    }
    /// A part that its size precedes.
    [[nodiscard]] Bytes sized() noexcept { return take(static_cast<std::size_t>(number())); }
    [[nodiscard]] Bytes rest() noexcept { return take(rest_.size()); }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool whole() const noexcept { return whole_; }

  private:
    Bytes rest_;
    bool whole_ = true;
};

} // namespace rvm::crypto
