#include "state/block_context.hpp"

#include <algorithm>
#include <string>

namespace rvm::ledger {
namespace {

U256 address_word(const Address& address) noexcept { return u256::load_be(address.bytes, sizeof address.bytes); }

} // namespace

EnvKeys::EnvKeys(sdk::Host host)
    : number(host.env_key("block.number")), timestamp(host.env_key("block.timestamp")),
      coinbase(host.env_key("block.coinbase")), gas_limit(host.env_key("block.gas_limit")),
      base_fee(host.env_key("block.base_fee")), blob_base_fee(host.env_key("block.blob_base_fee")),
      prevrandao(host.env_key("block.prevrandao")), difficulty(host.env_key("block.difficulty")),
      chain_id(host.env_key("chain.id")), origin(host.env_key("tx.origin")), gas_price(host.env_key("tx.gas_price")),
      blob_count(host.env_key("tx.blob_count")) {
    for (std::size_t i = 0; i < max_blobs; ++i)
        blob_hash[i] = host.env_key(("tx.blob_hash." + std::to_string(i)).c_str());
}

Environment::Environment(const EnvKeys& keys) : keys_(keys) {
    const std::uint32_t highest =
        std::max({keys.number, keys.timestamp, keys.coinbase, keys.gas_limit, keys.base_fee, keys.blob_base_fee,
                  keys.prevrandao, keys.difficulty, keys.chain_id, keys.origin, keys.gas_price, keys.blob_count,
                  std::ranges::max(keys.blob_hash)});
    words_.resize(highest + 1);
}

void Environment::set_block(const BlockContext& block) {
    rules_ = {block.fork->evm_rules(), nullptr};
    words_[keys_.number] = to_abi(block.number);
    words_[keys_.timestamp] = to_abi(block.timestamp);
    words_[keys_.coinbase] = to_abi(address_word(block.coinbase));
    words_[keys_.gas_limit] = to_abi(block.gas_limit);
    words_[keys_.base_fee] = to_abi(block.base_fee);
    words_[keys_.blob_base_fee] = to_abi(block.blob_base_fee);
    words_[keys_.prevrandao] = to_abi(block.prevrandao);
    words_[keys_.difficulty] = to_abi(block.difficulty);
    words_[keys_.chain_id] = to_abi(block.chain_id);
    set_transaction({}, {}, {});
}

void Environment::set_transaction(const Address& origin, const U256& gas_price, std::span<const Hash> blob_hashes) {
    words_[keys_.origin] = to_abi(address_word(origin));
    words_[keys_.gas_price] = to_abi(gas_price);
    words_[keys_.blob_count] = to_abi(blob_hashes.size());
    const std::size_t count = std::min(blob_hashes.size(), EnvKeys::max_blobs);
    for (std::size_t i = 0; i < count; ++i)
        words_[keys_.blob_hash[i]] = to_abi(u256::load_be(blob_hashes[i].bytes));
    for (std::size_t i = count; i < blobs_; ++i)
        words_[keys_.blob_hash[i]] = rvm_u256{};
    blobs_ = count;
}

rvm_tx_env Environment::tx_env(const BlockContext& block) const noexcept {
    rvm_tx_env env{};
    env.struct_size = sizeof env;
    env.words = words_.data();
    env.word_count = words_.size();
    env.rules = rules_.data();
    env.block_hash = block.block_hash;
    env.ctx = block.block_hash_ctx;
    env.tracer = block.tracer;
    env.tracer_config = block.tracer_config;
    return env;
}

} // namespace rvm::ledger
