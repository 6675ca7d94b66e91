// One instruction as text.
#pragma once

#include <cstdint>

#include <rvm/plugin.h>

namespace rvm::evm {

/// Writes the instruction at `at` ("PUSH2 0x0102"), NUL-terminated and truncated to text_size; returns the bytes it
/// takes, 0 at the end of the code. Bytes that no rule set defines read "0x0c (undefined)"; what a truncated PUSH lacks
/// is zero.
std::uint64_t disassemble(rvm_view code, std::uint64_t at, char* text, std::uint64_t text_size) noexcept;

} // namespace rvm::evm
