#include "record/listener.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "record/tapped.hpp"

namespace rvm::record {

namespace {

thread_local Listener* listener = nullptr;

template <class Function>
void tell(Function&& function) noexcept {
    if (listener == nullptr) return;
    try {
        function(*listener);
    } catch (...) {
        listener->keep(std::current_exception());
    }
}

void on_enter(void*, void*, std::uint64_t frame, const rvm_message* message, const char* format) {
    tell([&](Listener& l) { l.enter(frame, *message, format); });
}
void on_leave(void*, void*, std::uint64_t frame, const rvm_result* result) {
    tell([&](Listener& l) { l.leave(frame, *result); });
}
void on_op(void*, void*, std::uint64_t frame, const rvm_op_event* event) {
    tell([&](Listener& l) { l.op(frame, *event); });
}
void on_fault(void*, void*, std::uint64_t frame, const rvm_op_event* event, rvm_status status) {
    tell([&](Listener& l) { l.fault(frame, *event, status); });
}
void on_state(void*, void*, std::uint64_t frame, const rvm_state_event* event) {
    tell([&](Listener& l) { l.state(frame, *event); });
}
void on_log(void*, void*, std::uint64_t frame, const rvm_log_event* event) {
    tell([&](Listener& l) { l.log(frame, *event); });
}

constexpr rvm_tracer tracer_with(std::uint32_t interest) {
    rvm_tracer tracer{};
    tracer.struct_size = sizeof tracer;
    tracer.interest = interest;
    tracer.id = "rvm.host/listener";
    tracer.summary = "hears executions for a recording";
    tracer.enter = on_enter;
    tracer.leave = on_leave;
    tracer.op = on_op;
    tracer.fault = on_fault;
    tracer.state = on_state;
    tracer.log = on_log;
    return tracer;
}
constexpr std::uint32_t no_steps = RVM_TRACE_FRAME | RVM_TRACE_STATE | RVM_TRACE_LOG;
constexpr rvm_tracer whole_observer = tracer_with(no_steps | RVM_TRACE_OP);
constexpr rvm_tracer frame_observer = tracer_with(no_steps);

// ---- items that are EXTERNAL: formats get a copy whose function asks the listener ----

template <class Item>
struct Diverted {
    Item copy;
    Item seen; ///< what the copy was made of
    const Item* real;
};

rvm_status diverted_syscall(const void* self, rvm_frame* frame, rvm_view input, rvm_span output,
                            std::uint64_t* output_size) {
    const rvm_syscall& real = *static_cast<const Diverted<rvm_syscall>*>(self)->real;
    if (listener == nullptr) return real.run(real.self, frame, input, output, output_size);
    try {
        return listener->syscall(real, frame, input, output, output_size);
    } catch (...) {
        listener->keep(std::current_exception());
        return RVM_E_INTERNAL;
    }
}

rvm_status diverted_opcode(const void* self, rvm_frame* frame, rvm_word* args, std::uint64_t immediate) {
    const rvm_opcode& real = *static_cast<const Diverted<rvm_opcode>*>(self)->real;
    if (listener == nullptr) return real.run(real.self, frame, args, immediate);
    try {
        return listener->opcode(real, frame, args, immediate);
    } catch (...) {
        listener->keep(std::current_exception());
        return RVM_E_INTERNAL;
    }
}

/// The copy that stands for an item, the same every time. Formats keep pointers to it as long as they live.
template <class Item>
const Item* diverted(const Item* real, decltype(Item::run) run) {
    static std::mutex mutex;
    static std::map<const Item*, std::unique_ptr<Diverted<Item>>> items;
    const std::lock_guard lock(mutex);
    auto& item = items[real];
    if (item == nullptr) item = std::make_unique<Diverted<Item>>();
    // A deployment opened later may have another item at this address. The same one is left alone: threads are running it.
    if (item->real == real && std::memcmp(&item->seen, real, sizeof *real) == 0) return &item->copy;
    std::memcpy(&item->seen, real, sizeof *real);
    item->copy = *real;
    item->copy.run = run;
    item->copy.self = item.get();
    item->real = real;
    return &item->copy;
}

Tapped<rvm_host_items> host_items;
const void* (*real_interface)(rvm_host_ctx*, const char*) = nullptr;

rvm_status items_syscall(rvm_host_ctx* context, const char* id, rvm_syscall_ref* out) {
    const rvm_status status = host_items->syscall(context, id, out);
    if (status != RVM_OK || (out->syscall->flags & RVM_F_EXTERNAL) == 0) return status;
    try {
        out->syscall = diverted(out->syscall, diverted_syscall);
    } catch (...) {
        return RVM_E_NO_MEMORY;
    }
    return status;
}

rvm_status items_opcode(rvm_host_ctx* context, const char* id, rvm_opcode_ref* out) {
    const rvm_status status = host_items->opcode(context, id, out);
    if (status != RVM_OK || (out->opcode->flags & RVM_F_EXTERNAL) == 0) return status;
    try {
        out->opcode = diverted(out->opcode, diverted_opcode);
    } catch (...) {
        return RVM_E_NO_MEMORY;
    }
    return status;
}

const void* tapped_interface(rvm_host_ctx* context, const char* id) {
    const void* table = real_interface(context, id);
    if (table == nullptr) return nullptr;
    if (std::string_view(id) != RVM_HOST_ITEMS) return tap_deeds(id, table);
    return host_items.over(table, [](rvm_host_items& ours) {
        ours.syscall = items_syscall;
        ours.opcode = items_opcode;
    });
}

void tap_items(const char*, rvm_host& host) {
    real_interface = host.get_interface;
    host.get_interface = tapped_interface;
}

std::uint32_t diverted_block_hash(void* ctx, std::uint64_t number, rvm_bytes32* out) {
    const auto& real = *static_cast<const rvm_tx_env*>(ctx);
    if (listener == nullptr) return real.block_hash == nullptr ? 0 : real.block_hash(real.ctx, number, out);
    try {
        return listener->block_hash(real, number, out);
    } catch (...) {
        listener->keep(std::current_exception());
        return 0;
    }
}

} // namespace

Hearing::Hearing(Listener& heard) noexcept : before_(listener) { listener = &heard; }
Hearing::~Hearing() { listener = before_; }
Listener* Hearing::current() noexcept { return listener; }

void listen(RuntimeOptions& options, bool with_steps) {
    options.observer = with_steps ? &whole_observer : &frame_observer;
    options.tap_host = tap_items;
}

void divert_block_hash(rvm_tx_env& env, const rvm_tx_env& real) noexcept {
    env.block_hash = diverted_block_hash;
    env.ctx = const_cast<rvm_tx_env*>(&real); // never written through
}

} // namespace rvm::record
