// Writes WebAssembly modules by hand, for tests: sections in order, LEB128 where the format wants it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace rvm::wasm::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes leb(std::uint64_t value) {
    Bytes out;
    do {
        const auto low = static_cast<std::uint8_t>(value & 0x7f);
        value >>= 7;
        out.push_back(static_cast<std::uint8_t>(low | (value != 0 ? 0x80 : 0)));
    } while (value != 0);
    return out;
}
inline Bytes join(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) {
        out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}
inline Bytes sized(const Bytes& content) { return join({leb(content.size()), content}); }
inline Bytes name(std::string_view text) { return sized(Bytes(text.begin(), text.end())); }
inline Bytes vec(const std::vector<Bytes>& items) {
    Bytes out = leb(items.size());
    for (const Bytes& item : items) {
        out.insert(out.end(), item.begin(), item.end());
    }
    return out;
}
inline Bytes section(std::uint8_t id, const Bytes& content) { return join({{id}, sized(content)}); }

constexpr std::uint8_t i32_type = 0x7f;
constexpr std::uint8_t i64_type = 0x7e;

inline Bytes function_type(const Bytes& parameters, const Bytes& results) {
    return join({{0x60}, sized(parameters), sized(results)});
}
/// A body: groups of locals and instructions; the final `end` is added.
inline Bytes body(const Bytes& code, const std::vector<std::pair<std::uint32_t, std::uint8_t>>& locals = {}) {
    Bytes groups = leb(locals.size());
    for (const auto& [count, type] : locals) {
        groups = join({groups, leb(count), {type}});
    }
    return sized(join({groups, code, {0x0b}}));
}
inline Bytes header() { return {0, 'a', 's', 'm', 1, 0, 0, 0}; }

/// A module of one exported function `run` with the given type and body.
inline Bytes one_function(const Bytes& type, const Bytes& coded_body, const Bytes& memory_section = {}) {
    return join({header(), section(1, vec({type})), section(3, vec({leb(0)})), memory_section,
                 section(7, vec({join({name("run"), {0, 0}})})), section(10, vec({coded_body}))});
}

} // namespace rvm::wasm::test
