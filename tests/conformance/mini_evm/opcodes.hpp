// The instruction set of the mini EVM: one line an opcode. Yellow paper, appendix H.
#pragma once

#include <array>
#include <cstdint>

namespace rvm::conformance::mini_evm {

// OP(name, number, pops, pushes, static gas)
#define MINI_EVM_OPCODES(OP)                                                                                           \
    OP(STOP, 0x00, 0, 0, 0)                                                                                            \
    OP(ADD, 0x01, 2, 1, 3)                                                                                             \
    OP(MUL, 0x02, 2, 1, 5)                                                                                             \
    OP(SUB, 0x03, 2, 1, 3)                                                                                             \
    OP(DIV, 0x04, 2, 1, 5)                                                                                             \
    OP(LT, 0x10, 2, 1, 3)                                                                                              \
    OP(GT, 0x11, 2, 1, 3)                                                                                              \
    OP(EQ, 0x14, 2, 1, 3)                                                                                              \
    OP(ISZERO, 0x15, 1, 1, 3)                                                                                          \
    OP(AND, 0x16, 2, 1, 3)                                                                                             \
    OP(OR, 0x17, 2, 1, 3)                                                                                              \
    OP(SHL, 0x1b, 2, 1, 3)                                                                                             \
    OP(SHR, 0x1c, 2, 1, 3)                                                                                             \
    OP(KECCAK256, 0x20, 2, 1, 30)                                                                                      \
    OP(ADDRESS, 0x30, 0, 1, 2)                                                                                         \
    OP(BALANCE, 0x31, 1, 1, 0)                                                                                         \
    OP(CALLER, 0x33, 0, 1, 2)                                                                                          \
    OP(CALLVALUE, 0x34, 0, 1, 2)                                                                                       \
    OP(CALLDATALOAD, 0x35, 1, 1, 3)                                                                                    \
    OP(CALLDATASIZE, 0x36, 0, 1, 2)                                                                                    \
    OP(CALLDATACOPY, 0x37, 3, 0, 3)                                                                                    \
    OP(CODESIZE, 0x38, 0, 1, 2)                                                                                        \
    OP(CODECOPY, 0x39, 3, 0, 3)                                                                                        \
    OP(EXTCODESIZE, 0x3b, 1, 1, 0)                                                                                     \
    OP(RETURNDATASIZE, 0x3d, 0, 1, 2)                                                                                  \
    OP(RETURNDATACOPY, 0x3e, 3, 0, 3)                                                                                  \
    OP(EXTCODEHASH, 0x3f, 1, 1, 0)                                                                                     \
    OP(BLOCKHASH, 0x40, 1, 1, 20)                                                                                      \
    OP(NUMBER, 0x43, 0, 1, 2)                                                                                          \
    OP(SELFBALANCE, 0x47, 0, 1, 5)                                                                                     \
    OP(POP, 0x50, 1, 0, 2)                                                                                             \
    OP(MLOAD, 0x51, 1, 1, 3)                                                                                           \
    OP(MSTORE, 0x52, 2, 0, 3)                                                                                          \
    OP(MSTORE8, 0x53, 2, 0, 3)                                                                                         \
    OP(SLOAD, 0x54, 1, 1, 0)                                                                                           \
    OP(SSTORE, 0x55, 2, 0, 0)                                                                                          \
    OP(JUMP, 0x56, 1, 0, 8)                                                                                            \
    OP(JUMPI, 0x57, 2, 0, 10)                                                                                          \
    OP(PC, 0x58, 0, 1, 2)                                                                                              \
    OP(MSIZE, 0x59, 0, 1, 2)                                                                                           \
    OP(GAS, 0x5a, 0, 1, 2)                                                                                             \
    OP(JUMPDEST, 0x5b, 0, 0, 1)                                                                                        \
    OP(TLOAD, 0x5c, 1, 1, 100)                                                                                         \
    OP(TSTORE, 0x5d, 2, 0, 100)                                                                                        \
    OP(MCOPY, 0x5e, 3, 0, 3)                                                                                           \
    OP(PUSH0, 0x5f, 0, 1, 2)                                                                                           \
    OP(CREATE, 0xf0, 3, 1, 32000)                                                                                      \
    OP(CALL, 0xf1, 7, 1, 0)                                                                                            \
    OP(CALLCODE, 0xf2, 7, 1, 0)                                                                                        \
    OP(RETURN, 0xf3, 2, 0, 0)                                                                                          \
    OP(DELEGATECALL, 0xf4, 6, 1, 0)                                                                                    \
    OP(CREATE2, 0xf5, 4, 1, 32000)                                                                                     \
    OP(STATICCALL, 0xfa, 6, 1, 0)                                                                                      \
    OP(REVERT, 0xfd, 2, 0, 0)                                                                                          \
    OP(INVALID, 0xfe, 0, 0, 0)                                                                                         \
    OP(SELFDESTRUCT, 0xff, 1, 0, 5000)

enum Opcode : std::uint8_t {
#define OP(name, number, pops, pushes, gas) name = number,
    MINI_EVM_OPCODES(OP)
#undef OP
    // Families.
    PUSH1 = 0x60,
    PUSH32 = 0x7f,
    DUP1 = 0x80,
    SWAP1 = 0x90,
    LOG0 = 0xa0,
    LOG1,
    LOG2,
    LOG3,
    LOG4,
};

struct OpcodeInfo {
    std::uint8_t pops = 0, pushes = 0;
    std::uint16_t gas = 0;
    bool defined = false;
};

constexpr std::array<OpcodeInfo, 256> kOpcodes = [] {
    std::array<OpcodeInfo, 256> table{};
#define OP(name, number, pops, pushes, gas) table[number] = {pops, pushes, gas, true};
    MINI_EVM_OPCODES(OP)
#undef OP
    constexpr std::uint16_t kVeryLow = 3, kLog = 375;
    for (unsigned i = 0; i < 32; ++i)
        table[PUSH1 + i] = {0, 1, kVeryLow, true};
    for (unsigned i = 0; i < 16; ++i) {
        const auto n = static_cast<std::uint8_t>(i + 1);
        table[DUP1 + i] = {n, static_cast<std::uint8_t>(n + 1), kVeryLow, true};
        table[SWAP1 + i] = {static_cast<std::uint8_t>(n + 1), static_cast<std::uint8_t>(n + 1), kVeryLow, true};
    }
    for (unsigned i = 0; i <= 4; ++i)
        table[LOG0 + i] = {static_cast<std::uint8_t>(i + 2), 0, static_cast<std::uint16_t>(kLog * (i + 1)), true};
    return table;
}();

} // namespace rvm::conformance::mini_evm
