// The bytes of a recording: numbers, texts, 256-bit words; written without a limit, read with one.
//
//   number   LEB128, at most 64 bits, no more bytes than needed
//   signed   number 2n, or -2n - 1 below zero (zigzag)
//   bytes    number of bytes, then they; a text likewise
//   word     a length byte 0 to 32 and that many big-endian bytes, the first not zero
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include <rvm/plugin.h>

#include "base/bytes.hpp"

namespace rvm::record {

/// Appends to a byte string it owns.
class Encoder {
  public:
    void byte(std::uint8_t value) { bytes_.push_back(value); }
    void number(std::uint64_t value);
    void signed_number(std::int64_t value);
    void raw(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    void bytes(ByteView bytes);
    void bytes(rvm_view view) { bytes(ByteView{view.data, static_cast<std::size_t>(view.size)}); }
    void text(std::string_view text) { bytes(as_bytes(text)); }
    void word(const rvm_u256& value);
    void address(const rvm_address& address) { raw(ByteView{address.bytes}); }
    void hash(const rvm_bytes32& hash) { raw(ByteView{hash.bytes}); }

    [[nodiscard]] Bytes take() noexcept { return std::move(bytes_); }

  private:
    Bytes bytes_;
};

/// What is wrong with a recording, and where.
class Malformed : public std::exception {
  public:
    Malformed(std::uint64_t at, std::string wanted, std::string seen)
        : offset(at), expected(std::move(wanted)), found(std::move(seen)) {}
    [[nodiscard]] const char* what() const noexcept override { return expected.c_str(); }

    std::uint64_t offset; ///< of the first byte that cannot be, from the start of the file
    std::string expected, found;
};

/// Reads what an Encoder wrote. Every function throws Malformed at the first byte that cannot be; what it returns by view
/// points into the bytes it was made with.
class Decoder {
  public:
    /// `origin`: where in the file `bytes` begin.
    explicit Decoder(ByteView bytes, std::uint64_t origin = 0) : bytes_(bytes), origin_(origin) {}

    [[nodiscard]] bool done() const noexcept { return at_ == bytes_.size(); }
    [[nodiscard]] std::uint64_t offset() const noexcept { return origin_ + at_; }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }

    [[nodiscard]] std::uint8_t byte(const char* what);
    [[nodiscard]] std::uint64_t number(const char* what, std::uint64_t most = UINT64_MAX);
    [[nodiscard]] std::int64_t signed_number(const char* what);
    [[nodiscard]] ByteView raw(const char* what, std::uint64_t size);
    [[nodiscard]] ByteView bytes(const char* what, std::uint64_t most = UINT64_MAX);
    /// UTF-8 is not looked at; a zero byte is refused: texts become C strings.
    [[nodiscard]] std::string text(const char* what, std::uint64_t most = 4096);
    [[nodiscard]] rvm_u256 word(const char* what);
    [[nodiscard]] rvm_address address(const char* what);
    [[nodiscard]] rvm_bytes32 hash(const char* what);

    /// `offset`: of the byte that cannot be.
    [[noreturn]] static void refuse(std::uint64_t offset, std::string expected, std::string found);

  private:
    ByteView bytes_;
    std::size_t at_ = 0;
    std::uint64_t origin_;
};

} // namespace rvm::record
