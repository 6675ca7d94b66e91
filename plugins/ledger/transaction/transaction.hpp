// Transactions of types 0 to 4 (EIP-2718): those of lib/tx with the ledger's addresses and hashes.
#pragma once

#include "base/types.hpp"
#include "tx/value.hpp"

namespace rvm::ledger {

using TxType = tx::Type;
inline constexpr std::uint8_t last_tx_type = tx::last_type;
using AccessEntry = tx::AccessEntry<Address>;
using Authorization = tx::Authorization<Address>;
using Transaction = tx::Transaction<Address, Hash>;

} // namespace rvm::ledger
