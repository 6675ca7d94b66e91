// Test host: the tables that plugins see. Included by <rvm/test_host.hpp>; not for direct use.
#ifndef RVM_TEST_HOST_TABLES_HPP
#define RVM_TEST_HOST_TABLES_HPP

#include <algorithm>

#include <rvm/test_host/detail.hpp>

namespace rvm::sdk::test {

inline void TestHost::fill_tables() {
    guard_.struct_size = sizeof(rvm_frame);
    guard_.flags = RVM_FRAME_GUARD;
    guard_.host = this;
    // An account of its own, so that a PURE item that calls the host is reported and not a crash.
    Address nowhere;
    nowhere.fill(0xff);
    guard_.self = guard_.code = state_.handle(nowhere);

    host_.struct_size = sizeof host_;
    host_.abi_major = RVM_ABI_MAJOR;
    host_.abi_minor = RVM_ABI_MINOR;
    host_.name = "rvm test host";
    host_.version = "0";
    host_.ctx = reinterpret_cast<rvm_host_ctx*>(this);
    host_.log = [](rvm_host_ctx* ctx, std::uint32_t, const char* line) { of(ctx).log_lines_.emplace_back(line); };
    host_.env_key = [](rvm_host_ctx* ctx, const char* name) { return of(ctx).env_key(name); };
    host_.get_interface = [](rvm_host_ctx* ctx, const char* id) -> const void* {
        TestHost& host = of(ctx);
        const std::string_view wanted(id);
        if (wanted == RVM_HOST_VM) return &host.vm_;
        if (wanted == RVM_HOST_STATE) return &host.state_table_;
        if (wanted == RVM_HOST_ITEMS) return &host.items_table_;
        if (wanted == RVM_HOST_TRACE) return &host.trace_table_;
        return nullptr;
    };
    host_.resolve_hash = [](rvm_host_ctx* ctx, const char* id, rvm_hash_ref* out) -> rvm_status {
        const rvm_crypto* item = of(ctx).required(RVM_KIND_CRYPTO, id) ? of(ctx).find_crypto(id) : nullptr;
        if (item == nullptr || item->hash == nullptr) return RVM_E_NOT_FOUND;
        *out = {item->hash, item->self, item->digest_size};
        return RVM_OK;
    };
    host_.resolve_crypto = [](rvm_host_ctx* ctx, const char* id, rvm_crypto_ref* out) -> rvm_status {
        const rvm_crypto* item = of(ctx).required(RVM_KIND_CRYPTO, id) ? of(ctx).find_crypto(id) : nullptr;
        if (item == nullptr || item->run == nullptr) return RVM_E_NOT_FOUND;
        *out = {item->run, item->self};
        return RVM_OK;
    };
    host_.resolve_interface = [](rvm_host_ctx* ctx, const char* id, const void** table) -> rvm_status {
        if (!of(ctx).required(RVM_KIND_INTERFACE, id) && !of(ctx).required(id, "")) return RVM_E_NOT_FOUND;
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_INTERFACE) continue;
            const auto* found = static_cast<const rvm_interface*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *table = found->table;
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };

    vm_.struct_size = sizeof vm_;
    vm_.call = [](rvm_frame* frame, const rvm_message* message, rvm_result* result) {
        TestHost& host = of(frame);
        if ((frame->flags & RVM_FRAME_GUARD) != 0) return rvm_status{RVM_E_INVALID_ARGUMENT};
        return host.call(*static_cast<Frame*>(frame), *message, *result);
    };
    vm_.output = [](rvm_frame* frame, std::uint64_t size, rvm_span* out) -> rvm_status {
        if (size > output_limit) return RVM_TRAP_LIMIT;
        std::unique_ptr<Guarded>& output = of(frame).outputs_[frame->depth];
        const Bytes before = output == nullptr ? Bytes() : output->content();
        if (output == nullptr || output->size() < size) output = std::make_unique<Guarded>(size, before);
        *out = {output->data(), size};
        return RVM_OK;
    };
    vm_.reserve = [](rvm_frame* frame, std::int64_t bytes) -> rvm_status {
        TestHost& host = of(frame);
        if (bytes > 0 && bytes > memory_budget - host.reserved_) return RVM_TRAP_MEMORY;
        host.reserved_ = std::max<std::int64_t>(host.reserved_ + std::max(bytes, -memory_budget), 0);
        return RVM_OK;
    };
    vm_.price = [](const rvm_gas_schedule* schedule, const void* self, rvm_view input) -> std::uint64_t {
        return price(*schedule, self, input);
    };
    vm_.cancelled = [](rvm_frame* frame) -> std::uint32_t { return of(frame).cancelled_ ? 1 : 0; };

