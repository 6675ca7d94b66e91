#include "code.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

#include "hot/program.hpp"
#include "opcodes.hpp"

namespace rvm::evm {
namespace {

constexpr std::size_t kPadding = 33;

void mark_jumpdests(const std::uint8_t* code, std::uint64_t size, std::uint64_t* bits) noexcept {
    for (std::uint64_t at = 0; at < size; ++at) {
        const std::uint8_t opcode = code[at];
        if (static_cast<std::int8_t>(opcode) >=
            static_cast<std::int8_t>(OP_PUSH1)) { // as signed bytes DUP1.. are negative
            at += opcode - OP_PUSH0;
        } else if (opcode == OP_JUMPDEST) {
            bits[at / 64] |= std::uint64_t{1} << (at % 64);
        }
    }
}

} // namespace

Code* analyze(rvm_view code) noexcept {
    const std::size_t words = code.size / 64 + 1;
    const std::size_t bits_at = sizeof(Code), bytes_at = bits_at + words * sizeof(std::uint64_t);
    auto* block = static_cast<std::uint8_t*>(std::malloc(bytes_at + code.size + kPadding));
    if (block == nullptr) return nullptr;
    auto* bits = reinterpret_cast<std::uint64_t*>(block + bits_at);
    std::memset(bits, 0, words * sizeof(std::uint64_t));
    std::uint8_t* bytes = block + bytes_at;
    if (code.size != 0) std::memcpy(bytes, code.data, code.size);
    std::memset(bytes + code.size, 0, kPadding);
    mark_jumpdests(bytes, code.size, bits);
    return new (block) Code{code.size, bytes, bits, nullptr};
}

void free_code(const Code* code) noexcept {
    if (code == nullptr) return;
    delete code->program;
    std::free(const_cast<Code*>(code));
}

} // namespace rvm::evm
