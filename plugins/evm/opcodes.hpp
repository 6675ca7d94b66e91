// The opcode table as C++: numbers, stack effects, names and the rule set of each opcode's introduction.
#pragma once

#include <array>
#include <cstdint>

#include "rules.hpp"

namespace rvm::evm {

enum Opcode : std::uint8_t {
#define RVM_EVM_OPCODE(name, number, operands, results, gas, since) OP_##name = number,
#include "opcodes.def"
#undef RVM_EVM_OPCODE
};

inline constexpr std::size_t kOpcodes = 256;
inline constexpr std::size_t kStackLimit = 1024; ///< words; Yellow Paper, section 9.1

struct OpcodeInfo {
    const char* name = nullptr; ///< NULL: no rule set defines it
    std::uint8_t operands = 0;
    std::uint8_t results = 0;
    Rules since = Rules::frontier;
    /// How the stack grows.
    [[nodiscard]] constexpr int growth() const noexcept { return results - operands; }
    [[nodiscard]] constexpr bool defined(Rules rules) const noexcept { return name != nullptr && rules >= since; }
};

inline constexpr std::array<OpcodeInfo, kOpcodes> kOpcodeInfo = [] {
    std::array<OpcodeInfo, kOpcodes> table{};
#define RVM_EVM_OPCODE(name, number, operands, results, gas, since)                                                    \
    table[number] = {#name, operands, results, Rules::since};
#include "opcodes.def"
#undef RVM_EVM_OPCODE
    return table;
}();

/// Bytes of code behind the opcode that belong to it.
[[nodiscard]] constexpr unsigned immediate_bytes(std::uint8_t opcode) noexcept {
    return opcode >= OP_PUSH1 && opcode <= OP_PUSH32 ? opcode - OP_PUSH0 : 0u;
}

/// What traces and disassembly call the opcode: 0x44 was renamed by EIP-4399.
[[nodiscard]] constexpr const char* opcode_name(std::uint8_t opcode, Rules rules) noexcept {
    if (opcode == OP_PREVRANDAO && rules < Rules::paris) return "DIFFICULTY";
    return kOpcodeInfo[opcode].defined(rules) ? kOpcodeInfo[opcode].name : nullptr;
}

} // namespace rvm::evm
