#include "block/header.hpp"

#include "rlp/encode.hpp"

namespace rvm::ledger {
namespace {

U256 read_u256(rlp::Reader& fields) {
    std::uint8_t bytes[32]{};
    fields.integer(bytes);
    return u256::load_be(bytes);
}

} // namespace

Header decode_header(rlp::Reader& fields) {
    Header header;
    fields.fixed(header.parent_hash.bytes);
    fields.fixed(header.ommers_hash.bytes);
    fields.fixed(header.beneficiary.bytes);
    fields.fixed(header.state_root.bytes);
    fields.fixed(header.transactions_root.bytes);
    fields.fixed(header.receipts_root.bytes);
    fields.fixed(header.logs_bloom);
    header.difficulty = read_u256(fields);
    header.number = fields.integer();
    header.gas_limit = fields.integer();
    header.gas_used = fields.integer();
    header.timestamp = fields.integer();
    const Bytes extra_data = fields.string();
    header.extra_data.assign(extra_data.begin(), extra_data.end());
    fields.fixed(header.prev_randao.bytes);
    fields.fixed(header.nonce);
    if (!fields.at_end()) header.base_fee = read_u256(fields);
    if (!fields.at_end()) fields.fixed(header.withdrawals_root.emplace().bytes);
    if (!fields.at_end()) header.blob_gas_used = fields.integer();
    if (!fields.at_end()) header.excess_blob_gas = fields.integer();
    if (!fields.at_end()) fields.fixed(header.parent_beacon_root.emplace().bytes);
    if (!fields.at_end()) fields.fixed(header.requests_hash.emplace().bytes);
    return header;
}

void encode_header(const Header& header, Buffer& out) {
    rlp::append_list(out, [&](auto& list) {
        list.string(bytes(header.parent_hash));
        list.string(bytes(header.ommers_hash));
        list.string(bytes(header.beneficiary));
        list.string(bytes(header.state_root));
        list.string(bytes(header.transactions_root));
        list.string(bytes(header.receipts_root));
        list.string(header.logs_bloom);
        list.integer(BigEndian(header.difficulty));
        list.integer(header.number);
        list.integer(header.gas_limit);
        list.integer(header.gas_used);
        list.integer(header.timestamp);
        list.string(header.extra_data);
        list.string(bytes(header.prev_randao));
        list.string(header.nonce);
        if (header.base_fee) list.integer(BigEndian(*header.base_fee));
        if (header.withdrawals_root) list.string(bytes(*header.withdrawals_root));
        if (header.blob_gas_used) list.integer(*header.blob_gas_used);
        if (header.excess_blob_gas) list.integer(*header.excess_blob_gas);
        if (header.parent_beacon_root) list.string(bytes(*header.parent_beacon_root));
        if (header.requests_hash) list.string(bytes(*header.requests_hash));
    });
}

Hash hash_of(const Header& header) {
    Buffer encoded;
    encode_header(header, encoded);
    return keccak256(encoded);
}

} // namespace rvm::ledger
