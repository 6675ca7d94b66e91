// Operations that reach beyond the frame: context, state, other programs, imported items.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/bytes.hpp"
#include "native/machine.hpp"

namespace rvm::native {
namespace {

constexpr std::uint64_t value_bytes = 32;   ///< of a 256-bit value in memory
constexpr std::uint64_t address_bytes = 20; ///< of an address in memory

bool is_zero(const rvm_u256& value) noexcept {
    return (value.limbs[0] | value.limbs[1] | value.limbs[2] | value.limbs[3]) == 0;
}

rvm_address load_address(const std::uint8_t* bytes) noexcept {
    rvm_address out;
    std::memcpy(out.bytes, bytes, sizeof out.bytes);
    return out;
}

/// PURE items that do not even touch memory run on a guard frame.
bool guarded(std::uint32_t flags) noexcept { return (flags & RVM_F_PURE) != 0 && (flags & RVM_F_MEMORY) == 0; }

bool overlap(Word a, Word a_size, Word b, Word b_size) noexcept {
    return a_size != 0 && b_size != 0 && a < b + b_size && b < a + a_size;
}

} // namespace

rvm_u256 load_u256(const std::uint8_t* bytes) noexcept {
    rvm_u256 out;
    for (std::size_t limb = 0; limb < 4; ++limb) {
        std::uint64_t value;
        std::memcpy(&value, bytes + 24 - 8 * limb, sizeof value);
        out.limbs[limb] = __builtin_bswap64(value);
    }
    return out;
}

void store_u256(std::uint8_t* bytes, const rvm_u256& value) noexcept {
    for (std::size_t limb = 0; limb < 4; ++limb) {
        const std::uint64_t swapped = __builtin_bswap64(value.limbs[limb]);
        std::memcpy(bytes + 24 - 8 * limb, &swapped, sizeof swapped);
    }
}

rvm_address creation_address(const rvm_address& creator, std::uint64_t nonce, const rvm_bytes32* salt,
                             rvm_view init_code) {
    constexpr std::string_view domain = "rvm-create";
    Bytes text(domain.begin(), domain.end());
    text.insert(text.end(), std::begin(creator.bytes), std::end(creator.bytes));
    text.push_back(salt != nullptr ? 1 : 0);
    if (salt != nullptr) {
        text.insert(text.end(), std::begin(salt->bytes), std::end(salt->bytes));
        const Bytes code_hash = sha256({init_code.data, static_cast<std::size_t>(init_code.size)});
        text.insert(text.end(), code_hash.begin(), code_hash.end());
    } else {
        for (int shift = 56; shift >= 0; shift -= 8)
            text.push_back(static_cast<std::uint8_t>(nonce >> shift));
    }
    const Bytes digest = sha256(text);
    rvm_address out;
    std::copy(digest.end() - sizeof out.bytes, digest.end(), out.bytes);
    return out;
}

/// Names the fault of a status that the host gave.
rvm_status Machine::host_status(rvm_status status) noexcept {
    if (status > RVM_OK) fault = status == RVM_TRAP_STATIC ? Fault::static_frame : Fault::host_trap;
    return status;
}

rvm_status Machine::write_address(Word offset, const rvm_address& address) noexcept {
    if (!inside(offset, address_bytes)) return outside();
    std::memcpy(memory + offset, address.bytes, address_bytes);
    return RVM_OK;
}

rvm_status Machine::write_value(Word offset, const rvm_u256& value) noexcept {
    if (!inside(offset, value_bytes)) return outside();
    store_u256(memory + offset, value);
    return RVM_OK;
}

rvm_status Machine::copy_input(const Word* a) noexcept {
    if (!inside(a[0], a[2])) return outside();
    if (const rvm_status status = pay(word_price(a[2])); status != RVM_OK) return status;
    if (a[2] == 0) return RVM_OK;
    const rvm_view input = frame.msg->input;
    const std::uint64_t there = a[1] < input.size ? std::min(a[2], input.size - a[1]) : 0;
    if (there != 0) std::memcpy(memory + a[0], input.data + a[1], there);
    std::memset(memory + a[0] + there, 0, a[2] - there);
    return RVM_OK;
}

rvm_status Machine::copy_returned(const Word* a) noexcept {
    if (!inside(a[0], a[2])) return outside();
    const rvm_view returned = frame.returned;
    if (a[2] > returned.size || a[1] > returned.size - a[2]) return trap(RVM_TRAP_MEMORY, Fault::returned_bounds);
    if (const rvm_status status = pay(word_price(a[2])); status != RVM_OK) return status;
    if (a[2] != 0) std::memcpy(memory + a[0], returned.data + a[1], a[2]);
    return RVM_OK;
}

rvm_status Machine::load_slot(const Word* a) noexcept {
    if (!inside(a[0], value_bytes) || !inside(a[1], value_bytes)) return outside();
    const rvm_u256 key = load_u256(memory + a[0]);
    rvm_u256 value{};
    std::uint32_t access = 0;
    const std::uint32_t want = gas < gas::cold_slot ? RVM_WANT_NO_COLD : 0;
    if (const rvm_status status = host.state->sload(&frame, &key, want, &value, &access); status != RVM_OK)
        return host_status(status);
    const bool cold = (access & (RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED)) != 0;
    if (const rvm_status status = pay(cold ? gas::cold_slot : 0); status != RVM_OK) return status;
    store_u256(memory + a[1], value);
    return RVM_OK;
}

/// The price depends on what the host finds. It is charged after the write, because a write that cannot be paid is undone
/// with the whole frame; under a tracer, which wants the price before the effect, the host is asked first.
rvm_status Machine::store_slot(const Word* a) noexcept {
    if (!inside(a[0], value_bytes) || !inside(a[1], value_bytes)) return outside();
    const rvm_u256 key = load_u256(memory + a[0]);
    const rvm_u256 value = load_u256(memory + a[1]);
    const bool first_priced = (frame.flags & RVM_FRAME_TRACED) != 0;
    rvm_slot_write write{};
    std::uint32_t want = gas < gas::cold_slot ? RVM_WANT_NO_COLD : 0;
    if (first_priced) want |= RVM_WANT_PEEK;
    if (const rvm_status status = host.state->sstore(&frame, &key, &value, want, &write); status != RVM_OK)
        return host_status(status);
    std::int64_t price = (write.access & (RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED)) != 0 ? gas::cold_slot : 0;
    if (write.change == RVM_SLOT_ADDED) price += gas::slot_added;
    if (write.change == RVM_SLOT_MODIFIED || write.change == RVM_SLOT_DELETED) price += gas::slot_changed;
    if (const rvm_status status = pay(price); status != RVM_OK || !first_priced) return status;
    return host_status(host.state->sstore(&frame, &key, &value, 0, &write));
}

rvm_status Machine::load_transient(const Word* a) noexcept {
    if (!inside(a[0], value_bytes) || !inside(a[1], value_bytes)) return outside();
    const rvm_u256 key = load_u256(memory + a[0]);
    rvm_u256 value{};
    if (const rvm_status status = host.state->tload(&frame, &key, &value); status != RVM_OK) return host_status(status);
    store_u256(memory + a[1], value);
    return RVM_OK;
}

rvm_status Machine::store_transient(const Word* a) noexcept {
    if (!inside(a[0], value_bytes) || !inside(a[1], value_bytes)) return outside();
    const rvm_u256 key = load_u256(memory + a[0]);
    const rvm_u256 value = load_u256(memory + a[1]);
    return host_status(host.state->tstore(&frame, &key, &value));
}

/// The account whose address is in memory; `price` gets the cold surcharge added.
rvm_status Machine::find_account(Word offset, std::uint32_t want, rvm_account** out, std::int64_t* price) noexcept {
    if (!inside(offset, address_bytes)) return outside();
    const rvm_address address = load_address(memory + offset);
    std::uint32_t access = 0;
    want |= RVM_WANT_WARM;
    if (gas < gas::cold_account) want |= RVM_WANT_NO_COLD;
    if (const rvm_status status = host.state->account(&frame, &address, want, out, &access); status != RVM_OK)
        return host_status(status);
    if ((access & RVM_ACCESS_SKIPPED) != 0) return trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas);
    if ((access & RVM_ACCESS_COLD) != 0) *price += gas::cold_account;
    return RVM_OK;
}

