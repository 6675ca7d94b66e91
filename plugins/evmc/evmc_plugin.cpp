// org.rvm.evmc: the format `evmc` (RVM_EVMC_FORMAT), run by whichever EVMC virtual machine the configuration names.
#include <array>
#include <iterator>
#include <optional>
#include <string>

#include <rvm/plugin.hpp>

#include "config_schema.hpp"
#include "environment.hpp"
#include "ethereum.hpp"
#include "frame_host.hpp"
#include "keccak/keccak.hpp"
#include "revisions.hpp"
#include "status.hpp"
#include "virtual_machine.hpp"
#include "words.hpp"

namespace {

using namespace rvm::evmc;
namespace sdk = rvm::sdk;

constexpr const char* provides[] = {RVM_KIND_FORMAT ":" RVM_EVMC_FORMAT, nullptr};
constexpr const char* needs[] = {RVM_HOST_VM, RVM_HOST_STATE, RVM_HOST_LIBRARY, nullptr};

constexpr auto rule_names = [] {
    std::array<const char*, rule_sets.size() + 1> names{};
    for (std::size_t i = 0; i < rule_sets.size(); ++i)
        names[i] = rule_sets[i].name;
    return names;
}();
constexpr auto rule_flags = [] {
    std::array<std::uint32_t, rule_sets.size()> flags{};
    for (std::size_t i = 0; i < rule_sets.size(); ++i)
        flags[i] = rule_sets[i].flags;
    return flags;
}();

/// What stays behind a frame at its depth: the machine's result, whose output the caller reads after the frame is gone.
struct Scratch {
    Result result; ///< zeroed: nothing to release

    void keep(const Result& next) noexcept {
        drop();
        result = next;
    }
    void drop() noexcept {
        if (result.release != nullptr) result.release(&result);
        result = {};
    }
};

const char* fault_name(const void*, std::uint32_t detail) noexcept {
    static constexpr const char* names[] = {nullptr,
                                            "failure",
                                            nullptr,
                                            "out of gas",
                                            "invalid instruction",
                                            "undefined instruction",
                                            "stack overflow",
                                            "stack underflow",
                                            "bad jump destination",
                                            "invalid memory access",
                                            "call depth exceeded",
                                            "static mode violation",
                                            "precompile failure",
                                            "contract validation failure",
                                            "argument out of range",
                                            "wasm unreachable",
                                            "wasm trap",
                                            "insufficient balance"};
    return detail < std::size(names) ? names[detail] : nullptr;
}

class EvmcPlugin {
  public:
    explicit EvmcPlugin(sdk::Host host) : host_(host) {
        format_.struct_size = sizeof format_;
        format_.id = RVM_EVMC_FORMAT;
        format_.summary = "EVM code, run by an EVMC virtual machine";
        format_.rules = rule_names.data();
        format_.rule_flags = rule_flags.data();
        format_.units_per_gas = 1;
        format_.scratch_bytes = sizeof(Scratch);
        format_.native_stack_per_frame = Configuration{}.native_stack;
        format_.self = this;
        // EVM code has no magic: it is ours only where a deployment or a message says so.
        format_.probe = [](const void*, rvm_view) noexcept -> std::uint32_t { return RVM_PROBE_NO; };
        format_.compile = [](const void* self, rvm_view, std::uint32_t, std::uint32_t, rvm_artifact** out,
                             rvm_error* error) noexcept -> rvm_status {
            // EVMC machines keep their own analysis, if any: the artifact says only that there is a machine.
            *out = static_cast<rvm_artifact*>(const_cast<void*>(self));
            if (static_cast<const EvmcPlugin*>(self)->machine_) return RVM_OK;
            sdk::set_error(error, RVM_E_CONFIG,
                           "org.rvm.evmc has no virtual machine: name one in the plugin's config, \"library\"");
            return RVM_E_CONFIG;
        };
        format_.release = [](const void*, rvm_artifact*) noexcept {};
        format_.execute = sdk::thunk<&EvmcPlugin::execute>;
        format_.scratch_release = [](const void*, void* scratch) noexcept { static_cast<Scratch*>(scratch)->drop(); };
        format_.deployed = [](const void*, rvm_frame* frame, rvm_view* code, const char**) noexcept -> rvm_status {
            return deposit(rule_sets[frame->rules].revision, *frame, *code);
        };
        format_.delegate_of = [](const void*, rvm_view code, rvm_address* target) noexcept -> std::uint32_t {
            return delegate_of(code, *target) ? 1 : 0;
        };
        format_.code_hash = [](const void*, rvm_view code, rvm_bytes32* out) noexcept {
            rvm::keccak::keccak256(sdk::bytes(code), out->bytes);
        };
        format_.create_address = [](const void*, const rvm_address* creator, std::uint64_t nonce,
                                    const rvm_bytes32* salt, rvm_view init_code, rvm_address* out) noexcept {
            create_address(*creator, nonce, salt, init_code, *out);
        };
        format_.fault_name = fault_name;
        items_.add(format_);
    }

