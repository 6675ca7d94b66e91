// Encoding of RLP (Ethereum Yellow Paper, appendix B) into one growing buffer, with the sizes of lists computed first:
// nothing is moved or copied twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rlp/decode.hpp"

namespace rvm::rlp {

using Buffer = std::vector<std::uint8_t>;

/// Bytes before a payload of `payload` bytes that is a list, or a string other than a single byte below 0x80.
[[nodiscard]] constexpr std::size_t header_size(std::size_t payload) noexcept {
    std::size_t size = 1;
    if (payload > 55) {
        for (; payload != 0; payload >>= 8u) {
            ++size;
        }
    }
    return size;
}

/// Bytes of a string's encoding.
[[nodiscard]] constexpr std::size_t string_size(Bytes value) noexcept {
    return value.size() == 1 && value[0] < 0x80 ? 1 : header_size(value.size()) + value.size();
}

/// Big-endian bytes without leading zeros; zero gives none.
[[nodiscard]] constexpr Bytes significant(Bytes integer) noexcept {
    while (!integer.empty() && integer.front() == 0) {
        integer = integer.subspan(1);
    }
    return integer;
}

/// Bytes of an integer's encoding.
[[nodiscard]] constexpr std::size_t integer_size(std::uint64_t value) noexcept {
    if (value < 0x80) return 1;
    std::size_t size = 1;
    for (; value != 0; value >>= 8u) {
        ++size;
    }
    return size;
}

/// Adds up what a Writer would append. Both have the same members, so that one generic function describes a structure:
///
///     const auto body = [&](auto& out) { out.integer(nonce); out.string(address); };
///     append_list(buffer, body);
class Sizer {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void string(Bytes value) noexcept { size_ += string_size(value); }
    void integer(std::uint64_t value) noexcept { size_ += integer_size(value); }
    void integer(Bytes big_endian) noexcept { size_ += string_size(significant(big_endian)); }
    void encoded(Bytes item) noexcept { size_ += item.size(); }
    template <class Body>
    void list(const Body& body) {
        Sizer inner;
        body(inner);
        size_ += header_size(inner.size()) + inner.size();
    }

  private:
    std::size_t size_ = 0;
};

/// Appends to a buffer. One thread per buffer.
class Writer {
  public:
    explicit Writer(Buffer& out) noexcept : out_(&out) {}

    void string(Bytes value);
    void integer(std::uint64_t value);
    /// Big-endian, any number of leading zeros.
    void integer(Bytes big_endian);
    /// An item that is encoded already.
    void encoded(Bytes item);
    /// `body(sink)` appends the items; it is called twice and must do the same both times.
    template <class Body>
    void list(const Body& body) {
        Sizer sizer;
        body(sizer);
        list_header(sizer.size());
        body(*this);
    }
    /// The header of a list whose items take `payload` bytes and follow.
    void list_header(std::size_t payload) { header(payload, 0xc0); }

  private:
    void header(std::size_t payload, std::uint8_t base);

    Buffer* out_;
};

/// Appends a list to `out`, growing it once.
template <class Body>
void append_list(Buffer& out, const Body& body) {
    Sizer sizer;
    body(sizer);
    out.reserve(out.size() + header_size(sizer.size()) + sizer.size());
    Writer writer(out);
    writer.list_header(sizer.size());
    body(writer);
}

/// A list as a buffer of its own.
template <class Body>
[[nodiscard]] Buffer encode_list(const Body& body) {
    Buffer out;
    append_list(out, body);
    return out;
}

} // namespace rvm::rlp
