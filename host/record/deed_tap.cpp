// rvm.host.state/1 and rvm.host.vm/1 with the listener in between: it is told of what an EXTERNAL item does there.
#include <string_view>

#include "record/deed.hpp"
#include "record/listener.hpp"
#include "record/tapped.hpp"

namespace rvm::record {

namespace {

using Kind = Deed::Kind;

thread_local bool item_runs = false;

Tapped<rvm_host_state> host_state;
Tapped<rvm_host_vm> host_vm;

/// `fill` completes the deed; nothing is built while programs run.
template <class Fill>
void tell(rvm_frame* frame, Kind kind, Fill&& fill) noexcept {
    if (!item_runs) return;
    Listener* const listener = Hearing::current();
    if (listener == nullptr) return;
    try {
        Deed deed;
        deed.kind = kind;
        fill(deed);
        listener->deed(*frame, std::move(deed));
    } catch (...) {
        listener->keep(std::current_exception());
    }
}

rvm_status account(rvm_frame* frame, const rvm_address* address, std::uint32_t want, rvm_account** out, std::uint32_t* access) {
    if ((want & RVM_WANT_WARM) != 0)
        tell(frame, Kind::account, [&](Deed& deed) {
            deed.address = *address;
            deed.flags = want;
        });
    return host_state->account(frame, address, want, out, access);
}

rvm_status sload(rvm_frame* frame, const rvm_u256* key, std::uint32_t want, rvm_u256* out, std::uint32_t* access) {
    if ((want & RVM_WANT_PEEK) == 0)
        tell(frame, Kind::sload, [&](Deed& deed) {
            deed.key = *key;
            deed.flags = want;
        });
    return host_state->sload(frame, key, want, out, access);
}

rvm_status sstore(rvm_frame* frame, const rvm_u256* key, const rvm_u256* value, std::uint32_t want, rvm_slot_write* out) {
    if ((want & RVM_WANT_PEEK) == 0)
        tell(frame, Kind::sstore, [&](Deed& deed) {
            deed.key = *key;
            deed.value = *value;
            deed.flags = want;
        });
    return host_state->sstore(frame, key, value, want, out);
}

rvm_status tstore(rvm_frame* frame, const rvm_u256* key, const rvm_u256* value) {
    tell(frame, Kind::tstore, [&](Deed& deed) {
        deed.key = *key;
        deed.value = *value;
    });
    return host_state->tstore(frame, key, value);
}

rvm_status log(rvm_frame* frame, const rvm_bytes32* topics, std::uint32_t topic_count, rvm_view data) {
    tell(frame, Kind::log, [&](Deed& deed) {
        deed.log.address = frame->self->address;
        deed.log.topics.assign(topics, topics + topic_count);
        if (data.size != 0) deed.log.data.assign(data.data, data.data + data.size);
    });
    return host_state->log(frame, topics, topic_count, data);
}

rvm_status touch(rvm_frame* frame, rvm_account* touched, std::uint32_t flags) {
    tell(frame, Kind::touch, [&](Deed& deed) {
        deed.address = touched->address;
        deed.flags = flags;
    });
    return host_state->touch(frame, touched, flags);
}

rvm_status destroy(rvm_frame* frame, rvm_account* heir, std::uint32_t mode, std::uint32_t* first_time) {
    tell(frame, Kind::destroy, [&](Deed& deed) {
        deed.address = heir->address;
        deed.flags = mode;
    });
    return host_state->destroy(frame, heir, mode, first_time);
}

rvm_status call(rvm_frame* frame, const rvm_message* message, rvm_result* result) {
    if (!item_runs) return host_vm->call(frame, message, result);
    tell(frame, Kind::call, [&](Deed& deed) { deed.message = Message(*message); });
    const rvm_status status = [&] {
        const ItemRuns program(false);
        return host_vm->call(frame, message, result);
    }();
    if (Listener* const listener = Hearing::current()) listener->called(*frame);
    return status;
}

rvm_status reserve(rvm_frame* frame, std::int64_t bytes) {
    tell(frame, Kind::reserve, [&](Deed& deed) { deed.bytes = bytes; });
    return host_vm->reserve(frame, bytes);
}

/// A handle of the account, which a deed names by its address.
rvm_status with_account(rvm_frame* frame, const rvm_address& address, rvm_account** out) {
    return host_state->account(frame, &address, 0, out, nullptr);
}

} // namespace

ItemRuns::ItemRuns(bool runs) noexcept : before_(item_runs) { item_runs = runs; }
ItemRuns::~ItemRuns() { item_runs = before_; }
bool ItemRuns::now() noexcept { return item_runs; }

rvm_status repeat(const Deed& deed, rvm_frame* frame) {
    if (!host_state.known() || !host_vm.known()) return RVM_E_UNSUPPORTED; // no item of this deployment can have done it
    frame->gas = wrapping_difference(frame->gas, deed.gas);
    rvm_account* other = nullptr;
    rvm_u256 value{};
    std::uint32_t number = 0;
    rvm_slot_write write{};
    switch (deed.kind) {
    case Kind::account:
        return host_state.ours().account(frame, &deed.address, deed.flags, &other, &number);
    case Kind::sload:
        return host_state.ours().sload(frame, &deed.key, deed.flags, &value, &number);
    case Kind::sstore:
        return host_state.ours().sstore(frame, &deed.key, &deed.value, deed.flags, &write);
    case Kind::tstore:
        return host_state.ours().tstore(frame, &deed.key, &deed.value);
    case Kind::log:
        return host_state.ours().log(frame, deed.log.topics.data(), static_cast<std::uint32_t>(deed.log.topics.size()),
                                {deed.log.data.data(), deed.log.data.size()});
    case Kind::touch:
    case Kind::destroy:
        if (const rvm_status status = with_account(frame, deed.address, &other); status != RVM_OK) return status;
        return deed.kind == Kind::touch ? host_state.ours().touch(frame, other, deed.flags)
                                        : host_state.ours().destroy(frame, other, deed.flags, &number);
    case Kind::call: {
        const rvm_message message = deed.message.view();
        rvm_result result{};
        result.struct_size = sizeof result;
        return host_vm.ours().call(frame, &message, &result);
    }
    case Kind::reserve:
        return host_vm.ours().reserve(frame, deed.bytes);
    }
    return RVM_E_UNSUPPORTED;
}

const void* tap_deeds(const char* id, const void* table) noexcept {
    if (std::string_view(id) == RVM_HOST_STATE)
        return host_state.over(table, [](rvm_host_state& ours) {
            ours.account = account;
            ours.sload = sload;
            ours.sstore = sstore;
            ours.tstore = tstore;
            ours.log = log;
            ours.touch = touch;
            ours.destroy = destroy;
        });
    if (std::string_view(id) == RVM_HOST_VM)
        return host_vm.over(table, [](rvm_host_vm& ours) {
            ours.call = call;
            ours.reserve = reserve;
        });
    return table;
}

} // namespace rvm::record
