// The mini EVM as a plugin: entry, format contribution, and the rules that stand outside one frame.
#include "mini_evm/mini_evm.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "keccak/keccak.hpp"
#include "mini_evm/interpreter.hpp"
#include "mini_evm/opcodes.hpp"

namespace rvm::conformance {
namespace mini_evm {

/// Yellow paper (88): Keccak-256 of RLP([creator, nonce]); EIP-1014 with a salt.
void create_address(const void*, const rvm_address* creator, std::uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out) {
    constexpr std::uint8_t kSaltedCreation = 0xff; // EIP-1014
    keccak::Hasher hasher;
    if (salt != nullptr) {
        const keccak::Digest init_hash = keccak::keccak256(std::span{init_code.data, init_code.size});
        hasher.update({&kSaltedCreation, 1});
        hasher.update(creator->bytes);
        hasher.update(salt->bytes);
        hasher.update(init_hash);
    } else {
        std::uint8_t number[sizeof nonce];
        std::size_t size = 0;
        for (std::size_t shift = 8 * sizeof nonce; shift != 0; shift -= 8) {
            const auto byte = static_cast<std::uint8_t>(nonce >> (shift - 8));
            if (size != 0 || byte != 0) number[size++] = byte;
        }
        constexpr std::uint8_t kString = 0x80, kList = 0xc0; // RLP prefixes
        std::vector<std::uint8_t> item;
        item.push_back(kString + sizeof creator->bytes);
        item.insert(item.end(), std::begin(creator->bytes), std::end(creator->bytes));
        if (size != 1 || number[0] >= kString) item.push_back(static_cast<std::uint8_t>(kString + size));
        item.insert(item.end(), number, number + size);
        const auto prefix = static_cast<std::uint8_t>(kList + item.size());
        hasher.update({&prefix, 1});
        hasher.update(item);
    }
    const keccak::Digest digest = hasher.finish();
    std::memcpy(out->bytes, digest.data() + digest.size() - sizeof out->bytes, sizeof out->bytes);
}

namespace {

constexpr std::uint64_t kMaxCodeSize = 24576;  // EIP-170
constexpr std::uint64_t kCodeDepositGas = 200; // yellow paper, G_codedeposit
constexpr std::uint8_t kReservedPrefix = 0xef; // EIP-3541
constexpr std::uint64_t kDelegationSize = 23;  // EIP-7702: 0xef0100 || address
constexpr std::uint8_t kDelegation[] = {0xef, 0x01, 0x00};
constexpr std::uint64_t kStackPerFrame =
    16384; // C stack of execute() .. call(): 1.5 KiB at -O2, 10 times that with ASan

const Host& host_of(const void* self) { return *static_cast<const Host*>(self); }

uint32_t probe(const void*, rvm_view) { return RVM_PROBE_FALLBACK; }

rvm_status compile(const void*, rvm_view code, uint32_t, uint32_t, rvm_artifact** out, rvm_error*) {
    // A cast instead of a definition of rvm_artifact: two formats in one program would define it differently.
    *out = reinterpret_cast<rvm_artifact*>(new (std::nothrow) Analysis(analyze(code)));
    return *out != nullptr ? RVM_OK : RVM_E_NO_MEMORY;
}

void release(const void*, rvm_artifact* artifact) { delete reinterpret_cast<Analysis*>(artifact); }

rvm_status execute(const void* self, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* result) {
    return run(host_of(self), *reinterpret_cast<const Analysis*>(artifact), *frame, *result);
}

void scratch_release(const void*, void* scratch) { std::free(static_cast<Scratch*>(scratch)->memory); }

rvm_status deployed(const void*, rvm_frame* frame, rvm_view* code, const char** format) {
    if (code->size > kMaxCodeSize) return RVM_TRAP_LIMIT;
    if (code->size != 0 && code->data[0] == kReservedPrefix) return RVM_TRAP_INVALID_CODE;
    if (has_prefix(*code, kToyPrefix)) *format = kToyFormat;
    return rvm_charge(frame, code->size * kCodeDepositGas);
}

uint32_t delegate_of(const void*, rvm_view code, rvm_address* target) {
    if (code.size != kDelegationSize || std::memcmp(code.data, kDelegation, sizeof kDelegation) != 0) return 0;
    std::memcpy(target->bytes, code.data + sizeof kDelegation, sizeof target->bytes);
    return 1;
}

void code_hash(const void*, rvm_view code, rvm_bytes32* out) { keccak::keccak256({code.data, code.size}, out->bytes); }

const char* name_of(std::uint8_t opcode) {
    switch (opcode) {
#define OP(name, number, pops, pushes, gas)                                                                            \
    case number:                                                                                                       \
        return #name;
        MINI_EVM_OPCODES(OP)
#undef OP
    default:
        return nullptr;
    }
}

uint64_t disassemble(const void*, rvm_view code, uint64_t at, char* text, uint64_t text_size) {
    if (at >= code.size) return 0;
    const std::uint8_t opcode = code.data[at];
    if (const char* name = name_of(opcode)) {
        std::snprintf(text, text_size, "%s", name);
        return 1;
    }
    std::snprintf(text, text_size, "0x%02x", opcode);
    return opcode >= PUSH1 && opcode <= PUSH32 ? 2u + opcode - PUSH1 : 1;
}

/// detail is the opcode at which the frame stopped, plus one.
const char* fault_name(const void*, uint32_t detail) {
    return detail == 0 ? nullptr : name_of(static_cast<std::uint8_t>(detail - 1));
}

struct Plugin {
    Host host{};
    rvm_format format{};
    rvm_contribution contributions[2]{};
    rvm_plugin plugin{};
};

const rvm_contribution* contributions(void* self) { return static_cast<Plugin*>(self)->contributions; }
void destroy(void* self) { delete static_cast<Plugin*>(self); }

const char* const kRules[] = {"evm/cancun", nullptr};

rvm_status create(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    auto plugin = std::unique_ptr<Plugin>(new (std::nothrow) Plugin);
    if (plugin == nullptr) return RVM_E_NO_MEMORY;
    plugin->host.vm = static_cast<const rvm_host_vm*>(host->get_interface(host->ctx, RVM_HOST_VM));
    plugin->host.state = static_cast<const rvm_host_state*>(host->get_interface(host->ctx, RVM_HOST_STATE));
    if (plugin->host.vm == nullptr || plugin->host.state == nullptr) return RVM_E_UNSUPPORTED;
    plugin->host.number = host->env_key(host->ctx, "block.number");

    rvm_format& format = plugin->format;
    format.struct_size = sizeof format;
    format.id = kMiniEvm;
    format.summary = "EVM code, Cancun, for tests";
    format.rules = kRules;
    format.units_per_gas = 1;
    format.scratch_bytes = sizeof(Scratch);
    format.native_stack_per_frame = kStackPerFrame;
    format.self = &plugin->host;
    format.probe = probe;
    format.compile = compile;
    format.release = release;
    format.execute = execute;
    format.scratch_release = scratch_release;
    format.deployed = deployed;
    format.delegate_of = delegate_of;
    format.code_hash = code_hash;
    format.create_address = create_address;
    format.disassemble = disassemble;
    format.fault_name = fault_name;

    plugin->contributions[0] = {RVM_KIND_FORMAT, &format};
    plugin->plugin.struct_size = sizeof(rvm_plugin);
    plugin->plugin.self = plugin.get();
    plugin->plugin.contributions = contributions;
    plugin->plugin.destroy = destroy;
    *out = &plugin.release()->plugin;
    return RVM_OK;
}

const char* const kProvides[] = {"rvm.format/1:mini-evm", nullptr};
const char* const kRequires[] = {RVM_HOST_VM, RVM_HOST_STATE, nullptr};

const rvm_descriptor kDescriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .flags = 0,
    .id = "org.rvm.test.mini-evm",
    .version = "0.1.0",
    .name = "Mini EVM",
    .vendor = "rvm",
    .license = "MIT",
    .description = "Cancun EVM for conformance tests",
    .config_schema = nullptr,
    .provides = kProvides,
    .requires_ = kRequires,
};

} // namespace
} // namespace mini_evm

const rvm_entry mini_evm_entry = RVM_ENTRY_INIT(&mini_evm::kDescriptor, mini_evm::create);

} // namespace rvm::conformance
