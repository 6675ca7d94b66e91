#include "state/authorization.hpp"

#include <algorithm>

#include "state/validation.hpp"

namespace rvm::ledger {
namespace {

constexpr const char* format = "evm"; // whose delegate_of reads the code

void set_delegation(World& world, rvm_account* account, const Address& target) {
    if (same(target, Address{})) return world.set_code(account, {}, nullptr, format); // back to no code
    std::uint8_t code[3 + sizeof target.bytes] = {0xef, 0x01, 0x00};
    std::ranges::copy(target.bytes, code + 3);
    world.set_code(account, code, nullptr, format);
}

/// The steps are those of the EIP's section "Behavior".
std::int64_t apply(const Authorization& entry, const U256& chain_id, const SignerRecovery& signers, World& world) {
    if (entry.chain_id != U256{} && entry.chain_id != chain_id) return 0;
    if (entry.nonce == UINT64_MAX) return 0;
    const std::optional<Address> authority = signers.authority(entry);
    if (!authority) return 0;
    world.warm(*authority);
    rvm_account* account =
        world.account(*authority, RVM_WANT_NONCE | RVM_WANT_CODE_HASH | RVM_WANT_EXISTS | RVM_WANT_BALANCE);
    if (account->code_hash != nullptr && !is_delegation(world.code(account))) return 0;
    if (account->nonce != entry.nonce) return 0;
    const bool exists = (account->flags & RVM_ACCOUNT_EXISTS) != 0;
    set_delegation(world, account, entry.address);
    world.set_nonce(account, entry.nonce + 1);
    return exists ? static_cast<std::int64_t>(authorization_gas - authorization_base_gas) : 0;
}

} // namespace

std::int64_t apply_authorizations(std::span<const Authorization> list, const U256& chain_id,
                                  const SignerRecovery& signers, World& world) {
    std::int64_t refund = 0;
    for (const Authorization& entry : list)
        refund += apply(entry, chain_id, signers, world);
    return refund;
}

} // namespace rvm::ledger
