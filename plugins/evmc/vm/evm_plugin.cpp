#include "vm/evm_plugin.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "vm/client_frame.hpp"
#include "words.hpp"

namespace rvm::evmc {
namespace {

/// Rule sets of the format evm in the order of Revision.
constexpr std::array revisions{"evm/frontier",   "evm/homestead", "evm/eip150", "evm/eip158", "evm/byzantium",
                               "evm/petersburg", "evm/istanbul",  "evm/berlin", "evm/london", "evm/paris",
                               "evm/shanghai",   "evm/cancun",    "evm/prague", "evm/osaka"};

void no_log(rvm_host_ctx*, std::uint32_t, const char*) noexcept {}

// Primitives serve the programs at fixed addresses, which the EVMC client runs itself: none is provided.
rvm_status resolve_hash(rvm_host_ctx*, const char*, rvm_hash_ref*) noexcept { return RVM_E_NOT_FOUND; }
rvm_status resolve_crypto(rvm_host_ctx*, const char*, rvm_crypto_ref*) noexcept { return RVM_E_NOT_FOUND; }
rvm_status no_opcode(rvm_host_ctx*, const char*, rvm_opcode_ref*) noexcept { return RVM_E_NOT_FOUND; }
rvm_status no_syscall(rvm_host_ctx*, const char*, rvm_syscall_ref*) noexcept { return RVM_E_NOT_FOUND; }
rvm_status no_crypto(rvm_host_ctx*, const char*, const rvm_crypto**) noexcept { return RVM_E_NOT_FOUND; }

const void* get_interface(rvm_host_ctx*, const char* id) noexcept {
    static constexpr rvm_host_trace trace{sizeof(rvm_host_trace), 0, [](rvm_frame*, const rvm_op_event*) noexcept {},
                                          [](rvm_frame*, const rvm_op_event*, rvm_status) noexcept {}};
    static constexpr rvm_host_items items{sizeof(rvm_host_items), 0, no_opcode, no_syscall, no_crypto};
    const std::string_view wanted = id;
    if (wanted == RVM_HOST_VM) return &client_vm_table();
    if (wanted == RVM_HOST_STATE) return &client_state_table();
    if (wanted == RVM_HOST_TRACE) return &trace; // no frame is traced
    if (wanted == RVM_HOST_ITEMS) return &items;
    return nullptr;
}

rvm_status resolve_interface(rvm_host_ctx*, const char*, const void** out) noexcept {
    *out = nullptr;
    return RVM_E_NOT_FOUND;
}

} // namespace

EvmPlugin::EvmPlugin() : words_(RVM_ENV_LIMIT) {
    host_ = {sizeof(rvm_host),
             RVM_ABI_MAJOR,
             RVM_ABI_MINOR,
             0,
             "librvm-evmc",
             "",
             reinterpret_cast<rvm_host_ctx*>(this),
             no_log,
             get_interface,
             [](rvm_host_ctx* context, const char* name) noexcept {
                 try {
                     return reinterpret_cast<EvmPlugin*>(context)->key(name);
                 } catch (...) {
                     return UINT32_MAX;
                 }
             },
             resolve_hash,
             resolve_crypto,
             resolve_interface};
    rvm_error error{};
    error.struct_size = sizeof error;
    if (rvm_plugin_entry_v0.create(&host_, &plugin_, &error) != RVM_OK) throw std::runtime_error(error.message);
    for (const rvm_contribution* item = plugin_->contributions(plugin_->self); item->kind != nullptr; ++item)
        if (std::string_view(item->kind) == RVM_KIND_FORMAT) format_ = static_cast<const rvm_format*>(item->item);
    const bool ready = format_ != nullptr &&
                       (plugin_->link == nullptr || plugin_->link(plugin_->self, &error) == RVM_OK) &&
                       (plugin_->start == nullptr || plugin_->start(plugin_->self, &error) == RVM_OK);
    if (!ready) {
        plugin_->destroy(plugin_->self);
        throw std::runtime_error(error.message);
    }
    for (const char* name : revisions) {
        std::uint32_t index = 0;
        while (format_->rules[index] != nullptr && std::strcmp(format_->rules[index], name) != 0)
            ++index;
        rules_.push_back(format_->rules[index] == nullptr ? UINT32_MAX : index);
    }
}

EvmPlugin::~EvmPlugin() { plugin_->destroy(plugin_->self); }

std::uint32_t EvmPlugin::key(const std::string& name) {
    const auto [at, is_new] = keys_.emplace(name, static_cast<std::uint32_t>(keys_.size()));
    if (at->second >= RVM_ENV_LIMIT) return UINT32_MAX;
    return at->second;
}

std::uint32_t EvmPlugin::rules_of(Revision revision) const noexcept {
    const auto index = static_cast<std::size_t>(revision);
    return index < rules_.size() ? rules_[index] : UINT32_MAX;
}

/// A word that the plugin never asked for has no place.
void EvmPlugin::set(const char* name, const rvm_u256& value) {
    if (const auto at = keys_.find(name); at != keys_.end()) words_[at->second] = value;
}

rvm_status EvmPlugin::set_environment(const TxContext& context) {
    const auto count = [](std::uint64_t value) { return rvm_u256{{value, 0, 0, 0}}; };
    words_.assign(words_.size(), rvm_u256{});
    set("tx.gas_price", number(context.tx_gas_price));
    set("tx.origin", number(context.tx_origin));
    set("block.coinbase", number(context.block_coinbase));
    set("block.number", count(static_cast<std::uint64_t>(context.block_number)));
    set("block.timestamp", count(static_cast<std::uint64_t>(context.block_timestamp)));
    set("block.gas_limit", count(static_cast<std::uint64_t>(context.block_gas_limit)));
    set("block.prevrandao", number(context.block_prev_randao));
    set("block.difficulty", number(context.block_prev_randao));
    set("chain.id", number(context.chain_id));
    set("block.base_fee", number(context.block_base_fee));
    set("block.blob_base_fee", number(context.blob_base_fee));
    set("tx.blob_count", count(context.blob_hashes_count));
    for (std::size_t i = 0; i < context.blob_hashes_count; ++i) {
        const std::string name = "tx.blob_hash." + std::to_string(i);
        if (!keys_.contains(name)) return RVM_E_INVALID_ARGUMENT;
        set(name.c_str(), number(context.blob_hashes[i]));
    }
    return RVM_OK;
}

} // namespace rvm::evmc
