// The state of one running native frame, and every operation that is more than arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <rvm/plugin.h>

#include "engine/context.hpp"
#include "native/limits.hpp"
#include "native/link.hpp"

namespace rvm::native {

enum class Fault : std::uint32_t {
#define RVM_NATIVE_FAULT(name, number, text) name = number,
#include "native/faults.def"
#undef RVM_NATIVE_FAULT
};

/// Static text of a fault number; nullptr when unknown.
[[nodiscard]] const char* fault_text(std::uint32_t number) noexcept;

using Word = rvm_word;

/// A suspended function activation. Its size is part of the memory accounting, so it is the same everywhere.
struct Activation {
    Word registers[register_count];
    std::uint32_t resume; ///< instruction after the call
    std::uint32_t base;   ///< first stack word of the function
    std::uint32_t limit;  ///< one past the last stack word it may use
    std::uint32_t function;
};
static_assert(sizeof(Activation) == 144);

/// What a frame needs without asking the allocator: enough for most programs. Larger buffers come from the heap, are
/// accounted to the execution's memory budget by what the frame uses, and stay for the next frame when they are small.
inline constexpr std::uint32_t inline_stack_words = 128;
inline constexpr std::uint32_t inline_activations = 4;
inline constexpr std::uint32_t inline_memory_bytes = 2 * page_bytes;
inline constexpr std::uint32_t inline_cells = 256; ///< register frames of the engine

/// The format's scratch area of one depth; zeroed by the host at first use, so that all pointers begin as null.
struct Scratch {
    Word* stack; ///< null: inline_stack
    std::uint8_t* memory;
    Activation* activations;
    std::uint64_t memory_capacity; ///< bytes behind `memory`
    std::uint32_t stack_capacity;  ///< words behind `stack`
    std::uint32_t activation_capacity;
    engine::Cell* cells; ///< likewise of the engine
    engine::Record* records;
    std::uint32_t cell_capacity;
    std::uint32_t record_capacity;
    std::uint8_t result[32]; ///< the top of the stack as output
    engine::Record inline_records[inline_activations + 1];
    engine::Cell inline_cells[native::inline_cells];
    Word inline_stack[inline_stack_words];
    Activation inline_activation[inline_activations];
    alignas(64) std::uint8_t inline_memory[inline_memory_bytes];
};

/// Frees the heap buffers of a scratch area.
void release_scratch(Scratch& scratch) noexcept;

/// Big-endian 32 bytes <-> four limbs.
[[nodiscard]] rvm_u256 load_u256(const std::uint8_t* bytes) noexcept;
void store_u256(std::uint8_t* bytes, const rvm_u256& value) noexcept;

/// Address of a creation: the last 20 bytes of SHA-256 over "rvm-create", the creator's address, then without salt 0
/// and the nonce (8 bytes, big-endian), with salt 1, the salt and SHA-256 of the init code.
[[nodiscard]] rvm_address creation_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                                           rvm_view init_code);

/// One frame. All functions returning rvm_status: RVM_OK, a trap (with `fault` set) or a host failure.
class Machine {
  public:
    Machine(const Artifact& artifact, const HostTables& host, rvm_frame& frame, rvm_result& result) noexcept;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Runs the entry function to its end and fills the result. Never throws.
    rvm_status execute() noexcept;

  protected:
    const Program& program;
    const Artifact& artifact;
    const HostTables& host;
    rvm_frame& frame;
    rvm_result& result;
    Scratch& scratch;

    std::int64_t gas;               ///< left, in a register of the loop's choice; stored to frame.gas at host calls
    std::int64_t prepaid = 0;       ///< static gas of the block not yet shown to a tracer
    Word* stack = nullptr;          ///< the frame's operand stack
    std::uint8_t* memory = nullptr; ///< the frame's linear memory
    std::uint64_t memory_size = 0;  ///< bytes
    std::uint32_t sp = 0;           ///< words on the stack
    std::uint32_t height = 0;       ///< words on the stack before the current instruction
    std::uint32_t base = 0;         ///< first stack word of the running function
    std::uint32_t limit = 0;        ///< one past the last stack word it may use
    std::uint32_t pc = 0;           ///< next instruction
    std::uint32_t at = 0;           ///< current instruction
    std::uint32_t function = 0;     ///< running function
    std::uint32_t depth = 0;        ///< suspended activations
    std::uint32_t ticks = 0;        ///< blocks entered, for polling
    Fault fault = Fault::none;
    Word registers[register_count];

