// The host interface rvm.host.library/1: a plugin brings a library into the process, by the rules for plugins.
#include "runtime/guarded.hpp"
#include "runtime/runtime_impl.hpp"

namespace rvm::runtime {
namespace {

rvm_status library_load(rvm_host_ctx* context, const char* path, const char* sha256, const char* symbol, void** address,
                        rvm_error* error) noexcept {
    *address = nullptr;
    return guarded([&] {
        plugin::PluginSlot& slot = plugin::PluginSlot::from(context);
        Report report;
        *address = slot.registry().load_for(slot, path, sha256 == nullptr ? "" : sha256, symbol, report);
        return *address != nullptr ? RVM_OK : fail(error, RVM_E_CONFIG, report.text());
    });
}

} // namespace

const rvm_host_library& library_table() noexcept {
    static constexpr rvm_host_library table{sizeof(rvm_host_library), 0, library_load};
    return table;
}

} // namespace rvm::runtime
