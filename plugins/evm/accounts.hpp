// Access to other accounts with its price.
#pragma once

#include "machine.hpp"

namespace rvm::evm {

/// Opens an account, warms it and pays `cold` (added to the static gas) when it was cold (EIP-2929). Nothing is
/// recorded or warmed when that cannot be paid.
[[nodiscard]] inline std::int64_t open_account(Machine& m, const rvm_address& address, std::uint32_t want,
                                               std::int64_t cold, std::int64_t gas, rvm_account*& out) noexcept {
    std::uint32_t access = 0;
    want |= RVM_WANT_WARM | (gas < cold ? RVM_WANT_NO_COLD : 0u);
    if (const rvm_status status = m.host.state->account(&m.frame, &address, want, &out, &access); status != RVM_OK)
        return fail_in_host(m, status);
    return (access & RVM_ACCESS_COLD) != 0 ? gas - cold : gas;
}

/// Whether sending value there creates the account in the sense of kNewAccountGas: it does not exist, or since EIP-161
/// it is empty.
[[nodiscard]] inline bool is_dead(const Machine& m, const rvm_account& account) noexcept {
    return m.schedule.empty_is_dead ? rvm_account_is_empty(&account) != 0 : (account.flags & RVM_ACCOUNT_EXISTS) == 0;
}

} // namespace rvm::evm
