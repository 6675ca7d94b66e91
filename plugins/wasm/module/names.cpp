#include "module/names.hpp"

#include <algorithm>

#include "module/reader.hpp"

namespace rvm::wasm {
namespace {

constexpr std::uint8_t function_names = 1; // subsection of "name" (core specification 7.4.1)

/// Of the section, into `names`: the first name that a function has there.
void read_section(const Module& module, std::vector<std::string_view>& names) {
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
                if (index < names.size() && names[index].empty()) names[index] = text;
            }
        }
    }
}

} // namespace

FunctionNames::FunctionNames(const Module& module) : names_(module.functions.size()) {
    try {
        read_section(module, names_);
    } catch (const ModuleError&) { // the section is for people only: what follows the break is ignored
    }
    for (const Export& item : module.exports) {
        if (item.kind == ExternKind::function && names_[item.index].empty()) names_[item.index] = item.name;
    }
    for (const Import& import : module.imports) {
        if (import.kind == ExternKind::function) imports_.push_back(&import);
    }
}

std::string FunctionNames::of(std::uint32_t function) const {
    if (function < names_.size() && !names_[function].empty()) return std::string(names_[function]);
    if (function < imports_.size())
        return std::string(imports_[function]->module) + "." + std::string(imports_[function]->name);
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
