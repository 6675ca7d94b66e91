// Numbers and texts as bytes, read with bounds: 8 bytes, the lowest first; a text is its size and so many bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rvm::wasm::alone {

using Bytes = std::vector<std::uint8_t>;

class Writer {
  public:
    void number(std::uint64_t value) {
        for (unsigned shift = 0; shift < 64; shift += 8)
            out_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    void bytes(std::span<const std::uint8_t> bytes) {
        number(bytes.size());
        raw(bytes);
    }
    void text(std::string_view text) { bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}); }
    void raw(std::span<const std::uint8_t> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    [[nodiscard]] Bytes take() noexcept { return std::move(out_); }

  private:
    Bytes out_;
};

/// After the first thing that is not there everything is zero or empty.
class Reader {
  public:
    explicit Reader(std::span<const std::uint8_t> bytes) noexcept : left_(bytes) {}
    [[nodiscard]] std::uint64_t number() noexcept {
        std::uint64_t value = 0;
        const auto bytes = raw(sizeof value);
        for (std::size_t i = 0; i < bytes.size(); ++i)
            value |= std::uint64_t{bytes[i]} << 8 * i;
        return value;
    }
    /// Of things of which each takes at least `least` bytes.
    [[nodiscard]] std::uint64_t count(std::uint64_t least) noexcept {
        const std::uint64_t value = number();
        if (value <= left_.size() / least) return value;
        broken_ = true;
        return 0;
    }
    [[nodiscard]] std::span<const std::uint8_t> bytes() noexcept { return raw(number()); }
    [[nodiscard]] std::string text() {
        const auto read = bytes();
        return {read.begin(), read.end()};
    }
    [[nodiscard]] std::span<const std::uint8_t> raw(std::uint64_t size) noexcept {
        if (broken_ || size > left_.size()) {
            broken_ = true;
            return {};
        }
        const auto out = left_.first(static_cast<std::size_t>(size));
        left_ = left_.subspan(static_cast<std::size_t>(size));
        return out;
    }
    /// Everything was there, and nothing is left.
    [[nodiscard]] bool whole() const noexcept { return !broken_ && left_.empty(); }

  private:
    std::span<const std::uint8_t> left_;
    bool broken_ = false;
};

} // namespace rvm::wasm::alone
