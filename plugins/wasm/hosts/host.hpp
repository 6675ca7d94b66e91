// What the functions that programs import have in common: whom they work for, paying, reaching memory.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include <rvm/plugin.h>

#include "hosts/prices.hpp"
#include "hosts/storage_cache.hpp"
#include "module/costs.hpp"
#include "run/machine.hpp"

namespace rvm::wasm::wasi {
class Process;
}

namespace rvm::wasm::hosts {

using engine::Context;
using engine::Trap;

/// Handles of the environment words that programs can ask for.
struct EnvironmentWords {
    std::uint32_t number, timestamp, coinbase, gas_limit, base_fee, prevrandao, chain_id, origin, gas_price;
};

/// Tables of the host. `items` may be null: then nothing is granted.
struct HostTables {
    rvm_host_ctx* ctx = nullptr;
    const rvm_host_vm* vm = nullptr;
    const rvm_host_state* state = nullptr;
    const rvm_host_items* items = nullptr;
    const rvm_host_trace* trace = nullptr;
    EnvironmentWords words{};
};

/// Machine::user while imports may be called.
struct User {
    wasi::Process* process = nullptr; ///< null: the program imports nothing of WASI
};

/// What host functions work on while a frame runs.
struct FrameContext : User {
    const HostTables* host = nullptr;
    rvm_frame* frame = nullptr;
    std::vector<std::uint8_t>* output = nullptr; ///< what the frame gives so far; outlives it
    StorageCache* cache = nullptr;               ///< of vm_hooks, empty at first; null: the program has none
    rvm_status status = RVM_OK;                  ///< why Trap::exit was returned
    bool (*stops)() = nullptr;                   ///< who else than the host may end a run that can be cancelled
    bool ended = false;                          ///< the program or the host ended the run, with `status`
};

[[nodiscard]] inline FrameContext& frame_of(Context& context) noexcept {
    return *static_cast<FrameContext*>(static_cast<User*>(Machine::of(context).user));
}

/// Ends the run with a status of the host or the program.
[[nodiscard]] inline Trap end(Context& context, rvm_status status) noexcept {
    FrameContext& frame = frame_of(context);
    frame.status = status;
    frame.ended = true;
    return Trap::exit;
}
/// Goes on unless the host refused.
[[nodiscard]] inline Trap finished(Context& context, rvm_status status) noexcept {
    return status == RVM_OK ? Trap::none : end(context, status);
}

[[nodiscard]] inline bool pay(Context& context, std::uint64_t gas) noexcept {
    return gas <= static_cast<std::uint64_t>(INT64_MAX) / costs::units_per_gas &&
           context.charge(gas * costs::units_per_gas);
}
[[nodiscard]] inline std::uint64_t gas_left(const Context& context) noexcept {
    return static_cast<std::uint64_t>(context.gas_left()) / costs::units_per_gas;
}
/// Pieces of 32 bytes, begun ones count.
[[nodiscard]] constexpr std::uint64_t words(std::uint64_t bytes) noexcept {
    return bytes / prices::copied_bytes + (bytes % prices::copied_bytes != 0 ? 1 : 0);
}

/// [address, address + size) of memory 0, or null.
[[nodiscard]] inline std::uint8_t* place(const Context& context, Cell address, Cell size) noexcept {
    if (size > context.memory_size || address > context.memory_size - size) return nullptr;
    return context.memory + address;
}

inline constexpr Cell address_bytes = sizeof(rvm_address);
inline constexpr Cell value_bytes = 32; ///< of a 256-bit value in memory, big-endian

[[nodiscard]] inline rvm_address load_address(const std::uint8_t* bytes) noexcept {
    rvm_address out;
    std::memcpy(out.bytes, bytes, sizeof out.bytes);
    return out;
}
[[nodiscard]] inline bool is_zero(const rvm_u256& value) noexcept {
    return (value.limbs[0] | value.limbs[1] | value.limbs[2] | value.limbs[3]) == 0;
}

/// The frame's gas as the host sees it, around a call of it. What is less than one gas stays with the program.
class GasOfFrame {
  public:
    explicit GasOfFrame(Context& context) noexcept : context_(context), frame_(*frame_of(context).frame) {
        before_ = static_cast<std::int64_t>(gas_left(context));
        frame_.gas = before_;
    }
    /// Takes what the host took, or gives what it gave: a callee leaves of its stipend what it does not need. False:
    /// more was taken than was left.
    [[nodiscard]] bool settle() noexcept {
        constexpr auto units_per_gas = static_cast<std::int64_t>(costs::units_per_gas);
        const std::int64_t taken = before_ - std::max<std::int64_t>(frame_.gas, -1);
        if (taken >= 0) return pay(context_, static_cast<std::uint64_t>(taken));
        context_.reserve_gas += std::min(-taken, (INT64_MAX - context_.gas_left()) / units_per_gas) * units_per_gas;
        return true;
    }

  private:
    Context& context_;
    rvm_frame& frame_;
    std::int64_t before_;
};

/// A function that programs can import.
struct Function {
    const char* name;
    const char* signature; ///< as in opcodes.def: "ii.I" takes two i32 and gives an i64
    engine::HostFunction run;
    std::uint64_t data = 0;
};

} // namespace rvm::wasm::hosts
