#include "format/environment.hpp"

#include <cstring>

#include "format/prices.hpp"
#include "module/costs.hpp"
#include "module/type_section.hpp"

namespace rvm::wasm::format {
namespace {

using engine::Context;
using engine::Trap;

FrameContext& frame_of(Context& context) noexcept { return *static_cast<FrameContext*>(Machine::of(context).user); }

/// Ends the run with a status of the host or the program.
Trap end(Context& context, rvm_status status) noexcept {
    FrameContext& frame = frame_of(context);
    frame.status = status;
    frame.ended = true;
    return Trap::exit;
}
Trap finished(Context& context, rvm_status status) noexcept {
    return status == RVM_OK ? Trap::none : end(context, status);
}

bool pay(Context& context, std::uint64_t gas) noexcept {
    return gas <= static_cast<std::uint64_t>(INT64_MAX) / costs::units_per_gas &&
           context.charge(gas * costs::units_per_gas);
}
std::uint64_t words(std::uint64_t bytes) noexcept { return (bytes + prices::copied_bytes - 1) / prices::copied_bytes; }

/// [address, address + size) of memory 0, or null.
std::uint8_t* place(Context& context, Cell address, Cell size) noexcept {
    if (size > context.memory_size || address > context.memory_size - size) return nullptr;
    return context.memory + address;
}

/// The frame's gas as the host sees it, around a call of it.
class GasOfFrame {
  public:
    explicit GasOfFrame(Context& context) noexcept : context_(context), frame_(*frame_of(context).frame) {
        const std::uint64_t left = static_cast<std::uint64_t>(context.gas_left());
        before_ = static_cast<std::int64_t>(left / costs::units_per_gas);
        frame_.gas = before_;
    }
    /// Takes what the host took. False: more than was left.
    [[nodiscard]] bool settle() noexcept {
        const std::int64_t taken = before_ - std::max<std::int64_t>(frame_.gas, -1);
        return taken <= 0 || pay(context_, static_cast<std::uint64_t>(taken));
    }

