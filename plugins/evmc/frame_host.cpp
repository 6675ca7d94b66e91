#include "frame_host.hpp"

#include <algorithm>
#include <cstring>

#include "ethereum.hpp"
#include "status.hpp"
#include "words.hpp"

namespace rvm::evmc {
namespace {

constexpr std::int64_t call_stipend = 2300; // Yellow Paper appendix G, G_callstipend

bool is_ripemd160(const Address& address) noexcept {
    constexpr Address ripemd160{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3}};
    return same(address, ripemd160);
}

} // namespace

bool FrameHost::succeeded(rvm_status status) noexcept {
    if (failure_ != RVM_OK) return false;
    if (status > 0) status = RVM_E_INTERNAL;
    failure_ = status;
    return status == RVM_OK;
}

rvm_account* FrameHost::account(const Address& address, std::uint32_t want, std::uint32_t* access) noexcept {
    if (failure_ != RVM_OK) return nullptr;
    rvm_account* out = nullptr;
    return succeeded(tables_.state->account(&frame_, &address, want, &out, access)) ? out : nullptr;
}

/// EIP-161's mishap: the touch of an empty ripemd160 account survives a revert. False after a failure.
bool FrameHost::keep_touch(const Address& address) noexcept {
    if (!is_ripemd160(address)) return true; // before EIP-161 no end of a transaction asks who was touched
    rvm_account* const target = account(address, RVM_WANT_EXISTS);
    if (target == nullptr) return false;
    const bool empty = (target->flags & RVM_ACCOUNT_EXISTS) != 0 && rvm_account_is_empty(target) != 0;
    return !empty || succeeded(tables_.state->touch(&frame_, target, RVM_TOUCH_STICKY));
}

/// The host lets a frame reach its own slots only; EVMC names the account each time.
bool FrameHost::owns(const Address& address) noexcept {
    return succeeded(same(address, frame_.self->address) ? RVM_OK : RVM_E_INVALID_ARGUMENT);
}

Result FrameHost::call(const Message& asked) noexcept {
    Result answer{StatusCode::internal_error, 0, 0, nullptr, 0, nullptr};
    rvm_message message{};
    message.struct_size = sizeof message;
    message.value = number(asked.value);
    message.gas = asked.gas;
    message.code_address = asked.code_address;
    message.recipient = asked.recipient;
    const bool is_creation = asked.kind == CallKind::create || asked.kind == CallKind::create2;
    switch (asked.kind) {
    case CallKind::call:
        message.kind = (asked.flags & flag_static) != 0 ? RVM_CALL_STATIC : RVM_CALL_CALL;
        break;
    case CallKind::callcode:
        message.kind = RVM_CALL_CALLCODE;
        break;
    case CallKind::delegatecall:
        message.kind = RVM_CALL_DELEGATE;
        break;
    case CallKind::create:
    case CallKind::create2:
        message.kind = RVM_CALL_CREATE;
        message.init_code = {asked.input_data, asked.input_size};
        message.code_address = asked.recipient;
        break;
    }
    if (!is_creation) {
        message.input = {asked.input_data, asked.input_size};
        // The virtual machine has followed a delegation already, or there is none.
        message.flags = RVM_MESSAGE_DELEGATED;
        if ((asked.flags & flag_delegated) != 0) message.flags |= RVM_MESSAGE_NO_PROGRAM;
        const bool has_value = !is_zero(message.value);
        if (has_value && (asked.kind == CallKind::call || asked.kind == CallKind::callcode)) {
            message.stipend = std::min(asked.gas, call_stipend); // part of asked.gas, though the caller has not paid it
            message.gas -= message.stipend;
        }
        if (asked.kind == CallKind::call && !has_value && !keep_touch(asked.recipient)) return answer;
    }
    if (failure_ != RVM_OK) return answer;

    // frame_.gas is what the frame began with less what its calls used: never below what the virtual machine has left.
    rvm_result result{};
    result.struct_size = sizeof result;
    const rvm_status status = tables_.vm->call(&frame_, &message, &result);
    if (status < 0) {
        failure_ = status;
        return answer;
    }
    answer.status_code = to_evmc(status);
    answer.gas_left = result.gas_left;
    answer.gas_refund = result.refund;
    if (!is_creation || status != RVM_OK) { // a creation's code is not return data (EIP-211)
        answer.output_data = result.output.data;
        answer.output_size = result.output.size;
    }
    return answer;
}

