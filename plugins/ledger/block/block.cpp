#include "block/block.hpp"

#include <algorithm>

#include "rlp/encode.hpp"
#include "transaction/codec.hpp"
#include "trie/root.hpp"

namespace rvm::ledger {
namespace {

Refusal damaged(const rlp::Status& status, const char* part) {
    return refuse(BlockFault::encoding, std::string("block is no RLP of a block: ") + rlp::text(status.error) +
                                            " at byte " + std::to_string(status.offset) + ", " + part);
}

/// A typed transaction is a string that holds the type byte and the payload; a legacy one is the list itself.
Refusal decode_transactions(rlp::Reader list, Block& out) {
    while (!list.at_end()) {
        const rlp::Item item = list.item();
        if (!list.status().ok()) break;
        const Bytes encoded = item.is_list ? item.encoded : item.payload;
        // A list inside a string would be a second form of a legacy transaction.
        if (!item.is_list && (encoded.empty() || encoded[0] >= 0xc0)) {
            return refuse(BlockFault::encoding, "transaction " + std::to_string(out.transactions.size()) +
                                                    " is a string without a transaction type");
        }
        Transaction& transaction = out.transactions.emplace_back();
        if (const DecodeFailure failure = decode_transaction(encoded, transaction); failure.failed()) {
            return refuse(Rejection::malformed,
                          "transaction " + std::to_string(out.transactions.size() - 1) + ": " + failure.text());
        }
        out.encoded_transactions.push_back(encoded);
    }
    if (!list.status().ok()) return damaged(list.status(), "in its transactions");
    return std::nullopt;
}

Withdrawal decode_withdrawal(rlp::Reader fields) {
    Withdrawal withdrawal;
    withdrawal.index = fields.integer();
    withdrawal.validator = fields.integer();
    fields.fixed(withdrawal.address.bytes);
    withdrawal.amount = fields.integer();
    fields.end();
    return withdrawal;
}

template <class List>
void write_withdrawal(List& list, const Withdrawal& withdrawal) {
    list.integer(withdrawal.index);
    list.integer(withdrawal.validator);
    list.string(bytes(withdrawal.address));
    list.integer(withdrawal.amount);
}

Hash to_hash(const trie::Hash& digest) noexcept {
    Hash out;
    std::ranges::copy(digest, out.bytes);
    return out;
}

/// Typed transactions are strings in a block, legacy ones the lists that they are.
template <class List>
void write_transactions(List& list, std::span<const Bytes> transactions) {
    for (const Bytes transaction : transactions) {
        if (!transaction.empty() && transaction[0] >= 0xc0) {
            list.encoded(transaction);
        } else {
            list.string(transaction);
        }
    }
}

} // namespace

Refusal decode_block(Bytes input, Block& out) {
    out = Block{};
    out.encoded_size = input.size();
    rlp::Status status;
    rlp::Reader whole(input, status);
    rlp::Reader parts = whole.list();
    whole.end();
    rlp::Reader header = parts.list();
    out.header = decode_header(header);
    header.end();
    if (!status.ok()) return damaged(status, "in its header");
    out.hash = hash_of(out.header);

    if (Refusal refusal = decode_transactions(parts.list(), out)) return refusal;

    const rlp::Item ommers = parts.item();
    if (status.ok() && !ommers.is_list) parts.fail(rlp::Error::not_a_list);
    if (!status.ok()) return damaged(status, "in its ommers");
    out.encoded_ommers = ommers.encoded;
    rlp::Status ommer_status;
    rlp::Reader ommer_list(ommers.payload, ommer_status);
    while (!ommer_list.at_end()) {
        rlp::Reader fields = ommer_list.list();
        out.ommers.push_back(decode_header(fields));
        fields.end();
    }
    if (!ommer_status.ok()) return damaged(ommer_status, "in its ommers (counted from their first)");

    if (!parts.at_end()) {
        rlp::Reader list = parts.list();
        auto& withdrawals = out.withdrawals.emplace();
        while (!list.at_end())
            withdrawals.push_back(decode_withdrawal(list.list()));
    }
    parts.end();
    if (!status.ok()) return damaged(status, "in its withdrawals");
    return std::nullopt;
}

Buffer encode_withdrawal(const Withdrawal& withdrawal) {
    return rlp::encode_list([&](auto& list) { write_withdrawal(list, withdrawal); });
}

Buffer encode_block(const Header& header, std::span<const Bytes> transactions, std::span<const Header> ommers,
                    const std::optional<std::vector<Withdrawal>>& withdrawals) {
    Buffer encoded_header;
    encode_header(header, encoded_header);
    std::vector<Buffer> encoded_ommers(ommers.size());
    for (std::size_t i = 0; i < ommers.size(); ++i)
        encode_header(ommers[i], encoded_ommers[i]);
    return rlp::encode_list([&](auto& block) {
        block.encoded(encoded_header);
        block.list([&](auto& list) { write_transactions(list, transactions); });
        block.list([&](auto& list) {
            for (const Buffer& ommer : encoded_ommers)
                list.encoded(ommer);
        });
        if (!withdrawals) return;
        block.list([&](auto& list) {
            for (const Withdrawal& withdrawal : *withdrawals) {
                list.list([&](auto& fields) { write_withdrawal(fields, withdrawal); });
            }
        });
    });
}

Buffer encode_transactions(std::span<const Bytes> transactions) {
    return rlp::encode_list([&](auto& list) { write_transactions(list, transactions); });
}

Hash transactions_root(std::span<const Bytes> encoded_transactions) {
    return to_hash(trie::root_of_list(encoded_transactions));
}

Hash withdrawals_root(std::span<const Withdrawal> withdrawals) {
    std::vector<Buffer> encoded;
    encoded.reserve(withdrawals.size());
    for (const Withdrawal& withdrawal : withdrawals)
        encoded.push_back(encode_withdrawal(withdrawal));
    const std::vector<Bytes> views(encoded.begin(), encoded.end());
    return to_hash(trie::root_of_list(views));
}

} // namespace rvm::ledger
