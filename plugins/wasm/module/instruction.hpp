// One instruction with its immediates, as the bytes give it. Read by validator, inspector and tests alike.
#pragma once

#include <cstdint>

#include "features.hpp"
#include "opcodes.hpp"
#include "reader.hpp"
#include "value_type.hpp"

namespace rvm::wasm {

/// Type of a block: nothing, one result, or a function type.
struct BlockType {
    static constexpr std::uint32_t no_index = UINT32_MAX;
    std::uint32_t index = no_index;
    ValueType result; ///< bottom: none
};

struct Instruction {
    Op op = Op::nop;
    std::uint32_t at = 0; ///< offset of the opcode in the module
    std::uint32_t index =
        0; ///< local, global, function, type, label, table, memory, segment, tag; the first one written
    std::uint32_t index2 = 0; ///< the second: call_indirect's table, the source of a copy
    std::uint64_t value = 0;  ///< constant (bits), or offset of a memarg
    std::uint32_t align = 0;  ///< log2
    std::uint32_t lane = 0;
    std::uint32_t count = 0; ///< labels of br_table without the default, catch clauses, types of select
    BlockType block;
    ValueType type; ///< of ref.null, of select t
    const std::uint8_t* bytes =
        nullptr; ///< v128.const, shuffle; br_table's labels, try_table's clauses (still encoded)
    const std::uint8_t* bytes_end = nullptr;
};

/// Kinds of catch clauses, as encoded.
enum class CatchKind : std::uint8_t { catch_ = 0, catch_ref = 1, catch_all = 2, catch_all_ref = 3 };

struct CatchClause {
    CatchKind kind = CatchKind::catch_all;
    std::uint32_t tag = 0;   ///< catch, catch_ref
    std::uint32_t label = 0; ///< counted from outside the try_table
};

/// Maps a type index of the bytes to the first index of an equal type, and checks it: the validator's knowledge.
using TypeIndices = std::span<const std::uint32_t>;

/// Reads the next instruction. Throws ModuleError(malformed) for an unknown opcode, one whose feature is off, or cut
/// immediates; (invalid) for type indices out of range. Indices of other kinds are not judged.
inline void read_instruction(Reader& reader, Features features, TypeIndices types, Instruction& out);

// What read_instruction consists of: half of all instructions have no immediates, most others one index.

/// The opcode that begins with `lead`, at `at`, whatever it is.
Op read_rare_opcode(Reader& reader, Features features, std::uint64_t at, std::uint8_t lead);
/// The immediates of out.op.
void read_immediates(Reader& reader, Features features, TypeIndices types, Instruction& out);

inline void read_instruction(Reader& reader, Features features, TypeIndices types, Instruction& out) {
    out.at = static_cast<std::uint32_t>(reader.offset());
    const std::uint8_t lead = reader.byte("an instruction");
    const PlainOpcode code = plain_opcodes[lead];
    out.op = code.op;
    Immediate kind = code.immediate;
    if (code.op == Op::count || !features.has(code.feature)) [[unlikely]] {
        out.op = read_rare_opcode(reader, features, out.at, lead);
        kind = rule(out.op).immediate;
    }
    if (kind == Immediate::none) return;
    if (kind == Immediate::local || kind == Immediate::label || kind == Immediate::function)
        out.index = reader.u32("an index");
    else
        read_immediates(reader, features, types, out);
}

/// A value type as encoded; type indices inside are mapped through `types`.
ValueType read_value_type(Reader& reader, Features features, TypeIndices types);
/// A reference type as encoded.
ValueType read_reference_type(Reader& reader, Features features, TypeIndices types);
/// A heap type as encoded, as a nullable reference to it.
ValueType read_heap_type(Reader& reader, Features features, TypeIndices types);
CatchClause read_catch_clause(Reader& reader);

} // namespace rvm::wasm
