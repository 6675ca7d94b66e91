#include <rvm/runtime.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sys/auxv.h>

#include "base/bytes.hpp"
#include "manifest/fingerprint.hpp"
#include "native/plugin.hpp"
#include "runtime/code.hpp"
#include "runtime/core_plugin.hpp"
#include "runtime/env_keys.hpp"
#include "runtime/execution.hpp"
#include "runtime/runtime_impl.hpp"
#include "state/memory_store.hpp"

namespace rvm {
namespace runtime {
namespace {

/// The library never prints: what plugins say goes to the embedder, or nowhere.
void host_log(rvm_host_ctx* context, std::uint32_t level, const char* text) noexcept {
    const auto& sink = Runtime::Impl::from(context).log;
    if (sink && text != nullptr) sink(level, plugin::PluginSlot::from(context).id(), text);
}

const void* host_get_interface(rvm_host_ctx*, const char* id) noexcept { return host_interface(id); }

std::uint32_t host_env_key(rvm_host_ctx*, const char* name) noexcept {
    try {
        return env_key(name);
    } catch (...) {
        return UINT32_MAX;
    }
}

plugin::Registry& registry_of(rvm_host_ctx* context) { return plugin::PluginSlot::from(context).registry(); }

rvm_status host_resolve_hash(rvm_host_ctx* context, const char* id, rvm_hash_ref* out) noexcept {
    try {
        const auto found = registry_of(context).resolve_for<rvm_crypto>(plugin::PluginSlot::from(context), id);
        if (!found || found->shape != RVM_CRYPTO_HASH) return RVM_E_NOT_FOUND;
        *out = {found->hash, found->self, found->digest_size};
        return RVM_OK;
    } catch (...) {
        return RVM_E_INTERNAL;
    }
}

rvm_status host_resolve_crypto(rvm_host_ctx* context, const char* id, rvm_crypto_ref* out) noexcept {
    try {
        const auto found = registry_of(context).resolve_for<rvm_crypto>(plugin::PluginSlot::from(context), id);
        if (!found || found->shape != RVM_CRYPTO_GENERIC) return RVM_E_NOT_FOUND;
        *out = {found->run, found->self};
        return RVM_OK;
    } catch (...) {
        return RVM_E_INTERNAL;
    }
}

rvm_status host_resolve_interface(rvm_host_ctx* context, const char* id, const void** table) noexcept {
    try {
        const auto found = registry_of(context).resolve_for<rvm_interface>(plugin::PluginSlot::from(context), id);
        *table = found ? found->table : nullptr;
        return found ? RVM_OK : RVM_E_NOT_FOUND;
    } catch (...) {
        return RVM_E_INTERNAL;
    }
}

/// CodeTable::Resolver: the format contribution of an id.
const rvm_format* resolve_format(void* ctx, const char* id) {
    Report report; // a missing format is reported by whoever wants to run its code
    const FormatBinding* binding = static_cast<Runtime::Impl*>(ctx)->formats->find(id, report);
    return binding == nullptr ? nullptr : binding->table;
}

const void* host_interface_of(void*, std::string_view id) { return host_interface(id); }

} // namespace

const void* host_interface(std::string_view id) noexcept {
    if (id == RVM_HOST_VM) return &vm_table();
    if (id == RVM_HOST_STATE) return &state_table();
    if (id == RVM_HOST_ITEMS) return &items_table();
    if (id == RVM_HOST_LIBRARY) return &library_table();
    if (id == RVM_HOST_TRACE) return &trace_table();
    if (id == RVM_HOST_WORLD) return &world_table();
    return nullptr;
}

void fill_host(void* ctx, plugin::PluginSlot& slot, rvm_host& host) {
    host.name = "rvm";
    host.version = RVM_PRODUCT_VERSION;
    host.log = host_log;
    host.get_interface = host_get_interface;
    host.env_key = host_env_key;
    host.resolve_hash = host_resolve_hash;
    host.resolve_crypto = host_resolve_crypto;
    host.resolve_interface = host_resolve_interface;
    if (const auto tap = static_cast<Runtime::Impl*>(ctx)->tap_host; tap != nullptr) tap(slot.id().c_str(), host);
}

rvm_status fail(rvm_error* error, rvm_status code, std::string_view text) noexcept {
    if (error == nullptr) return code;
    error->code = code;
    const std::size_t size = std::min(text.size(), sizeof error->message - 1);
    std::memcpy(error->message, text.data(), size);
    error->message[size] = '\0';
    return code;
}

} // namespace runtime

Runtime::Impl::Impl(manifest::Manifest deployment) : manifest(std::move(deployment)) {
    plugin::HostServices services;
    services.ctx = this;
    services.fill_host = runtime::fill_host;
    services.host_interface = runtime::host_interface_of;
    registry = std::make_unique<plugin::Registry>(manifest, services);
    formats = std::make_unique<runtime::FormatTable>(*registry);
    assigned = std::make_unique<runtime::AssignedPrograms>();
    programs = std::make_unique<runtime::ProgramTable>(*registry, *assigned);
    codes = std::make_unique<state::CodeTable>(runtime::resolve_format, this, manifest.chain.price_periods());
}

Runtime::Impl::~Impl() {
    Report nobody_hears;
    stop(default_stop_ms, nobody_hears);
}

void Runtime::Impl::stop(std::uint64_t deadline_ms, Report& report) {
    codes.reset(); // releases artifacts while their formats are alive
    if (store != nullptr) storage->close(std::exchange(store, nullptr));
    programs.reset();
    assigned.reset();
    formats.reset();
    if (registry != nullptr) registry->shutdown(deadline_ms, report);
    registry.reset();
}

bool Runtime::Impl::start(const RuntimeOptions& options, Report& report) {
    tap_host = options.tap_host;
    observer = options.observer;
    log = options.log;
    registry->add_builtin(&rvm_core_entry, report);
    registry->add_builtin(&rvm_native_entry, report);
    for (const rvm_entry* entry : options.builtins)
        registry->add_builtin(entry, report);
    if (options.own_items != nullptr) {
        own = std::make_unique<runtime::OwnItems>(options.own_id, options.own_items, report);
        if (!report.ok()) return false;
        registry->add_builtin(own->entry(), report);
    }
    if (!options.plugin_files.empty() && manifest.profile != manifest::Profile::development) {
        Finding& finding = report.error(ErrorCode::plugin_option_refused, manifest.file, "/profile",
                                        "plugin files can be added only to a development deployment");
        finding.expected = "development";
        finding.found = manifest::profile_name(manifest.profile);
        return false;
    }
    for (const auto& file : options.plugin_files)
        registry->add_file(file, report);
    const bool elevated = getauxval(AT_SECURE) != 0;
    for (const auto& folder :
         manifest::extra_search_paths(std::getenv("RVM_PLUGIN_PATH"), manifest.profile, elevated, report)) // NOLINT
        registry->add_search_path(folder);
    registry->discover(report);
    if (!report.ok()) return false;
    self = registry->slot("org.rvm.core");
    if (manifest.confine && !options.confines)
        report.warning(ErrorCode::confinement_failed, manifest.file, "/confine",
                       "the program that opens the deployment does not confine itself");
    rvm_host own_host{};
    own_host.struct_size = sizeof own_host;
    own_host.ctx = self->host_context();
    runtime::fill_host(this, *self, own_host);
    worlds = static_cast<const rvm_host_world*>(own_host.get_interface(own_host.ctx, RVM_HOST_WORLD));
    if (options.load_all || manifest.confine || manifest.profile == manifest::Profile::consensus)
        if (!registry->load_all(report)) return false;

    if (!assigned->open(manifest, *registry, guards, prices, report)) return false;
    if (!open_store(options.store, report)) return false;
    if (!manifest.expect.semantics.empty()) {
        const std::string found = manifest::fingerprint_of(semantics_text(report));
        if (report.ok() && found != manifest.expect.semantics) {
            Finding& finding = report.error(ErrorCode::fingerprint_differs, manifest.file, "/expect/semantics", "");
            finding.expected = manifest.expect.semantics;
            finding.found = found;
        }
    }
    return report.ok();
}

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Runtime::~Runtime() = default;

void Runtime::close(std::unique_ptr<Runtime> runtime, std::uint64_t deadline_ms, Report& report) {
    if (runtime != nullptr) runtime->impl_->stop(deadline_ms, report);
}

namespace {

std::unique_ptr<Runtime::Impl> start(std::optional<manifest::Manifest> parsed, const RuntimeOptions& options,
                                     Report& report) {
    if (!parsed) return nullptr;
    auto impl = std::make_unique<Runtime::Impl>(std::move(*parsed));
    return impl->start(options, report) ? std::move(impl) : nullptr;
}

} // namespace

std::unique_ptr<Runtime> Runtime::open(const std::filesystem::path& manifest_file, const RuntimeOptions& options,
                                       Report& report) {
    auto impl = start(manifest::load_manifest(manifest_file, report), options, report);
    return impl == nullptr ? nullptr : std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

std::unique_ptr<Runtime> Runtime::open_text(std::string_view text, const std::filesystem::path& origin,
                                            const RuntimeOptions& options, Report& report) {
    auto impl = start(manifest::parse_manifest(text, origin, report), options, report);
    return impl == nullptr ? nullptr : std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

const manifest::Manifest& Runtime::manifest() const noexcept { return impl_->manifest; }
plugin::Registry& Runtime::registry() noexcept { return *impl_->registry; }
const rvm_host_world& Runtime::worlds() const noexcept { return *impl_->worlds; }
rvm_host_ctx* Runtime::context() noexcept { return impl_->self->host_context(); }
std::uint32_t Runtime::env_key(const char* name) { return runtime::env_key(name); }
std::string Runtime::probe_format(rvm_view code, Report& report) { return runtime::probe_format(*impl_, code, report); }

const rvm_format* Runtime::format(std::string_view id, Report& report) {
    const runtime::FormatBinding* binding = impl_->formats->find(id, report);
    return binding == nullptr ? nullptr : binding->table;
}

} // namespace rvm
