// The host interfaces that frames use: rvm.host.vm/1, rvm.host.state/1, rvm.host.trace/1.
#include "runtime/execution.hpp"
#include "runtime/guarded.hpp"

namespace rvm::runtime {
namespace {

state::Account& self_of(Frame& frame) { return state::entry(frame.self); }
state::WorldState& state_of(Frame& frame) { return frame.execution->state(); }
bool is_static(const Frame& frame) { return (frame.flags & RVM_FRAME_STATIC) != 0; }

// ---- rvm.host.vm/1 ----

rvm_status vm_output(rvm_frame* frame, std::uint64_t size, rvm_span* out) noexcept {
    return in_frame(frame, [&](Frame& f) { return f.execution->output(f, size, *out); });
}

rvm_status vm_reserve(rvm_frame* frame, std::int64_t bytes) noexcept {
    return in_frame(frame, [&](Frame& f) { return f.execution->reserve(f, bytes); });
}

std::uint64_t vm_price(const rvm_gas_schedule* gas, const void* self, rvm_view input) noexcept {
    std::uint64_t price = gas->base;
    if (gas->unit_bytes != 0) {
        const std::uint64_t units = input.size / gas->unit_bytes + (input.size % gas->unit_bytes != 0 ? 1 : 0);
        std::uint64_t variable = 0;
        if (__builtin_mul_overflow(units, gas->per_unit, &variable) || __builtin_add_overflow(price, variable, &price))
            return UINT64_MAX;
    }
    if (gas->custom != nullptr && __builtin_add_overflow(price, gas->custom(self, input), &price)) return UINT64_MAX;
    return price;
}

std::uint32_t vm_cancelled(rvm_frame* frame) noexcept {
    if ((frame->flags & RVM_FRAME_GUARD) != 0) return 0;
    return static_cast<Frame*>(frame)->execution->cancelled() ? 1 : 0;
}

// ---- rvm.host.state/1 ----

rvm_status state_account(rvm_frame* frame, const rvm_address* address, std::uint32_t want, rvm_account** out,
                         std::uint32_t* access) noexcept {
    return in_frame(frame, [&](Frame& f) {
        state::Account* account = nullptr;
        const rvm_status status = f.execution->account(*address, want, account, access);
        *out = account == nullptr ? nullptr : &account->visible;
        return status;
    });
}

rvm_status state_code(rvm_frame* frame, rvm_account* account, rvm_view* out) noexcept {
    return in_frame(frame, [&](Frame& f) {
        const state::CodeObject* code = nullptr;
        const rvm_status status = state_of(f).code(state::entry(account), &code);
        *out = code == nullptr ? rvm_view{} : code->bytes();
        return status;
    });
}

rvm_status state_note_read(rvm_frame* frame, rvm_account* account, std::uint32_t want) noexcept {
    return in_frame(frame, [&](Frame& f) {
        state_of(f).note_read(state::entry(account), want);
        return RVM_OK;
    });
}

rvm_status state_sload(rvm_frame* frame, const rvm_u256* key, std::uint32_t want, rvm_u256* out,
                       std::uint32_t* access) noexcept {
    return in_frame(frame, [&](Frame& f) { return state_of(f).sload(self_of(f), *key, want, out, access); });
}

rvm_status state_sstore(rvm_frame* frame, const rvm_u256* key, const rvm_u256* value, std::uint32_t want,
                        rvm_slot_write* out) noexcept {
    return in_frame(frame, [&](Frame& f) {
        if (is_static(f) && (want & RVM_WANT_PEEK) == 0) return RVM_TRAP_STATIC;
        return state_of(f).sstore(self_of(f), *key, *value, want, out);
    });
}

rvm_status state_tload(rvm_frame* frame, const rvm_u256* key, rvm_u256* out) noexcept {
    return in_frame(frame, [&](Frame& f) {
        state_of(f).tload(self_of(f), *key, out);
        return RVM_OK;
    });
}

rvm_status state_tstore(rvm_frame* frame, const rvm_u256* key, const rvm_u256* value) noexcept {
    return in_frame(
        frame, [&](Frame& f) { return is_static(f) ? RVM_TRAP_STATIC : state_of(f).tstore(self_of(f), *key, *value); });
}

rvm_status state_log(rvm_frame* frame, const rvm_bytes32* topics, std::uint32_t count, rvm_view data) noexcept {
    return in_frame(frame, [&](Frame& f) {
        return is_static(f) ? RVM_TRAP_STATIC : state_of(f).log(self_of(f), {topics, count}, data);
    });
}

rvm_status state_touch(rvm_frame* frame, rvm_account* account, std::uint32_t flags) noexcept {
    return in_frame(frame, [&](Frame& f) { return state_of(f).touch(state::entry(account), flags); });
}

rvm_status state_destroy(rvm_frame* frame, rvm_account* heir, std::uint32_t mode, std::uint32_t* first_time) noexcept {
    return in_frame(frame, [&](Frame& f) {
        if (is_static(f)) return RVM_TRAP_STATIC;
        bool first = false;
        const rvm_status status = state_of(f).destroy(self_of(f), state::entry(heir), mode, &first);
        if (first_time != nullptr) *first_time = first ? 1 : 0;
        return status;
    });
}

rvm_status state_block_hash(rvm_frame* frame, std::uint64_t number, rvm_bytes32* out) noexcept {
    return in_frame(frame, [&](Frame& f) {
        const rvm_tx_env& env = f.execution->tx_env();
        if (env.block_hash == nullptr || env.block_hash(env.ctx, number, out) == 0) *out = {};
        return RVM_OK;
    });
}

// ---- rvm.host.trace/1 ----

void trace_op(rvm_frame* frame, const rvm_op_event* event) noexcept {
    if ((frame->flags & RVM_FRAME_TRACED) == 0) return;
    auto& f = static_cast<Frame&>(*frame);
    f.execution->tracing().op(f, *event);
}

void trace_fault(rvm_frame* frame, const rvm_op_event* event, rvm_status status) noexcept {
    if ((frame->flags & RVM_FRAME_TRACED) == 0) return;
    auto& f = static_cast<Frame&>(*frame);
    f.execution->tracing().fault(f, *event, status);
}

} // namespace

const rvm_host_vm& vm_table() noexcept {
    static constexpr rvm_host_vm table{sizeof(rvm_host_vm), 0, vm_call, vm_output, vm_reserve, vm_price, vm_cancelled};
    return table;
}

const rvm_host_state& state_table() noexcept {
    static constexpr rvm_host_state table{sizeof(rvm_host_state), 0,           state_account, state_code,
                                          state_note_read,        state_sload, state_sstore,  state_tload,
                                          state_tstore,           state_log,   state_touch,   state_destroy,
                                          state_block_hash};
    return table;
}

const rvm_host_trace& trace_table() noexcept {
    static constexpr rvm_host_trace table{sizeof(rvm_host_trace), 0, trace_op, trace_fault};
    return table;
}

} // namespace rvm::runtime