    state_table_.struct_size = sizeof state_table_;
    state_table_.account = [](rvm_frame* frame, const rvm_address* at, std::uint32_t want, rvm_account** out,
                              std::uint32_t* access) -> rvm_status {
        TestHost& host = of(frame);
        AccountData& account = host.state_[from_c(*at)];
        if (access != nullptr) *access = account.warm ? 0 : RVM_ACCESS_COLD;
        if ((want & RVM_WANT_WARM) != 0) account.warm = true;
        *out = host.state_.handle(from_c(*at));
        return RVM_OK;
    };
    state_table_.code = [](rvm_frame* frame, rvm_account* account, rvm_view* out) -> rvm_status {
        *out = detail::view(of(frame).state_.of(account).code);
        return RVM_OK;
    };
    state_table_.note_read = [](rvm_frame*, rvm_account*, std::uint32_t) -> rvm_status { return RVM_OK; };
    state_table_.sload = [](rvm_frame* frame, const rvm_u256* key, std::uint32_t want, rvm_u256* out,
                            std::uint32_t* access) -> rvm_status {
        Slot& slot = of(frame).state_.of(frame->self).slots[from_c(*key)];
        if (access != nullptr) *access = slot.warm ? 0 : RVM_ACCESS_COLD;
        if ((want & RVM_WANT_PEEK) == 0) slot.warm = true;
        *out = to_c(slot.current);
        return RVM_OK;
    };
    state_table_.sstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value, std::uint32_t want,
                             rvm_slot_write* out) -> rvm_status {
        TestHost& host = of(frame);
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        Slot& slot = host.state_.of(frame->self).slots[from_c(*key)];
        *out = State::describe_write(slot, from_c(*value));
        if ((want & RVM_WANT_PEEK) == 0) slot = {from_c(*value), slot.original, true};
        return RVM_OK;
    };
    state_table_.tload = [](rvm_frame* frame, const rvm_u256* key, rvm_u256* out) -> rvm_status {
        *out = to_c(of(frame).state_.of(frame->self).transient[from_c(*key)]);
        return RVM_OK;
    };
    state_table_.tstore = [](rvm_frame* frame, const rvm_u256* key, const rvm_u256* value) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        of(frame).state_.of(frame->self).transient[from_c(*key)] = from_c(*value);
        return RVM_OK;
    };
    state_table_.log = [](rvm_frame* frame, const rvm_bytes32* topics, std::uint32_t count,
                          rvm_view data) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        if (count > 4) return RVM_E_INVALID_ARGUMENT;
        Log log{from_c(frame->self->address), {}, detail::copy(data)};
        for (std::uint32_t i = 0; i < count; ++i) {
            std::memcpy(log.topics.emplace_back().data(), topics[i].bytes, sizeof topics[i].bytes);
        }
        of(frame).state_.logs().push_back(std::move(log));
        return RVM_OK;
    };
    state_table_.touch = [](rvm_frame* frame, rvm_account*, std::uint32_t) -> rvm_status {
        of(frame);
        return RVM_OK;
    };
    state_table_.destroy = [](rvm_frame* frame, rvm_account* heir, std::uint32_t mode,
                              std::uint32_t* first_time) -> rvm_status {
        if ((frame->flags & RVM_FRAME_STATIC) != 0) return RVM_TRAP_STATIC;
        TestHost& host = of(frame);
        AccountData& self = host.state_.of(frame->self);
        const bool marks = mode == RVM_DESTROY_ALWAYS || self.created;
        if (first_time != nullptr) *first_time = marks && !self.destroyed ? 1 : 0;
        if (heir != frame->self) {
            AccountData& other = host.state_.of(heir);
            other.balance = plus(other.balance, self.balance);
            other.exists = true;
        }
        if (heir != frame->self || marks || self.destroyed) self.balance = {};
        self.destroyed = self.destroyed || marks;
        host.state_.refresh();
        return RVM_OK;
    };
    state_table_.block_hash = [](rvm_frame* frame, std::uint64_t, rvm_bytes32* out) -> rvm_status {
        of(frame);
        *out = {};
        return RVM_OK;
    };

    items_table_.struct_size = sizeof items_table_;
    items_table_.opcode = [](rvm_host_ctx* ctx, const char* id, rvm_opcode_ref* out) -> rvm_status {
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_OPCODE) continue;
            const auto* found = static_cast<const rvm_opcode*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *out = {found, &of(ctx).guard_};
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };
    items_table_.syscall = [](rvm_host_ctx* ctx, const char* id, rvm_syscall_ref* out) -> rvm_status {
        for (const rvm_contribution& item : of(ctx).items_) {
            if (std::string_view(item.kind) != RVM_KIND_SYSCALL) continue;
            const auto* found = static_cast<const rvm_syscall*>(item.item);
            if (std::string_view(found->id) != id) continue;
            *out = {found, &of(ctx).guard_};
            return RVM_OK;
        }
        return RVM_E_NOT_FOUND;
    };
    items_table_.crypto = [](rvm_host_ctx* ctx, const char* id, const rvm_crypto** out) -> rvm_status {
        *out = of(ctx).find_crypto(id);
        return *out == nullptr ? RVM_E_NOT_FOUND : RVM_OK;
    };

    trace_table_.struct_size = sizeof trace_table_;
    trace_table_.op = [](rvm_frame* frame, const rvm_op_event* event) {
        of(frame).log_lines_.push_back("op " + detail::text(event->name));
    };
    trace_table_.fault = [](rvm_frame* frame, const rvm_op_event* event, rvm_status status) {
        of(frame).log_lines_.push_back("fault " + detail::text(event->name) + " " + std::to_string(status));
    };
}

} // namespace rvm::sdk::test

#endif // RVM_TEST_HOST_TABLES_HPP
