// Instructions on words, memory and copies that are too long to inline.
#include "instructions.hpp"

#include "keccak/keccak.hpp"
#include "mapping_hashes.hpp"

namespace rvm::evm::instructions {

std::int64_t EXP(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const U256& exponent = sp[-2];
    gas -= std::int64_t{(u256::bit_width(exponent) + 7) / 8} * m.schedule.exp_byte; // EIP-160
    if (gas < 0) return gas;
    sp[-2] = u256::power(sp[-1], exponent);
    return gas;
}

std::int64_t KECCAK256(Machine& m, U256* sp, std::int64_t gas) noexcept {
    gas = touch_memory(m, sp[-1], sp[-2], gas);
    if (gas < 0) return gas;
    const rvm_view input = memory_view(m, sp[-1], sp[-2]);
    gas -= words_in(input.size) * kKeccakWordGas;
    if (gas < 0) return gas;
    if (input.size == kMappingInput) {
        sp[-2] = mapping_hash(input.data);
        return gas;
    }
    std::uint8_t digest[32];
    keccak::keccak256({input.data, input.size}, digest);
    sp[-2] = u256::load_be(digest);
    return gas;
}

namespace {

/// Memory and copying of sp[-1] = to, sp[-3] = size.
std::int64_t pay_copy(Machine& m, const U256& to, const U256& size, std::int64_t gas) noexcept {
    gas = touch_memory(m, to, size, gas);
    return gas < 0 ? gas : gas - words_in(size.limbs[0]) * kCopyWordGas;
}

void copy(Machine& m, const U256& to, const U256& from, const U256& size, rvm_view source) noexcept {
    if (size) copy_padded(m.memory + to.limbs[0], size.limbs[0], source, saturate(from));
}

std::int64_t copy_from(Machine& m, U256* sp, std::int64_t gas, rvm_view source) noexcept {
    gas = pay_copy(m, sp[-1], sp[-3], gas);
    if (gas >= 0) copy(m, sp[-1], sp[-2], sp[-3], source);
    return gas;
}

} // namespace

std::int64_t CALLDATACOPY(Machine& m, U256* sp, std::int64_t gas) noexcept {
    return copy_from(m, sp, gas, m.frame.msg->input);
}

std::int64_t CODECOPY(Machine& m, U256* sp, std::int64_t gas) noexcept {
    return copy_from(m, sp, gas, {m.code.bytes, m.code.size});
}

/// EIP-211: reading behind the end halts, also when the size is zero.
std::int64_t RETURNDATACOPY(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const rvm_view source = m.frame.returned;
    if (saturate(sp[-2]) > source.size || saturate(sp[-3]) > source.size - sp[-2].limbs[0])
        return fail(m, Fault::return_data_bounds);
    return copy_from(m, sp, gas, source);
}

std::int64_t MCOPY(Machine& m, U256* sp, std::int64_t gas) noexcept { // EIP-5656
    const U256 &to = sp[-1], &from = sp[-2], &size = sp[-3];
    if (!size) return gas;
    gas = touch_memory(m, to < from ? from : to, size, gas);
    if (gas < 0) return gas;
    gas -= words_in(size.limbs[0]) * kCopyWordGas;
    if (gas >= 0) std::memmove(m.memory + to.limbs[0], m.memory + from.limbs[0], size.limbs[0]);
    return gas;
}

std::int64_t RETURN(Machine& m, U256* sp, std::int64_t gas) noexcept {
    gas = touch_memory(m, sp[-1], sp[-2], gas);
    if (gas >= 0) m.result.output = memory_view(m, sp[-1], sp[-2]);
    return gas;
}

} // namespace rvm::evm::instructions
