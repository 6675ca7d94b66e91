#include "environment.hpp"

#include <string>

#include "words.hpp"

namespace rvm::evmc {
namespace {

/// False when the word does not fit EVMC's signed 64 bits.
bool narrow(const rvm_u256& word, std::int64_t& out) noexcept {
    out = static_cast<std::int64_t>(word.limbs[0]);
    return (word.limbs[1] | word.limbs[2] | word.limbs[3]) == 0 && out >= 0;
}

} // namespace

Environment::Environment(sdk::Host host)
    : gas_price_(host.env_key("tx.gas_price")), origin_(host.env_key("tx.origin")),
      coinbase_(host.env_key("block.coinbase")), number_(host.env_key("block.number")),
      timestamp_(host.env_key("block.timestamp")), gas_limit_(host.env_key("block.gas_limit")),
      prevrandao_(host.env_key("block.prevrandao")), difficulty_(host.env_key("block.difficulty")),
      chain_id_(host.env_key("chain.id")), base_fee_(host.env_key("block.base_fee")),
      blob_base_fee_(host.env_key("block.blob_base_fee")), blob_count_(host.env_key("tx.blob_count")) {
    for (std::uint32_t i = 0; i < max_blob_hashes; ++i)
        blob_hashes_[i] = host.env_key(("tx.blob_hash." + std::to_string(i)).c_str());
}

rvm_status Environment::context(const rvm_frame& frame, Revision revision, std::vector<Bytes32>& blobs,
                                TxContext& out) const {
    const rvm_u256* env = frame.env;
    if (!narrow(env[number_], out.block_number) || !narrow(env[timestamp_], out.block_timestamp) ||
        !narrow(env[gas_limit_], out.block_gas_limit))
        return RVM_E_INVALID_ARGUMENT;
    const rvm_u256& count = env[blob_count_];
    if ((count.limbs[1] | count.limbs[2] | count.limbs[3]) != 0 || count.limbs[0] > max_blob_hashes)
        return RVM_E_INVALID_ARGUMENT;
    blobs.clear();
    for (std::uint64_t i = 0; i < count.limbs[0]; ++i)
        blobs.push_back(bytes32(env[blob_hashes_[i]]));

    out.tx_gas_price = bytes32(env[gas_price_]);
    out.tx_origin = address(env[origin_]);
    out.block_coinbase = address(env[coinbase_]);
    out.block_prev_randao = bytes32(env[revision >= Revision::paris ? prevrandao_ : difficulty_]);
    out.chain_id = bytes32(env[chain_id_]);
    out.block_base_fee = bytes32(env[base_fee_]);
    out.blob_base_fee = bytes32(env[blob_base_fee_]);
    out.blob_hashes = blobs.data();
    out.blob_hashes_count = blobs.size();
    out.block_slot_number = 0;
    return RVM_OK;
}

} // namespace rvm::evmc
