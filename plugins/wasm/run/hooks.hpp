// What translated code asks of its instance: host functions and leaves, in the engine's terms.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/context.hpp"
#include "module/instruction.hpp"
#include "module/limits.hpp"

namespace rvm::wasm::hooks {

using engine::Cell;
using engine::Context;
using engine::Trap;

/// Two indices in one immediate.
[[nodiscard]] constexpr std::uint64_t pack_indices(std::uint32_t first, std::uint32_t second) noexcept {
    return first | std::uint64_t{second} << 32;
}

/// An access that the engine has no operation for: opcode, memory, lane, offset. Offsets that no memory reaches are
/// all the same.
struct Access {
    Op op;
    std::uint32_t memory;
    std::uint32_t lane;
    std::uint64_t offset;
};
[[nodiscard]] constexpr std::uint64_t pack_access(const Instruction& in) noexcept {
    constexpr std::uint64_t most = (std::uint64_t{1} << 42) - 1;
    return static_cast<std::uint64_t>(in.op) | std::uint64_t{in.index} << 10 | std::uint64_t{in.lane} << 17 |
           std::min(in.value, most) << 22;
}
[[nodiscard]] constexpr Access unpack_access(std::uint64_t packed) noexcept {
    return {static_cast<Op>(packed & 0x3ff), static_cast<std::uint32_t>(packed >> 10 & 0x7f),
            static_cast<std::uint32_t>(packed >> 17 & 0x1f), packed >> 22};
}
static_assert(static_cast<std::uint32_t>(Op::count) <= 1024 && limits::memories <= 128);

// Host functions: (context, window, packed indices or an index).
Trap call_import(Context& context, Cell* window, std::uint64_t index) noexcept;
Trap throw_tag(Context& context, Cell* window, std::uint64_t tag) noexcept;
Trap throw_ref(Context& context, Cell* window, std::uint64_t) noexcept;
Trap memory_grow(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap memory_fill(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap memory_copy(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap memory_init(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap data_drop(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_get(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_set(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_grow(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_fill(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_copy(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap table_init(Context& context, Cell* window, std::uint64_t indices) noexcept;
Trap elem_drop(Context& context, Cell* window, std::uint64_t indices) noexcept;

// Leaves.
Trap ref_func(Context&, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t index) noexcept;
Trap not_null(Context&, Cell* out, const Cell* reference, const Cell*, const Cell*, std::uint64_t) noexcept;
Trap memory_size(Context&, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t indices) noexcept;
Trap table_size(Context&, Cell* out, const Cell*, const Cell*, const Cell*, std::uint64_t indices) noexcept;
Trap far_load(Context&, Cell* out, const Cell* address, const Cell*, const Cell*, std::uint64_t access) noexcept;
Trap far_store(Context&, Cell*, const Cell* address, const Cell* value, const Cell*, std::uint64_t access) noexcept;

/// The hooks every context of ours has.
[[nodiscard]] const engine::Hooks& table() noexcept;

} // namespace rvm::wasm::hooks
