// Modules as bytes, section by section: for modules that no compiler makes.
#pragma once

#include <string>

#include "build.hpp"

namespace rvm::conformance::modules {

inline Code leb(std::uint64_t value) {
    Code out;
    do {
        const auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        out.push_back(value != 0 ? low | 0x80 : low);
    } while (value != 0);
    return out;
}
inline Code name(const std::string& text) { return leb(text.size()) + Code(text.begin(), text.end()); }
inline Code section(std::uint8_t id, const Code& body) { return Code{id} + leb(body.size()) + body; }
inline Code repeat(std::size_t count, const Code& what) {
    Code out;
    out.reserve(count * what.size());
    for (std::size_t i = 0; i < count; ++i)
        out.insert(out.end(), what.begin(), what.end());
    return out;
}
inline Code body(const Code& locals, const Code& code) {
    const Code all = locals + code + Code{0x0b};
    return leb(all.size()) + all;
}

/// A module whose function 0, `() -> ()`, is exported as `execute`.
struct Parts {
    Code imports = {};          ///< section contents
    Code memories = {};         ///< section contents
    Code tables = {};           ///< section contents
    Code globals = {};          ///< section contents
    Code start = {};            ///< section contents
    Code elements = {};         ///< section contents
    Code data = {};             ///< section contents
    Code locals = {0};          ///< of the function
    Code code = {};             ///< of the function, without its end
    std::uint64_t function = 0; ///< its index
};
inline Code build(const Parts& parts) {
    const auto optional = [](std::uint8_t id, const Code& contents) {
        return contents.empty() ? Code{} : section(id, contents);
    };
    // () -> (), (i32) -> (), () -> (i64), (i32 i32 i32 i32) -> (i32), (i32 i32 i32) -> (), (i32 i32) -> ()
    const Code types = {6,    0x60, 0, 0,    0x60, 1, 0x7f, 0,    0x60, 0, 1,    0x7e, 0x60, 4,    0x7f, 0x7f,
                        0x7f, 0x7f, 1, 0x7f, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 2,    0x7f, 0x7f, 0};
    return Code{0, 'a', 's', 'm', 1, 0, 0, 0} + section(1, types) + optional(2, parts.imports) + section(3, {1, 0}) +
           optional(4, parts.tables) + optional(5, parts.memories) +
           optional(6, parts.globals) + section(7, Code{1} + name("execute") + Code{0} + leb(parts.function)) +
           optional(8, parts.start) + optional(9, parts.elements) +
           section(10, Code{1} + body(parts.locals, parts.code)) + optional(11, parts.data);
}

} // namespace rvm::conformance::modules
