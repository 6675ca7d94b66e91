#include "hosts/vm_hooks.hpp"

#include <new>

#include "hosts/vm_hooks_math.hpp"
#include "hosts/world.hpp"
#include "keccak/keccak.hpp"

namespace rvm::wasm::hosts {
namespace {

constexpr std::uint8_t wasm_magic[] = {0, 'a', 's', 'm'};
constexpr std::uint64_t ink_price = costs::units_per_gas; ///< ink is the unit that instructions are priced in

bool load(const Context& context, Cell address, rvm_u256& out) noexcept {
    const std::uint8_t* bytes = place(context, address, value_bytes);
    if (bytes == nullptr) return false;
    out = rvm_u256_from_bytes(bytes, value_bytes);
    return true;
}
StorageCache::Key key_of(const rvm_u256& value) noexcept {
    return {value.limbs[0], value.limbs[1], value.limbs[2], value.limbs[3]};
}
rvm_u256 word_of(const StorageCache::Key& key) noexcept { return {{key[0], key[1], key[2], key[3]}}; }

bool paid(Context& context, std::uint64_t more = 0) noexcept { return pay(context, prices::host_call + more); }

Trap put_word(Context& context, Cell to, const rvm_u256& value, Cell size) noexcept {
    std::uint8_t* bytes = place(context, to, size);
    if (bytes == nullptr) return Trap::memory_bounds;
    rvm_u256_to_bytes(&value, bytes, size);
    return Trap::none;
}
Trap put_bytes(Context& context, Cell to, const std::uint8_t* from, Cell size) noexcept {
    std::uint8_t* bytes = place(context, to, size);
    if (bytes == nullptr) return Trap::memory_bounds;
    std::memcpy(bytes, from, size);
    return Trap::none;
}
/// A length that programs keep in a u32.
Trap put_length(Context& context, Cell to, std::uint64_t length) noexcept {
    std::uint8_t* bytes = place(context, to, 4);
    if (bytes == nullptr) return Trap::memory_bounds;
    for (unsigned i = 0; i < 4; ++i)
        bytes[i] = static_cast<std::uint8_t>(length >> 8 * i);
    return Trap::none;
}

// -- arguments, result

Trap read_args(Context& context, Cell* window, std::uint64_t) noexcept { // to
    if (!paid(context)) return Trap::out_of_gas;
    const rvm_view input = frame_of(context).frame->msg->input;
    return copy_exactly(context, input, window[0], 0, input.size);
}
Trap write_result(Context& context, Cell* window, std::uint64_t) noexcept { // from, size
    return paid(context) ? give_output(context, window[0], window[1]) : Trap::out_of_gas;
}
Trap exit_early(Context& context, Cell* window, std::uint64_t) noexcept { // status
    if (!paid(context)) return Trap::out_of_gas;
    return end(context, window[0] == 0 ? RVM_OK : RVM_TRAP_REVERT);
}

// -- storage

/// What the cache knows of a key; null when it knows nothing, or there is no cache.
StorageCache::Entry* cached(const FrameContext& frame, const rvm_u256& key) noexcept {
    return frame.cache == nullptr ? nullptr : frame.cache->find(key_of(key));
}
/// The cache's entry of a key, made when it is missing.
Trap entry_of(Context& context, const rvm_u256& key, StorageCache::Entry*& out) noexcept {
    FrameContext& frame = frame_of(context);
    out = frame.cache->find(key_of(key));
    if (out != nullptr) return Trap::none;
    const rvm_status status = frame.host->vm->reserve(frame.frame, StorageCache::entry_bytes);
    if (status != RVM_OK) return end(context, status);
    try {
        out = &frame.cache->add(key_of(key));
    } catch (const std::bad_alloc&) {
        return end(context, RVM_E_NO_MEMORY);
    }
    return Trap::none;
}

Trap storage_load_bytes32(Context& context, Cell* window, std::uint64_t) noexcept { // key, to
    const FrameContext& frame = frame_of(context);
    if (!paid(context, frame.cache == nullptr ? 0 : prices::cached_slot)) return Trap::out_of_gas;
    rvm_u256 key;
    if (!load(context, window[0], key)) return Trap::memory_bounds;
    StorageCache::Entry* entry = cached(frame, key);
    if (entry != nullptr) return put_word(context, window[1], word_of(entry->value), value_bytes);
    rvm_u256 value{};
    Trap trap = load_slot(context, key, value);
    if (trap != Trap::none) return trap;
    if (frame.cache == nullptr) return put_word(context, window[1], value, value_bytes);
    trap = entry_of(context, key, entry);
    if (trap != Trap::none) return trap;
    entry->value = entry->known = key_of(value);
    entry->is_known = true;
    return put_word(context, window[1], value, value_bytes);
}
Trap storage_cache_bytes32(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    if (!paid(context, prices::cached_slot)) return Trap::out_of_gas;
    rvm_u256 key, value;
    if (!load(context, window[0], key) || !load(context, window[1], value)) return Trap::memory_bounds;
    StorageCache::Entry* entry = nullptr;
    const Trap trap = entry_of(context, key, entry);
    if (trap == Trap::none) entry->value = key_of(value);
    return trap;
}
Trap storage_flush_cache(Context& context, Cell* window, std::uint64_t) noexcept { // clear
    if (!paid(context)) return Trap::out_of_gas;
    StorageCache& cache = *frame_of(context).cache;
    for (auto& [key, entry] : cache) {
        if (!entry.dirty()) continue;
        const Trap trap = store_slot(context, word_of(key), word_of(entry.value));
        if (trap != Trap::none) return trap;
        entry.known = entry.value;
        entry.is_known = true;
    }
    if (window[0] != 0) cache.clear();
    return Trap::none;
}
/// The SDK for C: written at once.
Trap storage_store_bytes32(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    if (!paid(context)) return Trap::out_of_gas;
    rvm_u256 key, value;
    if (!load(context, window[0], key) || !load(context, window[1], value)) return Trap::memory_bounds;
    const Trap trap = store_slot(context, key, value);
    if (trap != Trap::none) return trap;
    if (StorageCache::Entry* entry = cached(frame_of(context), key); entry != nullptr) {
        entry->value = entry->known = key_of(value);
        entry->is_known = true;
    }
    return Trap::none;
}
Trap transient_load_bytes32(Context& context, Cell* window, std::uint64_t) noexcept { // key, to
    if (!paid(context, prices::transient_slot)) return Trap::out_of_gas;
    rvm_u256 key, value{};
    if (!load(context, window[0], key)) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    const rvm_status status = frame.host->state->tload(frame.frame, &key, &value);
    if (status != RVM_OK) return end(context, status);
    return put_word(context, window[1], value, value_bytes);
}
Trap transient_store_bytes32(Context& context, Cell* window, std::uint64_t) noexcept { // key, value
    if (!paid(context, prices::transient_slot)) return Trap::out_of_gas;
    rvm_u256 key, value;
    if (!load(context, window[0], key) || !load(context, window[1], value)) return Trap::memory_bounds;
    FrameContext& frame = frame_of(context);
    return finished(context, frame.host->state->tstore(frame.frame, &key, &value));
}

// -- calls, creations

Trap called(Context& context, Cell* window, const CallRequest& request, Cell length_at) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    if (place(context, length_at, 4) == nullptr) return Trap::memory_bounds;
    Answer answer{};
    const Trap trap = call_program(context, request, answer);
    if (trap != Trap::none) return trap;
    window[0] = static_cast<Cell>(answer);
    return put_length(context, length_at, frame_of(context).frame->returned.size);
}
Trap call_contract(Context& context, Cell* window, std::uint64_t) noexcept { // address, data, size, value, gas, length
    const Cell value = window[3];
    return called(context, window, {RVM_CALL_CALL, window[0], window[1], window[2], &value, window[4]}, window[5]);
}
Trap call_kind(Context& context, Cell* window, std::uint64_t kind) noexcept { // address, data, size, gas, length
    return called(context, window,
                  {static_cast<std::uint32_t>(kind), window[0], window[1], window[2], nullptr, window[3]}, window[4]);
}

Trap created(Context& context, const Cell* window, const Cell* salt, Cell address_at, Cell length_at) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    if (place(context, address_at, address_bytes) == nullptr || place(context, length_at, 4) == nullptr) {
        return Trap::memory_bounds;
    }
    const std::uint8_t* code = place(context, window[0], window[1]);
    if (code == nullptr) return Trap::memory_bounds;
    const bool is_wasm = window[1] >= sizeof wasm_magic && std::memcmp(code, wasm_magic, sizeof wasm_magic) == 0;
    Answer answer{};
    rvm_address address{};
    const Trap trap =
        create_program(context, {window[2], window[0], window[1], salt, is_wasm ? "wasm" : "evm"}, answer, address);
    if (trap != Trap::none) return trap;
    static_cast<void>(put_bytes(context, address_at, address.bytes, address_bytes));
    return put_length(context, length_at, frame_of(context).frame->returned.size);
}
Trap create1(Context& context, Cell* window, std::uint64_t) noexcept { // code, size, endowment, address, length
    return created(context, window, nullptr, window[3], window[4]);
}
Trap create2(Context& context, Cell* window, std::uint64_t) noexcept { // code, size, endowment, salt, address, length
    return created(context, window, &window[3], window[4], window[5]);
}

