// Bytes of modules, appended in place.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "module/opcodes.hpp"

namespace rvm::wasm::generator {

using Bytes = std::vector<std::uint8_t>;

inline void put(Bytes& out, std::initializer_list<std::uint8_t> bytes) { out.insert(out.end(), bytes); }
inline void put(Bytes& out, const Bytes& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

inline void leb(Bytes& out, std::uint64_t value) {
    do {
        const auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        out.push_back(static_cast<std::uint8_t>(low | (value != 0 ? 0x80 : 0)));
    } while (value != 0);
}
inline void signed_leb(Bytes& out, std::int64_t value) {
    for (;;) {
        const auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        const bool last = (value == 0 && (low & 0x40) == 0) || (value == -1 && (low & 0x40) != 0);
        out.push_back(static_cast<std::uint8_t>(low | (last ? 0 : 0x80)));
        if (last) return;
    }
}
inline void fixed(Bytes& out, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
        out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}
inline void name(Bytes& out, std::string_view text) {
    leb(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}
inline void sized(Bytes& out, const Bytes& content) {
    leb(out, content.size());
    put(out, content);
}
inline void section(Bytes& out, std::uint8_t id, std::uint64_t count, const Bytes& items) {
    Bytes content;
    leb(content, count);
    put(content, items);
    out.push_back(id);
    sized(out, content);
}

/// An opcode with its prefix, without immediates.
inline void opcode(Bytes& out, Op op) {
    const OpInfo& known = info(op);
    if (known.prefix == Prefix::none) {
        out.push_back(known.code);
        return;
    }
    out.push_back(static_cast<std::uint8_t>(known.prefix));
    leb(out, known.code);
}
inline void opcode(Bytes& out, Op op, std::uint64_t index) {
    opcode(out, op);
    leb(out, index);
}

inline void type(Bytes& out, char letter) {
    switch (letter) {
    case 'i':
        return put(out, {0x7f});
    case 'I':
        return put(out, {0x7e});
    case 'f':
        return put(out, {0x7d});
    case 'F':
        return put(out, {0x7c});
    case 'v':
        return put(out, {0x7b});
    case 'r':
        return put(out, {0x70});
    case 'x':
        return put(out, {0x6f});
    case 'e': // exnref: only inside of functions
        return put(out, {0x69});
    default: // (ref null 0)
        return put(out, {0x63, 0x00});
    }
}
inline void types(Bytes& out, std::string_view letters) {
    leb(out, letters.size());
    for (const char letter : letters)
        type(out, letter);
}
/// ref.null of a letter.
inline void null(Bytes& out, char letter) {
    put(out, {0xd0});
    put(out, {static_cast<std::uint8_t>(letter == 'r' ? 0x70 : letter == 'x' ? 0x6f : letter == 'e' ? 0x69 : 0x00)});
}
inline void number(Bytes& out, std::int32_t value) {
    put(out, {0x41});
    signed_leb(out, value);
}
inline void number64(Bytes& out, std::int64_t value) {
    put(out, {0x42});
    signed_leb(out, value);
}

} // namespace rvm::wasm::generator