    rvm_status trap(rvm_status status, Fault why) noexcept {
        fault = why;
        return status;
    }

    template <bool Traced>
    rvm_status run() noexcept;

    // machine.cpp: gas, memory, functions, ends
    rvm_status pay(std::int64_t price) noexcept;
    [[nodiscard]] bool inside(Word offset, Word size) const noexcept {
        return size <= memory_size && offset <= memory_size - size;
    }
    rvm_status outside() noexcept { return trap(RVM_TRAP_MEMORY, Fault::memory_bounds); }
    rvm_status grow_memory(std::uint64_t pages) noexcept;
    rvm_status enter_function(std::uint32_t callee, std::uint32_t resume) noexcept;
    void leave_function() noexcept;
    rvm_status poll() noexcept;
    rvm_status copy_memory(const Word* a) noexcept;
    rvm_status fill_memory(const Word* a) noexcept;
    rvm_status grow(Word* a) noexcept;
    rvm_status finish(bool with_top) noexcept;
    rvm_status finish_top(Word top) noexcept;
    rvm_status finish_with(const Word* a) noexcept;

    // machine_world.cpp: context, state, other programs, imports
    rvm_status copy_input(const Word* a) noexcept;
    rvm_status copy_returned(const Word* a) noexcept;
    rvm_status write_address(Word offset, const rvm_address& address) noexcept;
    rvm_status write_value(Word offset, const rvm_u256& value) noexcept;
    rvm_status load_slot(const Word* a) noexcept;
    rvm_status store_slot(const Word* a) noexcept;
    rvm_status load_transient(const Word* a) noexcept;
    rvm_status store_transient(const Word* a) noexcept;
    rvm_status read_balance(const Word* a) noexcept;
    rvm_status read_code_size(Word* a) noexcept;
    rvm_status emit_log(const Word* a, std::uint32_t topics) noexcept;
    rvm_status call_program(Word* a, std::uint32_t kind) noexcept;
    rvm_status create_program(Word* a, std::uint32_t import) noexcept;
    rvm_status call_system(Word* a, std::uint32_t import) noexcept;
    rvm_status run_plugin_opcode(Word* a, const Instruction& instruction) noexcept;

    // trace events
    void trace_op(std::int64_t gas_before, std::int64_t cost) noexcept;
    void trace_fault(rvm_status status) noexcept;

    // one frame's course
    void open() noexcept;
    [[nodiscard]] std::optional<std::uint32_t> entry_function() const noexcept;
    rvm_status start_memory(std::uint32_t entry) noexcept;
    rvm_status close(rvm_status status) noexcept;
    [[nodiscard]] bool promise_broken() const noexcept;
    rvm_status item_status(rvm_status status, const rvm_frame* guard, std::int64_t gas_before) noexcept;
    rvm_status reserve(std::uint64_t bytes) noexcept;

    std::uint32_t stack_words_ = inline_stack_words;      ///< accounted, whatever the buffer's size
    std::uint32_t activation_words_ = inline_activations; ///< accounted number of activations

  private:
    rvm_status start(std::uint32_t entry) noexcept;
    rvm_status reserve_stack(std::uint32_t words) noexcept;
    rvm_status reserve_activation() noexcept;
    rvm_status host_status(rvm_status status) noexcept;
    rvm_status find_account(Word offset, std::uint32_t want, rvm_account** out, std::int64_t* price) noexcept;
    rvm_op_event event(std::int64_t gas_before, std::int64_t cost) const noexcept;
};

} // namespace rvm::native
