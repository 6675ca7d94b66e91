// The native instruction set as data: opcode_table.def turned into an enumeration and a lookup table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "native/gas.hpp"

namespace rvm::native {

/// What follows the opcode byte. Integers are minimal LEB128 unless stated.
enum class Immediate : std::uint8_t {
    none,
    word,           ///< 64-bit constant, signed LEB128
    height,         ///< operand stack height at the label, relative to the function's frame
    label,          ///< ordinal of the label within its function
    table,          ///< count n, then n + 1 label ordinals; the last is the default
    function,       ///< function index
    depth,          ///< one byte, at most max_pick
    reg,            ///< one byte, 0 to 15
    width,          ///< one byte: 8, 16 or 32
    topics,         ///< one byte, 0 to 4
    import_opcode,  ///< import index, then the import's immediate_size bytes
    import_syscall, ///< import index
    import_env,     ///< import index
    import_format   ///< 0: the creating program's own format; n: import n - 1
};

/// Static properties; a set of bits.
namespace OpFlags {
inline constexpr std::uint8_t plain = 0;
inline constexpr std::uint8_t ends = 1;     ///< control never reaches the next instruction
inline constexpr std::uint8_t branches = 2; ///< a new block begins after it
inline constexpr std::uint8_t memory = 4;   ///< touches linear memory
inline constexpr std::uint8_t reads = 8;    ///< reads the world state
inline constexpr std::uint8_t writes = 16;  ///< changes the world: traps STATIC in a static frame
inline constexpr std::uint8_t nests = 32;   ///< may run another program or plugin code
inline constexpr std::uint8_t priced = 64;  ///< has a dynamic price besides the static one
} // namespace OpFlags

/// Marks a number of operands or results that the immediate decides.
inline constexpr std::uint8_t by_immediate = 0xff;

enum class Op : std::uint8_t {
#define RVM_OPCODE(name, mnemonic, byte, immediate, pops, pushes, price, flags, summary) name = byte,
#include "native/opcode_table.def"
#undef RVM_OPCODE
};

struct OpInfo {
    std::string_view mnemonic; ///< empty: the byte is no opcode
    std::string_view summary;
    Immediate immediate = Immediate::none;
    std::uint8_t pops = 0;
    std::uint8_t pushes = 0;
    gas::Price price = 0;
    std::uint8_t flags = 0;
};

namespace detail {
constexpr std::array<OpInfo, 256> make_op_table() {
    std::array<OpInfo, 256> table{};
#define RVM_OPCODE(name, mnemonic, byte, immediate, pops, pushes, price, flags, summary)                               \
    table[byte] = OpInfo{mnemonic, summary, Immediate::immediate, pops, pushes, price, flags};
#include "native/opcode_table.def"
#undef RVM_OPCODE
    return table;
}
} // namespace detail

inline constexpr std::array<OpInfo, 256> op_table = detail::make_op_table();

[[nodiscard]] constexpr const OpInfo& op_info(Op op) noexcept { return op_table[static_cast<std::size_t>(op)]; }
[[nodiscard]] constexpr bool is_opcode(std::uint8_t byte) noexcept { return !op_table[byte].mnemonic.empty(); }

/// The opcode with this mnemonic, which is compared without regard to ASCII case; its byte, or -1.
[[nodiscard]] int find_opcode(std::string_view mnemonic) noexcept;

/// The opcode reference as a Markdown table, as it stands in README.md.
[[nodiscard]] std::string opcode_reference();

} // namespace rvm::native