Trap read_return_data(Context& context, Cell* window, std::uint64_t) noexcept { // to, offset, size
    if (!paid(context)) return Trap::out_of_gas;
    const rvm_view returned = frame_of(context).frame->returned;
    const Cell there = window[1] < returned.size ? std::min<Cell>(window[2], returned.size - window[1]) : 0;
    const Trap trap = there == 0 ? Trap::none : copy_exactly(context, returned, window[0], window[1], there);
    window[0] = there;
    return trap;
}
Trap return_data_size(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = frame_of(context).frame->returned.size & UINT32_MAX;
    return Trap::none;
}

Trap emit_log(Context& context, Cell* window, std::uint64_t) noexcept { // topics and data, size, topic count
    if (!paid(context)) return Trap::out_of_gas;
    const Cell topics = window[2] * sizeof(rvm_bytes32);
    if (window[2] > 4 || window[1] < topics) return end(context, RVM_TRAP_LIMIT);
    const std::uint8_t* bytes = place(context, window[0], window[1]);
    if (bytes == nullptr) return Trap::memory_bounds;
    return emit(context, {bytes + topics, window[1] - topics}, bytes, window[2]);
}

// -- accounts

Trap account_balance(Context& context, Cell* window, std::uint64_t) noexcept { // address, to
    if (!paid(context)) return Trap::out_of_gas;
    rvm_account* account = nullptr;
    const Trap trap = find_account(context, window[0], RVM_WANT_BALANCE, account);
    return trap == Trap::none ? put_word(context, window[1], account->balance, value_bytes) : trap;
}
Trap account_code(Context& context, Cell* window, std::uint64_t) noexcept { // address, offset, size, to
    if (!paid(context)) return Trap::out_of_gas;
    return copy_code(context, window[0], window[1], window[2], window[3], window[0]);
}
Trap account_code_size(Context& context, Cell* window, std::uint64_t) noexcept { // address
    if (!paid(context)) return Trap::out_of_gas;
    rvm_account* account = nullptr;
    const Trap trap = find_account(context, window[0], RVM_WANT_CODE_SIZE, account);
    if (trap == Trap::none) window[0] = account->code_size & UINT32_MAX;
    return trap;
}
Trap account_codehash(Context& context, Cell* window, std::uint64_t) noexcept { // address, to
    if (!paid(context)) return Trap::out_of_gas;
    rvm_account* account = nullptr;
    const Trap trap = find_account(context, window[0], RVM_WANT_CODE_HASH | RVM_WANT_EXISTS, account);
    return trap == Trap::none ? put_bytes(context, window[1], code_hash_of(*account).bytes, value_bytes) : trap;
}

