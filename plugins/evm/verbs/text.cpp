#include "verbs/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "u256/text.hpp"
#include "u256/u256.hpp"

namespace rvm::evm {
namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

std::optional<Bytes> bytes_of_hex(std::string_view text) {
    Bytes bytes;
    int pending = -1;
    bool at_start = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
        if (c == '#' || c == ';') {
            i = std::min(text.find('\n', i), text.size());
            continue;
        }
        if (at_start && text.substr(i, 2) == "0x") {
            ++i;
            at_start = false;
            continue;
        }
        at_start = false;
        const int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        if (pending < 0) {
            pending = digit;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(pending * 16 + digit));
            pending = -1;
        }
    }
    if (pending >= 0) return std::nullopt;
    return bytes;
}

std::string hex_of(rvm_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (std::uint64_t i = 0; i < bytes.size; ++i) {
        text += digits[bytes.data[i] >> 4u];
        text += digits[bytes.data[i] & 15u];
    }
    return text;
}

std::string hex_of(const rvm_address& address) { return hex_of(rvm_view{address.bytes, sizeof address.bytes}); }

std::string word_of(const rvm_u256& number) {
    std::uint8_t bytes[32];
    rvm_u256_to_bytes(&number, bytes, sizeof bytes);
    return hex_of(rvm_view{bytes, sizeof bytes});
}

std::string hex_of(const rvm_u256& number) {
    const std::string padded = word_of(number);
    return "0x" + padded.substr(std::min(padded.find_first_not_of('0', 2), padded.size() - 1));
}

std::optional<rvm_u256> number_of(std::string_view text) {
    const auto value =
        text == "0x" ? std::optional(u256::U256{}) : u256::from_text(text); // geth writes 0x for an empty word
    if (!value) return std::nullopt;
    return rvm_u256{{value->limbs[0], value->limbs[1], value->limbs[2], value->limbs[3]}};
}

std::optional<rvm_address> address_of(std::string_view text) {
    const auto bytes = bytes_of_hex(text);
    rvm_address address{};
    if (!bytes || bytes->size() != sizeof address.bytes) return std::nullopt;
    std::memcpy(address.bytes, bytes->data(), sizeof address.bytes);
    return address;
}

std::string decimal_of(const rvm_u256& number) {
    return u256::to_decimal({number.limbs[0], number.limbs[1], number.limbs[2], number.limbs[3]});
}

} // namespace rvm::evm
