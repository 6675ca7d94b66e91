#include "block/dao_fork.hpp"

#include "base/hex.hpp"

namespace rvm::ledger {
namespace {

constexpr const char* withdraw_contract = "bf4ed7b27f1d666546e30d74d50d173d20bca754";

constexpr const char* dao_accounts[] = {
#define DAO_ACCOUNT(address) address,
#include "block/dao_accounts.def"
#undef DAO_ACCOUNT
};

} // namespace

void move_dao_balances(World& world) {
    constexpr std::uint32_t want = RVM_WANT_EXISTS | RVM_WANT_BALANCE;
    rvm_account* heir = world.account(*address_from_hex(withdraw_contract), want);
    for (const char* address : dao_accounts) {
        rvm_account* account = world.account(*address_from_hex(address), want);
        const U256 balance = from_abi(account->balance);
        if (!balance) continue;
        world.sub_balance(account, balance);
        world.add_balance(heir, balance);
    }
}

} // namespace rvm::ledger
