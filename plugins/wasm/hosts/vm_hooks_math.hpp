// 256-bit arithmetic for contracts of vm_hooks: the first operand is replaced by the result. As in the EVM, what is
// divided by zero is zero.
#pragma once

#include "hosts/host.hpp"

namespace rvm::wasm::hosts {

Trap math_div(Context& context, Cell* window, std::uint64_t) noexcept;     // value, divisor
Trap math_mod(Context& context, Cell* window, std::uint64_t) noexcept;     // value, modulus
Trap math_pow(Context& context, Cell* window, std::uint64_t) noexcept;     // value, exponent
Trap math_add_mod(Context& context, Cell* window, std::uint64_t) noexcept; // value, addend, modulus
Trap math_mul_mod(Context& context, Cell* window, std::uint64_t) noexcept; // value, multiplier, modulus

} // namespace rvm::wasm::hosts
