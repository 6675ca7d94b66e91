#include "run/instantiation.hpp"

#include <algorithm>

#include "module/costs.hpp"
#include "run/instance.hpp"

namespace rvm::wasm {

// Each part with the pointers to it; deques take whole blocks, which `instance` has room for.
static_assert(sizeof(Instance) + 5 * 64 <= footprint::instance);
static_assert(sizeof(Callable) + sizeof(Callable*) <= footprint::function);
static_assert(sizeof(GlobalObject) + 2 * sizeof(void*) <= footprint::global);
static_assert(sizeof(LinearMemory) + sizeof(void*) <= footprint::memory);
static_assert(sizeof(TableObject) + 2 * sizeof(void*) <= footprint::table);
static_assert(sizeof(Cell) <= footprint::table_element);
static_assert(sizeof(TagObject) + sizeof(void*) <= footprint::tag);

Instantiation instantiation_of(const Module& module) noexcept {
    Instantiation out{0, footprint::instance};
    const auto add = [&](std::uint64_t count, std::uint64_t units, std::uint64_t bytes) {
        out.units += count * units;
        out.bytes += count * bytes;
    };
    std::uint64_t constants = 0;
    add(module.functions.size(), costs::instance_function, footprint::function);
    add(module.tags.size(), 0, footprint::tag);
    add(module.globals.size(), costs::instance_global, footprint::global);
    for (const GlobalType& global : module.globals)
        constants += global.initial.size;
    for (std::size_t i = module.imported_memories; i < module.memories.size(); ++i) {
        add(1, costs::instance_memory, footprint::memory);
        add(std::min(module.memories[i].limits.minimum, limits::pages32), costs::per_page, limits::page_bytes);
    }
    for (std::size_t i = module.imported_tables; i < module.tables.size(); ++i) {
        add(1, costs::instance_table, footprint::table);
        add(std::min<std::uint64_t>(module.tables[i].limits.minimum, limits::table_elements),
            costs::instance_table_element, footprint::table_element);
        constants += module.tables[i].initial.size;
    }
    add(module.elements.size() + module.data.size(), costs::instance_segment, footprint::segment);
    for (const ElementSegment& segment : module.elements)
        if (segment.mode == SegmentMode::active) constants += segment.offset.size + segment.items.size;
    for (const DataSegment& segment : module.data) {
        if (segment.mode != SegmentMode::active) continue;
        constants += segment.offset.size;
        add(segment.bytes.size, costs::instance_data_byte, 0);
    }
    add(constants, costs::instance_constant_byte, 0);
    return out;
}

} // namespace rvm::wasm
