// org.rvm.ledger: Ethereum's state transition and the verbs that prove it.
#include <array>
#include <optional>

#include <rvm/plugin.hpp>

#include "verb/run.hpp"
#include "verbs/services.hpp"

namespace {

using rvm::ledger::Services;

/// One line of the table of verbs; the sidecar has the help.
struct Verb {
    const char* name;
    const char* summary;
    std::int32_t (*run)(const Services&, const rvm_command_io&, std::int32_t argc, const char* const* argv);
};
constexpr std::array verbs{
    Verb{"blocktest", "run block tests of ethereum/tests and EEST", rvm::ledger::run_blocktest},
    Verb{"statetest", "run state tests of ethereum/tests and EEST", rvm::ledger::run_statetest},
    Verb{"t8n", "apply transactions to a state, as geth's tool does", rvm::ledger::run_t8n_verb},
    Verb{"txtest", "run transaction tests of ethereum/tests and EEST", rvm::ledger::run_txtest},
};

constexpr const char* provides[] = {RVM_KIND_COMMAND ":blocktest", RVM_KIND_COMMAND ":statetest",
                                    RVM_KIND_COMMAND ":t8n", RVM_KIND_COMMAND ":txtest", nullptr};
constexpr const char* needs[] = {RVM_HOST_WORLD, RVM_KIND_CRYPTO ":secp256k1.recover",
                                 RVM_KIND_CRYPTO ":secp256k1.sign", RVM_KIND_CRYPTO ":sha256", nullptr};

class LedgerPlugin {
  public:
    explicit LedgerPlugin(rvm::sdk::Host host) : host_(host) {
        for (std::size_t i = 0; i < verbs.size(); ++i) {
            bound_[i] = {this, &verbs[i]};
            commands_[i] = {sizeof(rvm_command), 0, verbs[i].name, verbs[i].summary, &bound_[i], &run};
            items_.add(commands_[i]);
        }
    }
    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

    void link() {
        keys_.emplace(host_);
        signers_.emplace(host_.crypto("secp256k1.recover"));
        services_.world = &host_.need<rvm_host_world>(RVM_HOST_WORLD);
        services_.host = host_.get()->ctx;
        services_.keys = &*keys_;
        services_.signers = &*signers_;
        services_.sign = host_.crypto("secp256k1.sign");
        services_.sha256 = host_.hash("sha256");
    }

  private:
    struct Bound {
        const LedgerPlugin* plugin;
        const Verb* verb;
    };
    static std::int32_t run(void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept {
        const auto& bound = *static_cast<const Bound*>(self);
        return rvm::verb::run(*io, [&] { return bound.verb->run(bound.plugin->services_, *io, argc, argv); });
    }

    rvm::sdk::Host host_;
    std::optional<rvm::ledger::EnvKeys> keys_;
    std::optional<rvm::ledger::SignerRecovery> signers_;
    Services services_;
    std::array<Bound, verbs.size()> bound_{};
    std::array<rvm_command, verbs.size()> commands_{};
    rvm::sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor =
    rvm::sdk::describe({.id = RVM_PLUGIN_ID,
                        .version = RVM_PLUGIN_VERSION,
                        .name = "Ledger",
                        .vendor = "rvm",
                        .license = "MIT",
                        .description = "Ethereum's state transition: transactions and blocks over the host's worlds",
                        .provides = provides,
                        .requires_ = needs});

} // namespace

RVM_PLUGIN(LedgerPlugin, descriptor);
