// What instances are made of and may share: functions, tables, memories, globals, tags (core specification 4.2).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/context.hpp"
#include "module/module.hpp"
#include "run/memory.hpp"

namespace rvm::wasm {

using engine::Callable;
using engine::Cell;

/// A type with the module its indices refer to; null: it has none.
struct HomedType {
    ValueType type;
    const Module* home = nullptr;
};
/// matches() across modules that share a type space.
[[nodiscard]] bool matches_across(const HomedType& sub, const HomedType& super) noexcept;

struct TableObject {
    HomedType element;
    Limits limits;
    std::uint64_t most = 0; ///< elements it may have
    std::vector<Cell> cells;
    engine::Table view; ///< what code sees; refreshed after every change of size
    void refresh() noexcept { view = {cells.data(), cells.size()}; }
};

struct GlobalObject {
    HomedType type;
    bool is_mutable = false;
    Cell cells[2] = {0, 0};
};

struct TagObject {
    TypeId type = 0;
};

/// A function of the environment. It may charge gas, touch memory 0 of the calling instance and return traps.
struct HostCall {
    engine::HostFunction function = nullptr; ///< called with `data`
    std::uint64_t data = 0;
};

/// Something that can be imported.
struct Extern {
    ExternKind kind = ExternKind::function;
    const Callable* function = nullptr;
    TableObject* table = nullptr;
    LinearMemory* memory = nullptr;
    GlobalObject* global = nullptr;
    TagObject* tag = nullptr;
};

} // namespace rvm::wasm
