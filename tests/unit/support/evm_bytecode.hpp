// Test programs as text that reads like assembly: push(1) + push(2) + op(OP_ADD).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include <rvm/plugin.h>

#include "opcodes.hpp"
#include "u256/u256.hpp"

namespace rvm::evm::test {

using Code = std::vector<std::uint8_t>;
using u256::U256;

inline Code operator+(Code left, const Code& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}
inline rvm_view view(const Code& code) { return {code.data(), code.size()}; }
inline Code op(std::initializer_list<std::uint8_t> opcodes) { return {opcodes}; }
inline Code times(unsigned count, const Code& code) {
    Code out;
    for (unsigned i = 0; i < count; ++i)
        out.insert(out.end(), code.begin(), code.end());
    return out;
}

inline Code word_bytes(const U256& value) {
    Code bytes(32);
    u256::store_be(value, bytes.data());
    return bytes;
}
/// The shortest PUSH1 .. PUSH32, which every rule set has.
inline Code push(const U256& value) {
    const Code bytes = word_bytes(value);
    const unsigned size = value ? (u256::bit_width(value) + 7) / 8 : 1;
    return Code{static_cast<std::uint8_t>(OP_PUSH0 + size)} + Code(bytes.end() - size, bytes.end());
}
inline Code push(std::uint64_t value) { return push(U256{value}); }
inline Code push(const rvm_address& address) {
    return Code{OP_PUSH20} + Code(std::begin(address.bytes), std::end(address.bytes));
}
/// PUSH2: jump targets, whose size must not depend on their value.
inline Code push2(std::size_t value) {
    return {OP_PUSH2, static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// Ends the program with the word on top of the stack as output.
inline Code return_top() { return push(0) + op({OP_MSTORE}) + push(32) + push(0) + op({OP_RETURN}); }
inline Code revert_top() { return push(0) + op({OP_MSTORE}) + push(32) + push(0) + op({OP_REVERT}); }
inline Code sstore(std::uint64_t key, std::uint64_t value) { return push(value) + push(key) + op({OP_SSTORE}); }
/// Writes `bytes` to memory at 0, a word at a time.
inline Code to_memory(const Code& bytes) {
    Code out;
    for (std::size_t at = 0; at < bytes.size(); at += 32) {
        Code chunk(32);
        for (std::size_t i = 0; i < 32 && at + i < bytes.size(); ++i)
            chunk[i] = bytes[at + i];
        out = out + Code{OP_PUSH32} + chunk + push(at) + op({OP_MSTORE});
    }
    return out;
}
/// Init code that returns `code`.
inline Code deploying(const Code& code) { return to_memory(code) + push(code.size()) + push(0) + op({OP_RETURN}); }

} // namespace rvm::evm::test
