// The host interface rvm.host.items/1: formats link the opcodes, syscalls and primitives their programs import.
#include "runtime/guarded.hpp"
#include "runtime/runtime_impl.hpp"

namespace rvm::runtime {
namespace {

rvm_status items_opcode(rvm_host_ctx* context, const char* id, rvm_opcode_ref* out) noexcept {
    return guarded([&] {
        Report report;
        Runtime::Impl& runtime = Runtime::Impl::from(context);
        const auto found = runtime.registry->find<rvm_opcode>(id, report);
        if (!found) return RVM_E_NOT_FOUND;
        *out = {runtime.prices.of(*found.item, current_period()), runtime.guards.of(found.item)};
        return RVM_OK;
    });
}

rvm_status items_syscall(rvm_host_ctx* context, const char* id, rvm_syscall_ref* out) noexcept {
    return guarded([&] {
        Runtime::Impl& runtime = Runtime::Impl::from(context);
        if (runtime.registry->provider(RVM_KIND_SYSCALL, id) == nullptr) return RVM_E_NOT_FOUND;
        if (!runtime.manifest.grants_syscall(id)) return RVM_E_UNSUPPORTED;
        Report report;
        const auto found = runtime.registry->find<rvm_syscall>(id, report);
        if (!found) return RVM_E_NOT_FOUND;
        *out = {runtime.prices.of(*found.item, current_period()), runtime.guards.of(found.item)};
        return RVM_OK;
    });
}

rvm_status items_crypto(rvm_host_ctx* context, const char* id, const rvm_crypto** out) noexcept {
    return guarded([&] {
        Report report;
        const auto found = Runtime::Impl::from(context).registry->find<rvm_crypto>(id, report);
        *out = found.item;
        return found ? RVM_OK : RVM_E_NOT_FOUND;
    });
}

} // namespace

const rvm_host_items& items_table() noexcept {
    static constexpr rvm_host_items table{sizeof(rvm_host_items), 0, items_opcode, items_syscall, items_crypto};
    return table;
}

} // namespace rvm::runtime
