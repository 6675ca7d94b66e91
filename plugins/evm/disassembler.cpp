#include "disassembler.hpp"

#include <cstdio>

#include "opcodes.hpp"

namespace rvm::evm {

std::uint64_t disassemble(rvm_view code, std::uint64_t at, char* text, std::uint64_t text_size) noexcept {
    if (at >= code.size) return 0;
    const std::uint8_t opcode = code.data[at];
    const OpcodeInfo& info = kOpcodeInfo[opcode];
    if (info.name == nullptr) {
        std::snprintf(text, text_size, "0x%02x (undefined)", opcode);
        return 1;
    }
    const unsigned immediate = immediate_bytes(opcode);
    if (immediate == 0) {
        std::snprintf(text, text_size, "%s", info.name);
        return 1;
    }
    char digits[2 * 32 + 1] = {};
    for (unsigned i = 0; i < immediate; ++i) {
        const std::uint64_t from = at + 1 + i;
        std::snprintf(digits + 2 * i, 3, "%02x", from < code.size ? code.data[from] : 0u);
    }
    std::snprintf(text, text_size, "%s 0x%s", info.name, digits);
    const std::uint64_t left = code.size - at;
    return 1 + immediate < left ? 1 + immediate : left;
}

} // namespace rvm::evm
