#include "code.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "hot/program.hpp"
#include "opcodes.hpp"

namespace rvm::evm {
namespace {

/// Marks the destinations in [at, size) byte by byte. As signed bytes the opcodes from DUP1 on are negative.
void mark_bytes(const std::uint8_t* code, std::uint64_t at, std::uint64_t size, std::uint64_t* bits) noexcept {
    for (; at < size; ++at) {
        const std::uint8_t opcode = code[at];
        if (static_cast<std::int8_t>(opcode) >= static_cast<std::int8_t>(OP_PUSH1))
            at += opcode - OP_PUSH0;
        else if (opcode == OP_JUMPDEST)
            bits[at / 64] |= std::uint64_t{1} << (at % 64);
    }
}

#ifdef __SSE2__

/// Where 64 bytes look like PUSH1 to PUSH32 and like JUMPDEST, a bit a byte.
struct Looks {
    std::uint64_t pushes = 0, jumpdests = 0;
};

Looks look_at(const std::uint8_t* bytes) noexcept {
    Looks out;
    for (unsigned i = 0; i < 64; i += 16) {
        const __m128i piece = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
        const auto bit_a_byte = [i](__m128i mask) {
            return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(mask))} << i;
        };
        out.pushes |= bit_a_byte(_mm_cmpgt_epi8(piece, _mm_set1_epi8(static_cast<char>(OP_PUSH0))));
        out.jumpdests |= bit_a_byte(_mm_cmpeq_epi8(piece, _mm_set1_epi8(static_cast<char>(OP_JUMPDEST))));
    }
    return out;
}

/// A word of the bits at a time: what looks like an instruction counts unless a PUSH before it made it data. Code
/// without PUSHes, the worst that gas buys, costs next to nothing.
void mark_jumpdests(const std::uint8_t* code, std::uint64_t size, std::uint64_t* bits) noexcept {
    std::uint64_t at = 0;
    unsigned data = 0; // bytes at the beginning of the next word that the last PUSH owns
    for (; at + 64 <= size; at += 64) {
        auto [pushes, jumpdests] = look_at(code + at);
        const std::uint64_t first = ~std::uint64_t{0} << data;
        data = 0;
        pushes &= first;
        jumpdests &= first;
        while (pushes != 0) {
            const auto push = static_cast<unsigned>(std::countr_zero(pushes));
            const std::uint64_t before = (std::uint64_t{2} << push) - 1;
            const unsigned next = push + 1 + (code[at + push] - unsigned{OP_PUSH0});
            if (next >= 64) {
                jumpdests &= before;
                data = next - 64;
                break;
            }
            const std::uint64_t behind = ~std::uint64_t{0} << next;
            jumpdests &= before | behind;
            pushes &= behind;
        }
        bits[at / 64] = jumpdests;
    }
    mark_bytes(code, at + data, size, bits);
}

#else

void mark_jumpdests(const std::uint8_t* code, std::uint64_t size, std::uint64_t* bits) noexcept {
    mark_bytes(code, 0, size, bits);
}

#endif

} // namespace

Code* analyze(rvm_view code) noexcept {
    const std::size_t words = code.size / 64 + 1;
    auto* block = static_cast<std::uint8_t*>(std::malloc(sizeof(Code) + words * sizeof(std::uint64_t)));
    if (block == nullptr) return nullptr;
    auto* bits = reinterpret_cast<std::uint64_t*>(block + sizeof(Code));
    std::memset(bits, 0, words * sizeof(std::uint64_t));
    mark_jumpdests(code.data, code.size, bits);
    return new (block) Code{code.size, code.data, bits};
}

void free_code(const Code* code) noexcept {
    if (code == nullptr) return;
    delete code->program.load(std::memory_order_acquire);
    std::free(const_cast<Code*>(code)); // a Code itself needs no destruction
    static_assert(std::is_trivially_destructible_v<Code>);
}

} // namespace rvm::evm
