#include "reader.hpp"

namespace rvm::wasm {

std::uint64_t Reader::unsigned_leb(unsigned bits, const char* what) {
    const std::uint64_t start = offset();
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (shift >= bits) malformed(start, std::string("the number is too long: ") + what);
        const std::uint8_t next = byte(what);
        const unsigned room = bits - shift;
        if (room < 7 && (next & 0x7fu) >> room != 0) malformed(start, std::string("the number is too large: ") + what);
        value |= static_cast<std::uint64_t>(next & 0x7fu) << shift;
        if ((next & 0x80u) == 0) return value;
    }
}

std::int64_t Reader::signed_leb(unsigned bits, const char* what) {
    const std::uint64_t start = offset();
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        if (shift >= bits) malformed(start, std::string("the number is too long: ") + what);
        const std::uint8_t next = byte(what);
        const unsigned room = bits - shift;
        if (room < 7) { // unused bits must repeat the sign
            const unsigned rest = (next & 0x7fu) >> (room - 1);
            const unsigned all = 0x7fu >> (room - 1);
            if (rest != 0 && rest != all) malformed(start, std::string("the number is too large: ") + what);
        }
        value |= static_cast<std::uint64_t>(next & 0x7fu) << shift;
        if ((next & 0x80u) == 0) {
            const unsigned used = shift + 7;
            if (used < 64 && (next & 0x40u) != 0) value |= ~std::uint64_t{0} << used;
            return static_cast<std::int64_t>(value);
        }
    }
}

std::string_view Reader::name(const char* what) {
    const std::uint32_t size = u32(what);
    const std::uint64_t start = offset();
    const std::span<const std::uint8_t> text = bytes(size, what);
    if (!is_utf8(text)) malformed(start, std::string("not UTF-8: ") + what);
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

bool is_utf8(std::span<const std::uint8_t> bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size();) {
        const std::uint8_t lead = bytes[i++];
        if (lead < 0x80) continue;
        const unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4 || bytes.size() - i < more) return false;
        std::uint32_t point = lead & (0x3fu >> more);
        for (unsigned k = 0; k < more; ++k, ++i) {
            if ((bytes[i] & 0xc0u) != 0x80) return false;
            point = point << 6 | (bytes[i] & 0x3fu);
        }
        constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    }
    return true;
}

} // namespace rvm::wasm