rvm_status Machine::read_balance(const Word* a) noexcept {
    if (!inside(a[1], value_bytes)) return outside();
    rvm_account* account = nullptr;
    std::int64_t price = 0;
    if (const rvm_status status = find_account(a[0], RVM_WANT_BALANCE, &account, &price); status != RVM_OK)
        return status;
    if (const rvm_status status = pay(price); status != RVM_OK) return status;
    store_u256(memory + a[1], account->balance);
    return RVM_OK;
}

rvm_status Machine::read_code_size(Word* a) noexcept {
    rvm_account* account = nullptr;
    std::int64_t price = 0;
    if (const rvm_status status = find_account(a[0], RVM_WANT_CODE_SIZE, &account, &price); status != RVM_OK)
        return status;
    if (const rvm_status status = pay(price); status != RVM_OK) return status;
    a[0] = account->code_size;
    return RVM_OK;
}

rvm_status Machine::emit_log(const Word* a, std::uint32_t topic_count) noexcept {
    if (!inside(a[0], a[1])) return outside();
    rvm_bytes32 topics[max_topics];
    for (std::uint32_t i = 0; i < topic_count; ++i) {
        if (!inside(a[2 + i], value_bytes)) return outside();
        std::memcpy(topics[i].bytes, memory + a[2 + i], value_bytes);
    }
    const std::int64_t price = topic_count * gas::log_topic + static_cast<std::int64_t>(a[1]) * gas::log_byte;
    if (const rvm_status status = pay(price); status != RVM_OK) return status;
    return host_status(host.state->log(&frame, topics, topic_count, {memory + a[0], a[1]}));
}

