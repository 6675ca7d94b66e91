// One frame being run: what instructions reach besides the stack, the gas and the position, which live in registers.
#pragma once

#include <cstdint>
#include <cstring>

#include <rvm/plugin.h>

#include "code.hpp"
#include "faults.hpp"
#include "opcodes.hpp"
#include "schedule.hpp"
#include "u256/u256.hpp"

namespace rvm::evm {

using u256::U256;

/// Most blob hashes a transaction is given: above the six of EIP-7594 and the nine of a block under EIP-7691.
inline constexpr std::uint32_t kMaxBlobHashes = 32;

/// What the plugin knows of its host; one for the life of the plugin.
struct Host {
    const rvm_host_vm* vm = nullptr;
    const rvm_host_state* state = nullptr;
    const rvm_host_trace* trace = nullptr;
    struct EnvKeys {
        std::uint32_t number, timestamp, coinbase, gas_limit, base_fee, blob_base_fee, prevrandao, difficulty;
        std::uint32_t chain_id, origin, gas_price, blob_count;
        std::uint32_t blob_hash[kMaxBlobHashes];
    } env{};
};

/// Words behind the stack for the hot tier's temporaries.
inline constexpr std::size_t kSpareSlots = 320;

/// Kept by the host for one depth and reused by later frames of it (rvm_frame.scratch): zeroed at first use.
struct Scratch {
    alignas(64) U256 stack[kStackLimit + kSpareSlots];
    std::uint8_t* memory;   ///< of malloc
    std::uint64_t capacity; ///< bytes behind `memory`
};

/// EVM memory grows by words; 2^41 bytes cost more than 2^63 gas (Yellow Paper, C_mem).
inline constexpr std::uint64_t kMemoryLimit = std::uint64_t{1} << 41u;

struct DispatchTables;

/// A point between two instructions.
struct Position {
    const std::uint8_t* pc; ///< into Code.bytes
    U256* sp;               ///< one past the top of the stack
    std::int64_t gas;
};

struct Machine {
    const Host& host;
    const DispatchTables& dispatch; ///< of the direct interpreter
    const Schedule& schedule;
    const Code& code;
    rvm_frame& frame;
    rvm_result& result;
    Scratch& scratch;
    std::uint8_t* memory;
    std::uint64_t memory_size = 0;    ///< bytes, whole words
    Fault fault = Fault::out_of_gas;  ///< why an instruction failed; most fail for want of gas
    rvm_status host_failure = RVM_OK; ///< a negative status that an instruction got from the host
    std::int64_t reported_gas = 0;    ///< of the instruction last reported to a tracer, and its price
    std::int64_t reported_cost = 0;
    std::int64_t hot_below = INT64_MIN; ///< gas; a jump back with less of it left goes on in translated code
    Position at{};                      ///< between two instructions, in builds without tail calls

    Machine(const Host& the_host, const DispatchTables& the_dispatch, const Schedule& the_schedule,
            const Code& the_code, rvm_frame& the_frame, rvm_result& the_result) noexcept
        : host(the_host), dispatch(the_dispatch), schedule(the_schedule), code(the_code), frame(the_frame),
          result(the_result), scratch(*static_cast<Scratch*>(the_frame.scratch)), memory(scratch.memory) {}