/// EVMC's function table; a failed host answers with zeroes.
struct FrameHost::Calls {
    static FrameHost& of(HostContext* context) noexcept { return *reinterpret_cast<FrameHost*>(context); }

    static bool account_exists(HostContext* context, const Address* address) noexcept {
        FrameHost& host = of(context);
        const rvm_account* const account = host.account(*address, RVM_WANT_EXISTS);
        if (account == nullptr || (account->flags & RVM_ACCOUNT_EXISTS) == 0) return false;
        return host.revision_ < Revision::spurious_dragon || rvm_account_is_empty(account) == 0; // EIP-161
    }

    static Bytes32 get_storage(HostContext* context, const Address* address, const Bytes32* key) noexcept {
        FrameHost& host = of(context);
        const rvm_u256 slot = number(*key);
        rvm_u256 value{};
        std::uint32_t access = 0;
        if (!host.owns(*address) || !host.succeeded(host.tables_.state->sload(&host.frame_, &slot, 0, &value, &access)))
            return {};
        return bytes32(value);
    }

    static StorageStatus set_storage(HostContext* context, const Address* address, const Bytes32* key,
                                     const Bytes32* value) noexcept {
        FrameHost& host = of(context);
        const rvm_u256 slot = number(*key);
        const rvm_u256 word = number(*value);
        rvm_slot_write write{};
        if (!host.owns(*address) || !host.succeeded(host.tables_.state->sstore(&host.frame_, &slot, &word, 0, &write)))
            return StorageStatus::assigned;
        return static_cast<StorageStatus>(write.change);
    }

    static Bytes32 get_balance(HostContext* context, const Address* address) noexcept {
        const rvm_account* const account = of(context).account(*address, RVM_WANT_BALANCE);
        return account == nullptr ? Bytes32{} : bytes32(account->balance);
    }

    static std::uint64_t get_nonce(HostContext* context, const Address* address) noexcept {
        const rvm_account* const account = of(context).account(*address, RVM_WANT_NONCE);
        return account == nullptr ? 0 : account->nonce;
    }

    static std::size_t get_code_size(HostContext* context, const Address* address) noexcept {
        const rvm_account* const account = of(context).account(*address, RVM_WANT_CODE_SIZE);
        return account == nullptr ? 0 : account->code_size;
    }

    static Bytes32 get_code_hash(HostContext* context, const Address* address) noexcept {
        const rvm_account* const account = of(context).account(*address, RVM_WANT_CODE_HASH | RVM_WANT_EXISTS);
        if (account == nullptr || rvm_account_is_empty(account) != 0) return {}; // EIP-1052
        return account->code_hash == nullptr ? empty_code_hash() : *account->code_hash;
    }

    static std::size_t copy_code(HostContext* context, const Address* address, std::size_t offset, std::uint8_t* buffer,
                                 std::size_t size) noexcept {
        FrameHost& host = of(context);
        rvm_account* const account = host.account(*address, RVM_WANT_CODE);
        rvm_view code{};
        if (account == nullptr || !host.succeeded(host.tables_.state->code(&host.frame_, account, &code))) return 0;
        if (offset >= code.size) return 0;
        const std::size_t copied = std::min<std::size_t>(size, code.size - offset);
        if (copied != 0) std::memcpy(buffer, code.data + offset, copied);
        return copied;
    }

