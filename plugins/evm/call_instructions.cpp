// Calls, creations and SELFDESTRUCT.
#include <algorithm>

#include "accounts.hpp"
#include "instructions.hpp"

namespace rvm::evm::instructions {
namespace {

/// All of it, or since EIP-150 all but one 64th.
std::int64_t most_for_a_callee(const Machine& m, std::int64_t gas) noexcept {
    return m.schedule.keeps_64th ? gas - gas / kGasReserveDivisor : gas;
}

bool is_ripemd160(const rvm_address& address) noexcept {
    constexpr rvm_address ripemd160{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};
    return std::memcmp(address.bytes, ripemd160.bytes, sizeof address.bytes) == 0;
}

/// EIP-161's mishap of block 2,675,119: the touch of an empty ripemd160 account survives a revert.
rvm_status keep_touch(Machine& m, rvm_account* target) noexcept {
    const bool empty = (target->flags & RVM_ACCOUNT_EXISTS) != 0 && rvm_account_is_empty(target) != 0;
    return empty ? m.host.state->touch(&m.frame, target, RVM_TOUCH_STICKY) : RVM_OK;
}

constexpr std::uint32_t kind_of(Opcode opcode) noexcept {
    switch (opcode) {
    case OP_CALL:
        return RVM_CALL_CALL;
    case OP_CALLCODE:
        return RVM_CALL_CALLCODE;
    case OP_DELEGATECALL:
        return RVM_CALL_DELEGATE;
    default:
        return RVM_CALL_STATIC;
    }
}

/// Operands from the top: gas, address, [value,] input offset and size, output offset and size. Result: success.
template <Opcode opcode>
std::int64_t call(Machine& m, U256* sp, std::int64_t gas) noexcept {
    constexpr bool has_value = opcode == OP_CALL || opcode == OP_CALLCODE;
    const U256 asked_gas = sp[-1];
    const U256* ranges = sp - (has_value ? 4 : 3); // ranges[0] is the input's offset, ranges[-1] its size, ...
    const U256 value = has_value ? sp[-3] : U256{};
    U256& success = *(sp - (has_value ? 7 : 6));
    if (opcode == OP_CALL && value && m.is_static()) return fail(m, Fault::static_violation);

    const U256 output_offset = ranges[-2], output_size = ranges[-3];
    gas = touch_memory(m, ranges[0], ranges[-1], gas);
    if (gas < 0) return gas;
    gas = touch_memory(m, output_offset, output_size, gas);
    if (gas < 0) return gas;

    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = kind_of(opcode);
    message.flags = RVM_MESSAGE_DELEGATED; // resolved here: the access to the delegate has a price
    message.code_address = address_of(sp[-2]);
    message.recipient = message.code_address;
    std::uint32_t want = RVM_WANT_CODE;
    if (opcode == OP_CALL && value) want |= RVM_WANT_EXISTS;
    rvm_account* target = nullptr;
    gas = open_account(m, message.code_address, want, m.schedule.cold_account, gas, target);
    if (gas < 0) return gas;
    message.target = target;
    if (m.schedule.delegates && target->delegate != nullptr) { // EIP-7702
        message.code_address = *target->delegate;
        message.flags |= RVM_MESSAGE_NO_PROGRAM;
        gas -= kWarmAccessGas;
        if (gas < 0) return gas;
        gas = open_account(m, message.code_address, RVM_WANT_CODE, m.schedule.cold_account, gas, message.target);
        if (gas < 0) return gas;
    }

    if (has_value && value) gas -= kCallValueGas;
    // Before EIP-161 a call without value creates the account as well.
    if (opcode == OP_CALL && (value || !m.schedule.empty_is_dead) && is_dead(m, *target)) gas -= kNewAccountGas;
    if (gas < 0) return gas;
    const std::int64_t most = most_for_a_callee(m, gas);
    const bool wants_more = !asked_gas.fits_64() || asked_gas.limbs[0] > static_cast<std::uint64_t>(most);
    if (wants_more && !m.schedule.keeps_64th) return fail(m, Fault::out_of_gas);
    message.gas = wants_more ? most : static_cast<std::int64_t>(asked_gas.limbs[0]);
    if (has_value && value) message.stipend = kCallStipend;
    message.value = *raw(&value);
    message.input = memory_view(m, ranges[0], ranges[-1]);

    if (is_ripemd160(message.recipient) && (opcode == OP_STATICCALL || opcode == OP_CALL) && !value) [[unlikely]]
        if (const rvm_status status = keep_touch(m, target); status != RVM_OK) return fail_in_host(m, status);

    m.frame.gas = gas;
    rvm_result result;
    result.struct_size = sizeof result;
    const rvm_status status = m.host.vm->call(&m.frame, &message, &result);
    if (status < 0) [[unlikely]]
        return fail_in_host(m, status);
    if (const std::uint64_t size = std::min(output_size.limbs[0], result.output.size); output_size && size != 0)
        std::memcpy(m.memory + output_offset.limbs[0], result.output.data, size);
    success = truth(status == RVM_OK);
    return m.frame.gas;
}

/// Operands from the top: value, offset and size of the init code, [salt]. Result: the address or zero.
template <Opcode opcode>
std::int64_t create(Machine& m, U256* sp, std::int64_t gas) noexcept {
    constexpr bool salted = opcode == OP_CREATE2;
    if (m.is_static()) return fail(m, Fault::static_violation);
    gas = touch_memory(m, sp[-2], sp[-3], gas);
    if (gas < 0) return gas;
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CREATE;
    message.init_code = memory_view(m, sp[-2], sp[-3]);
    if (message.init_code.size > m.schedule.max_init_code) return fail(m, Fault::init_code_size); // EIP-3860
    gas -= (m.schedule.init_code_word + (salted ? kKeccakWordGas : 0)) * words_in(message.init_code.size);
    if (gas < 0) return gas;
    rvm_bytes32 salt;
    if (salted) {
        u256::store_be(sp[-4], salt.bytes); // EIP-1014
        message.salt = &salt;
    }
    message.value = *raw(&sp[-1]);
    message.gas = most_for_a_callee(m, gas);

    m.frame.gas = gas;
    rvm_result result;
    result.struct_size = sizeof result;
    const rvm_status status = m.host.vm->call(&m.frame, &message, &result);
    if (status < 0) [[unlikely]]
        return fail_in_host(m, status);
    *(sp - (salted ? 4 : 3)) = status == RVM_OK ? word_of(result.created) : U256{};
    return m.frame.gas;
}

} // namespace

std::int64_t CALL(Machine& m, U256* sp, std::int64_t gas) noexcept { return call<OP_CALL>(m, sp, gas); }
std::int64_t CALLCODE(Machine& m, U256* sp, std::int64_t gas) noexcept { return call<OP_CALLCODE>(m, sp, gas); }
std::int64_t DELEGATECALL(Machine& m, U256* sp, std::int64_t gas) noexcept { return call<OP_DELEGATECALL>(m, sp, gas); }
std::int64_t STATICCALL(Machine& m, U256* sp, std::int64_t gas) noexcept { return call<OP_STATICCALL>(m, sp, gas); }
std::int64_t CREATE(Machine& m, U256* sp, std::int64_t gas) noexcept { return create<OP_CREATE>(m, sp, gas); }
std::int64_t CREATE2(Machine& m, U256* sp, std::int64_t gas) noexcept { return create<OP_CREATE2>(m, sp, gas); }

std::int64_t SELFDESTRUCT(Machine& m, U256* sp, std::int64_t gas) noexcept {
    if (m.is_static()) return fail(m, Fault::static_violation);
    const rvm_address address = address_of(sp[-1]);
    const bool has_balance = static_cast<bool>(word_of(m.frame.self->balance));
    rvm_account* heir = nullptr;
    gas = open_account(m, address, RVM_WANT_EXISTS, m.schedule.cold_heir, gas, heir);
    if (gas < 0) return gas;
    if (m.schedule.destroy_prices_heir && (has_balance || !m.schedule.empty_is_dead) && is_dead(m, *heir))
        gas -= kNewAccountGas;
    if (gas < 0) return gas;
    if (is_ripemd160(address) && !has_balance) [[unlikely]]
        if (const rvm_status status = keep_touch(m, heir); status != RVM_OK) return fail_in_host(m, status);
    std::uint32_t first_time = 0;
    const std::uint32_t mode = m.schedule.destroys_new_only ? RVM_DESTROY_IF_NEW_IN_TX : RVM_DESTROY_ALWAYS;
    if (const rvm_status status = m.host.state->destroy(&m.frame, heir, mode, &first_time); status != RVM_OK)
        return fail_in_host(m, status);
    if (first_time != 0) m.frame.refund += m.schedule.destroy_refund;
    return gas;
}

} // namespace rvm::evm::instructions
