// Accesses of memories other than the first.
#include <cstring>

#include "run/hooks.hpp"
#include "run/instance.hpp"

namespace rvm::wasm::hooks {
namespace {

/// Address of the access, or null when it is outside.
std::uint8_t* place(Context& context, const Access& access, Cell address) noexcept {
    const LinearMemory& memory = *static_cast<Instance*>(context.instance)->memories[access.memory];
    const std::uint64_t bytes = std::uint64_t{1} << info(access.op).access;
    const std::uint64_t at = address + access.offset;
    if (at < address || !memory.holds(at, bytes)) return nullptr;
    return memory.data() + at;
}

template <class Narrow, class Wide>
Cell extended(const std::uint8_t* from) noexcept {
    Narrow value;
    std::memcpy(&value, from, sizeof value);
    return static_cast<Wide>(value);
}

} // namespace

Trap far_load(Context& context, Cell* out, const Cell* address, const Cell*, const Cell*,
              std::uint64_t packed) noexcept {
    const Access access = unpack_access(packed);
    const std::uint8_t* from = place(context, access, *address);
    if (from == nullptr) return Trap::memory_bounds;
    switch (access.op) {
    case Op::i32_load8_s:
        *out = extended<std::int8_t, std::uint32_t>(from);
        break;
    case Op::i32_load16_s:
        *out = extended<std::int16_t, std::uint32_t>(from);
        break;
    case Op::i64_load8_s:
        *out = extended<std::int8_t, std::uint64_t>(from);
        break;
    case Op::i64_load16_s:
        *out = extended<std::int16_t, std::uint64_t>(from);
        break;
    case Op::i64_load32_s:
        *out = extended<std::int32_t, std::uint64_t>(from);
        break;
    case Op::v128_load:
        std::memcpy(out, from, 16);
        break;
    default: // zero-extended
        *out = 0;
        std::memcpy(out, from, std::size_t{1} << info(access.op).access);
        break;
    }
    return Trap::none;
}

Trap far_store(Context& context, Cell*, const Cell* address, const Cell* value, const Cell*,
               std::uint64_t packed) noexcept {
    const Access access = unpack_access(packed);
    std::uint8_t* to = place(context, access, *address);
    if (to == nullptr) return Trap::memory_bounds;
    std::memcpy(to, value, std::size_t{1} << info(access.op).access);
    return Trap::none;
}

} // namespace rvm::wasm::hooks