/// invoke: gas address@ value@ in@ insize out@ outsize; without value@ for the static and delegate kinds.
rvm_status Machine::call_program(Word* a, std::uint32_t kind) noexcept {
    const bool with_value = kind == RVM_CALL_CALL;
    const Word* range = a + (with_value ? 3 : 2);
    const Word in = range[0], in_size = range[1], out = range[2], out_size = range[3];
    if (!inside(in, in_size) || !inside(out, out_size)) return outside();

    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = kind;
    if (with_value) {
        if (!inside(a[2], value_bytes)) return outside();
        message.value = load_u256(memory + a[2]);
    }
    const bool moves_value = with_value && !is_zero(message.value);
    if (moves_value && (frame.flags & RVM_FRAME_STATIC) != 0) return trap(RVM_TRAP_STATIC, Fault::static_frame);

    std::int64_t price = 0;
    const std::uint32_t want = moves_value ? RVM_WANT_EXISTS : 0;
    if (const rvm_status status = find_account(a[1], want, &message.target, &price); status != RVM_OK) return status;
    if (moves_value) {
        price += gas::value_transfer;
        if (rvm_account_is_empty(message.target) != 0 && (message.target->flags & RVM_ACCOUNT_PROGRAM) == 0)
            price += gas::new_account;
    }
    if (const rvm_status status = pay(price); status != RVM_OK) return status;

    const auto most = static_cast<std::uint64_t>(gas - gas / gas::call_reserve);
    message.gas = static_cast<std::int64_t>(std::min(a[0], most));
    message.code_address = load_address(memory + a[1]);
    message.recipient = kind == RVM_CALL_DELEGATE ? frame.self->address : message.code_address;
    message.input = {memory + in, in_size};

    rvm_result callee{};
    callee.struct_size = sizeof callee;
    frame.gas = gas;
    const rvm_status status = host.vm->call(&frame, &message, &callee);
    gas = frame.gas;
    if (status < RVM_OK) return status;
    const std::uint64_t copied = std::min(out_size, frame.returned.size);
    if (copied != 0) std::memcpy(memory + out, frame.returned.data, copied);
    a[0] = status == RVM_OK ? 1 : 0;
    return RVM_OK;
}

/// create: value@ salt@ code@ size out@.
rvm_status Machine::create_program(Word* a, std::uint32_t import) noexcept {
    if (!inside(a[0], value_bytes) || !inside(a[1], value_bytes) || !inside(a[2], a[3]) || !inside(a[4], address_bytes))
        return outside();
    const std::int64_t price = static_cast<std::int64_t>(a[3]) * gas::init_byte;
    if (const rvm_status status = pay(price); status != RVM_OK) return status;

    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CREATE;
    message.value = load_u256(memory + a[0]);
    message.init_code = {memory + a[2], a[3]};
    rvm_bytes32 salt;
    std::memcpy(salt.bytes, memory + a[1], value_bytes);
    message.salt = &salt; // the recipient stays zero: the format that runs the code computes the address
    message.format = import == 0 ? nullptr : artifact.imports[import - 1].format;
    message.gas = gas - gas / gas::call_reserve;

    rvm_result created{};
    created.struct_size = sizeof created;
    frame.gas = gas;
    const rvm_status status = host.vm->call(&frame, &message, &created);
    gas = frame.gas;
    if (status < RVM_OK) return status;
    if (status == RVM_OK) std::memcpy(memory + a[4], created.created.bytes, address_bytes);
    a[0] = status == RVM_OK ? 1 : 0;
    return RVM_OK;
}

