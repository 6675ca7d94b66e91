#include "format.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "creation.hpp"
#include "disassembler.hpp"
#include "hot/tier_up.hpp"
#include "hot/translator.hpp"
#include "keccak/keccak.hpp"

namespace rvm::evm {
namespace {

/// C stack between execute() and the nested host call, optimised: a call from translated code that a frame went on to
/// in its middle takes 1.3 KiB (g++ 12).
constexpr std::uint64_t kStackPerFrame = 4096;

/// Frames of these kinds run the code as it is written: what they show must not depend on how often it ran.
constexpr std::uint32_t kDirectOnly = RVM_FRAME_TRACED | RVM_FRAME_RECORD_READS;

constexpr std::array<std::uint32_t, kRuleSets> kRuleFlags = [] {
    std::array<std::uint32_t, kRuleSets> flags{};
    for (std::size_t i = 0; i < kRuleSets; ++i) {
        const auto rules = static_cast<Rules>(i);
        if (rules >= Rules::eip158) flags[i] |= RVM_RULE_CREATED_NONCE_ONE;
        if (rules >= Rules::prague) flags[i] |= RVM_RULE_DELEGATION;
    }
    return flags;
}();

const Format& format_of(const void* self) { return *static_cast<const Format*>(self); }
// Casts instead of a definition of rvm_artifact: every format has its own.
const Code* code_of(const rvm_artifact* artifact) { return reinterpret_cast<const Code*>(artifact); }

/// EVM code has no magic number: it is what nobody else wants.
std::uint32_t probe(const void*, rvm_view) noexcept { return RVM_PROBE_FALLBACK; }

/// Both tiers start alike: see hot/tier_up.hpp.
rvm_status compile(const void*, rvm_view code, std::uint32_t, std::uint32_t, rvm_artifact** out, rvm_error*) noexcept {
    Code* analysed = analyze(code);
    if (analysed == nullptr) return RVM_E_NO_MEMORY;
    *out = reinterpret_cast<rvm_artifact*>(analysed);
    return RVM_OK;
}

void release(const void*, rvm_artifact* artifact) noexcept { free_code(code_of(artifact)); }

rvm_status execute(const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) noexcept {
    const Format& format = format_of(self);
    const Code& code = *code_of(artifact);
    const std::int64_t gas = frame->gas;
    const bool may_be_hot = (frame->flags & kDirectOnly) == 0;
    const hot::Program* const program = code.program.load(std::memory_order_acquire);
    if (program != nullptr && may_be_hot) {
        hot::HotMachine machine(format.host(), format.dispatch(), *program, *frame, *result);
        return hot::run_whole(machine, gas);
    }
    Machine machine(format.host(), format.dispatch(), format.schedule(frame->rules), code, *frame, *result);
    const Position start{code.bytes, machine.scratch.stack, gas};
    if (!may_be_hot) return interpret(machine, start);
    machine.hot_below = hot::hot_below(code, gas);
    if (gas < machine.hot_below) return hot::tier_up(machine, start);
    const rvm_status status = interpret(machine, start);
    hot::count_spent(code, gas - frame->gas);
    return status;
}

void scratch_release(const void*, void* scratch) noexcept { std::free(static_cast<Scratch*>(scratch)->memory); }

rvm_status deployed(const void* self, rvm_frame* frame, rvm_view* code, const char**) noexcept {
    return status_of(accept_code(format_of(self).schedule(frame->rules), frame->gas, *code));
}

std::uint32_t delegate_of(const void*, rvm_view code, rvm_address* target) noexcept {
    return delegation(code, *target) ? 1 : 0;
}

void code_hash(const void*, rvm_view code, rvm_bytes32* out) noexcept {
    keccak::keccak256({code.data, code.size}, out->bytes);
}

void create_address(const void*, const rvm_address* creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out) noexcept {
    *out = creation_address(*creator, nonce, salt, init_code);
}

std::uint64_t disassemble_one(const void* self, rvm_view code, std::uint64_t at, char* text,
                              std::uint64_t text_size) noexcept {
    if (at < code.size) {
        if (const rvm_evm_op* op = format_of(self).dispatch().ops[code.data[at]]; op != nullptr) {
            std::snprintf(text, text_size, "%s", op->name);
            return 1;
        }
    }
    return disassemble(code, at, text, text_size);
}

const char* fault_name(const void*, std::uint32_t detail) noexcept { return fault_text(detail); }

Host::EnvKeys environment_keys(const sdk::Host& host) {
    Host::EnvKeys keys{};
    keys.number = host.env_key("block.number");
    keys.timestamp = host.env_key("block.timestamp");
    keys.coinbase = host.env_key("block.coinbase");
    keys.gas_limit = host.env_key("block.gas_limit");
    keys.base_fee = host.env_key("block.base_fee");
    keys.blob_base_fee = host.env_key("block.blob_base_fee");
    keys.prevrandao = host.env_key("block.prevrandao");
    keys.difficulty = host.env_key("block.difficulty");
    keys.chain_id = host.env_key("chain.id");
    keys.origin = host.env_key("tx.origin");
    keys.gas_price = host.env_key("tx.gas_price");
    keys.blob_count = host.env_key("tx.blob_count");
    for (std::uint32_t i = 0; i < kMaxBlobHashes; ++i)
        keys.blob_hash[i] = host.env_key(("tx.blob_hash." + std::to_string(i)).c_str());
    return keys;
}

} // namespace

Format::Format(const sdk::Host& host) {
    host_.vm = &host.need<rvm_host_vm>(RVM_HOST_VM);
    host_.state = &host.need<rvm_host_state>(RVM_HOST_STATE);
    host_.trace = &host.need<rvm_host_trace>(RVM_HOST_TRACE);
    host_.env = environment_keys(host);
    make_dispatch_tables(schedules_, dispatch_);

    table_.struct_size = sizeof table_;
    table_.id = "evm";
    table_.summary = "Ethereum Virtual Machine code, Frontier to Osaka";
    table_.rules = kRuleNames.data();
    table_.rule_flags = kRuleFlags.data();
    table_.units_per_gas = 1;
    table_.scratch_bytes = sizeof(Scratch);
    table_.native_stack_per_frame = kStackPerFrame;
    table_.self = this;
    table_.probe = probe;
    table_.compile = compile;
    table_.release = release;
    table_.execute = execute;
    table_.scratch_release = scratch_release;
    table_.deployed = deployed;
    table_.delegate_of = delegate_of;
    table_.code_hash = code_hash;
    table_.create_address = create_address;
    table_.disassemble = disassemble_one;
    table_.fault_name = fault_name;
}

} // namespace rvm::evm
