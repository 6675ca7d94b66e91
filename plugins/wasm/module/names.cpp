#include "module/names.hpp"

#include <algorithm>

#include "module/reader.hpp"

namespace rvm::wasm {
namespace {

constexpr std::uint8_t function_names = 1; // subsection of "name" (core specification 7.4.1)

std::string from_section(const Module& module, std::uint32_t function) {
    for (const CustomSection& section : module.customs) {
        if (section.name != "name") continue;
        Reader reader(module.part(section.contents), section.contents.offset);
        while (!reader.at_end()) {
            const std::uint8_t id = reader.byte("names");
            Reader part = reader.part(reader.u32("names"), "names");
            if (id != function_names) continue;
            const std::uint32_t count = part.u32("names");
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::uint32_t index = part.u32("names");
                const std::string_view text = part.name("names");
                if (index == function) return std::string(text);
            }
        }
    }
    return "";
}

} // namespace

std::string function_name(const Module& module, std::uint32_t function) {
    try {
        std::string name = from_section(module, function);
        if (!name.empty()) return name;
    } catch (const ModuleError&) { // the section is for people only: broken ones are ignored
    }
    for (const Export& item : module.exports) {
        if (item.kind == ExternKind::function && item.index == function) return std::string(item.name);
    }
    for (const Import& import : module.imports) {
        if (import.kind == ExternKind::function && import.index == function) {
            return std::string(import.module) + "." + std::string(import.name);
        }
    }
    return "function " + std::to_string(function);
}

std::uint32_t function_at(const Module& module, std::uint64_t offset) noexcept {
    const auto after = std::upper_bound(module.bodies.begin(), module.bodies.end(), offset,
                                        [](std::uint64_t at, const Range& body) { return at < body.offset; });
    if (after == module.bodies.begin()) return UINT32_MAX;
    const auto body = after - 1;
    if (offset - body->offset >= body->size) return UINT32_MAX;
    return module.imported_functions + static_cast<std::uint32_t>(body - module.bodies.begin());
}

} // namespace rvm::wasm
