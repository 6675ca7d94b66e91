// Instructions on accounts, slots and logs.
#include "accounts.hpp"
#include "instructions.hpp"

namespace rvm::evm::instructions {

// ---- Accounts ----

std::int64_t BALANCE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    rvm_account* account = nullptr;
    gas = open_account(m, address_of(sp[-1]), RVM_WANT_BALANCE, m.schedule.cold_account, gas, account);
    if (gas >= 0) sp[-1] = word_of(account->balance);
    return gas;
}

std::int64_t SELFBALANCE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    if ((m.frame.flags & RVM_FRAME_RECORD_READS) != 0) [[unlikely]]
        if (const rvm_status status = m.host.state->note_read(&m.frame, m.frame.self, RVM_WANT_BALANCE);
            status != RVM_OK)
            return fail_in_host(m, status);
    sp[0] = word_of(m.frame.self->balance);
    return gas;
}

std::int64_t EXTCODESIZE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    rvm_account* account = nullptr;
    gas = open_account(m, address_of(sp[-1]), RVM_WANT_CODE_SIZE, m.schedule.cold_account, gas, account);
    if (gas >= 0) sp[-1] = U256{account->code_size};
    return gas;
}

std::int64_t EXTCODECOPY(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const U256 &to = sp[-2], &from = sp[-3], &size = sp[-4];
    gas = touch_memory(m, to, size, gas);
    if (gas < 0) return gas;
    gas -= words_in(size.limbs[0]) * kCopyWordGas;
    if (gas < 0) return gas;
    rvm_account* account = nullptr;
    gas = open_account(m, address_of(sp[-1]), RVM_WANT_CODE, m.schedule.cold_account, gas, account);
    if (gas < 0 || !size) return gas;
    rvm_view code{};
    if (const rvm_status status = m.host.state->code(&m.frame, account, &code); status != RVM_OK)
        return fail_in_host(m, status);
    copy_padded(m.memory + to.limbs[0], size.limbs[0], code, saturate(from));
    return gas;
}

/// EIP-1052: zero for what does not exist (EIP-161: or is empty), the hash of nothing for an account without code.
std::int64_t EXTCODEHASH(Machine& m, U256* sp, std::int64_t gas) noexcept {
    // Keccak-256 of no bytes.
    constexpr U256 empty{0x7bfad8045d85a470, 0xe500b653ca82273b, 0x927e7db2dcc703c0, 0xc5d2460186f7233c};
    rvm_account* account = nullptr;
    gas = open_account(m, address_of(sp[-1]), RVM_WANT_CODE_HASH | RVM_WANT_EXISTS, m.schedule.cold_account, gas,
                       account);
    if (gas < 0) return gas;
    if (account->code_hash != nullptr)
        sp[-1] = u256::load_be(account->code_hash->bytes);
    else
        sp[-1] = rvm_account_is_empty(account) != 0 ? U256{} : empty;
    return gas;
}

std::int64_t BLOCKHASH(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const std::uint64_t current = saturate(NUMBER(m)), number = saturate(sp[-1]);
    if (number >= current || current - number > kBlockHashes) {
        sp[-1] = {};
        return gas;
    }
    rvm_bytes32 hash{};
    if (const rvm_status status = m.host.state->block_hash(&m.frame, number, &hash); status != RVM_OK)
        return fail_in_host(m, status);
    sp[-1] = u256::load_be(hash.bytes);
    return gas;
}

// ---- Slots ----

std::int64_t SLOAD(Machine& m, U256* sp, std::int64_t gas) noexcept {
    std::uint32_t access = 0;
    const std::int64_t cold = m.schedule.cold_slot;
    const U256 key = sp[-1];
    const rvm_status status =
        m.host.state->sload(&m.frame, raw(&key), gas < cold ? RVM_WANT_NO_COLD : 0u, raw(&sp[-1]), &access);
    if (status != RVM_OK) [[unlikely]]
        return fail_in_host(m, status);
    return (access & RVM_ACCESS_COLD) != 0 ? gas - cold : gas;
}

std::int64_t SSTORE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    if (m.is_static()) return fail(m, Fault::static_violation);
    if (m.schedule.store_sentry != 0 && gas <= m.schedule.store_sentry) return fail(m, Fault::out_of_gas); // EIP-2200
    rvm_slot_write write{};
    const std::int64_t cold = m.schedule.cold_store;
    const rvm_status status =
        m.host.state->sstore(&m.frame, raw(&sp[-1]), raw(&sp[-2]), gas < cold ? RVM_WANT_NO_COLD : 0u, &write);
    if (status != RVM_OK) [[unlikely]]
        return fail_in_host(m, status);
    if ((write.access & RVM_ACCESS_SKIPPED) != 0) return fail(m, Fault::out_of_gas);
    const StorePrice price = m.schedule.store[write.change];
    if ((write.access & RVM_ACCESS_COLD) != 0) gas -= cold;
    gas -= price.gas;
    m.frame.refund += price.refund;
    return gas;
}

std::int64_t TLOAD(Machine& m, U256* sp, std::int64_t gas) noexcept {
    const U256 key = sp[-1];
    const rvm_status status = m.host.state->tload(&m.frame, raw(&key), raw(&sp[-1]));
    return status == RVM_OK ? gas : fail_in_host(m, status);
}

std::int64_t TSTORE(Machine& m, U256* sp, std::int64_t gas) noexcept {
    if (m.is_static()) return fail(m, Fault::static_violation);
    const rvm_status status = m.host.state->tstore(&m.frame, raw(&sp[-1]), raw(&sp[-2]));
    return status == RVM_OK ? gas : fail_in_host(m, status);
}

// ---- Logs ----

namespace {

template <std::uint32_t Topics>
std::int64_t log(Machine& m, U256* sp, std::int64_t gas) noexcept {
    if (m.is_static()) return fail(m, Fault::static_violation);
    gas = touch_memory(m, sp[-1], sp[-2], gas);
    if (gas < 0) return gas;
    const rvm_view data = memory_view(m, sp[-1], sp[-2]);
    gas -= static_cast<std::int64_t>(data.size) * kLogByteGas;
    if (gas < 0) return gas;
    rvm_bytes32 topics[Topics + 1]; // no array of none
    for (std::uint32_t i = 0; i < Topics; ++i)
        u256::store_be(sp[-3 - static_cast<int>(i)], topics[i].bytes);
    const rvm_status status = m.host.state->log(&m.frame, topics, Topics, data);
    return status == RVM_OK ? gas : fail_in_host(m, status);
}

} // namespace

std::int64_t LOG0(Machine& m, U256* sp, std::int64_t gas) noexcept { return log<0>(m, sp, gas); }
std::int64_t LOG1(Machine& m, U256* sp, std::int64_t gas) noexcept { return log<1>(m, sp, gas); }
std::int64_t LOG2(Machine& m, U256* sp, std::int64_t gas) noexcept { return log<2>(m, sp, gas); }
std::int64_t LOG3(Machine& m, U256* sp, std::int64_t gas) noexcept { return log<3>(m, sp, gas); }
std::int64_t LOG4(Machine& m, U256* sp, std::int64_t gas) noexcept { return log<4>(m, sp, gas); }

} // namespace rvm::evm::instructions
