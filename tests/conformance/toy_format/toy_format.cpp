#include "toy_format/toy_format.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "keccak/keccak.hpp"
#include "word.hpp"

namespace rvm::conformance::toy {

void create_address(const void*, const rvm_address* creator, uint64_t nonce, const rvm_bytes32* salt,
                    rvm_view init_code, rvm_address* out) {
    const rvm_u256 number = word(nonce);
    rvm_bytes32 bytes{};
    rvm_u256_to_bytes(&number, bytes.bytes, sizeof bytes.bytes);
    keccak::Hasher hasher;
    hasher.update(creator->bytes);
    hasher.update(salt != nullptr ? salt->bytes : bytes.bytes);
    hasher.update({init_code.data, init_code.size});
    const keccak::Digest digest = hasher.finish();
    std::memcpy(out->bytes, digest.data() + digest.size() - sizeof out->bytes, sizeof out->bytes);
}

namespace {

struct Host {
    const rvm_host_vm* vm;
    const rvm_host_state* state;
};

/// Nothing to translate: the artifact only proves that compile() saw the code that runs, and that the host keeps it with
/// the promised zeroes behind it.
struct Compiled {
    rvm_view code;

    [[nodiscard]] bool has_zeros() const {
        const std::uint8_t* const end = code.data + code.size;
        return std::all_of(end, end + RVM_CODE_ZEROS, [](std::uint8_t byte) { return byte == 0; });
    }
};

struct Scratch {
    Word stack[kMaxStack];
};

constexpr std::uint64_t kStackPerFrame =
    16384; // C stack of execute() .. call(): 1.5 KiB at -O2, 10 times that with ASan
constexpr std::uint32_t kVisibleFlags = RVM_FRAME_STATIC | RVM_FRAME_CREATE | RVM_FRAME_REENTRANT;

#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        if (const rvm_status try_status = (expression); try_status != RVM_OK) return try_status;                       \
    } while (false)

bool has_magic(rvm_view code) {
    return code.size >= sizeof kMagic && std::memcmp(code.data, kMagic, sizeof kMagic) == 0;
}

class Machine {
  public:
    Machine(const Host& host, rvm_frame& frame, rvm_result& out)
        : host_(host), frame_(frame), out_(out), scratch_(*static_cast<Scratch*>(frame.scratch)) {}

    rvm_status run() {
        while (at_ < frame_.program.size && !done_) {
            const std::uint64_t start = at_;
            if (const rvm_status status = step(frame_.program.data[at_++]); status != RVM_OK) {
                out_.detail = frame_.program.data[start] + 1u;
                out_.fault_position = start;
                return status;
            }
        }
        return RVM_OK;
    }

  private:
    rvm_status need(std::uint64_t words) const { return height_ >= words ? RVM_OK : RVM_TRAP_STACK; }
    rvm_status put(const Word& word) {
        if (height_ == kMaxStack) return RVM_TRAP_STACK;
        scratch_.stack[height_++] = word;
        return RVM_OK;
    }
    Word take() { return scratch_.stack[--height_]; }
    /// The next `size` bytes of the code.
    rvm_status immediate(std::uint64_t size, rvm_view& out) {
        if (size > frame_.program.size - at_) return RVM_TRAP_INVALID_CODE;
        out = {frame_.program.data + at_, size};
        at_ += size;
        return RVM_OK;
    }
    rvm_status block(rvm_view& out) {
        rvm_view length{};
        TRY(immediate(2, length));
        return immediate(rvm_u256_from_bytes(length.data, length.size).limbs[0], out);
    }
    static Word first_word(rvm_view bytes) {
        rvm_bytes32 out{};
        copy_padded(out.bytes, sizeof out.bytes, bytes, 0);
        return from_hash(out);
    }
    rvm_status charge(std::uint64_t gas) { return rvm_charge(&frame_, gas); }

    rvm_status give_word() {
        TRY(need(1));
        const Word word = take();
        rvm_span output{};
        TRY(host_.vm->output(&frame_, sizeof(rvm_bytes32), &output));
        rvm_u256_to_bytes(&word, output.data, sizeof(rvm_bytes32));
        out_.output = {output.data, sizeof(rvm_bytes32)};
        done_ = true;
        return RVM_OK;
    }

    rvm_status call_other() {
        rvm_view kind{};
        TRY(immediate(1, kind));
        TRY(need(4));
        TRY(charge(kCall));
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = kind.data[0];
        if (message.kind > RVM_CALL_STATIC) return RVM_TRAP_INVALID_CODE;
        message.code_address = to_address(take());
        message.recipient = message.code_address;
        message.value = take();
        if ((frame_.flags & RVM_FRAME_STATIC) != 0 && message.kind == RVM_CALL_CALL && !is_zero(message.value))
            return RVM_TRAP_STATIC;
        message.gas = static_cast<std::int64_t>(std::min(saturate(take()), static_cast<std::uint64_t>(frame_.gas)));
        const rvm_bytes32 data = to_bytes32(take());
        message.input = {data.bytes, sizeof data.bytes};
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = host_.vm->call(&frame_, &message, &result);
        if (status < 0) return status;
        return put(word(static_cast<std::uint64_t>(status)));
    }

