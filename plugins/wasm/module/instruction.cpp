#include "instruction.hpp"

namespace rvm::wasm {
namespace {

std::uint32_t type_index(std::int64_t encoded, std::uint64_t at, TypeIndices types) {
    if (encoded < 0) malformed(at, "expected a type index, found " + std::to_string(encoded));
    if (static_cast<std::uint64_t>(encoded) >= types.size()) {
        invalid(at, "unknown type " + std::to_string(encoded) + ", the module has " + std::to_string(types.size()));
    }
    return types[static_cast<std::size_t>(encoded)];
}

bool allowed(ValueType type, Features features) {
    if (type.is_vector()) return features.has(Feature::simd);
    if (!type.is_reference()) return !type.is_bottom();
    return type.heap() == HeapKind::exn ? features.has(Feature::exceptions) : features.has(Feature::reference_types);
}

std::uint32_t memory_index(Reader& reader, Features features) {
    if (features.has(Feature::multi_memory)) return reader.u32("a memory index");
    const std::uint64_t at = reader.offset();
    if (reader.byte("a reserved byte") != 0) malformed(at, "zero byte expected");
    return 0;
}

void read_memarg(Reader& reader, Features features, Instruction& out) {
    constexpr std::uint32_t has_memory = 0x40; // bit 6 of the alignment: a memory index follows
    const std::uint64_t at = reader.offset();
    out.align = reader.u32("an alignment");
    out.index = 0;
    if (features.has(Feature::multi_memory) && out.align >= has_memory && out.align < 2 * has_memory) {
        out.align -= has_memory;
        out.index = reader.u32("a memory index");
    }
    if (out.align >= 64) malformed(at, "malformed memop flags, alignment 2^" + std::to_string(out.align));
    out.value = features.has(Feature::memory64) ? reader.u64("an offset") : reader.u32("an offset");
}

void read_block_type(Reader& reader, Features features, TypeIndices types, BlockType& out) {
    out = {};
    const std::uint64_t at = reader.offset();
    const std::uint8_t lead = reader.peek("a block type");
    if (lead == 0x40) {
        reader.byte("a block type");
        return;
    }
    if ((lead & 0xc0u) == 0x40) { // a negative single byte: a value type
        out.result = read_value_type(reader, features, types);
        return;
    }
    const std::int64_t index = reader.s33("a block type");
    if (!features.has(Feature::multi_value)) malformed(at, "a block type with an index needs multi-value");
    out.index = type_index(index, at, types);
}

void read_labels(Reader& reader, Instruction& out) {
    const std::uint64_t at = reader.offset();
    out.count = reader.u32("br_table");
    if (out.count >= reader.left()) malformed(at, "br_table has more labels than bytes follow");
    out.bytes = reader.position();
    for (std::uint32_t i = 0; i <= out.count; ++i) {
        reader.u32("a label of br_table");
    }
    out.bytes_end = reader.position();
}

void read_try_table(Reader& reader, Features features, TypeIndices types, Instruction& out) {
    read_block_type(reader, features, types, out.block);
    out.count = reader.u32("try_table");
    if (out.count > reader.left()) malformed(reader.offset(), "try_table has more clauses than bytes follow");
    out.bytes = reader.position();
    for (std::uint32_t i = 0; i < out.count; ++i) {
        read_catch_clause(reader);
    }
    out.bytes_end = reader.position();
}

} // namespace

ValueType read_heap_type(Reader& reader, Features features, TypeIndices types) {
    const std::uint64_t at = reader.offset();
    const std::int64_t code = reader.s33("a heap type");
    if (code >= 0) {
        if (!features.has(Feature::function_references)) malformed(at, "malformed reference type");
        return ValueType::reference(type_index(code, at, types), true);
    }
    const ValueType type = code >= -64 ? ValueType::from_byte(static_cast<std::uint8_t>(code & 0x7f)) : ValueType();
    if (!type.is_reference() || !allowed(type, features)) malformed(at, "malformed reference type");
    return type;
}

ValueType read_reference_type(Reader& reader, Features features, TypeIndices types) {
    const std::uint64_t at = reader.offset();
    const ValueType type = read_value_type(reader, features, types);
    if (!type.is_reference()) malformed(at, "malformed reference type: expected a reference, found " + type.text());
    return type;
}

ValueType read_value_type(Reader& reader, Features features, TypeIndices types) {
    const std::uint64_t at = reader.offset();
    const std::uint8_t lead = reader.byte("a value type");
    if ((lead == 0x64 || lead == 0x63) && features.has(Feature::function_references)) {
        const ValueType type = read_heap_type(reader, features, types);
        return lead == 0x64 ? type.as_non_null() : type;
    }
    const ValueType type = ValueType::from_byte(lead);
    if (!allowed(type, features)) malformed(at, "malformed value type " + std::to_string(lead));
    return type;
}

CatchClause read_catch_clause(Reader& reader) {
    const std::uint64_t at = reader.offset();
    const std::uint8_t kind = reader.byte("a catch clause");
    if (kind > 3) malformed(at, "malformed catch clause " + std::to_string(kind));
    CatchClause clause;
    clause.kind = static_cast<CatchKind>(kind);
    if (kind < 2) clause.tag = reader.u32("a tag index");
    clause.label = reader.u32("a label");
    return clause;
}

Op read_rare_opcode(Reader& reader, Features features, std::uint64_t at, std::uint8_t lead) {
    std::uint32_t code = lead;
    Op op = plain_opcodes[lead].op;
    if (lead == static_cast<std::uint8_t>(Prefix::misc) || lead == static_cast<std::uint8_t>(Prefix::vector)) {
        code = reader.u32("an instruction");
        const bool vector = lead == static_cast<std::uint8_t>(Prefix::vector);
        op = code >= 256 ? Op::count : vector ? vector_opcodes[code] : misc_opcodes[code];
    }
    if (op == Op::count || !features.has(rule(op).feature)) {
        std::string what = "illegal opcode " + std::to_string(lead) + " " + std::to_string(code);
        if (op != Op::count) what = std::string(info(op).text) + " is an illegal opcode: its feature is off";
        malformed(at, what);
    }
    return op;
}

void read_immediates(Reader& reader, Features features, TypeIndices types, Instruction& out) {
    switch (rule(out.op).immediate) {
    case Immediate::none:
        break;
    case Immediate::block_type:
        read_block_type(reader, features, types, out.block);
        break;
    case Immediate::label:
    case Immediate::function:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::tag:
    case Immediate::data:
    case Immediate::element:
        out.index = reader.u32("an index");
        break;
    case Immediate::type:
        out.index = type_index(reader.u32("a type index"), out.at, types);
        break;
    case Immediate::type_table: {
        out.index = type_index(reader.u32("a type index"), out.at, types);
        const std::uint64_t at = reader.offset();
        out.index2 =
            features.has(Feature::reference_types) ? reader.u32("a table index") : reader.byte("a table index");
        if (!features.has(Feature::reference_types) && out.index2 != 0) malformed(at, "zero byte expected");
        break;
    }
    case Immediate::label_table:
        read_labels(reader, out);
        break;
    case Immediate::try_table:
        read_try_table(reader, features, types, out);
        break;
    case Immediate::value_types: {
        out.count = reader.u32("select");
        if (out.count > reader.left()) malformed(out.at, "select has more types than bytes follow");
        for (std::uint32_t i = 0; i < out.count; ++i) {
            out.type = read_value_type(reader, features, types);
        }
        break;
    }
    case Immediate::memory:
        out.index = memory_index(reader, features);
        break;
    case Immediate::memarg:
        read_memarg(reader, features, out);
        break;
    case Immediate::memarg_lane:
        read_memarg(reader, features, out);
        out.lane = reader.byte("a lane");
        break;
    case Immediate::lane:
        out.lane = reader.byte("a lane");
        break;
    case Immediate::word32:
        out.value = static_cast<std::uint32_t>(reader.s32("i32.const"));
        break;
    case Immediate::word64:
        out.value = static_cast<std::uint64_t>(reader.s64("i64.const"));
        break;
    case Immediate::float32:
        out.value = reader.fixed<std::uint32_t>("f32.const");
        break;
    case Immediate::float64:
        out.value = reader.fixed<std::uint64_t>("f64.const");
        break;
    case Immediate::bits128:
    case Immediate::shuffle:
        out.bytes = reader.bytes(16, "a vector").data();
        break;
    case Immediate::heap_type:
        out.type = read_heap_type(reader, features, types);
        break;
    case Immediate::data_memory:
        out.index = reader.u32("a data index");
        out.index2 = memory_index(reader, features);
        break;
    case Immediate::memory_memory:
        out.index = memory_index(reader, features);
        out.index2 = memory_index(reader, features);
        break;
    case Immediate::element_table:
    case Immediate::table_table:
        out.index = reader.u32("an index");
        out.index2 = reader.u32("a table index");
        break;
    }
}

} // namespace rvm::wasm
