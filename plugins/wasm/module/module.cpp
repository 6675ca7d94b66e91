#include "module.hpp"

namespace rvm::wasm {

const char* name(ExternKind kind) noexcept {
    constexpr const char* names[] = {"function", "table", "memory", "global", "tag"};
    return names[static_cast<std::size_t>(kind)];
}

std::string ValueType::text() const {
    switch (kind()) {
    case 0:
        return "any value";
    case 0x7f:
        return "i32";
    case 0x7e:
        return "i64";
    case 0x7d:
        return "f32";
    case 0x7c:
        return "f64";
    case 0x7b:
        return "v128";
    default:
        break;
    }
    const char* null = nullable() ? "null " : "";
    if (has_index()) return std::string("(ref ") + null + std::to_string(index()) + ")";
    const char* heap_name = heap() == HeapKind::func ? "func" : heap() == HeapKind::extern_ ? "extern" : "exn";
    return nullable() ? std::string(heap_name) + "ref" : std::string("(ref ") + heap_name + ")";
}

const Export* Module::find_export(std::string_view wanted) const noexcept {
    for (const Export& item : exports) {
        if (item.name == wanted) return &item;
    }
    return nullptr;
}

std::string Module::type_text(std::uint32_t type) const {
    const auto list = [](std::span<const ValueType> list_types) {
        std::string text = "(";
        for (const ValueType each : list_types) {
            if (text.size() > 1) text += ' ';
            text += each.text();
        }
        return text + ")";
    };
    return list(parameters(type)) + " -> " + list(results(type));
}

} // namespace rvm::wasm
