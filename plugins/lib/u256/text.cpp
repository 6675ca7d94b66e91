#include "u256/text.hpp"

#include <algorithm>

#include "u256/divide.hpp"

namespace rvm::u256 {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// The most decimal digits that fit one limb, and ten to that power.
constexpr int limb_digits = 19;
constexpr std::uint64_t limb_power = 10'000'000'000'000'000'000u;

int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool has_hex_prefix(std::string_view text) noexcept { return text.starts_with("0x") || text.starts_with("0X"); }

} // namespace

std::string to_decimal(const U256& value) {
    std::string text; // least significant digit first
    U256 rest = value;
    do {
        const Division division = divide(rest, limb_power);
        std::uint64_t chunk = division.remainder.limbs[0];
        rest = division.quotient;
        for (int i = 0; i < limb_digits && (rest || chunk != 0); ++i) {
            text += static_cast<char>('0' + chunk % 10);
            chunk /= 10;
        }
    } while (rest);
    if (text.empty()) text.push_back('0'); // not an assignment: g++ 12 warns of an overlap there
    std::reverse(text.begin(), text.end());
    return text;
}

std::string to_hex_padded(const U256& value) {
    std::string text = "0x";
    for (std::size_t digit = 64; digit-- > 0;) {
        text += hex_digits[(value.limbs[digit / 16] >> (4 * (digit % 16))) & 0xfu];
    }
    return text;
}

std::string to_hex(const U256& value) {
    const std::string padded = to_hex_padded(value);
    const std::size_t first = std::min(padded.find_first_not_of('0', 2), padded.size() - 1);
    return "0x" + padded.substr(first);
}

std::optional<U256> from_decimal(std::string_view text) noexcept {
    if (text.empty()) return std::nullopt;
    constexpr U256 limit = max_value / U256{10};
    U256 value;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        if (value > limit) return std::nullopt;
        const Sum sum = add_carry(value * U256{10}, static_cast<std::uint64_t>(c - '0'));
        if (sum.carry) return std::nullopt;
        value = sum.value;
    }
    return value;
}

std::optional<U256> from_hex(std::string_view text) noexcept {
    if (has_hex_prefix(text)) text.remove_prefix(2);
    if (text.empty()) return std::nullopt;
    U256 value;
    for (const char c : text) {
        const int digit = hex_value(c);
        if (digit < 0 || (value.limbs[3] >> 60u) != 0) return std::nullopt;
        value = value << 4u;
        value.limbs[0] |= static_cast<std::uint64_t>(digit);
    }
    return value;
}

std::optional<U256> from_text(std::string_view text) noexcept {
    return has_hex_prefix(text) ? from_hex(text) : from_decimal(text);
}

} // namespace rvm::u256