// -- environment

const rvm_u256& environment(Context& context, std::uint32_t EnvironmentWords::*word) noexcept {
    const FrameContext& frame = frame_of(context);
    return frame.frame->env[frame.host->words.*word];
}
template <std::uint32_t EnvironmentWords::*Word>
Trap number(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = environment(context, Word).limbs[0];
    return Trap::none;
}
template <std::uint32_t EnvironmentWords::*Word>
Trap bytes(Context& context, Cell* window, std::uint64_t size) noexcept { // to
    return paid(context) ? put_word(context, window[0], environment(context, Word), size) : Trap::out_of_gas;
}
Trap contract_address(Context& context, Cell* window, std::uint64_t) noexcept { // to
    if (!paid(context)) return Trap::out_of_gas;
    return put_bytes(context, window[0], frame_of(context).frame->self->address.bytes, address_bytes);
}
Trap msg_sender(Context& context, Cell* window, std::uint64_t) noexcept { // to
    if (!paid(context)) return Trap::out_of_gas;
    return put_bytes(context, window[0], frame_of(context).frame->msg->sender.bytes, address_bytes);
}
Trap msg_value(Context& context, Cell* window, std::uint64_t) noexcept { // to
    return paid(context) ? put_word(context, window[0], frame_of(context).frame->msg->value, value_bytes)
                         : Trap::out_of_gas;
}
Trap msg_reentrant(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = (frame_of(context).frame->flags & RVM_FRAME_REENTRANT) != 0 ? 1 : 0;
    return Trap::none;
}

