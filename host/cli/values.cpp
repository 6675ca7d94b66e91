#include "cli/values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace rvm::host {

namespace {

constexpr std::uint64_t decimal_chunk = 10'000'000'000'000'000'000U; // the largest power of ten in 64 bits
constexpr int decimal_chunk_digits = 19;

__extension__ using u128 = unsigned __int128;

/// value * factor + addend; false when it exceeds 256 bits.
bool multiply_add(rvm_u256& value, std::uint64_t factor, std::uint64_t addend) {
    u128 carry = addend;
    for (std::uint64_t& limb : value.limbs) {
        carry += static_cast<u128>(limb) * factor;
        limb = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    return carry == 0;
}

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

std::optional<rvm_address> parse_address(std::string_view text) {
    if (!text.starts_with("0x")) return std::nullopt;
    const auto bytes = from_hex(text);
    rvm_address address{};
    if (!bytes || bytes->size() != sizeof address.bytes) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), address.bytes);
    return address;
}

std::string address_text(const rvm_address& address) { return bytes_text(ByteView{address.bytes}); }

std::optional<rvm_u256> parse_u256(std::string_view text) {
    std::uint64_t base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    if (text.empty()) return std::nullopt;
    rvm_u256 value{};
    for (const char c : text) {
        const int digit = digit_of(c);
        if (digit < 0 || static_cast<std::uint64_t>(digit) >= base) return std::nullopt;
        if (!multiply_add(value, base, static_cast<std::uint64_t>(digit))) return std::nullopt;
    }
    return value;
}

std::string decimal_text(const rvm_u256& value) {
    rvm_u256 rest = value;
    std::string text;
    while (!is_zero(rest)) {
        u128 remainder = 0;
        for (int i = 3; i >= 0; --i) {
            remainder = (remainder << 64) | rest.limbs[i];
            rest.limbs[i] = static_cast<std::uint64_t>(remainder / decimal_chunk);
            remainder %= decimal_chunk;
        }
        const auto chunk = static_cast<std::uint64_t>(remainder);
        text = (is_zero(rest) ? fmt::format("{}", chunk) : fmt::format("{:0{}}", chunk, decimal_chunk_digits)) + text;
    }
    return text.empty() ? "0" : text;
}

std::string word_text(const rvm_u256& value) {
    return fmt::format("0x{:016x}{:016x}{:016x}{:016x}", value.limbs[3], value.limbs[2], value.limbs[1],
                       value.limbs[0]);
}

std::string hex_text(const rvm_u256& value) {
    const std::string full = word_text(value);
    const std::size_t first = full.find_first_not_of('0', 2);
    return "0x" + (first == std::string::npos ? "0" : full.substr(first));
}

bool is_zero(const rvm_u256& value) noexcept {
    return (value.limbs[0] | value.limbs[1] | value.limbs[2] | value.limbs[3]) == 0;
}

rvm_u256 u256_of(std::uint64_t value) noexcept { return {{value, 0, 0, 0}}; }

rvm_u256 u256_of(ByteView big_endian) noexcept {
    rvm_u256 value{};
    std::size_t position = 0;
    for (auto byte = big_endian.rbegin(); byte != big_endian.rend() && position < 32; ++byte, ++position)
        value.limbs[position / 8] |= std::uint64_t{*byte} << (position % 8 * 8);
    return value;
}

std::string bytes_text(ByteView bytes) { return "0x" + to_hex(bytes); }

} // namespace rvm::host
