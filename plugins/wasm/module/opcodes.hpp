// Enumerators and properties of the instructions, from opcodes.def.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "costs.hpp"
#include "features.hpp"
#include "value_type.hpp"

namespace rvm::wasm {

enum class Op : std::uint16_t {
#define RVM_WASM_OP(id, text, prefix, code, imm, sig, feature, price, access) id,
#include "opcodes.def"
#undef RVM_WASM_OP
    count,
};

/// What follows an opcode.
enum class Immediate : std::uint8_t {
    none,
    block_type,  ///< s33: empty, a value type, a type index
    label,       ///< depth
    label_table, ///< br_table: labels and the default
    function,
    type,
    type_table, ///< call_indirect: type, table
    tag,
    try_table,   ///< block type and catch clauses
    value_types, ///< select t*
    local,
    global,
    table,
    memory,      ///< a memory index; a zero byte without multi_memory
    memarg,      ///< alignment, memory, offset
    memarg_lane, ///< memarg and a lane
    lane,
    shuffle, ///< 16 lanes
    word32,
    word64,
    float32,
    float64,
    bits128,
    heap_type,
    data,
    element,
    data_memory,   ///< memory.init
    memory_memory, ///< memory.copy: destination, source
    element_table, ///< table.init
    table_table,   ///< table.copy: destination, source
};

enum class Prefix : std::uint8_t { none = 0, misc = 0xfc, vector = 0xfd };

struct OpInfo {
    std::string_view text;
    std::string_view signature;
    Prefix prefix;
    std::uint8_t code;
    Immediate immediate;
    Feature feature;
    std::uint8_t access; ///< see opcodes.def
    std::uint32_t price; ///< units, see costs.hpp
};

inline constexpr std::array<OpInfo, static_cast<std::size_t>(Op::count)> op_table = {{
#define RVM_WASM_OP(id, text, prefix, code, imm, sig, feature, price, access)                                          \
    {text, sig, Prefix::prefix, code, Immediate::imm, Feature::feature, access, costs::price},
#include "opcodes.def"
#undef RVM_WASM_OP
}};

[[nodiscard]] constexpr const OpInfo& info(Op op) noexcept { return op_table[static_cast<std::size_t>(op)]; }

namespace detail {
constexpr std::array<Op, 256> opcodes_of(Prefix prefix) {
    std::array<Op, 256> map{};
    map.fill(Op::count);
    for (std::size_t i = 0; i < op_table.size(); ++i) {
        if (op_table[i].prefix == prefix) map[op_table[i].code] = static_cast<Op>(i);
    }
    return map;
}

/// What reading, judging and pricing an instruction asks, in few bytes: 64-byte lines of op_table would be too many. A
/// power of two, because it is looked up by number several times an instruction.
struct alignas(32) Rule {
    ValueType operands[3]; ///< bottom: the address type of the memory
    ValueType result;      ///< likewise
    std::uint8_t operand_count = 0;
    std::uint8_t operand_cells = 0; ///< an address is one
    std::uint8_t result_count = 0;
    bool own = false;     ///< the validator has a rule of its own
    bool checked = false; ///< its immediates have rules
    Immediate immediate = Immediate::none;
    Feature feature = Feature::core1;
    std::uint32_t price = 0;
};

constexpr ValueType type_of(char letter) {
    switch (letter) {
    case 'i':
        return i32;
    case 'I':
        return i64;
    case 'f':
        return f32;
    case 'F':
        return f64;
    case 'v':
        return v128;
    default:
        return {};
    }
}

constexpr Rule rule_of(const OpInfo& op) {
    Rule rule;
    rule.immediate = op.immediate;
    rule.feature = op.feature;
    rule.price = op.price;
    rule.checked = op.immediate == Immediate::memarg || op.immediate == Immediate::memarg_lane ||
                   op.immediate == Immediate::memory || op.immediate == Immediate::lane ||
                   op.immediate == Immediate::shuffle;
    rule.own = op.signature[0] == '*';
    if (rule.own) return rule;
    std::size_t i = 0;
    for (; op.signature[i] != '.'; ++i) {
        const ValueType operand = type_of(op.signature[i]);
        rule.operands[rule.operand_count++] = operand;
        rule.operand_cells = static_cast<std::uint8_t>(rule.operand_cells + operand.cells());
    }
    for (++i; i < op.signature.size(); ++i) {
        rule.result = type_of(op.signature[i]);
        ++rule.result_count;
    }
    if (rule.result_count > 1) throw "one result at most"; // while this program is compiled
    return rule;
}

constexpr auto rules() {
    std::array<Rule, op_table.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = rule_of(op_table[i]);
    }
    return all;
}
} // namespace detail

inline constexpr auto rule_table = detail::rules();
[[nodiscard]] constexpr const detail::Rule& rule(Op op) noexcept { return rule_table[static_cast<std::size_t>(op)]; }

/// What reading code asks of a byte without prefix, in one look.
struct PlainOpcode {
    Op op = Op::count; ///< count: none
    Immediate immediate = Immediate::none;
    Feature feature = Feature::core1;
};
static_assert(sizeof(PlainOpcode) == 4);

namespace detail {
constexpr auto plain_opcodes() {
    std::array<PlainOpcode, 256> map{};
    for (std::size_t i = 0; i < op_table.size(); ++i) {
        const OpInfo& op = op_table[i];
        if (op.prefix == Prefix::none) map[op.code] = {static_cast<Op>(i), op.immediate, op.feature};
    }
    return map;
}
} // namespace detail

inline constexpr auto plain_opcodes = detail::plain_opcodes();
/// Instruction of a code under a prefix; Op::count: none.
inline constexpr std::array<Op, 256> misc_opcodes = detail::opcodes_of(Prefix::misc);
inline constexpr std::array<Op, 256> vector_opcodes = detail::opcodes_of(Prefix::vector);

} // namespace rvm::wasm
