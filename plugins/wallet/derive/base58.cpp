#include "derive/base58.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t most_characters = 256; // conversion is quadratic; an extended key has 111

Secret checksum(Bytes payload, const Primitives& primitives) {
    Secret digest = primitives.run(Primitive::sha256, {primitives.run(Primitive::sha256, {payload})});
    digest.truncate(checksum_bytes);
    return digest;
}

/// The number `digits` to base `from` as digits to base `to`, most significant first, without leading zeros.
Secret convert(Bytes digits, unsigned from, unsigned to, std::size_t room) {
    Secret out(room);
    std::size_t size = 0; // least significant first
    for (const std::uint8_t digit : digits) {
        unsigned carry = digit;
        for (std::size_t i = 0; i < size || carry != 0; ++i) {
            if (i == size) ++size;
            carry += out.data()[i] * from;
            out.data()[i] = static_cast<std::uint8_t>(carry % to);
            carry /= to;
        }
    }
    std::reverse(out.data(), out.data() + size);
    out.truncate(size);
    return out;
}

} // namespace

Secret encode_base58check(Bytes payload, const Primitives& primitives) {
    const Secret whole = Secret::join({payload, checksum(payload, primitives)});
    const auto zeros = static_cast<std::size_t>(
        std::ranges::find_if(Bytes(whole), [](std::uint8_t byte) { return byte != 0; }) - Bytes(whole).begin());
    const Secret digits = convert(whole, 256, 58, 2 * whole.size());
    Secret text(zeros + digits.size());
    std::memset(text.data(), alphabet[0], zeros);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        text.data()[zeros + i] = static_cast<std::uint8_t>(alphabet[digits.data()[i]]);
    }
    return text;
}

Secret decode_base58check(std::string_view text, const Primitives& primitives) {
    if (text.size() > most_characters)
        throw Refusal("the text in base 58 is too long: expected at most 256 characters");
    Secret digits(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t value = alphabet.find(text[i]);
        if (value == std::string_view::npos) {
            throw Refusal("character " + std::to_string(i + 1) + " is none of base 58");
        }
        digits.data()[i] = static_cast<std::uint8_t>(value);
    }
    const std::size_t zeros = std::min(text.find_first_not_of(alphabet[0]), text.size());
    const Secret number = convert(digits, 58, 256, text.size());
    Secret whole(zeros + number.size());
    if (!number.empty()) std::memcpy(whole.data() + zeros, number.data(), number.size());
    if (whole.size() < checksum_bytes) throw Refusal("the text in base 58 is too short for a checksum");
    const std::size_t size = whole.size() - checksum_bytes;
    if (!same_secret(checksum(whole.part(0, size), primitives), whole.part(size, checksum_bytes))) {
        throw Refusal("the checksum of the text in base 58 is wrong");
    }
    whole.truncate(size);
    return whole;
}

} // namespace rvm::wallet
