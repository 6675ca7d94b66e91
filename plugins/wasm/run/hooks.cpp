// Calls that leave an instance, memories and tables by size.
#include "run/hooks.hpp"

#include <cstring>

#include "module/costs.hpp"
#include "run/instance.hpp"
#include "run/machine.hpp"

namespace rvm::wasm::hooks {
namespace {

Instance& self(Context& context) noexcept { return *static_cast<Instance*>(context.instance); }
std::uint32_t first(std::uint64_t indices) noexcept { return static_cast<std::uint32_t>(indices); }
std::uint32_t second(std::uint64_t indices) noexcept { return static_cast<std::uint32_t>(indices >> 32); }

/// A callee in another instance has returned.
Trap leave(Context& context, std::uint64_t data) noexcept {
    reinterpret_cast<Instance*>(data)->enter(context);
    return Trap::none;
}

Trap call_other(Context& context, const Callable& callee, Cell* window) noexcept {
    if (callee.entry == nullptr) {
        const auto& host = *reinterpret_cast<const HostCall*>(callee.data);
        return host.function(context, window, host.data);
    }
    Instance& caller = self(context);
    const Trap trap =
        engine::enter_instance(context, callee.entry, window, leave, reinterpret_cast<std::uint64_t>(&caller));
    if (trap == Trap::none && callee.instance != &caller) static_cast<Instance*>(callee.instance)->enter(context);
    return trap;
}

Trap more_stack(Context& context, std::uint64_t height, std::uint64_t) noexcept {
    return Machine::of(context).more_stack(height);
}
Trap more_gas(Context& context, std::uint64_t price) noexcept { return Machine::of(context).more_gas(price); }

Trap charge_bytes(Context& context, std::uint64_t bytes) noexcept {
    return context.charge(bytes / costs::bulk_bytes_per_unit) ? Trap::none : Trap::out_of_gas;
}
Trap charge_elements(Context& context, std::uint64_t elements) noexcept {
    const bool paid =
        elements < UINT64_MAX / costs::per_table_element && context.charge(elements * costs::per_table_element);
    return paid ? Trap::none : Trap::out_of_gas;
}
bool in_table(const TableObject& table, std::uint64_t at, std::uint64_t count) noexcept {
    return count <= table.cells.size() && at <= table.cells.size() - count;
}
/// -1 of the table's or memory's address type.
Cell failure(bool is64) noexcept { return is64 ? ~Cell{0} : Cell{0xffff'ffff}; }

} // namespace

const engine::Hooks& table() noexcept {
    static constexpr engine::Hooks hooks{more_stack, more_gas, call_other};
    return hooks;
}

Trap call_import(Context& context, Cell* window, std::uint64_t index) noexcept {
    return call_other(context, *self(context).functions[index], window);
}

// -- memories

Trap memory_grow(Context& context, Cell* window, std::uint64_t indices) noexcept {
    Instance& instance = self(context);
    LinearMemory& memory = *instance.memories[first(indices)];
    const std::uint64_t pages = window[0];
    const std::uint64_t before = memory.pages();
    const bool is64 = memory.type().limits.is64;
    window[0] = failure(is64);
    if (!memory.can_grow(pages)) return Trap::none;
    if (!context.charge(pages * costs::per_page)) return Trap::out_of_gas;
    if (!Machine::of(context).take(pages * limits::page_bytes)) return Trap::none;
    if (!memory.grow(pages)) return Trap::exit; // the host's failure, not the program's
    window[0] = before;
    instance.refresh_memory(context);
    return Trap::none;
}

Trap memory_fill(Context& context, Cell* window, std::uint64_t indices) noexcept {
    const LinearMemory& memory = *self(context).memories[first(indices)];
    if (!memory.holds(window[0], window[2])) return Trap::memory_bounds;
    if (charge_bytes(context, window[2]) != Trap::none) return Trap::out_of_gas;
    std::memset(memory.data() + window[0], static_cast<int>(window[1] & 0xff), window[2]);
    return Trap::none;
}

Trap memory_copy(Context& context, Cell* window, std::uint64_t indices) noexcept {
    const LinearMemory& to = *self(context).memories[first(indices)];
    const LinearMemory& from = *self(context).memories[second(indices)];
    if (!to.holds(window[0], window[2]) || !from.holds(window[1], window[2])) return Trap::memory_bounds;
    if (charge_bytes(context, window[2]) != Trap::none) return Trap::out_of_gas;
    std::memmove(to.data() + window[0], from.data() + window[1], window[2]);
    return Trap::none;
}

Trap memory_init(Context& context, Cell* window, std::uint64_t indices) noexcept {
    const Instance& instance = self(context);
    const LinearMemory& memory = *instance.memories[second(indices)];
    const Range bytes = instance.module().data[first(indices)].bytes;
    const std::uint64_t available = instance.dropped_data[first(indices)] ? 0 : bytes.size;
    if (window[2] > available || window[1] > available - window[2]) return Trap::memory_bounds;
    if (!memory.holds(window[0], window[2])) return Trap::memory_bounds;
    if (charge_bytes(context, window[2]) != Trap::none) return Trap::out_of_gas;
    if (window[2] != 0) {
        std::memcpy(memory.data() + window[0], instance.module().bytes.data() + bytes.offset + window[1], window[2]);
    }
    return Trap::none;
}

Trap data_drop(Context& context, Cell*, std::uint64_t indices) noexcept {
    self(context).dropped_data[first(indices)] = true;
    return Trap::none;
}

// -- tables

Trap table_get(Context& context, Cell* window, std::uint64_t indices) noexcept {
    const TableObject& from = *self(context).tables[first(indices)];
    if (window[0] >= from.cells.size()) return Trap::table_bounds;
    window[0] = from.cells[window[0]];
    return Trap::none;
}

Trap table_set(Context& context, Cell* window, std::uint64_t indices) noexcept {
    TableObject& to = *self(context).tables[first(indices)];
    if (window[0] >= to.cells.size()) return Trap::table_bounds;
    to.cells[window[0]] = window[1];
    return Trap::none;
}

Trap table_grow(Context& context, Cell* window, std::uint64_t indices) noexcept {
    TableObject& grown = *self(context).tables[first(indices)];
    const Cell value = window[0];
    const std::uint64_t count = window[1];
    const std::uint64_t before = grown.cells.size();
    window[0] = failure(grown.limits.is64);
    if (grown.most < before || count > grown.most - before) return Trap::none;
    if (charge_elements(context, count) != Trap::none) return Trap::out_of_gas;
    if (!Machine::of(context).take(count * sizeof(Cell))) return Trap::none;
    try {
        grown.cells.insert(grown.cells.end(), count, value);
    } catch (const std::bad_alloc&) {
        return Trap::exit; // the host's failure, not the program's
    }
    grown.refresh();
    window[0] = before;
    return Trap::none;
}

Trap table_fill(Context& context, Cell* window, std::uint64_t indices) noexcept {
    TableObject& filled = *self(context).tables[first(indices)];
    if (!in_table(filled, window[0], window[2])) return Trap::table_bounds;
    if (charge_elements(context, window[2]) != Trap::none) return Trap::out_of_gas;
    std::fill_n(filled.cells.begin() + static_cast<std::ptrdiff_t>(window[0]), window[2], window[1]);
    return Trap::none;
}

Trap table_copy(Context& context, Cell* window, std::uint64_t indices) noexcept {
    TableObject& to = *self(context).tables[first(indices)];
    const TableObject& from = *self(context).tables[second(indices)];
    if (!in_table(to, window[0], window[2]) || !in_table(from, window[1], window[2])) return Trap::table_bounds;
    if (charge_elements(context, window[2]) != Trap::none) return Trap::out_of_gas;
    if (window[2] != 0) {
        std::memmove(to.cells.data() + window[0], from.cells.data() + window[1], window[2] * sizeof(Cell));
    }
    return Trap::none;
}

Trap table_init(Context& context, Cell* window, std::uint64_t indices) noexcept {
    const Instance& instance = self(context);
    TableObject& to = *instance.tables[second(indices)];
    const std::uint64_t available =
        instance.dropped_elements[first(indices)] ? 0 : instance.module().elements[first(indices)].count;
    if (window[2] > available || window[1] > available - window[2]) return Trap::table_bounds;
    if (!in_table(to, window[0], window[2])) return Trap::table_bounds;
    // Items are decoded from the first one: the price counts what is read.
    if (!context.charge((window[1] + window[2]) * costs::per_item)) return Trap::out_of_gas;
    instance.read_elements(first(indices), window[1], std::span(to.cells).subspan(window[0], window[2]));
    return Trap::none;
}

Trap elem_drop(Context& context, Cell*, std::uint64_t indices) noexcept {
    self(context).dropped_elements[first(indices)] = true;
    return Trap::none;
}

// -- leaves

Trap ref_func(Context& context, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t index) noexcept {
    *out = reinterpret_cast<Cell>(self(context).functions[index]);
    return Trap::none;
}

Trap not_null(Context&, Cell* out, const Cell* reference, const Cell*, const Cell*, std::uint64_t) noexcept {
    *out = *reference;
    return *out == 0 ? Trap::null_reference : Trap::none;
}

Trap memory_size(Context& context, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t indices) noexcept {
    *out = self(context).memories[first(indices)]->pages();
    return Trap::none;
}

Trap table_size(Context& context, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t indices) noexcept {
    *out = self(context).tables[first(indices)]->cells.size();
    return Trap::none;
}

} // namespace rvm::wasm::hooks
