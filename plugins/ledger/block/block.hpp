// A block as the network carries it (yellow paper, section 4.3.3; EIP-2718, EIP-4895).
#pragma once

#include "block/header.hpp"
#include "block/refusal.hpp"
#include "transaction/transaction.hpp"

namespace rvm::ledger {

/// EIP-4895. `amount` is in Gwei.
struct Withdrawal {
    std::uint64_t index = 0;
    std::uint64_t validator = 0;
    Address address{};
    std::uint64_t amount = 0;
};

/// Views point into the encoding that the block was decoded from.
struct Block {
    Header header;
    Hash hash{}; ///< of the header
    std::vector<Transaction> transactions;
    std::vector<Bytes> encoded_transactions; ///< as the transaction trie holds them, in the same order
    std::vector<Header> ommers;
    Bytes encoded_ommers; ///< the list of them
    std::optional<std::vector<Withdrawal>> withdrawals;
    std::size_t encoded_size = 0; ///< bytes of the whole block
};

/// Decodes one block that fills `input`. A refusal says what is wrong and where; `out` is then unspecified.
/// Checks form alone. Views of `out` live as long as `input`. Re-entrant.
[[nodiscard]] Refusal decode_block(Bytes input, Block& out);

/// One withdrawal as the withdrawals trie holds it.
[[nodiscard]] Buffer encode_withdrawal(const Withdrawal& withdrawal);

/// A block from its parts: transactions are given as the trie holds them, everything else as in the result's fields.
[[nodiscard]] Buffer encode_block(const Header& header, std::span<const Bytes> transactions,
                                  std::span<const Header> ommers,
                                  const std::optional<std::vector<Withdrawal>>& withdrawals);

/// The list of a block's transactions, given as the trie holds them.
[[nodiscard]] Buffer encode_transactions(std::span<const Bytes> transactions);

[[nodiscard]] Hash transactions_root(std::span<const Bytes> encoded_transactions);
[[nodiscard]] Hash withdrawals_root(std::span<const Withdrawal> withdrawals);

} // namespace rvm::ledger
