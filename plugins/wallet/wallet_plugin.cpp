// org.rvm.wallet: the verbs sign, verify and wallet, and the syscall wallet.sign.
#include <sodium.h>

#include <rvm/plugin.hpp>

#include "base/error.hpp"
#include "base/primitives.hpp"
#include "config_schema.hpp"
#include "signer/signer.hpp"
#include "verb/run.hpp"
#include "verbs/verbs.hpp"

namespace {

namespace sdk = rvm::sdk;
using namespace rvm::wallet;

class WalletPlugin {
  public:
    explicit WalletPlugin(sdk::Host host) : host_(host) {
        if (sodium_init() < 0) throw sdk::Failure(RVM_E_INTERNAL, "libsodium cannot be initialised");
        add("sign", "sign a file: raw, EIP-191, EIP-712, Ed25519, BIP-340, P-256, BLS", &run<sign_verb>);
        add("verify", "verify detached signatures, one or a batch", &run<verify_verb>);
        add("wallet", "keep keys in an encrypted file, derive addresses, sign transactions and messages",
            &run<wallet_verb>);
        for (const rvm_command& command : commands_) {
            items_.add(command);
        }
        price_ = sdk::gas(signature_gas, payload_gas, payload_unit_bytes);
        syscall_ =
            sdk::syscall({"wallet.sign", "id size[1] id payload -> signature, as the deployment's policy permits",
                          &price_, largest_signature, &sign, RVM_F_READS_STATE | RVM_F_EXTERNAL, this});
        items_.add(syscall_);
    }
    WalletPlugin(const WalletPlugin&) = delete;
    WalletPlugin& operator=(const WalletPlugin&) = delete;

    void configure(std::string_view json) {
        try {
            signer_.emplace(read_policy(json), [this](const std::string& text) { host_.log(RVM_LOG_WARN, text); });
        } catch (const Error& error) {
            throw sdk::Failure(RVM_E_CONFIG, error.what());
        }
    }

    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

    void link() {
        primitives_.emplace([this](const char* id) {
            Resolved resolved;
            if (is_hash(id))
                resolved.hash = host_.hash(id);
            else
                resolved.crypto = host_.crypto(id);
            return resolved;
        });
        if (!signer_) return;
        try {
            signer_->open(*primitives_); // here rather than at the first request: a wrong deployment does not open
        } catch (const Error& error) {
            throw sdk::Failure(RVM_E_CONFIG, error.what());
        }
    }

  private:
    // The dearest signature (BLS) and, for the others, a margin: who asks for signatures does not save gas.
    static constexpr std::uint64_t signature_gas = 450'000;
    static constexpr std::uint64_t payload_gas = 60;
    static constexpr std::uint32_t payload_unit_bytes = 32;
    static constexpr std::uint64_t largest_signature = 96;

    static rvm_status sign(const void* self, rvm_frame* frame, rvm_view input, rvm_span output,
                           std::uint64_t* size) noexcept {
        auto& plugin = *const_cast<WalletPlugin*>(static_cast<const WalletPlugin*>(self)); // the signer locks itself
        if (!plugin.signer_) return RVM_TRAP_ILLEGAL;
        return sdk::guard(nullptr,
                          [&] { return plugin.signer_->sign(*frame, input, output, size, *plugin.primitives_); });
    }

    void add(const char* id, const char* summary,
             std::int32_t (*function)(void*, const rvm_command_io*, std::int32_t, const char* const*)) {
        commands_.push_back({sizeof(rvm_command), 0, id, summary, this, function});
    }

    template <std::int32_t (*Verb)(Context&, const Words&)>
    static std::int32_t run(void* self, const rvm_command_io* io, std::int32_t argc, const char* const* argv) noexcept {
        const auto& plugin = *static_cast<const WalletPlugin*>(self);
        return rvm::verb::run(*io, [&] {
            Context context(*io, *plugin.primitives_);
            return Verb(context, Words(argv + 1, argv + argc));
        });
    }

    sdk::Host host_;
    std::optional<Primitives> primitives_; ///< since link()
    std::optional<Signer> signer_;         ///< since configure()
    std::vector<rvm_command> commands_;
    rvm_gas_schedule price_{};
    rvm_syscall syscall_{};
    sdk::Contributions items_;
};

constexpr const char* provides[] = {RVM_KIND_COMMAND ":sign", RVM_KIND_COMMAND ":verify", RVM_KIND_COMMAND ":wallet",
                                    RVM_KIND_SYSCALL ":wallet.sign", nullptr};
constexpr const char* requires_list[] = {
#define WALLET_PRIMITIVE(name, id, output) RVM_KIND_CRYPTO ":" id,
#include "base/primitives.def"
#undef WALLET_PRIMITIVE
    nullptr};

constexpr rvm_descriptor descriptor =
    sdk::describe({.id = RVM_PLUGIN_ID,
                   .version = RVM_PLUGIN_VERSION,
                   .name = "Wallet",
                   .vendor = "rvm",
                   .license = "MIT",
                   .description = "Mnemonics, trees of keys, key files, an encrypted wallet file, signatures",
                   .provides = provides,
                   .requires_ = requires_list,
                   .config_schema = rvm::wallet::config_schema});

} // namespace

RVM_PLUGIN(WalletPlugin, descriptor);
