#include "hosts/vm_hooks_math.hpp"

#include "u256/divide.hpp"
#include "u256/u256.hpp"

namespace rvm::wasm::hosts {
namespace {

/// Reads `count` operands, lets `operation` compute, writes the result over the first.
template <class Operation>
Trap compute(Context& context, const Cell* window, std::size_t count, std::uint64_t price,
             Operation&& operation) noexcept {
    if (!pay(context, prices::host_call + price)) return Trap::out_of_gas;
    u256::U256 operands[3];
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* bytes = place(context, window[i], value_bytes);
        if (bytes == nullptr) return Trap::memory_bounds;
        operands[i] = u256::load_be(bytes);
    }
    u256::store_be(operation(operands), place(context, window[0], value_bytes));
    return Trap::none;
}

} // namespace

Trap math_div(Context& context, Cell* window, std::uint64_t) noexcept {
    return compute(context, window, 2, prices::divide, [](const u256::U256* o) { return o[0] / o[1]; });
}
Trap math_mod(Context& context, Cell* window, std::uint64_t) noexcept {
    return compute(context, window, 2, prices::divide, [](const u256::U256* o) { return o[0] % o[1]; });
}
Trap math_pow(Context& context, Cell* window, std::uint64_t) noexcept {
    const std::uint8_t* bytes = place(context, window[1], value_bytes);
    if (bytes == nullptr) return Trap::memory_bounds;
    const std::uint64_t significant = (u256::bit_width(u256::load_be(bytes)) + 7) / 8;
    return compute(context, window, 2, prices::power + significant * prices::power_byte,
                   [](const u256::U256* o) { return u256::power(o[0], o[1]); });
}
Trap math_add_mod(Context& context, Cell* window, std::uint64_t) noexcept {
    return compute(context, window, 3, prices::modular,
                   [](const u256::U256* o) { return u256::add_modulo(o[0], o[1], o[2]); });
}
Trap math_mul_mod(Context& context, Cell* window, std::uint64_t) noexcept {
    return compute(context, window, 3, prices::modular,
                   [](const u256::U256* o) { return u256::multiply_modulo(o[0], o[1], o[2]); });
}

} // namespace rvm::wasm::hosts
