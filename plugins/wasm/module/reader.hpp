// Bounded reading of a module's bytes: LEB128, names, fixed widths (core specification 5.2).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "error.hpp"

namespace rvm::wasm {

class Reader {
  public:
    /// `base`: offset of bytes[0] in the module, for messages.
    explicit Reader(std::span<const std::uint8_t> bytes, std::uint64_t base = 0) noexcept
        : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()), base_(base) {}

    [[nodiscard]] std::uint64_t offset() const noexcept { return base_ + static_cast<std::uint64_t>(at_ - begin_); }
    [[nodiscard]] std::uint64_t left() const noexcept { return static_cast<std::uint64_t>(end_ - at_); }
    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
    [[nodiscard]] const std::uint8_t* position() const noexcept { return at_; }

    std::uint8_t byte(const char* what) {
        if (at_ == end_) cut(what);
        return *at_++;
    }
    [[nodiscard]] std::uint8_t peek(const char* what) const {
        if (at_ == end_) cut(what);
        return *at_;
    }
    std::span<const std::uint8_t> bytes(std::uint64_t size, const char* what) {
        if (size > left()) cut(what);
        const std::uint8_t* first = at_;
        at_ += size;
        return {first, static_cast<std::size_t>(size)};
    }
    /// A reader of the next `size` bytes, which this one skips.
    Reader part(std::uint64_t size, const char* what) {
        const std::uint64_t from = offset();
        return Reader(bytes(size, what), from);
    }

    std::uint32_t u32(const char* what) {
        if (at_ != end_ && *at_ < 0x80) return *at_++;
        return static_cast<std::uint32_t>(unsigned_leb(32, what));
    }
    std::uint64_t u64(const char* what) {
        if (at_ != end_ && *at_ < 0x80) return *at_++;
        return unsigned_leb(64, what);
    }
    std::int32_t s32(const char* what) { return static_cast<std::int32_t>(signed_number(32, what)); }
    std::int64_t s33(const char* what) { return signed_number(33, what); }
    std::int64_t s64(const char* what) { return signed_number(64, what); }

    /// Little-endian; Number is an unsigned integer.
    template <class Number>
    Number fixed(const char* what) {
        const std::span<const std::uint8_t> from = bytes(sizeof(Number), what);
        Number value = 0;
        for (std::size_t i = sizeof(Number); i-- > 0;) {
            value = static_cast<Number>(value << 8 | from[i]);
        }
        return value;
    }

    /// A name: length and UTF-8. The view lives as long as the module's bytes.
    std::string_view name(const char* what);

  private:
    [[noreturn]] void cut(const char* what) const { malformed(offset(), std::string("the bytes end inside ") + what); }
    /// Most numbers take one byte or two.
    std::int64_t signed_number(unsigned bits, const char* what) {
        if (end_ - at_ >= 2) {
            if (at_[0] < 0x80) return static_cast<std::int64_t>((at_++[0] ^ 0x40u) - std::uint64_t{0x40});
            if (at_[1] < 0x80) {
                const std::uint64_t value = (at_[0] & 0x7fu) | std::uint64_t{at_[1]} << 7;
                at_ += 2;
                return static_cast<std::int64_t>((value ^ 0x2000) - 0x2000);
            }
        }
        return signed_leb(bits, what);
    }
    std::uint64_t unsigned_leb(unsigned bits, const char* what);
    std::int64_t signed_leb(unsigned bits, const char* what);

    const std::uint8_t* begin_;
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    std::uint64_t base_;
};

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::span<const std::uint8_t> bytes) noexcept;

} // namespace rvm::wasm