/// Judges what an imported item returned, and takes its gas back from the frame.
rvm_status Machine::item_status(rvm_status status, const rvm_frame* guard, std::int64_t gas_before) noexcept {
    if (guard != nullptr) {
        // Shared by all threads: some call of this item broke the promise, so none of its results is trusted any more.
        const std::uint32_t flags = __atomic_load_n(&guard->flags, __ATOMIC_RELAXED);
        if ((flags & RVM_FRAME_VIOLATED) != 0) return trap(RVM_TRAP_ILLEGAL, Fault::broken_promise);
    } else {
        if (frame.gas > gas_before) return trap(RVM_TRAP_ILLEGAL, Fault::broken_promise);
        gas = frame.gas;
        if (gas < 0) return trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas);
    }
    if (status > RVM_TRAP_LIMIT) return RVM_E_INTERNAL; // no such trap: a failure of the item
    return status > RVM_OK ? trap(status, Fault::plugin_trap) : status;
}

/// syscall: in@ insize out@ capacity.
rvm_status Machine::call_system(Word* a, std::uint32_t import) noexcept {
    const LinkedImport& link = artifact.imports[import];
    const rvm_syscall& item = *link.syscall;
    if ((item.flags & RVM_F_WRITES_STATE) != 0 && (frame.flags & RVM_FRAME_STATIC) != 0)
        return trap(RVM_TRAP_STATIC, Fault::static_frame);
    const Word in = a[0], in_size = a[1], out = a[2], capacity = a[3];
    if (!inside(in, in_size) || !inside(out, capacity)) return outside();
    rvm_view input{memory + in, in_size};
    rvm_span output{memory + out, std::min<std::uint64_t>(capacity, item.max_output)};

    const std::uint64_t price = host.vm->price(item.gas, item.self, input);
    if (price > static_cast<std::uint64_t>(gas)) return trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas);
    if (const rvm_status status = pay(static_cast<std::int64_t>(price)); status != RVM_OK) return status;

    std::uint8_t* copy = nullptr; // items may rely on input and output being apart
    if (overlap(in, in_size, out, output.size)) {
        if (const rvm_status status = reserve(in_size); status != RVM_OK) return status;
        copy = static_cast<std::uint8_t*>(std::malloc(in_size));
        if (copy == nullptr) return RVM_E_NO_MEMORY;
        std::memcpy(copy, input.data, in_size);
        input.data = copy;
    }
    rvm_frame* guard = guarded(item.flags) ? link.guard : nullptr;
    std::uint64_t written = 0;
    frame.gas = gas;
    const std::int64_t gas_before = gas;
    rvm_status status = item.run(item.self, guard != nullptr ? guard : &frame, input, output, &written);
    std::free(copy);
    if (copy != nullptr)
        if (const rvm_status returned = host.vm->reserve(&frame, -static_cast<std::int64_t>(in_size)); returned < 0)
            return returned;
    status = item_status(status, guard, gas_before);
    if (status != RVM_OK) return status;
    if (written > output.size) return trap(RVM_TRAP_ILLEGAL, Fault::broken_promise);
    a[0] = written;
    return RVM_OK;
}

/// An imported opcode on its operand window.
rvm_status Machine::run_plugin_opcode(Word* a, const Instruction& instruction) noexcept {
    const LinkedImport& link = artifact.imports[instruction.index];
    const rvm_opcode& item = *link.opcode;
    if ((item.flags & RVM_F_WRITES_STATE) != 0 && (frame.flags & RVM_FRAME_STATIC) != 0)
        return trap(RVM_TRAP_STATIC, Fault::static_frame);
    if (item.gas > static_cast<std::uint64_t>(gas)) return trap(RVM_TRAP_OUT_OF_GAS, Fault::operation_gas);
    if (const rvm_status status = pay(static_cast<std::int64_t>(item.gas)); status != RVM_OK) return status;
    rvm_frame* guard = guarded(item.flags) ? link.guard : nullptr;
    frame.gas = gas;
    const std::int64_t gas_before = gas;
    return item_status(item.run(item.self, guard != nullptr ? guard : &frame, a, instruction.value), guard, gas_before);
}

} // namespace rvm::native