    static bool selfdestruct(HostContext* context, const Address* address, const Address* beneficiary) noexcept {
        FrameHost& host = of(context);
        rvm_account* const heir = host.owns(*address) ? host.account(*beneficiary, 0) : nullptr;
        if (heir == nullptr) return false;
        if (is_zero(host.frame_.self->balance) && !host.keep_touch(*beneficiary)) return false;
        const std::uint32_t mode =
            host.revision_ >= Revision::cancun ? RVM_DESTROY_IF_NEW_IN_TX : RVM_DESTROY_ALWAYS; // EIP-6780
        std::uint32_t first_time = 0;
        host.succeeded(host.tables_.state->destroy(&host.frame_, heir, mode, &first_time));
        return first_time != 0;
    }

    static Result call(HostContext* context, const Message* message) noexcept { return of(context).call(*message); }

    static TxContext get_tx_context(HostContext* context) noexcept {
        FrameHost& host = of(context);
        TxContext out{};
        try {
            host.succeeded(host.tables_.environment->context(host.frame_, host.revision_, host.blobs_, out));
        } catch (...) {
            host.succeeded(RVM_E_NO_MEMORY);
        }
        return out;
    }

    static Bytes32 get_block_hash(HostContext* context, std::int64_t block) noexcept {
        FrameHost& host = of(context);
        Bytes32 out{};
        if (host.failure_ == RVM_OK && block >= 0)
            host.succeeded(host.tables_.state->block_hash(&host.frame_, static_cast<std::uint64_t>(block), &out));
        return out;
    }

    static void emit_log(HostContext* context, const Address* address, const std::uint8_t* data, std::size_t size,
                         const Bytes32* topics, std::size_t topic_count) noexcept {
        FrameHost& host = of(context);
        if (!host.owns(*address)) return;
        if (topic_count > 4) {
            host.succeeded(RVM_E_INVALID_ARGUMENT);
            return;
        }
        host.succeeded(
            host.tables_.state->log(&host.frame_, topics, static_cast<std::uint32_t>(topic_count), {data, size}));
    }

    static AccessStatus access_account(HostContext* context, const Address* address) noexcept {
        std::uint32_t access = 0;
        of(context).account(*address, RVM_WANT_WARM, &access);
        return (access & RVM_ACCESS_COLD) != 0 ? AccessStatus::cold : AccessStatus::warm;
    }

    static AccessStatus access_storage(HostContext* context, const Address* address, const Bytes32* key) noexcept {
        FrameHost& host = of(context);
        const rvm_u256 slot = number(*key);
        rvm_u256 value{};
        std::uint32_t access = 0;
        if (host.owns(*address)) host.succeeded(host.tables_.state->sload(&host.frame_, &slot, 0, &value, &access));
        return (access & RVM_ACCESS_COLD) != 0 ? AccessStatus::cold : AccessStatus::warm;
    }

    static Bytes32 get_transient_storage(HostContext* context, const Address* address, const Bytes32* key) noexcept {
        FrameHost& host = of(context);
        const rvm_u256 slot = number(*key);
        rvm_u256 value{};
        if (!host.owns(*address) || !host.succeeded(host.tables_.state->tload(&host.frame_, &slot, &value))) return {};
        return bytes32(value);
    }

    static void set_transient_storage(HostContext* context, const Address* address, const Bytes32* key,
                                      const Bytes32* value) noexcept {
        FrameHost& host = of(context);
        const rvm_u256 slot = number(*key);
        const rvm_u256 word = number(*value);
        if (host.owns(*address)) host.succeeded(host.tables_.state->tstore(&host.frame_, &slot, &word));
    }
};

const HostInterface& FrameHost::functions() noexcept {
    static constexpr HostInterface table{
        Calls::account_exists,
        Calls::get_storage,
        Calls::set_storage,
        Calls::get_balance,
        Calls::get_nonce,
        Calls::get_code_size,
        Calls::get_code_hash,
        Calls::copy_code,
        Calls::selfdestruct,
        Calls::call,
        Calls::get_tx_context,
        Calls::get_block_hash,
        Calls::emit_log,
        Calls::access_account,
        Calls::access_storage,
        Calls::get_transient_storage,
        Calls::set_transient_storage,
    };
    return table;
}

} // namespace rvm::evmc
