// org.rvm.evm: the execution format `evm`, the precompiled contracts and the verb `evm`.
#include "config_schema.hpp"
#include "format.hpp"
#include "precompiles/precompiles.hpp"
#include "verbs/evm_command.hpp"

namespace {

constexpr const char* provides[] = {RVM_KIND_FORMAT ":evm", RVM_KIND_COMMAND ":evm",
#define PRECOMPILE(number, id, name, rules, cost, computation) RVM_KIND_PROGRAM ":" id,
#include "precompiles/precompiles.def"
#undef PRECOMPILE
                                    nullptr};

// Without a provider of the primitives the format runs all the same; a precompile called then is a failure of the host.
constexpr const char* required[] = {RVM_HOST_VM, RVM_HOST_STATE, RVM_HOST_TRACE, RVM_HOST_ITEMS, RVM_HOST_WORLD,
                                    "?" RVM_KIND_INTERFACE ":" RVM_EVM_OPS,
#define PRECOMPILE_PRIMITIVE(member, id) "?" RVM_KIND_CRYPTO ":" id,
#include "precompiles/primitives.def"
#undef PRECOMPILE_PRIMITIVE
                                    nullptr};

class EvmPlugin {
  public:
    explicit EvmPlugin(rvm::sdk::Host host) : host_(host), format_(host), command_(host, format_.table()) {
        items_.add(format_.table()).add(command_.table());
        for (const rvm_program& program : precompiles_.programs()) {
            items_.add(program);
        }
    }
    void configure(std::string_view json) { format_.overlay(rvm::evm::parse_overlays(json)); }
    rvm_status link() {
        const void* ops = nullptr;
        if (host_.get()->resolve_interface(host_.get()->ctx, RVM_EVM_OPS, &ops) == RVM_OK)
            format_.add_ops(*static_cast<const rvm_evm_ops*>(ops));
        return precompiles_.link(host_.get());
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm::sdk::Host host_;
    rvm::evm::Format format_;
    rvm::evm::Precompiles precompiles_;
    rvm::evm::EvmCommand command_;
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor = rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                                                          .version = RVM_PLUGIN_VERSION,
                                                          .name = "EVM",
                                                          .vendor = "rvm",
                                                          .license = "MIT",
                                                          .description = "Ethereum Virtual Machine, Frontier to Osaka",
                                                          .provides = provides,
                                                          .requires_ = required,
                                                          .config_schema = rvm::evm::config_schema});

} // namespace

RVM_PLUGIN(EvmPlugin, descriptor);