    rvm_status create_other() {
        rvm_view code{};
        TRY(block(code));
        TRY(need(2));
        TRY(charge(kCreate));
        if ((frame_.flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        rvm_message message{};
        message.struct_size = sizeof message;
        message.kind = RVM_CALL_CREATE;
        message.value = take();
        message.init_code = code;
        if (!has_magic(code)) message.format = "mini-evm";
        const rvm_bytes32 salt = to_bytes32(take());
        address_of_creation(salt, code, message.recipient);
        message.gas = frame_.gas;
        rvm_result result{};
        result.struct_size = sizeof result;
        const rvm_status status = host_.vm->call(&frame_, &message, &result);
        if (status < 0) return status;
        return put(status == RVM_OK ? from_address(result.created) : word(0));
    }
    void address_of_creation(const rvm_bytes32& salt, rvm_view code, rvm_address& out) const;

    rvm_status step(std::uint8_t operation) {
        TRY(charge(kStep));
        switch (operation) {
        case push: {
            rvm_view bytes{};
            TRY(immediate(1, bytes));
            if (bytes.data[0] > sizeof(Word)) return RVM_TRAP_INVALID_CODE;
            TRY(immediate(bytes.data[0], bytes));
            return put(rvm_u256_from_bytes(bytes.data, bytes.size));
        }
        case add: {
            TRY(need(2));
            const Word a = take(), b = take();
            return put(conformance::add(a, b));
        }
        case skip_if_zero: {
            rvm_view distance{}, skipped{};
            TRY(immediate(1, distance));
            TRY(need(1));
            return is_zero(take()) ? immediate(distance.data[0], skipped) : RVM_OK;
        }
        case load: {
            TRY(charge(kLoad));
            TRY(need(1));
            const Word key = take();
            Word out{};
            TRY(host_.state->sload(&frame_, &key, 0, &out, nullptr));
            return put(out);
        }
        case store: {
            TRY(charge(kStore));
            TRY(need(2));
            const Word key = take(), content = take();
            rvm_slot_write write{};
            return host_.state->sstore(&frame_, &key, &content, 0, &write);
        }
        case load_transient: {
            TRY(need(1));
            const Word key = take();
            Word out{};
            TRY(host_.state->tload(&frame_, &key, &out));
            return put(out);
        }
        case store_transient: {
            TRY(need(2));
            const Word key = take(), content = take();
            return host_.state->tstore(&frame_, &key, &content);
        }
        case call:
            return call_other();
        case result:
            return put(first_word(frame_.returned));
        case result_size:
            return put(word(frame_.returned.size));
        case create:
            return create_other();
        case give:
            return give_word();
        case give_code:
            done_ = true;
            return block(out_.output);
        case revert:
            TRY(give_word());
            return RVM_TRAP_REVERT;
        case trap:
            return RVM_TRAP_ILLEGAL;
        case destroy: {
            TRY(need(1));
            const rvm_address address = to_address(take());
            rvm_account* heir = nullptr;
            TRY(host_.state->account(&frame_, &address, RVM_WANT_BALANCE, &heir, nullptr));
            done_ = true;
            return host_.state->destroy(&frame_, heir, RVM_DESTROY_ALWAYS, nullptr);
        }
        case input:
            return put(first_word(frame_.msg->input));
        case self:
            return put(from_address(frame_.self->address));
        case caller:
            return put(from_address(frame_.msg->sender));
        case value:
            return put(frame_.msg->value);
        case gas:
            return put(word(static_cast<std::uint64_t>(frame_.gas)));
        case flags:
            return put(word(frame_.flags & kVisibleFlags));
        case depth:
            return put(word(frame_.depth));
        case balance: {
            TRY(need(1));
            const rvm_address address = to_address(take());
            rvm_account* account = nullptr;
            TRY(host_.state->account(&frame_, &address, RVM_WANT_BALANCE, &account, nullptr));
            return put(account->balance);
        }
        case log: {
            TRY(charge(kLog));
            TRY(need(2));
            const rvm_bytes32 topic = to_bytes32(take()), data = to_bytes32(take());
            return host_.state->log(&frame_, &topic, 1, {data.bytes, sizeof data.bytes});
        }
        default:
            return RVM_TRAP_ILLEGAL;
        }
    }

    const Host& host_;
    rvm_frame& frame_;
    rvm_result& out_;
    Scratch& scratch_;
    std::uint64_t at_ = sizeof kMagic;
    std::uint64_t height_ = 0;
    bool done_ = false;
};

uint32_t probe(const void*, rvm_view code) { return has_magic(code) ? RVM_PROBE_YES : RVM_PROBE_NO; }

rvm_status compile(const void*, rvm_view code, uint32_t, uint32_t, rvm_artifact** out, rvm_error*) {
    if (!has_magic(code)) return RVM_TRAP_INVALID_CODE;
    *out = reinterpret_cast<rvm_artifact*>(new (std::nothrow) Compiled{code});
    return *out != nullptr ? RVM_OK : RVM_E_NO_MEMORY;
}

void release(const void*, rvm_artifact* artifact) { delete reinterpret_cast<Compiled*>(artifact); }

rvm_status execute(const void* host, const rvm_artifact* artifact, rvm_frame* frame, rvm_result* out) {
    const auto& compiled = *reinterpret_cast<const Compiled*>(artifact);
    const bool same = compiled.code.size == frame->program.size &&
                      std::memcmp(compiled.code.data, frame->program.data, compiled.code.size) == 0;
    if (!same || !compiled.has_zeros()) return RVM_E_INTERNAL;
    return Machine(*static_cast<const Host*>(host), *frame, *out).run();
}

rvm_status deployed(const void*, rvm_frame* frame, rvm_view* code, const char**) {
    if (code->size > kMaxCode) return RVM_TRAP_LIMIT;
    if (code->size != 0 && !has_magic(*code)) return RVM_TRAP_INVALID_CODE;
    return rvm_charge(frame, code->size * kCodeByte);
}

void Machine::address_of_creation(const rvm_bytes32& salt, rvm_view code, rvm_address& out) const {
    create_address(nullptr, &frame_.self->address, frame_.self->nonce, &salt, code, &out);
}

struct Plugin {
    Host host{};
    rvm_format format{};
    rvm_contribution contributions[2]{};
    rvm_plugin plugin{};
};

const rvm_contribution* contributions(void* plugin) { return static_cast<Plugin*>(plugin)->contributions; }
void destroy_plugin(void* plugin) { delete static_cast<Plugin*>(plugin); }

const char* const kRules[] = {"toy/1", nullptr};

rvm_status create_plugin(const rvm_host* host, rvm_plugin** out, rvm_error*) {
    auto plugin = std::unique_ptr<Plugin>(new (std::nothrow) Plugin);
    if (plugin == nullptr) return RVM_E_NO_MEMORY;
    plugin->host.vm = static_cast<const rvm_host_vm*>(host->get_interface(host->ctx, RVM_HOST_VM));
    plugin->host.state = static_cast<const rvm_host_state*>(host->get_interface(host->ctx, RVM_HOST_STATE));
    if (plugin->host.vm == nullptr || plugin->host.state == nullptr) return RVM_E_UNSUPPORTED;

    rvm_format& format = plugin->format;
    format.struct_size = sizeof format;
    format.id = kFormat;
    format.summary = "a toy, for tests";
    format.rules = kRules;
    format.units_per_gas = 1;
    format.scratch_bytes = sizeof(Scratch);
    format.native_stack_per_frame = kStackPerFrame;
    format.self = &plugin->host;
    format.probe = probe;
    format.compile = compile;
    format.release = release;
    format.execute = execute;
    format.deployed = deployed;
    format.create_address = create_address;

    plugin->contributions[0] = {RVM_KIND_FORMAT, &format};
    plugin->plugin.struct_size = sizeof(rvm_plugin);
    plugin->plugin.self = plugin.get();
    plugin->plugin.contributions = contributions;
    plugin->plugin.destroy = destroy_plugin;
    *out = &plugin.release()->plugin;
    return RVM_OK;
}

const char* const kProvides[] = {"rvm.format/1:toy", nullptr};
const char* const kRequires[] = {RVM_HOST_VM, RVM_HOST_STATE, nullptr};

const rvm_descriptor kDescriptor = {
    .struct_size = sizeof(rvm_descriptor),
    .flags = 0,
    .id = "org.rvm.test.toy",
    .version = "0.1.0",
    .name = "Toy format",
    .vendor = "rvm",
    .license = "MIT",
    .description = "A toy execution format for conformance tests",
    .config_schema = nullptr,
    .provides = kProvides,
    .requires_ = kRequires,
};

} // namespace
} // namespace rvm::conformance::toy

const rvm_entry rvm::conformance::toy_format_entry =
    RVM_ENTRY_INIT(&rvm::conformance::toy::kDescriptor, rvm::conformance::toy::create_plugin);
