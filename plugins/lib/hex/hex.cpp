#include "hex/hex.hpp"

#include <array>

namespace rvm::hex {
namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> digit_values = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(no_digit);
    for (std::uint8_t i = 0; i < 10; ++i)
        out[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        out[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
        out[static_cast<std::size_t>('A' + i)] = static_cast<std::uint8_t>(10 + i);
    }
    return out;
}();

std::uint8_t value_of(char digit) noexcept { return digit_values[static_cast<std::uint8_t>(digit)]; }

std::string_view without_prefix(std::string_view text) noexcept {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    return text;
}

/// `digits` has two digits for each byte of `out`.
bool read_digits(std::string_view digits, std::uint8_t* out) noexcept {
    std::uint8_t bad = 0;
    for (std::size_t i = 0; i < digits.size() / 2; ++i) {
        const std::uint8_t high = value_of(digits[2 * i]);
        const std::uint8_t low = value_of(digits[2 * i + 1]);
        bad = static_cast<std::uint8_t>(bad | high | low);
        out[i] = static_cast<std::uint8_t>(high << 4u | low);
    }
    return (bad & 0xf0u) == 0;
}

} // namespace

bool append(std::string_view text, Buffer& out) {
    const std::string_view digits = without_prefix(text);
    if (digits.size() % 2 != 0) return false;
    const std::size_t before = out.size();
    out.resize(before + digits.size() / 2);
    return read_digits(digits, out.data() + before);
}

std::optional<Buffer> decode(std::string_view text) {
    Buffer out;
    if (!append(text, out)) return std::nullopt;
    return out;
}

bool decode_into(std::string_view text, std::span<std::uint8_t> out) noexcept {
    const std::string_view digits = without_prefix(text);
    return digits.size() == 2 * out.size() && read_digits(digits, out.data());
}

std::string encode(std::span<const std::uint8_t> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "0x";
    out.reserve(2 + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        out += digits[byte >> 4u];
        out += digits[byte & 0x0fu];
    }
    return out;
}

} // namespace rvm::hex
