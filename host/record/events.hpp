// What happens while a message runs, as a stream of events that are coded by what they change. README.md has the bytes.
//
// Writer and reader keep the same picture of the open frames and of what each instruction usually does; an event that is
// as expected takes two bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "record/recording.hpp"

namespace rvm::record {

/// The first byte of an event. Below 0x80 it is an instruction: bits say what is not as expected.
enum class Tag : std::uint8_t {
    enter = 0x80,      ///< signed: frame id beyond the next; format (0: none); message
    leave = 0x81,      ///< frames that ended before without an event; answer
    fault = 0x82,      ///< status; an instruction
    state = 0x83,      ///< kind; address; key (slots); before; after
    log = 0x84,        ///< log
    external = 0x85,   ///< id; input; status; gas; output; words; memory
    block_hash = 0x86, ///< number; 0, or 1 and the hash
    steps_end = 0x87,  ///< instructions are left out from here on
    deed = 0x88,       ///< what an item did before its answer
};
namespace op_bits {
inline constexpr std::uint8_t pc = 1, gas = 2, cost = 4, stack = 8, memory = 16, refund = 32, returned = 64;
}

/// How an instruction is told, and what it did the last time.
struct Instruction {
    std::uint32_t opcode = 0;
    std::uint8_t word_bytes = 0; ///< 8, 32, or 0 where there is no stack
    std::string format, name;
    std::int64_t step = 0;                  ///< from its pc to the next one
    std::int64_t cost = 0;
    std::uint64_t dropped = 0, pushed = 0;  ///< words of the stack
};

/// An open frame.
struct FrameState {
    std::uint64_t id = 0;
    bool creates = false;  ///< RVM_CALL_CREATE
    std::int64_t given = 0; ///< gas and stipend
    rvm_address recipient{};
    std::optional<std::string> format;
    bool started = false;  ///< an instruction was told
    std::size_t last = 0;  ///< index of it
    std::uint64_t pc = 0;
    std::int64_t gas = 0, cost = 0, refund = 0;
    Bytes stack;           ///< before it
    Bytes memory;          ///< as far as it was looked at
    std::uint64_t memory_size = 0;
    std::uint64_t memory_kept = 0; ///< its size when it was last looked at, also where a reader keeps no bytes of it
    std::uint64_t credit = 0; ///< bytes of memory that may be looked at
    Bytes returned;        ///< what the last nested frame left
};

/// A memory is looked at before each instruction while it is small, and as often as this many bytes an instruction allow
/// when it is large: tracing an instruction costs the same however large the memory is.
inline constexpr std::uint64_t memory_bytes_a_step = 65536;
/// Memories beyond this, of all open frames together, are not kept.
inline constexpr std::uint64_t max_memory = std::uint64_t{256} << 20;

/// Whether the memory of a frame is looked at before this instruction; both sides ask once an instruction.
[[nodiscard]] inline bool look_at_memory(FrameState& frame, std::uint64_t size) {
    frame.credit += memory_bytes_a_step;
    if (size > frame.credit) return false;
    frame.credit = 0;
    return true;
}

/// A piece of memory that changed.
struct Patch {
    std::uint64_t offset = 0;
    Bytes bytes;
};

/// What an item that is EXTERNAL answered.
struct External {
    std::string id;
    Bytes input; ///< of a syscall; of an opcode: its operands, 8 little-endian bytes each
    rvm_status status = RVM_OK;
    std::int64_t gas = 0; ///< charged beyond its schedule, since its last deed
    Bytes output;         ///< likewise
    std::vector<Patch> memory;
};

struct BlockHash {
    std::uint64_t number = 0;
    bool known = false;
    rvm_bytes32 hash{};
};

} // namespace rvm::record
