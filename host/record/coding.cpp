#include "record/coding.hpp"

#include <algorithm>
#include <cstring>

namespace rvm::record {

void Encoder::number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(value));
}

void Encoder::signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number(value < 0 ? ~(bits << 1) : bits << 1);
}

void Encoder::bytes(ByteView bytes) {
    number(bytes.size());
    raw(bytes);
}

void Encoder::word(const rvm_u256& value) {
    std::uint8_t all[32];
    rvm_u256_to_bytes(&value, all, sizeof all);
    const auto* const first = std::find_if(std::begin(all), std::end(all), [](std::uint8_t b) { return b != 0; });
    byte(static_cast<std::uint8_t>(std::end(all) - first));
    raw({first, static_cast<std::size_t>(std::end(all) - first)});
}

void Decoder::refuse(std::uint64_t offset, std::string expected, std::string found) {
    throw Malformed(offset, std::move(expected), std::move(found));
}

std::uint8_t Decoder::byte(const char* what) { return raw(what, 1)[0]; }

std::uint64_t Decoder::number(const char* what, std::uint64_t most) {
    const std::uint64_t begin = offset();
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t next = byte(what);
        if (shift == 63 && next > 1) refuse(begin, std::string(what) + " of at most 64 bits", "more");
        if (shift != 0 && next == 0) refuse(begin, std::string(what) + " in as few bytes as it needs", "a byte too many");
        value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
        if (next < 0x80) break;
    }
    if (value > most) refuse(begin, std::string(what) + " of at most " + std::to_string(most), std::to_string(value));
    return value;
}

std::int64_t Decoder::signed_number(const char* what) {
    const std::uint64_t bits = number(what);
    return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

ByteView Decoder::raw(const char* what, std::uint64_t size) {
    if (size > left())
        refuse(offset(), std::string(what) + ": " + std::to_string(size) + (size == 1 ? " byte" : " bytes"),
               left() == 0 ? "the end" : std::to_string(left()));
    const ByteView part = bytes_.subspan(at_, static_cast<std::size_t>(size));
    at_ += part.size();
    return part;
}

ByteView Decoder::bytes(const char* what, std::uint64_t most) { return raw(what, number(what, most)); }

std::string Decoder::text(const char* what, std::uint64_t most) {
    const ByteView part = bytes(what, most);
    if (const auto zero = std::ranges::find(part, 0); zero != part.end())
        refuse(offset() - static_cast<std::uint64_t>(part.end() - zero), std::string(what) + " without zero bytes", "one");
    return std::string(as_text(part));
}

rvm_u256 Decoder::word(const char* what) {
    const std::uint64_t begin = offset();
    const std::uint8_t size = byte(what);
    if (size > 32) refuse(begin, std::string(what) + " of at most 32 bytes", std::to_string(size));
    const ByteView part = raw(what, size);
    if (size != 0 && part[0] == 0) refuse(begin + 1, std::string(what) + " without leading zeros", "one");
    return rvm_u256_from_bytes(part.data(), size);
}

rvm_address Decoder::address(const char* what) {
    rvm_address out{};
    std::ranges::copy(raw(what, sizeof out.bytes), out.bytes);
    return out;
}

rvm_bytes32 Decoder::hash(const char* what) {
    rvm_bytes32 out{};
    std::ranges::copy(raw(what, sizeof out.bytes), out.bytes);
    return out;
}

} // namespace rvm::record
