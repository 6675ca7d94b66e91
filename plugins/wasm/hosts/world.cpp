#include "hosts/world.hpp"

#include <new>

#include "keccak/keccak.hpp"

namespace rvm::wasm::hosts {
namespace {

bool missed(std::uint32_t access) noexcept { return (access & (RVM_ACCESS_COLD | RVM_ACCESS_SKIPPED)) != 0; }
bool is_static(const FrameContext& frame) noexcept { return (frame.frame->flags & RVM_FRAME_STATIC) != 0; }

/// Gas and refund of a write by what it changed (EIP-2200 with the numbers of EIP-2929 and EIP-3529).
struct WritePrice {
    std::uint64_t gas;
    std::int64_t refund;
};
WritePrice price_of(std::uint32_t change) noexcept {
    constexpr std::int64_t restored = prices::slot_changed;
    switch (change) {
    case RVM_SLOT_ADDED:
        return {prices::slot_added, 0};
    case RVM_SLOT_MODIFIED:
        return {prices::slot_changed, 0};
    case RVM_SLOT_DELETED:
        return {prices::slot_changed, prices::refund_cleared};
    case RVM_SLOT_DELETED_ADDED:
        return {0, -prices::refund_cleared};
    case RVM_SLOT_MODIFIED_DELETED:
        return {0, prices::refund_cleared};
    case RVM_SLOT_DELETED_RESTORED:
        return {0, restored - prices::refund_cleared};
    case RVM_SLOT_ADDED_DELETED:
        return {0, prices::slot_added};
    case RVM_SLOT_MODIFIED_RESTORED:
        return {0, restored};
    default:
        return {0, 0};
    }
}

Answer answer_of(rvm_status status) noexcept {
    return status == RVM_OK ? Answer::done : status == RVM_TRAP_REVERT ? Answer::reverted : Answer::failed;
}

/// All but a 64th of what is left (EIP-150).
std::int64_t most_for_callee(const Context& context) noexcept {
    const auto left = static_cast<std::int64_t>(gas_left(context));
    return left - left / prices::call_reserve;
}

/// Runs the message; a negative status ends the frame.
Trap enter(Context& context, const rvm_message& message, rvm_result& result) noexcept {
    FrameContext& frame = frame_of(context);
    GasOfFrame gas(context);
    const rvm_status status = frame.host->vm->call(frame.frame, &message, &result);
    if (status < RVM_OK) return end(context, status);
    return gas.settle() ? Trap::none : Trap::out_of_gas;
}

} // namespace

Trap load_slot(Context& context, const rvm_u256& key, rvm_u256& out) noexcept {
    if (!pay(context, prices::warm_slot)) return Trap::out_of_gas;
    FrameContext& frame = frame_of(context);
    std::uint32_t access = 0;
    const std::uint32_t want = gas_left(context) < prices::cold_slot ? RVM_WANT_NO_COLD : 0;
    const rvm_status status = frame.host->state->sload(frame.frame, &key, want, &out, &access);
    if (status != RVM_OK) return end(context, status);
    return !missed(access) || pay(context, prices::cold_slot) ? Trap::none : Trap::out_of_gas;
}

Trap store_slot(Context& context, const rvm_u256& key, const rvm_u256& value) noexcept {
    FrameContext& frame = frame_of(context);
    if (is_static(frame)) return end(context, RVM_TRAP_STATIC);
    if (gas_left(context) <= prices::storage_sentry || !pay(context, prices::warm_slot)) return Trap::out_of_gas;
    rvm_slot_write write{};
    const std::uint32_t want = gas_left(context) < prices::cold_slot ? RVM_WANT_NO_COLD : 0;
    const rvm_status status = frame.host->state->sstore(frame.frame, &key, &value, want, &write);
    if (status != RVM_OK) return end(context, status);
    const WritePrice price = price_of(write.change);
    if (!pay(context, price.gas + (missed(write.access) ? prices::cold_slot : 0))) return Trap::out_of_gas;
    frame.frame->refund += price.refund;
    return Trap::none;
}

Trap find_account(Context& context, Cell address, std::uint32_t want, rvm_account*& out) noexcept {
    if (!pay(context, prices::warm_account)) return Trap::out_of_gas;
    const std::uint8_t* bytes = place(context, address, address_bytes);
    if (bytes == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    const rvm_address key = load_address(bytes);
    std::uint32_t access = 0;
    want |= RVM_WANT_WARM;
    if (gas_left(context) < prices::cold_account) want |= RVM_WANT_NO_COLD;
    const rvm_status status = frame.host->state->account(frame.frame, &key, want, &out, &access);
    if (status != RVM_OK) return end(context, status);
    return !missed(access) || pay(context, prices::cold_account) ? Trap::none : Trap::out_of_gas;
}

rvm_bytes32 code_hash_of(const rvm_account& account) noexcept {
    rvm_bytes32 out{};
    if (account.code_hash != nullptr) {
        out = *account.code_hash;
    } else if (rvm_account_is_empty(&account) == 0) {
        keccak::keccak256({}, out.bytes);
    }
    return out;
}

Trap copy_code(Context& context, Cell address, Cell offset, Cell size, Cell to, Cell& copied) noexcept {
    rvm_account* account = nullptr;
    const Trap found = find_account(context, address, RVM_WANT_CODE | RVM_WANT_CODE_SIZE, account);
    if (found != Trap::none) return found;
    FrameContext& frame = frame_of(context);
    rvm_view code{};
    const rvm_status status = frame.host->state->code(frame.frame, account, &code);
    if (status != RVM_OK) return end(context, status);
    copied = offset < code.size ? std::min<Cell>(size, code.size - offset) : 0;
    if (!pay(context, words(copied))) return Trap::out_of_gas;
    std::uint8_t* target = place(context, to, copied);
    if (target == nullptr) return Trap::memory_bounds;
    if (copied != 0) std::memcpy(target, code.data + offset, copied);
    return Trap::none;
}

Trap emit(Context& context, rvm_view data, const std::uint8_t* topics, Cell topic_count) noexcept {
    FrameContext& frame = frame_of(context);
    if (is_static(frame)) return end(context, RVM_TRAP_STATIC);
    if (!pay(context, prices::log + topic_count * prices::log_topic + data.size * prices::log_byte)) {
        return Trap::out_of_gas;
    }
    rvm_bytes32 copies[4];
    if (topic_count != 0) std::memcpy(copies, topics, topic_count * sizeof copies[0]);
    return finished(context,
                    frame.host->state->log(frame.frame, copies, static_cast<std::uint32_t>(topic_count), data));
}

Trap give_output(Context& context, Cell from, Cell size) noexcept {
    if (!pay(context, words(size))) return Trap::out_of_gas;
    const std::uint8_t* bytes = place(context, from, size);
    if (bytes == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    std::vector<std::uint8_t>& output = *frame.output;
    if (size > output.size()) {
        const auto more = static_cast<std::int64_t>(size - output.size());
        const rvm_status status = frame.host->vm->reserve(frame.frame, more);
        if (status != RVM_OK) return end(context, status);
    }
    try {
        output.assign(bytes, bytes + size);
    } catch (const std::bad_alloc&) {
        return end(context, RVM_E_NO_MEMORY);
    }
    return Trap::none;
}

Trap copy_exactly(Context& context, rvm_view from, Cell to, Cell offset, Cell size) noexcept {
    if (!pay(context, words(size))) return Trap::out_of_gas;
    std::uint8_t* target = place(context, to, size);
    if (target == nullptr || size > from.size || offset > from.size - size) return Trap::memory_bounds;
    if (size != 0) std::memcpy(target, from.data + offset, size);
    return Trap::none;
}

Trap call_program(Context& context, const CallRequest& request, Answer& out) noexcept {
    if (!pay(context, words(request.input_size))) return Trap::out_of_gas;
    const std::uint8_t* input = place(context, request.input, request.input_size);
    if (input == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = request.kind;
    message.input = {input, request.input_size};
    if (request.value != nullptr) {
        const std::uint8_t* value = place(context, *request.value, value_bytes);
        if (value == nullptr) return Trap::memory_bounds;
        message.value = rvm_u256_from_bytes(value, value_bytes);
    }
    const bool moves_value = !is_zero(message.value);
    if (moves_value && is_static(frame)) return end(context, RVM_TRAP_STATIC);
    const Trap found = find_account(context, request.address, moves_value ? RVM_WANT_EXISTS : 0, message.target);
    if (found != Trap::none) return found;
    if (moves_value) {
        const bool is_new =
            rvm_account_is_empty(message.target) != 0 && (message.target->flags & RVM_ACCOUNT_PROGRAM) == 0;
        if (!pay(context, prices::value_transfer + (is_new ? prices::new_account : 0))) return Trap::out_of_gas;
        message.stipend = prices::stipend;
    }
    message.code_address = message.target->address;
    message.recipient = request.kind == RVM_CALL_DELEGATE ? frame.frame->self->address : message.code_address;
    message.gas = static_cast<std::int64_t>(
        std::min<std::uint64_t>(request.gas, static_cast<std::uint64_t>(most_for_callee(context))));
    rvm_result result{};
    result.struct_size = sizeof result;
    const Trap trap = enter(context, message, result);
    out = answer_of(result.status);
    return trap;
}

Trap create_program(Context& context, const CreateRequest& request, Answer& out, rvm_address& created) noexcept {
    if (request.code_size > UINT32_MAX || !pay(context, prices::create + request.code_size * prices::init_byte)) {
        return Trap::out_of_gas;
    }
    if (is_static(frame_of(context))) return end(context, RVM_TRAP_STATIC);
    const std::uint8_t* code = place(context, request.code, request.code_size);
    const std::uint8_t* value = place(context, request.value, value_bytes);
    const std::uint8_t* salt_bytes = request.salt == nullptr ? value : place(context, *request.salt, value_bytes);
    if (code == nullptr || value == nullptr || salt_bytes == nullptr) return Trap::memory_bounds;
    rvm_message message{};
    message.struct_size = sizeof message;
    message.kind = RVM_CALL_CREATE; // the recipient stays zero: the format that runs the code computes it
    message.value = rvm_u256_from_bytes(value, value_bytes);
    message.init_code = {code, request.code_size};
    message.format = request.format;
    message.gas = most_for_callee(context);
    rvm_bytes32 salt;
    if (request.salt != nullptr) {
        std::memcpy(salt.bytes, salt_bytes, sizeof salt.bytes);
        message.salt = &salt;
    }
    rvm_result result{};
    result.struct_size = sizeof result;
    const Trap trap = enter(context, message, result);
    out = answer_of(result.status);
    created = result.created;
    return trap;
}

} // namespace rvm::wasm::hosts