    [[nodiscard]] bool is_static() const noexcept { return (frame.flags & RVM_FRAME_STATIC) != 0; }
};

/// What an instruction returns instead of gas when it fails: anything negative.
inline constexpr std::int64_t kFailed = -1;

[[nodiscard]] inline std::int64_t fail(Machine& m, Fault fault) noexcept {
    m.fault = fault;
    return kFailed;
}
/// A status other than RVM_OK that the host answered outside of a call.
[[nodiscard]] inline std::int64_t fail_in_host(Machine& m, rvm_status status) noexcept {
    m.host_failure = status < 0 ? status : RVM_E_INTERNAL; // traps are prevented before the host is asked
    return kFailed;
}

// ---- Words ----

static_assert(sizeof(U256) == sizeof(rvm_u256));
[[nodiscard]] inline const rvm_u256* raw(const U256* word) noexcept { return reinterpret_cast<const rvm_u256*>(word); }
[[nodiscard]] inline rvm_u256* raw(U256* word) noexcept { return reinterpret_cast<rvm_u256*>(word); }
[[nodiscard]] inline U256 word_of(const rvm_u256& word) noexcept {
    return {word.limbs[0], word.limbs[1], word.limbs[2], word.limbs[3]};
}
/// The low 20 bytes.
[[nodiscard]] inline rvm_address address_of(const U256& word) noexcept {
    std::uint8_t bytes[32];
    u256::store_be(word, bytes);
    rvm_address address;
    std::memcpy(address.bytes, bytes + 12, sizeof address.bytes);
    return address;
}
[[nodiscard]] inline U256 word_of(const rvm_address& address) noexcept {
    std::uint8_t bytes[32] = {};
    std::memcpy(bytes + 12, address.bytes, sizeof address.bytes);
    return u256::load_be(bytes);
}
/// Copies limb by limb: a word that was just written so cannot be forwarded to a wider load.
[[gnu::always_inline]] inline void copy_limbs(U256& to, const U256& from) noexcept {
    const std::uint64_t l0 = from.limbs[0], l1 = from.limbs[1], l2 = from.limbs[2], l3 = from.limbs[3];
    to.limbs[0] = l0;
    to.limbs[1] = l1;
    to.limbs[2] = l2;
    to.limbs[3] = l3;
}
[[nodiscard]] inline std::uint64_t saturate(const U256& word) noexcept {
    return word.fits_64() ? word.limbs[0] : UINT64_MAX;
}
[[nodiscard]] constexpr std::int64_t words_in(std::uint64_t bytes) noexcept {
    return static_cast<std::int64_t>(bytes / 32 + (bytes % 32 != 0));
}

// ---- Memory ----

/// Price of growing memory to `end`, below 2 * kMemoryLimit; saturates.
[[nodiscard]] std::int64_t memory_growth_gas(const Machine& m, std::uint64_t end) noexcept;

/// Pays for memory up to `end` and zeroes what is new; returns the gas left. Out of line: growth is rare.
[[nodiscard]] std::int64_t grow_memory(Machine& m, std::uint64_t end, std::int64_t gas) noexcept;

/// Whether the `size` bytes at `offset` are there.
[[nodiscard]] [[gnu::always_inline]] inline bool is_there(const Machine& m, std::uint64_t offset,
                                                          std::uint64_t size) noexcept {
    return offset <= UINT64_MAX - size && offset + size <= m.memory_size;
}
[[nodiscard]] [[gnu::always_inline]] inline bool is_there(const Machine& m, const U256& offset,
                                                          std::uint64_t size) noexcept {
    return offset.fits_64() && is_there(m, offset.limbs[0], size);
}

/// Makes [offset, offset + size) accessible, size > 0.
[[nodiscard]] inline std::int64_t touch_memory(Machine& m, const U256& offset, std::uint64_t size,
                                               std::int64_t gas) noexcept {
    if ((offset.limbs[1] | offset.limbs[2] | offset.limbs[3]) != 0 || offset.limbs[0] >= kMemoryLimit ||
        size >= kMemoryLimit) [[unlikely]]
        return fail(m, Fault::out_of_gas);
    const std::uint64_t end = offset.limbs[0] + size;
    return end <= m.memory_size ? gas : grow_memory(m, end, gas);
}

/// As the stack names a range: an empty one is accessible wherever it is.
[[nodiscard]] inline std::int64_t touch_memory(Machine& m, const U256& offset, const U256& size,
                                               std::int64_t gas) noexcept {
    return size ? touch_memory(m, offset, saturate(size), gas) : gas;
}

/// The bytes of a range that touch_memory() accepted.
[[nodiscard]] inline rvm_view memory_view(const Machine& m, const U256& offset, const U256& size) noexcept {
    return size ? rvm_view{m.memory + offset.limbs[0], size.limbs[0]} : rvm_view{nullptr, 0};
}

/// Copies from `source` at `from`; what lies behind its end is zero.
void copy_padded(std::uint8_t* to, std::uint64_t size, rvm_view source, std::uint64_t from) noexcept;

} // namespace rvm::evm