  private:
    Context& context_;
    rvm_frame& frame_;
    std::int64_t before_;
};

// -- input, output

Trap input_size(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!pay(context, prices::host_call)) return Trap::out_of_gas;
    window[0] = frame_of(context).frame->msg->input.size & 0xffff'ffff;
    return Trap::none;
}

Trap copy_out(Context& context, Cell* window, rvm_view from) noexcept { // to, offset, size
    if (!pay(context, prices::host_call + words(window[2]))) return Trap::out_of_gas;
    std::uint8_t* to = place(context, window[0], window[2]);
    if (to == nullptr || window[2] > from.size || window[1] > from.size - window[2]) return Trap::memory_bounds;
    if (window[2] != 0) std::memcpy(to, from.data + window[1], window[2]);
    return Trap::none;
}
Trap input_read(Context& context, Cell* window, std::uint64_t) noexcept {
    return copy_out(context, window, frame_of(context).frame->msg->input);
}

Trap give(Context& context, const Cell* window) noexcept { // from, size
    if (!pay(context, prices::host_call + words(window[1]))) return Trap::out_of_gas;
    const std::uint8_t* from = place(context, window[0], window[1]);
    if (from == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    rvm_span output{};
    const rvm_status status = frame.host->vm->output(frame.frame, window[1], &output);
    if (status != RVM_OK) return end(context, status);
    if (window[1] != 0) std::memcpy(output.data, from, window[1]);
    frame.result->output = {output.data, window[1]};
    return Trap::none;
}
Trap output(Context& context, Cell* window, std::uint64_t) noexcept { return give(context, window); }
Trap revert(Context& context, Cell* window, std::uint64_t) noexcept {
    const Trap trap = give(context, window);
    return trap == Trap::none ? end(context, RVM_TRAP_REVERT) : trap;
}

// -- context

enum class Word : std::uint64_t { caller, self, value };

Trap context_word(Context& context, Cell* window, std::uint64_t which) noexcept { // to
    if (!pay(context, prices::host_call)) return Trap::out_of_gas;
    const rvm_frame& frame = *frame_of(context).frame;
    const std::uint64_t size = static_cast<Word>(which) == Word::value ? 32 : 20;
    std::uint8_t* to = place(context, window[0], size);
    if (to == nullptr) return Trap::memory_bounds;
    switch (static_cast<Word>(which)) {
    case Word::caller:
        std::memcpy(to, frame.msg->sender.bytes, size);
        break;
    case Word::self:
        std::memcpy(to, frame.self->address.bytes, size);
        break;
    case Word::value:
        rvm_u256_to_bytes(&frame.msg->value, to, size);
        break;
    }
    return Trap::none;
}

Trap gas_left(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!pay(context, prices::host_call)) return Trap::out_of_gas;
    window[0] = static_cast<Cell>(context.gas_left()) / costs::units_per_gas;
    return Trap::none;
}

// -- state

Trap storage_load(Context& context, Cell* window, std::uint64_t) noexcept { // key, to: 32 bytes each, big-endian
    if (!pay(context, prices::host_call + prices::warm_slot)) return Trap::out_of_gas;
    const std::uint8_t* key_bytes = place(context, window[0], 32);
    std::uint8_t* to = place(context, window[1], 32);
    if (key_bytes == nullptr || to == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    const rvm_u256 key = rvm_u256_from_bytes(key_bytes, 32);
    rvm_u256 value{};
    std::uint32_t access = 0;
    const bool poor = static_cast<Cell>(context.gas_left()) < prices::cold_slot * costs::units_per_gas;
    const rvm_status status = frame.host->state->sload(frame.frame, &key, poor ? RVM_WANT_NO_COLD : 0, &value, &access);
    if (status != RVM_OK) return end(context, status);
    if ((access & (RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED)) != 0 && !pay(context, prices::cold_slot))
        return Trap::out_of_gas;
    rvm_u256_to_bytes(&value, to, 32);
    return Trap::none;
}

Trap storage_store(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    if (!pay(context, prices::host_call + prices::warm_slot)) return Trap::out_of_gas;
    const std::uint8_t* key_bytes = place(context, window[0], 32);
    const std::uint8_t* value_bytes = place(context, window[1], 32);
    if (key_bytes == nullptr || value_bytes == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    const rvm_u256 key = rvm_u256_from_bytes(key_bytes, 32);
    const rvm_u256 value = rvm_u256_from_bytes(value_bytes, 32);
    rvm_slot_write write{};
    const bool poor = static_cast<Cell>(context.gas_left()) < prices::cold_slot * costs::units_per_gas;
    const rvm_status status = frame.host->state->sstore(frame.frame, &key, &value, poor ? RVM_WANT_NO_COLD : 0, &write);
    if (status != RVM_OK) return end(context, status);
    std::uint64_t price = (write.access & (RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED)) != 0 ? prices::cold_slot : 0;
    if (write.change == RVM_SLOT_ADDED) price += prices::slot_added;
    if (write.change == RVM_SLOT_MODIFIED || write.change == RVM_SLOT_DELETED) price += prices::slot_changed;
    return pay(context, price) ? Trap::none : Trap::out_of_gas;
}

Trap emit_log(Context& context, Cell* window, std::uint64_t) noexcept { // data, size, topics, count
    const Cell size = window[1];
    const Cell count = window[3];
    if (count > 4) return end(context, RVM_TRAP_LIMIT);
    if (!pay(context, prices::host_call + prices::log + count * prices::log_topic + size * prices::log_byte)) {
        return Trap::out_of_gas;
    }
    const std::uint8_t* data = place(context, window[0], size);
    const std::uint8_t* topic_bytes = place(context, window[2], 32 * count);
    if (data == nullptr || topic_bytes == nullptr) return Trap::memory_bounds;
    rvm_bytes32 topics[4];
    std::memcpy(topics, topic_bytes, 32 * count);
    FrameContext& frame = frame_of(context);
    return finished(context,
                    frame.host->state->log(frame.frame, topics, static_cast<std::uint32_t>(count), {data, size}));
}

// -- granted items: (input, size, output, room) -> bytes written

struct Spans {
    rvm_view input;
    rvm_span output;
};
bool spans(Context& context, const Cell* window, Spans& out) noexcept {
    const std::uint8_t* input = place(context, window[0], window[1]);
    std::uint8_t* output_place = place(context, window[2], window[3]);
    if (input == nullptr || output_place == nullptr) return false;
    const bool apart = window[0] + window[1] <= window[2] || window[2] + window[3] <= window[0];
    out = {{input, window[1]}, {output_place, window[3]}};
    return apart || window[1] == 0 || window[3] == 0;
}

Trap call_syscall(Context& context, Cell* window, std::uint64_t data) noexcept {
    const auto& item = *reinterpret_cast<const GrantedItem*>(data);
    const rvm_syscall& syscall = *item.syscall.syscall;
    FrameContext& frame = frame_of(context);
    Spans memory;
    if (!spans(context, window, memory)) return Trap::memory_bounds;
    memory.output.size = std::min(memory.output.size, syscall.max_output);
    const std::uint64_t price = frame.host->vm->price(syscall.gas, syscall.self, memory.input);
    if (price > static_cast<std::uint64_t>(INT64_MAX) - prices::host_call || !pay(context, prices::host_call + price)) {
        return Trap::out_of_gas;
    }
    const bool is_static = (frame.frame->flags & RVM_FRAME_STATIC) != 0;
    if (is_static && (syscall.flags & RVM_F_WRITES_STATE) != 0) return end(context, RVM_TRAP_STATIC);
    const bool pure = (syscall.flags & RVM_F_PURE) != 0;
    GasOfFrame gas(context);
    std::uint64_t written = 0;
    const rvm_status status =
        syscall.run(syscall.self, pure ? item.syscall.guard : frame.frame, memory.input, memory.output, &written);
    if (!pure && !gas.settle()) return Trap::out_of_gas;
    if (pure && (__atomic_load_n(&item.syscall.guard->flags, __ATOMIC_RELAXED) & RVM_FRAME_VIOLATED) != 0) {
        return end(context, RVM_TRAP_ILLEGAL);
    }
    if (status != RVM_OK) return end(context, status);
    window[0] = written & 0xffff'ffff;
    return Trap::none;
}

Trap call_crypto(Context& context, Cell* window, std::uint64_t data) noexcept {
    const rvm_crypto& crypto = *reinterpret_cast<const GrantedItem*>(data)->crypto;
    Spans memory;
    if (!spans(context, window, memory)) return Trap::memory_bounds;
    if (!pay(context, prices::host_call + prices::primitive + words(memory.input.size) * prices::primitive_word)) {
        return Trap::out_of_gas;
    }
    std::uint64_t written = crypto.digest_size;
    if (crypto.shape == RVM_CRYPTO_HASH) {
        if (memory.output.size < crypto.digest_size) return end(context, RVM_TRAP_LIMIT);
        crypto.hash(crypto.self, memory.input, memory.output.data);
    } else {
        const rvm_status status = crypto.run(crypto.self, memory.input, memory.output, &written);
        if (status == RVM_E_BUFFER_TOO_SMALL) return end(context, RVM_TRAP_LIMIT);
        if (status != RVM_OK) return end(context, status);
    }
    window[0] = written & 0xffff'ffff;
    return Trap::none;
}

// -- the table

struct Function {
    const char* name;
    const char* signature; ///< as in opcodes.def
    engine::HostFunction run;
    std::uint64_t data;
};
constexpr Function functions[] = {
    {"input_size", ".i", input_size, 0},
    {"input_read", "iii.", input_read, 0},
    {"output", "ii.", output, 0},
    {"revert", "ii.", revert, 0},
    {"caller", "i.", context_word, static_cast<std::uint64_t>(Word::caller)},
    {"self", "i.", context_word, static_cast<std::uint64_t>(Word::self)},
    {"value", "i.", context_word, static_cast<std::uint64_t>(Word::value)},
    {"gas_left", ".I", gas_left, 0},
    {"storage_load", "ii.", storage_load, 0},
    {"storage_store", "ii.", storage_store, 0},
    {"log", "iiii.", emit_log, 0},
};
constexpr const char* item_signature = "iiii.i";

TypeId signature_id(TypeSpace& space, std::string_view signature) {
    std::vector<ValueType> types[2];
    bool results = false;
    for (const char letter : signature) {
        if (letter == '.') {
            results = true;
        } else {
            types[results ? 1 : 0].push_back(letter == 'i' ? i32 : i64);
        }
    }
    return function_type_id(space, types[0], types[1]);
}

[[noreturn]] void refuse(const Import& import, const std::string& why) {
    throw ModuleError(ModuleError::Kind::link, 0,
                      "import " + std::string(import.module) + "." + std::string(import.name) + ": " + why);
}

} // namespace

Environment::Environment(const Module& module, const HostTables& host) {
    for (const Import& import : module.imports) {
        if (import.module != "rvm" || import.kind != ExternKind::function) {
            refuse(import, "nothing provides it; programs import functions of the module rvm");
        }
        const TypeId wanted = module.type_ids[module.functions[import.index]];
        const std::string id(import.name);
        auto call = std::make_unique<HostCall>();
        const char* signature = item_signature;
        for (const Function& function : functions) {
            if (id != function.name) continue;
            *call = {function.run, function.data};
            signature = function.signature;
        }
        if (call->function == nullptr) {
            auto item = std::make_unique<GrantedItem>();
            const rvm_status found =
                host.items == nullptr ? RVM_E_NOT_FOUND : host.items->syscall(host.ctx, id.c_str(), &item->syscall);
            if (found == RVM_E_UNSUPPORTED) refuse(import, "the deployment does not grant this syscall");
            if (found == RVM_OK) {
                *call = {call_syscall, reinterpret_cast<std::uint64_t>(item.get())};
            } else if (host.items != nullptr && host.items->crypto(host.ctx, id.c_str(), &item->crypto) == RVM_OK) {
                *call = {call_crypto, reinterpret_cast<std::uint64_t>(item.get())};
            } else {
                refuse(import, "no function, syscall or primitive of this name");
            }
            items_.push_back(std::move(item));
        }
        if (wanted != signature_id(*module.type_space, signature)) {
            refuse(import, "another type is expected, found " + module.type_text(module.functions[import.index]));
        }
        functions_.push_back({nullptr, wanted, nullptr, reinterpret_cast<std::uint64_t>(call.get())});
        calls_.push_back(std::move(call));
    }
}

std::optional<Extern> Environment::resolve(const Import& import) const {
    Extern found;
    found.kind = ExternKind::function;
    found.function = &functions_[import.index];
    return found;
}

} // namespace rvm::wasm::format
