#include "state/receipt.hpp"

#include "rlp/encode.hpp"

namespace rvm::ledger {
namespace {

template <class Sink>
void append_logs(Sink& out, std::span<const rvm_log> logs) {
    out.list([&](auto& list) {
        for (const rvm_log& log : logs) {
            list.list([&](auto& fields) {
                fields.string(log.address.bytes);
                fields.list([&](auto& topics) {
                    for (std::uint32_t i = 0; i < log.topic_count; ++i)
                        topics.string(log.topics[i].bytes);
                });
                fields.string(sdk::bytes(log.data));
            });
        }
    });
}

} // namespace

void Bloom::add(Bytes item) noexcept {
    const Hash hash = keccak256(item);
    for (std::size_t i = 0; i < 6; i += 2) {
        const unsigned bit = (static_cast<unsigned>(hash.bytes[i]) << 8u | hash.bytes[i + 1]) & 2047u;
        std::uint8_t& byte = bits_[255 - bit / 8];
        byte = static_cast<std::uint8_t>(byte | 1u << (bit % 8));
    }
}

void Bloom::add(const rvm_log& log) noexcept {
    add(Bytes(log.address.bytes));
    for (std::uint32_t i = 0; i < log.topic_count; ++i)
        add(Bytes(log.topics[i].bytes));
}

void Bloom::add(const Bloom& other) noexcept {
    for (std::size_t i = 0; i < bits_.size(); ++i)
        bits_[i] = static_cast<std::uint8_t>(bits_[i] | other.bits_[i]);
}

Hash logs_hash(std::span<const rvm_log> logs) {
    if (logs.empty()) { // keccak256 of the empty list, 0xc0
        static const Hash none = keccak256(std::array<std::uint8_t, 1>{0xc0});
        return none;
    }
    Buffer out;
    rlp::Writer writer(out);
    append_logs(writer, logs);
    return keccak256(out);
}

void encode_receipt(const Receipt& receipt, Buffer& out) {
    if (receipt.type != TxType::legacy) out.push_back(static_cast<std::uint8_t>(receipt.type));
    rlp::append_list(out, [&](auto& list) {
        if (receipt.post_root != nullptr)
            list.string(receipt.post_root->bytes);
        else
            list.integer(std::uint64_t{receipt.succeeded ? 1u : 0u});
        list.integer(receipt.cumulative_gas_used);
        list.string(receipt.bloom.bytes());
        append_logs(list, receipt.logs);
    });
}

} // namespace rvm::ledger
