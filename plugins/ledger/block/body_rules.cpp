#include "block/body_rules.hpp"

#include "base/hex.hpp"

namespace rvm::ledger {

Refusal check_hash(BlockFault fault, const char* what, const Hash& found, const Hash& expected) {
    if (same(found, expected)) return std::nullopt;
    return refuse(fault, std::string(what) + " is " + to_hex(bytes(found)) + ", expected " + to_hex(bytes(expected)));
}

Refusal check_body(const Block& block, const Fork& fork) {
    const Header& header = block.header;
    if (fork.has(Revision::osaka) && block.encoded_size > max_block_size) {
        return refuse(BlockFault::block_size, "block has " + std::to_string(block.encoded_size) + " bytes, at most " +
                                                  std::to_string(max_block_size) + " are allowed");
    }
    const Hash ommers = keccak256(block.encoded_ommers);
    if (Refusal refusal = check_hash(BlockFault::ommers_hash, "ommers hash", header.ommers_hash, ommers))
        return refusal;
    const Hash transactions = transactions_root(block.encoded_transactions);
    if (Refusal refusal =
            check_hash(BlockFault::transactions_root, "transactions root", header.transactions_root, transactions))
        return refusal;
    const bool shanghai = fork.has(Revision::shanghai);
    if (block.withdrawals.has_value() != shanghai)
        return refuse(BlockFault::withdrawals,
                      shanghai ? "withdrawals are missing" : "withdrawals do not exist in this fork");
    if (!shanghai) return std::nullopt;
    return check_hash(BlockFault::withdrawals_root, "withdrawals root", *header.withdrawals_root,
                      withdrawals_root(*block.withdrawals));
}

} // namespace rvm::ledger
