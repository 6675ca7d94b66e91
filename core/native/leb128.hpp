// LEB128 integers (DWARF 4, section 7.6), minimal encodings only: one value, one encoding.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace rvm::native {

inline constexpr unsigned leb_bits = 7; ///< payload bits of one byte; the eighth says that more follow

inline void write_unsigned(Bytes& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= leb_bits;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

inline void write_signed(Bytes& out, std::int64_t value) {
    for (;;) {
        const auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= leb_bits; // arithmetic since C++20
        if ((value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0)) {
            out.push_back(low);
            return;
        }
        out.push_back(static_cast<std::uint8_t>(low | 0x80));
    }
}

/// Reads forward through bytes; a failed read leaves the position where it was.
class Reader {
  public:
    explicit Reader(ByteView bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - position_; }
    [[nodiscard]] bool at_end() const noexcept { return position_ == bytes_.size(); }

    [[nodiscard]] std::optional<std::uint8_t> byte() noexcept {
        if (at_end()) return std::nullopt;
        return bytes_[position_++];
    }

    [[nodiscard]] std::optional<ByteView> take(std::uint64_t size) noexcept {
        if (size > left()) return std::nullopt;
        const ByteView out = bytes_.subspan(position_, static_cast<std::size_t>(size));
        position_ += static_cast<std::size_t>(size);
        return out;
    }

    /// A minimal unsigned integer of at most `max`.
    [[nodiscard]] std::optional<std::uint64_t>
    unsigned_value(std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) noexcept {
        std::uint64_t value = 0;
        std::size_t at = position_;
        for (unsigned shift = 0; shift < 64 && at < bytes_.size(); shift += leb_bits) {
            const std::uint8_t byte = bytes_[at++];
            const std::uint64_t low = byte & 0x7f;
            if (shift == 63 && low > 1) return std::nullopt; // beyond 64 bits
            value |= low << shift;
            if ((byte & 0x80) == 0) {
                if ((byte == 0 && shift != 0) || value > max) return std::nullopt; // a shorter encoding exists
                position_ = at;
                return value;
            }
        }
        return std::nullopt;
    }

    /// A minimal signed integer of 64 bits.
    [[nodiscard]] std::optional<std::int64_t> signed_value() noexcept {
        std::uint64_t value = 0;
        std::size_t at = position_;
        std::uint8_t previous = 0;
        for (unsigned shift = 0; shift < 64 && at < bytes_.size(); shift += leb_bits) {
            const std::uint8_t byte = bytes_[at++];
            if (shift == 63 && byte != 0 && byte != 0x7f) return std::nullopt; // beyond 64 bits
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                const bool negative = (byte & 0x40) != 0;
                const bool previous_negative = (previous & 0x40) != 0;
                if (shift != 0 && ((byte == 0 && !previous_negative) || (byte == 0x7f && previous_negative)))
                    return std::nullopt; // a shorter encoding exists
                if (negative && shift + leb_bits < 64) value |= ~std::uint64_t{0} << (shift + leb_bits);
                position_ = at;
                return std::bit_cast<std::int64_t>(value);
            }
            previous = byte;
        }
        return std::nullopt;
    }

  private:
    ByteView bytes_;
    std::size_t position_ = 0;
};

} // namespace rvm::native
