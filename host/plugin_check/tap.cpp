#include "plugin_check/tap.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace rvm::host {

namespace {

std::string& tapped_plugin() {
    static std::string id;
    return id;
}

template <typename R>
R failed() noexcept {
    if constexpr (std::is_same_v<R, rvm_status>)
        return host_failure;
    else if constexpr (std::is_pointer_v<R>)
        return nullptr;
    else
        return UINT32_MAX; // env_key
}

/// The function that stands for one member of a host table. The host's tables are static, so one place for the real
/// one is enough.
template <auto Member>
struct Tapped;
template <typename Table, typename R, typename... A, R (*Table::*Member)(A...)>
struct Tapped<Member> {
    static inline R (*real)(A...) = nullptr;
    static R call(A... arguments) { return host_saboteur().strikes() ? failed<R>() : real(arguments...); }
    static void put(Table& table) {
        real = table.*Member;
        table.*Member = call;
    }
};

template <typename Table, auto... Members>
const void* tapped(const void* host_table) {
    static Table table;
    table = *static_cast<const Table*>(host_table);
    (Tapped<Members>::put(table), ...);
    return &table;
}

const void* tapped_interface(rvm_host_ctx* context, const char* id);
using GetInterface = Tapped<&rvm_host::get_interface>;

const void* tapped_interface(rvm_host_ctx* context, const char* id) {
    const void* const table = GetInterface::call(context, id);
    if (table == nullptr) return nullptr;
    const std::string_view name = id;
    if (name == RVM_HOST_VM)
        return tapped<rvm_host_vm, &rvm_host_vm::call, &rvm_host_vm::output, &rvm_host_vm::reserve>(table);
    if (name == RVM_HOST_STATE)
        return tapped<rvm_host_state, &rvm_host_state::account, &rvm_host_state::code, &rvm_host_state::note_read,
                      &rvm_host_state::sload, &rvm_host_state::sstore, &rvm_host_state::tload, &rvm_host_state::tstore,
                      &rvm_host_state::log, &rvm_host_state::touch, &rvm_host_state::destroy,
                      &rvm_host_state::block_hash>(table);
    if (name == RVM_HOST_ITEMS)
        return tapped<rvm_host_items, &rvm_host_items::opcode, &rvm_host_items::syscall, &rvm_host_items::crypto>(
            table);
    return table;
}

} // namespace

Saboteur& host_saboteur() noexcept {
    static Saboteur saboteur;
    return saboteur;
}

void tap_plugin(const char* plugin_id) { tapped_plugin() = plugin_id; }

void tap_host(const char* plugin_id, rvm_host& host) {
    if (tapped_plugin() != plugin_id) return;
    GetInterface::put(host);
    host.get_interface = tapped_interface;
    Tapped<&rvm_host::env_key>::put(host);
    Tapped<&rvm_host::resolve_hash>::put(host);
    Tapped<&rvm_host::resolve_crypto>::put(host);
    Tapped<&rvm_host::resolve_interface>::put(host);
}

} // namespace rvm::host
