#include "vm/client_frame.hpp"

#include <algorithm>

#include "ethereum.hpp"
#include "status.hpp"
#include "words.hpp"

namespace rvm::evmc {
namespace {

constexpr std::uint32_t depth_limit = 1024;                       // Yellow Paper section 9.4.2
constexpr std::uint64_t last_nonce = UINT64_MAX;                  // EIP-2681
constexpr std::size_t delegation_bytes = 3 + sizeof(rvm_address); // EIP-7702

ClientFrame& of(rvm_frame* frame) noexcept { return static_cast<ClientFrame&>(*frame); }

/// Reads everything of an account that the handle shows.
void read_account(ClientFrame& frame, const rvm_address& address, std::uint32_t want,
                  ClientFrame::Handle& handle) noexcept {
    const HostInterface& host = *frame.host;
    rvm_account& account = handle.account;
    account = {};
    account.address = address;
    account.balance = number(host.get_balance(frame.client, &address));
    account.nonce = host.get_nonce(frame.client, &address);
    if (host.account_exists(frame.client, &address)) account.flags |= RVM_ACCOUNT_EXISTS;
    handle.code_hash = host.get_code_hash(frame.client, &address);
    const bool has_code = !is_zero(number(handle.code_hash)) &&
                          std::memcmp(handle.code_hash.bytes, empty_code_hash().bytes, sizeof(rvm_bytes32)) != 0;
    if (!has_code) return;
    account.code_hash = &handle.code_hash;
    if ((want & (RVM_WANT_CODE | RVM_WANT_CODE_SIZE)) == 0) return;
    account.code_size = host.get_code_size(frame.client, &address);
    if (account.code_size != delegation_bytes) return;
    std::uint8_t indicator[delegation_bytes] = {};
    const std::size_t copied = host.copy_code(frame.client, &address, 0, indicator, sizeof indicator);
    if (delegate_of({indicator, copied}, handle.delegate)) account.delegate = &handle.delegate;
}

rvm_status light_failure(ClientFrame& frame, const rvm_message& asked, rvm_result& result, rvm_status status) noexcept {
    result.gas_left = asked.gas + asked.stipend;
    frame.gas += asked.stipend;
    return result.status = status;
}

/// What a creation changes before the client sees it: its address, and that this is warm (EIP-2929).
void prepare_creation(ClientFrame& frame, const rvm_message& asked, Message& message) noexcept {
    message.kind = asked.salt != nullptr ? CallKind::create2 : CallKind::create;
    message.recipient = asked.recipient;
    if (same(message.recipient, {}))
        create_address(frame.own.address, frame.own.nonce, asked.salt, asked.init_code, message.recipient);
    message.input_data = asked.init_code.data;
    message.input_size = asked.init_code.size;
    if (frame.revision >= Revision::berlin)
        static_cast<void>(frame.host->access_account(frame.client, &message.recipient));
}

rvm_status vm_call(rvm_frame* caller, const rvm_message* asked, rvm_result* result) noexcept {
    ClientFrame& frame = of(caller);
    const std::uint32_t size = result->struct_size;
    *result = {};
    result->struct_size = size;
    frame.forget_nested();

    // EVMC wants these judged before the client is asked.
    const bool is_creation = asked->kind == RVM_CALL_CREATE;
    const bool moves_value = asked->kind == RVM_CALL_CALL || asked->kind == RVM_CALL_CALLCODE || is_creation;
    if (frame.depth >= depth_limit) return light_failure(frame, *asked, *result, RVM_TRAP_DEPTH);
    frame.refresh();
    const auto less = [](const rvm_u256& a, const rvm_u256& b) {
        return std::lexicographical_compare(std::rbegin(a.limbs), std::rend(a.limbs), std::rbegin(b.limbs),
                                            std::rend(b.limbs));
    };
    if (moves_value && less(frame.own.balance, asked->value))
        return light_failure(frame, *asked, *result, RVM_TRAP_BALANCE);
    if (is_creation && frame.own.nonce == last_nonce) return light_failure(frame, *asked, *result, RVM_TRAP_NONCE);

    Message message{};
    message.depth = static_cast<std::int32_t>(frame.depth + 1);
    message.gas = asked->gas + asked->stipend;
    message.sender = frame.own.address;
    message.value = bytes32(asked->value);
    const bool is_static = (frame.flags & RVM_FRAME_STATIC) != 0 || asked->kind == RVM_CALL_STATIC;
    if (is_static) message.flags |= flag_static;
    if (is_creation) {
        prepare_creation(frame, *asked, message);
    } else {
        const bool elsewhere = asked->kind == RVM_CALL_CALL || asked->kind == RVM_CALL_STATIC;
        message.kind = elsewhere                          ? CallKind::call
                       : asked->kind == RVM_CALL_CALLCODE ? CallKind::callcode
                                                          : CallKind::delegatecall;
        message.recipient = elsewhere ? asked->recipient : frame.own.address;
        message.code_address = asked->code_address;
        message.input_data = asked->input.data;
        message.input_size = asked->input.size;
        if (asked->kind == RVM_CALL_STATIC) message.value = {};
        if (asked->kind == RVM_CALL_DELEGATE) {
            message.sender = frame.message.sender;
            message.value = bytes32(frame.message.value);
        }
        // The format follows delegations itself and then asks that no program at the target's address runs.
        if ((asked->flags & RVM_MESSAGE_NO_PROGRAM) != 0) message.flags |= flag_delegated;
    }

    frame.gas -= asked->gas;
    frame.nested = frame.host->call(frame.client, &message);
    const Result& ended = frame.nested;
    const rvm_status status = to_rvm(ended.status_code);
    if (status < 0) return result->status = status;
    frame.refresh();
    result->status = status;
    result->gas_left = ended.gas_left;
    result->refund = status == RVM_OK ? ended.gas_refund : 0;
    result->output = {ended.output_data, ended.output_size};
    frame.gas += result->gas_left;
    frame.refund += result->refund;
    const bool created = is_creation && status == RVM_OK;
    if (created) result->created = message.recipient;
    if (!created) frame.returned = result->output;
    return status;
}

rvm_status vm_output(rvm_frame*, std::uint64_t, rvm_span*) noexcept { return RVM_E_UNSUPPORTED; }
rvm_status vm_reserve(rvm_frame*, std::int64_t) noexcept { return RVM_OK; } // EVMC knows no memory budget
std::uint64_t vm_price(const rvm_gas_schedule*, const void*, rvm_view) noexcept { return UINT64_MAX; }
std::uint32_t vm_cancelled(rvm_frame*) noexcept { return 0; }

rvm_status state_account(rvm_frame* caller, const rvm_address* address, std::uint32_t want, rvm_account** out,
                         std::uint32_t* access) noexcept {
    ClientFrame& frame = of(caller);
    std::uint32_t found = 0;
    if ((want & RVM_WANT_WARM) != 0 && frame.revision >= Revision::berlin &&
        frame.host->access_account(frame.client, address) == AccessStatus::cold)
        found = RVM_ACCESS_COLD;
    if (access != nullptr) *access = found;
    ClientFrame::Handle& handle = frame.handles[frame.next_handle++ % frame.handles.size()];
    read_account(frame, *address, want, handle);
    *out = &handle.account;
    return RVM_OK;
}

rvm_status state_code(rvm_frame* caller, rvm_account* account, rvm_view* out) noexcept {
    ClientFrame& frame = of(caller);
    try {
        frame.code_bytes.resize(frame.host->get_code_size(frame.client, &account->address));
    } catch (...) {
        return RVM_E_NO_MEMORY;
    }
    const std::size_t size =
        frame.host->copy_code(frame.client, &account->address, 0, frame.code_bytes.data(), frame.code_bytes.size());
    *out = {frame.code_bytes.data(), size};
    return RVM_OK;
}

rvm_status state_note_read(rvm_frame*, rvm_account*, std::uint32_t) noexcept { return RVM_OK; }

/// Warms a slot of the frame's account; RVM_ACCESS_*.
std::uint32_t access_slot(ClientFrame& frame, const rvm_bytes32& key) noexcept {
    if (frame.revision < Revision::berlin) return 0;
    const AccessStatus status = frame.host->access_storage(frame.client, &frame.own.address, &key);
    return status == AccessStatus::cold ? RVM_ACCESS_COLD : 0;
}

rvm_status state_sload(rvm_frame* caller, const rvm_u256* key, std::uint32_t want, rvm_u256* out,
                       std::uint32_t* access) noexcept {
    if ((want & RVM_WANT_PEEK) != 0) return RVM_E_UNSUPPORTED; // only traced frames peek
    ClientFrame& frame = of(caller);
    const rvm_bytes32 slot = bytes32(*key);
    *access = access_slot(frame, slot);
    *out = number(frame.host->get_storage(frame.client, &frame.own.address, &slot));
    return RVM_OK;
}

/// `original` stays zero: EVMC does not tell it, and the format prices a write by its outcome alone.
rvm_status state_sstore(rvm_frame* caller, const rvm_u256* key, const rvm_u256* value, std::uint32_t want,
                        rvm_slot_write* out) noexcept {
    if ((want & RVM_WANT_PEEK) != 0) return RVM_E_UNSUPPORTED;
    ClientFrame& frame = of(caller);
    if ((frame.flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
    const rvm_bytes32 slot = bytes32(*key);
    const rvm_bytes32 word = bytes32(*value);
    *out = {};
    out->access = access_slot(frame, slot);
    out->change = static_cast<std::uint32_t>(frame.host->set_storage(frame.client, &frame.own.address, &slot, &word));
    return out->change <= RVM_SLOT_MODIFIED_RESTORED ? RVM_OK : RVM_E_INTERNAL;
}

rvm_status state_tload(rvm_frame* caller, const rvm_u256* key, rvm_u256* out) noexcept {
    ClientFrame& frame = of(caller);
    const rvm_bytes32 slot = bytes32(*key);
    *out = number(frame.host->get_transient_storage(frame.client, &frame.own.address, &slot));
    return RVM_OK;
}

rvm_status state_tstore(rvm_frame* caller, const rvm_u256* key, const rvm_u256* value) noexcept {
    ClientFrame& frame = of(caller);
    if ((frame.flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
    const rvm_bytes32 slot = bytes32(*key);
    const rvm_bytes32 word = bytes32(*value);
    frame.host->set_transient_storage(frame.client, &frame.own.address, &slot, &word);
    return RVM_OK;
}

rvm_status state_log(rvm_frame* caller, const rvm_bytes32* topics, std::uint32_t topic_count, rvm_view data) noexcept {
    ClientFrame& frame = of(caller);
    if ((frame.flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
    frame.host->emit_log(frame.client, &frame.own.address, data.data, data.size, topics, topic_count);
    return RVM_OK;
}

/// The client touches what is called and what inherits.
rvm_status state_touch(rvm_frame*, rvm_account*, std::uint32_t) noexcept { return RVM_OK; }

/// The client knows which revision runs: `mode` says nothing new.
rvm_status state_destroy(rvm_frame* caller, rvm_account* heir, std::uint32_t, std::uint32_t* first_time) noexcept {
    ClientFrame& frame = of(caller);
    if ((frame.flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
    const bool first = frame.host->selfdestruct(frame.client, &frame.own.address, &heir->address);
    if (first_time != nullptr) *first_time = first ? 1 : 0;
    return RVM_OK;
}

rvm_status state_block_hash(rvm_frame* caller, std::uint64_t block, rvm_bytes32* out) noexcept {
    ClientFrame& frame = of(caller);
    *out =
        block > INT64_MAX ? rvm_bytes32{} : frame.host->get_block_hash(frame.client, static_cast<std::int64_t>(block));
    return RVM_OK;
}

} // namespace

void ClientFrame::refresh() noexcept {
    own.balance = number(host->get_balance(client, &own.address));
    own.nonce = host->get_nonce(client, &own.address);
}

const rvm_host_vm& client_vm_table() noexcept {
    static constexpr rvm_host_vm table{sizeof(rvm_host_vm), 0, vm_call, vm_output, vm_reserve, vm_price, vm_cancelled};
    return table;
}

const rvm_host_state& client_state_table() noexcept {
    static constexpr rvm_host_state table{sizeof(rvm_host_state), 0,           state_account, state_code,
                                          state_note_read,        state_sload, state_sstore,  state_tload,
                                          state_tstore,           state_log,   state_touch,   state_destroy,
                                          state_block_hash};
    return table;
}

} // namespace rvm::evmc
