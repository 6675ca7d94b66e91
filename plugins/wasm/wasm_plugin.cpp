// org.rvm.wasm: WebAssembly as a format, and the verb `rvm wasm`.
#include <rvm/plugin.hpp>

#include "config_schema.hpp"
#include "format/format.hpp"
#include "verbs/command.hpp"
#include "verbs/execution.hpp"

namespace {

constexpr const char* provides[] = {RVM_KIND_FORMAT ":wasm", RVM_KIND_COMMAND ":wasm", nullptr};
constexpr const char* needs[] = {RVM_HOST_VM, RVM_HOST_STATE, RVM_HOST_ITEMS, RVM_HOST_TRACE, RVM_HOST_WORLD, nullptr};
constexpr const char* summary = "run, check and measure WebAssembly modules";

class WasmPlugin {
  public:
    explicit WasmPlugin(rvm::sdk::Host host) : host_(host) {
        command_.struct_size = sizeof command_;
        command_.id = "wasm";
        command_.summary = summary;
        command_.self = this;
        command_.run = [](void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept {
            const rvm::sdk::Host& its = static_cast<WasmPlugin*>(self)->host_;
            return rvm::wasm::verbs::command(io, {its.get()->ctx, its.find<rvm_host_world>(RVM_HOST_WORLD)}, argc, argv);
        };
        items_.add(format_.table()).add(command_);
    }
    void configure(std::string_view json) { format_.configure(rvm::wasm::format::read_configuration(json)); }
    void link() {
        format_.link({.ctx = host_.get()->ctx,
                      .vm = &host_.need<rvm_host_vm>(RVM_HOST_VM),
                      .state = &host_.need<rvm_host_state>(RVM_HOST_STATE),
                      .items = &host_.need<rvm_host_items>(RVM_HOST_ITEMS),
                      .trace = &host_.need<rvm_host_trace>(RVM_HOST_TRACE),
                      .words = {.number = host_.env_key("block.number"),
                                .timestamp = host_.env_key("block.timestamp"),
                                .coinbase = host_.env_key("block.coinbase"),
                                .gas_limit = host_.env_key("block.gas_limit"),
                                .base_fee = host_.env_key("block.base_fee"),
                                .prevrandao = host_.env_key("block.prevrandao"),
                                .chain_id = host_.env_key("chain.id"),
                                .origin = host_.env_key("tx.origin"),
                                .gas_price = host_.env_key("tx.gas_price")}});
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm::sdk::Host host_;
    rvm::wasm::format::Format format_;
    rvm_command command_{};
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor = rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                                                          .version = RVM_PLUGIN_VERSION,
                                                          .name = "WebAssembly",
                                                          .vendor = "rvm",
                                                          .license = "MIT",
                                                          .description = "WebAssembly on the 64-bit engine",
                                                          .provides = provides,
                                                          .requires_ = needs,
                                                          .config_schema = rvm::wasm::config_schema});

} // namespace

RVM_PLUGIN(WasmPlugin, descriptor);
