#include "state/access_log.hpp"

namespace rvm::ledger {

void AccessLog::reads(std::span<const rvm_read> reads) {
    for (const rvm_read& read : reads) {
        account(read.address);
        if ((read.fields & RVM_READ_SLOT) != 0) slot(read.address, from_abi(read.key));
    }
}

void AccessLog::changes(std::span<const rvm_account_change> changes) {
    for (const rvm_account_change& change : changes) {
        account(change.address);
        for (const rvm_slot_change& changed : std::span(change.slots, change.slot_count))
            slot(change.address, from_abi(changed.key));
    }
}

} // namespace rvm::ledger