// -- gas, memory, hash

Trap evm_gas_left(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = gas_left(context);
    return Trap::none;
}
Trap evm_ink_left(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = static_cast<Cell>(context.gas_left());
    return Trap::none;
}
Trap tx_ink_price(Context& context, Cell* window, std::uint64_t) noexcept {
    if (!paid(context)) return Trap::out_of_gas;
    window[0] = ink_price;
    return Trap::none;
}
/// memory.grow pays for itself: what is paid here is paid for nothing, as Stylus says of voluntary calls.
Trap pay_for_memory_grow(Context& context, Cell* window, std::uint64_t) noexcept { // pages
    const Cell pages = window[0] & UINT16_MAX;
    return paid(context) && context.charge(pages * costs::per_page) ? Trap::none : Trap::out_of_gas;
}
Trap native_keccak256(Context& context, Cell* window, std::uint64_t) noexcept { // from, size, to
    if (!paid(context, prices::keccak + words(window[1]) * prices::keccak_word)) return Trap::out_of_gas;
    const std::uint8_t* from = place(context, window[0], window[1]);
    std::uint8_t* to = place(context, window[2], value_bytes);
    if (from == nullptr || to == nullptr) return Trap::memory_bounds;
    keccak::keccak256({from, window[1]}, to);
    return Trap::none;
}

using W = EnvironmentWords;
constexpr Function functions[] = {
    {"read_args", "i.", read_args},
    {"write_result", "ii.", write_result},
    {"exit_early", "i.", exit_early},
    {"storage_load_bytes32", "ii.", storage_load_bytes32},
    {"storage_cache_bytes32", "ii.", storage_cache_bytes32},
    {"storage_flush_cache", "i.", storage_flush_cache},
    {"transient_load_bytes32", "ii.", transient_load_bytes32},
    {"transient_store_bytes32", "ii.", transient_store_bytes32},
    {"call_contract", "iiiiIi.i", call_contract},
    {"delegate_call_contract", "iiiIi.i", call_kind, RVM_CALL_DELEGATE},
    {"static_call_contract", "iiiIi.i", call_kind, RVM_CALL_STATIC},
    {"create1", "iiiii.", create1},
    {"create2", "iiiiii.", create2},
    {"read_return_data", "iii.i", read_return_data},
    {"return_data_size", ".i", return_data_size},
    {"emit_log", "iii.", emit_log},
    {"account_balance", "ii.", account_balance},
    {"account_code", "iiii.i", account_code},
    {"account_code_size", "i.i", account_code_size},
    {"account_codehash", "ii.", account_codehash},
    {"evm_gas_left", ".I", evm_gas_left},
    {"evm_ink_left", ".I", evm_ink_left},
    {"block_basefee", "i.", bytes<&W::base_fee>, value_bytes},
    {"block_coinbase", "i.", bytes<&W::coinbase>, address_bytes},
    {"block_gas_limit", ".I", number<&W::gas_limit>},
    {"block_number", ".I", number<&W::number>},
    {"block_timestamp", ".I", number<&W::timestamp>},
    {"chainid", ".I", number<&W::chain_id>},
    {"contract_address", "i.", contract_address},
    {"math_div", "ii.", math_div},
    {"math_mod", "ii.", math_mod},
    {"math_pow", "ii.", math_pow},
    {"math_add_mod", "iii.", math_add_mod},
    {"math_mul_mod", "iii.", math_mul_mod},
    {"msg_reentrant", ".i", msg_reentrant},
    {"msg_sender", "i.", msg_sender},
    {"msg_value", "i.", msg_value},
    {"tx_gas_price", "i.", bytes<&W::gas_price>, value_bytes},
    {"tx_ink_price", ".i", tx_ink_price},
    {"tx_origin", "i.", bytes<&W::origin>, address_bytes},
    {"pay_for_memory_grow", "i.", pay_for_memory_grow},
    {"native_keccak256", "iii.", native_keccak256},
    // As the SDK for C names them.
    {"memory_grow", "i.", pay_for_memory_grow},
    {"storage_store_bytes32", "ii.", storage_store_bytes32},
    {"tx_ink_price", ".I", tx_ink_price},
};

} // namespace

std::span<const Function> vm_hooks_functions() noexcept { return functions; }

} // namespace rvm::wasm::hosts
