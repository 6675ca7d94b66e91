#include "hosts/rvm_module.hpp"

#include "hosts/world.hpp"

namespace rvm::wasm::hosts {
namespace {

/// Marshalling, then `body`.
template <class Body>
Trap paid(Context& context, Body&& body) noexcept {
    return pay(context, prices::host_call) ? body() : Trap::out_of_gas;
}
/// Reads a 256-bit key or value; false: outside memory.
bool load(const Context& context, Cell address, rvm_u256& out) noexcept {
    const std::uint8_t* bytes = place(context, address, value_bytes);
    if (bytes == nullptr) return false;
    out = rvm_u256_from_bytes(bytes, value_bytes);
    return true;
}
Trap give_word(Context& context, Cell to, const rvm_u256& value, Cell size) noexcept {
    std::uint8_t* bytes = place(context, to, size);
    if (bytes == nullptr) return Trap::memory_bounds;
    rvm_u256_to_bytes(&value, bytes, size);
    return Trap::none;
}
Trap give_bytes(Context& context, Cell to, const std::uint8_t* from, Cell size) noexcept {
    std::uint8_t* bytes = place(context, to, size);
    if (bytes == nullptr) return Trap::memory_bounds;
    std::memcpy(bytes, from, size);
    return Trap::none;
}

// -- input, output, returned data

Trap input_size(Context& context, Cell* window, std::uint64_t) noexcept {
    return paid(context, [&] {
        window[0] = frame_of(context).frame->msg->input.size & UINT32_MAX;
        return Trap::none;
    });
}
Trap input_read(Context& context, Cell* window, std::uint64_t) noexcept { // to, offset, size
    return paid(context, [&] {
        return copy_exactly(context, frame_of(context).frame->msg->input, window[0], window[1], window[2]);
    });
}
Trap output(Context& context, Cell* window, std::uint64_t) noexcept { // from, size
    return paid(context, [&] { return give_output(context, window[0], window[1]); });
}
Trap revert(Context& context, Cell* window, std::uint64_t) noexcept { // from, size
    const Trap trap = output(context, window, 0);
    return trap == Trap::none ? end(context, RVM_TRAP_REVERT) : trap;
}
Trap returned_size(Context& context, Cell* window, std::uint64_t) noexcept {
    return paid(context, [&] {
        window[0] = frame_of(context).frame->returned.size & UINT32_MAX;
        return Trap::none;
    });
}
Trap returned_read(Context& context, Cell* window, std::uint64_t) noexcept { // to, offset, size
    return paid(context, [&] {
        return copy_exactly(context, frame_of(context).frame->returned, window[0], window[1], window[2]);
    });
}

// -- context

Trap caller(Context& context, Cell* window, std::uint64_t) noexcept { // to
    return paid(context, [&] {
        return give_bytes(context, window[0], frame_of(context).frame->msg->sender.bytes, address_bytes);
    });
}
Trap self(Context& context, Cell* window, std::uint64_t) noexcept { // to
    return paid(context, [&] {
        return give_bytes(context, window[0], frame_of(context).frame->self->address.bytes, address_bytes);
    });
}
Trap value(Context& context, Cell* window, std::uint64_t) noexcept { // to
    return paid(context,
                [&] { return give_word(context, window[0], frame_of(context).frame->msg->value, value_bytes); });
}
Trap gas_of_frame(Context& context, Cell* window, std::uint64_t) noexcept {
    return paid(context, [&] {
        window[0] = gas_left(context);
        return Trap::none;
    });
}
Trap has_flag(Context& context, Cell* window, std::uint64_t flag) noexcept {
    return paid(context, [&] {
        window[0] = (frame_of(context).frame->flags & flag) != 0 ? 1 : 0;
        return Trap::none;
    });
}

// -- environment

using Word = std::uint32_t EnvironmentWords::*;
constexpr Word environment[] = {
    &EnvironmentWords::number,   &EnvironmentWords::timestamp,  &EnvironmentWords::gas_limit,
    &EnvironmentWords::chain_id, &EnvironmentWords::coinbase,   &EnvironmentWords::origin,
    &EnvironmentWords::base_fee, &EnvironmentWords::prevrandao, &EnvironmentWords::gas_price};
enum : std::uint64_t { number, timestamp, gas_limit, chain_id, coinbase, origin, base_fee, prevrandao, gas_price };

const rvm_u256& environment_word(Context& context, std::uint64_t which) noexcept {
    const FrameContext& frame = frame_of(context);
    return frame.frame->env[frame.host->words.*environment[which]];
}
Trap environment_number(Context& context, Cell* window, std::uint64_t which) noexcept {
    return paid(context, [&] {
        window[0] = environment_word(context, which).limbs[0];
        return Trap::none;
    });
}
Trap environment_address(Context& context, Cell* window, std::uint64_t which) noexcept { // to
    return paid(context,
                [&] { return give_word(context, window[0], environment_word(context, which), address_bytes); });
}
Trap environment_value(Context& context, Cell* window, std::uint64_t which) noexcept { // to
    return paid(context, [&] { return give_word(context, window[0], environment_word(context, which), value_bytes); });
}
Trap block_hash(Context& context, Cell* window, std::uint64_t) noexcept { // number, to
    if (!pay(context, prices::host_call + prices::block_hash)) return Trap::out_of_gas;
    std::uint8_t* to = place(context, window[1], value_bytes);
    if (to == nullptr) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    rvm_bytes32 hash{};
    const rvm_status status = frame.host->state->block_hash(frame.frame, window[0], &hash);
    std::memcpy(to, hash.bytes, sizeof hash.bytes);
    return finished(context, status);
}

// -- state

Trap storage_load(Context& context, Cell* window, std::uint64_t) noexcept { // key, to
    return paid(context, [&] {
        rvm_u256 key, value{};
        if (!load(context, window[0], key)) return Trap::memory_bounds;
        const Trap trap = load_slot(context, key, value);
        return trap == Trap::none ? give_word(context, window[1], value, value_bytes) : trap;
    });
}
Trap storage_store(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    return paid(context, [&] {
        rvm_u256 key, value;
        if (!load(context, window[0], key) || !load(context, window[1], value)) return Trap::memory_bounds;
        return store_slot(context, key, value);
    });
}
Trap transient_load(Context& context, Cell* window, std::uint64_t) noexcept { // key, to
    if (!pay(context, prices::host_call + prices::transient_slot)) return Trap::out_of_gas;
    rvm_u256 key, value{};
    if (!load(context, window[0], key)) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    const rvm_status status = frame.host->state->tload(frame.frame, &key, &value);
    if (status != RVM_OK) return end(context, status);
    return give_word(context, window[1], value, value_bytes);
}
Trap transient_store(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    if (!pay(context, prices::host_call + prices::transient_slot)) return Trap::out_of_gas;
    rvm_u256 key, value;
    if (!load(context, window[0], key) || !load(context, window[1], value)) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    return finished(context, frame.host->state->tstore(frame.frame, &key, &value));
}
Trap log(Context& context, Cell* window, std::uint64_t) noexcept { // data, size, topics, count
    return paid(context, [&] {
        if (window[3] > 4) return end(context, RVM_TRAP_LIMIT);
        const std::uint8_t* data = place(context, window[0], window[1]);
        const std::uint8_t* topics = place(context, window[2], sizeof(rvm_bytes32) * window[3]);
        if (data == nullptr || topics == nullptr) return Trap::memory_bounds;
        return emit(context, {data, window[1]}, topics, window[3]);
    });
}

// -- other accounts

Trap balance(Context& context, Cell* window, std::uint64_t) noexcept { // address, to
    return paid(context, [&] {
        rvm_account* account = nullptr;
        const Trap trap = find_account(context, window[0], RVM_WANT_BALANCE, account);
        return trap == Trap::none ? give_word(context, window[1], account->balance, value_bytes) : trap;
    });
}
Trap code_size(Context& context, Cell* window, std::uint64_t) noexcept { // address
    return paid(context, [&] {
        rvm_account* account = nullptr;
        const Trap trap = find_account(context, window[0], RVM_WANT_CODE_SIZE, account);
        if (trap == Trap::none) window[0] = account->code_size & UINT32_MAX;
        return trap;
    });
}
Trap code_hash(Context& context, Cell* window, std::uint64_t) noexcept { // address, to
    return paid(context, [&] {
        rvm_account* account = nullptr;
        const Trap trap = find_account(context, window[0], RVM_WANT_CODE_HASH | RVM_WANT_EXISTS, account);
        return trap == Trap::none ? give_bytes(context, window[1], code_hash_of(*account).bytes, value_bytes) : trap;
    });
}
Trap code_read(Context& context, Cell* window, std::uint64_t) noexcept { // address, to, offset, size
    return paid(context, [&] { return copy_code(context, window[0], window[2], window[3], window[1], window[0]); });
}

// -- calls

Trap call(Context& context, Cell* window, std::uint64_t) noexcept { // address, value, input, size, gas
    return paid(context, [&] {
        Answer answer{};
        const Trap trap =
            call_program(context, {RVM_CALL_CALL, window[0], window[2], window[3], &window[1], window[4]}, answer);
        window[0] = static_cast<Cell>(answer);
        return trap;
    });
}
Trap call_without_value(Context& context, Cell* window, std::uint64_t kind) noexcept { // address, input, size, gas
    return paid(context, [&] {
        Answer answer{};
        const Trap trap = call_program(
            context, {static_cast<std::uint32_t>(kind), window[0], window[1], window[2], nullptr, window[3]}, answer);
        window[0] = static_cast<Cell>(answer);
        return trap;
    });
}

constexpr Function functions[] = {
    {"input_size", ".i", input_size},
    {"input_read", "iii.", input_read},
    {"output", "ii.", output},
    {"revert", "ii.", revert},
    {"returned_size", ".i", returned_size},
    {"returned_read", "iii.", returned_read},
    {"caller", "i.", caller},
    {"self", "i.", self},
    {"value", "i.", value},
    {"gas_left", ".I", gas_of_frame},
    {"is_static", ".i", has_flag, RVM_FRAME_STATIC},
    {"is_reentrant", ".i", has_flag, RVM_FRAME_REENTRANT},
    {"block_number", ".I", environment_number, number},
    {"block_timestamp", ".I", environment_number, timestamp},
    {"block_gas_limit", ".I", environment_number, gas_limit},
    {"chain_id", ".I", environment_number, chain_id},
    {"block_coinbase", "i.", environment_address, coinbase},
    {"origin", "i.", environment_address, origin},
    {"base_fee", "i.", environment_value, base_fee},
    {"prevrandao", "i.", environment_value, prevrandao},
    {"gas_price", "i.", environment_value, gas_price},
    {"block_hash", "Ii.", block_hash},
    {"storage_load", "ii.", storage_load},
    {"storage_store", "ii.", storage_store},
    {"transient_load", "ii.", transient_load},
    {"transient_store", "ii.", transient_store},
    {"log", "iiii.", log},
    {"balance", "ii.", balance},
    {"code_size", "i.i", code_size},
    {"code_hash", "ii.", code_hash},
    {"code_read", "iiii.i", code_read},
    {"call", "iiiiI.i", call},
    {"static_call", "iiiI.i", call_without_value, RVM_CALL_STATIC},
    {"delegate_call", "iiiI.i", call_without_value, RVM_CALL_DELEGATE},
};

} // namespace

Trap create(Context& context, Cell* window, std::uint64_t format) noexcept { // value, code, size, salt, to
    return paid(context, [&] {
        if (place(context, window[4], address_bytes) == nullptr) return Trap::memory_bounds;
        Answer answer{};
        rvm_address created{};
        const CreateRequest request{window[0], window[1], window[2], &window[3], reinterpret_cast<const char*>(format)};
        const Trap trap = create_program(context, request, answer, created);
        if (trap != Trap::none) return trap;
        window[0] = static_cast<Cell>(answer);
        return give_bytes(context, window[4], created.bytes, address_bytes);
    });
}

std::span<const Function> rvm_functions() noexcept { return functions; }

} // namespace rvm::wasm::hosts
