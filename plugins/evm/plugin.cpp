// org.rvm.evm: the execution format `evm`.
#include "format.hpp"

namespace {

constexpr const char* provides[] = {RVM_KIND_FORMAT ":evm", nullptr};
constexpr const char* required[] = {RVM_HOST_VM, RVM_HOST_STATE, RVM_HOST_TRACE, nullptr};

class EvmPlugin {
  public:
    explicit EvmPlugin(rvm::sdk::Host host) : format_(host) { items_.add(format_.table()); }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm::evm::Format format_;
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor = rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                                                          .version = RVM_PLUGIN_VERSION,
                                                          .name = "EVM",
                                                          .vendor = "rvm",
                                                          .license = "MIT",
                                                          .description = "Ethereum Virtual Machine, Frontier to Osaka",
                                                          .provides = provides,
                                                          .requires_ = required});

} // namespace

RVM_PLUGIN(EvmPlugin, descriptor);