    void configure(std::string_view json) {
        configuration_ = Configuration::parse(json);
        format_.native_stack_per_frame = configuration_.native_stack;
    }

    void link() {
        environment_.emplace(host_);
        tables_ = {&host_.need<rvm_host_vm>(RVM_HOST_VM), &host_.need<rvm_host_state>(RVM_HOST_STATE), &*environment_};
        if (!configuration_.library.empty()) machine_.emplace(host_, configuration_);
    }

    [[nodiscard]] const rvm_contribution* contributions() const noexcept { return items_.data(); }

  private:
    rvm_status execute(const rvm_artifact*, rvm_frame* frame, rvm_result* result) const {
        const Revision revision = rule_sets[frame->rules].revision;
        Scratch& scratch = *static_cast<Scratch*>(frame->scratch);
        scratch.drop();

        FrameHost host(tables_, *frame, revision);
        const Message message = message_of(*frame);
        Vm& vm = machine_->instance();
        scratch.keep(vm.execute(&vm, &FrameHost::functions(), host.context(), revision, &message, frame->program.data,
                                frame->program.size));
        if (host.failure() != RVM_OK) return host.failure();

        const Result& ended = scratch.result;
        const rvm_status status = to_rvm(ended.status_code);
        result->detail = status > 0 ? static_cast<std::uint32_t>(ended.status_code) : 0;
        if (status != RVM_OK && status != RVM_TRAP_REVERT) return status;
        frame->gas = ended.gas_left;
        frame->refund = ended.gas_refund;
        result->output = {ended.output_data, ended.output_size};
        return status;
    }

    static Message message_of(const rvm_frame& frame) noexcept {
        const rvm_message& asked = *frame.msg;
        Message out{};
        switch (asked.kind) {
        case RVM_CALL_CALLCODE:
            out.kind = CallKind::callcode;
            break;
        case RVM_CALL_DELEGATE:
            out.kind = CallKind::delegatecall;
            break;
        case RVM_CALL_CREATE:
            out.kind = CallKind::create;
            break;
        default:
            out.kind = CallKind::call;
            break;
        }
        if ((frame.flags & RVM_FRAME_STATIC) != 0) out.flags |= flag_static;
        constexpr std::uint32_t delegated = RVM_MESSAGE_DELEGATED | RVM_MESSAGE_NO_PROGRAM;
        if ((asked.flags & delegated) == delegated) out.flags |= flag_delegated;
        out.depth = static_cast<std::int32_t>(frame.depth);
        out.gas = frame.gas;
        out.recipient = frame.self->address;
        out.sender = asked.sender;
        out.input_data = asked.input.data;
        out.input_size = asked.input.size;
        out.value = bytes32(asked.value);
        out.code_address = frame.code->address;
        return out;
    }

    sdk::Host host_;
    Configuration configuration_;
    std::optional<Environment> environment_;
    HostTables tables_;
    std::optional<VirtualMachine> machine_;
    rvm_format format_{};
    sdk::Contributions items_;
};

constexpr rvm_descriptor descriptor =
    sdk::describe({.id = RVM_PLUGIN_ID,
                   .version = RVM_PLUGIN_VERSION,
                   .name = "EVMC",
                   .vendor = "rvm",
                   .license = "MIT",
                   .description = "Ethereum virtual machines behind the EVMC interface as an execution format",
                   .provides = provides,
                   .requires_ = needs,
                   .config_schema = config_schema});

} // namespace

RVM_PLUGIN(EvmcPlugin, descriptor);
