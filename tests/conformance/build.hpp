// Builders for test programs: evm::push(1) + evm::push(2) + evm::op(ADD).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <rvm/plugin.h>

#include "mini_evm/opcodes.hpp"
#include "toy_format/toy_format.hpp"
#include "word.hpp"

namespace rvm::conformance {

using Code = std::vector<std::uint8_t>;

inline Code operator+(Code left, const Code& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}
inline rvm_view view(const Code& code) { return {code.data(), code.size()}; }

/// The address whose last two bytes are `number`; above every precompile.
inline rvm_address address(std::uint16_t number) { return to_address(word(0x10000u + number)); }

namespace evm {

using namespace mini_evm; // the opcodes

inline Code op(std::initializer_list<Opcode> opcodes) {
    Code out;
    for (const Opcode opcode : opcodes)
        out.push_back(opcode);
    return out;
}
/// PUSH0 or the shortest PUSHn.
inline Code push(const Word& value) {
    std::uint8_t bytes[32];
    rvm_u256_to_bytes(&value, bytes, sizeof bytes);
    std::size_t first = 0;
    while (first < sizeof bytes && bytes[first] == 0)
        ++first;
    const std::size_t size = sizeof bytes - first;
    Code out{static_cast<std::uint8_t>(PUSH0 + size)};
    out.insert(out.end(), bytes + first, bytes + sizeof bytes);
    return out;
}
inline Code push(std::uint64_t value) { return push(word(value)); }
inline Code push(const rvm_address& value) { return push(from_address(value)); }

inline Code store(std::uint64_t key, std::uint64_t value) { return push(value) + push(key) + op({SSTORE}); }
/// Writes the word on top of the stack to memory.
inline Code to_memory(std::uint64_t offset) { return push(offset) + op({MSTORE}); }
inline Code return_memory(std::uint64_t offset, std::uint64_t size) { return push(size) + push(offset) + op({RETURN}); }
/// Returns the word on top of the stack.
inline Code return_top() { return to_memory(0) + return_memory(0, 32); }
inline Code revert_top() { return to_memory(0) + push(32) + push(0) + op({REVERT}); }

constexpr std::uint64_t kAllGas = UINT64_MAX;

struct CallArguments {
    std::uint64_t value = 0;
    std::uint64_t gas = kAllGas;
    std::uint64_t input_size = 0; ///< memory from 0
    std::uint64_t output_size = 0;
};
/// Pushes success.
inline Code call(Opcode kind, const rvm_address& target, const CallArguments& arguments = {}) {
    Code out = push(arguments.output_size) + push(0) + push(arguments.input_size) + push(0);
    if (kind == CALL || kind == CALLCODE) out = out + push(arguments.value);
    return out + push(target) + push(arguments.gas) + op({kind});
}
/// Puts `bytes` into memory from 0 on.
inline Code bytes_to_memory(const Code& bytes) {
    Code out;
    for (std::size_t at = 0; at < bytes.size(); at += 32) {
        std::uint8_t piece[32];
        copy_padded(piece, sizeof piece, view(bytes), at);
        out = out + push(rvm_u256_from_bytes(piece, sizeof piece)) + to_memory(at);
    }
    return out;
}
/// Pushes the new address or 0.
inline Code create2(const Code& init_code, std::uint64_t salt, std::uint64_t value = 0) {
    return bytes_to_memory(init_code) + push(salt) + push(init_code.size()) + push(0) + push(value) + op({CREATE2});
}
inline Code create(const Code& init_code, std::uint64_t value = 0) {
    return bytes_to_memory(init_code) + push(init_code.size()) + push(0) + push(value) + op({CREATE});
}
/// Runs `body` unless the first word of the input is 0. `at` is where this piece stands in the code.
inline Code unless_input_is_zero(std::size_t at, const Code& body) {
    constexpr std::size_t kPush2 = 3;
    const std::size_t end = at + 3 + kPush2 + 1 + body.size(); // PUSH0 CALLDATALOAD ISZERO, PUSH2, JUMPI
    return op({PUSH0, CALLDATALOAD, ISZERO}) +
           Code{PUSH1 + 1, static_cast<std::uint8_t>(end >> 8), static_cast<std::uint8_t>(end)} + op({JUMPI}) + body +
           op({JUMPDEST});
}
/// Init code that returns `code`.
inline Code deploys(const Code& code) { return bytes_to_memory(code) + return_memory(0, code.size()); }

} // namespace evm

namespace toy {

inline Code program(const Code& body) { return Code(std::begin(kMagic), std::end(kMagic)) + body; }
inline Code op(std::initializer_list<Operation> operations) {
    Code out;
    for (const Operation operation : operations)
        out.push_back(operation);
    return out;
}
inline Code number(const Word& value) {
    Code out = evm::push(value);
    out[0] = static_cast<std::uint8_t>(out.size() - 1); // its length instead of PUSHn
    return Code{push} + out;
}
inline Code number(std::uint64_t value) { return number(word(value)); }
inline Code number(const rvm_address& value) { return number(from_address(value)); }
inline Code write(std::uint64_t key, std::uint64_t value) { return number(value) + number(key) + op({store}); }
inline Code block(const Code& bytes) {
    return Code{static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())} + bytes;
}

constexpr std::uint64_t kAllGas = UINT64_MAX;

/// Pushes the status; `input` pushes the input word.
inline Code invoke(std::uint32_t kind, const rvm_address& target, const Code& input, std::uint64_t value = 0,
                   std::uint64_t gas_limit = kAllGas) {
    return input + number(gas_limit) + number(value) + number(target) + Code{call, static_cast<std::uint8_t>(kind)};
}
/// Pushes the new address or 0. Code without the toy's magic is the mini EVM's.
inline Code make(const Code& init_code, std::uint64_t salt, std::uint64_t value = 0) {
    return number(salt) + number(value) + Code{create} + block(init_code);
}
/// Init code that returns `code`.
inline Code deploys(const Code& code) { return program(Code{give_code} + block(code)); }

} // namespace toy
} // namespace rvm::conformance
