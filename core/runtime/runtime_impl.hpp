// What a Runtime consists of. Internal to core/runtime.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <rvm/runtime.hpp>

#include "manifest/manifest.hpp"
#include "plugin/registry.hpp"
#include "runtime/assigned_programs.hpp"
#include "runtime/format_table.hpp"
#include "runtime/guard_frames.hpp"
#include "runtime/own_items.hpp"
#include "runtime/periods.hpp"
#include "runtime/program_table.hpp"
#include "state/code_table.hpp"

namespace rvm {

struct Runtime::Impl {
    explicit Impl(manifest::Manifest deployment);
    ~Impl();

    /// Loads what the profile asks for, opens the store, proves the native stack. False with findings.
    [[nodiscard]] bool start(const RuntimeOptions& options, Report& report);
    /// Opens the engine's store if `use` asks for it now, brings it to the present record version, and sees that the
    /// deployment has every format that its accounts need. False with RVM-R04 or RVM-S09.
    [[nodiscard]] bool open_store(RuntimeOptions::Store use, Report& report);
    /// Opens the store unless that is done; `use` is make or must_exist. Thread-safe. False as open_store.
    [[nodiscard]] bool need_store(RuntimeOptions::Store use, Report& report);
    [[nodiscard]] bool find_formats(Report& report);
    /// The end of everything; nothing is usable afterwards. Does nothing the second time.
    void stop(std::uint64_t deadline_ms, Report& report);

    std::unique_ptr<runtime::OwnItems> own; ///< outlives the registry, which knows its entry
    RuntimeOptions::LogSink log;
    manifest::Manifest manifest;
    std::unique_ptr<plugin::Registry> registry;
    std::unique_ptr<runtime::FormatTable> formats;
    std::unique_ptr<runtime::AssignedPrograms> assigned;
    std::unique_ptr<runtime::ProgramTable> programs;
    std::unique_ptr<state::CodeTable> codes;

    runtime::GuardFrames guards;
    runtime::PeriodPrices prices{manifest.chain};

    const rvm_storage* storage = nullptr; ///< engine of the deployment's store
    rvm_store* store = nullptr; ///< nullptr: not needed so far
    std::mutex store_opening;
    std::mutex commits; ///< of worlds over `store`: a commit checks and writes in two steps
    void (*tap_host)(const char* plugin_id, rvm_host& host) = nullptr; ///< RuntimeOptions
    const rvm_tracer* observer = nullptr;                              ///< RuntimeOptions
    const rvm_host_world* worlds = nullptr;                            ///< as the embedder sees it
    plugin::PluginSlot* self = nullptr; ///< the core's own plugin; its context is the embedder's
    std::atomic<std::uint64_t> executions{0};

    /// Runtime::semantics_text
    [[nodiscard]] std::string semantics_text(Report& report);
    /// The deployment behind a plugin's context.
    [[nodiscard]] static Impl& from(rvm_host_ctx* context) noexcept {
        return *static_cast<Impl*>(plugin::PluginSlot::from(context).registry().services().ctx);
    }
};

} // namespace rvm

namespace rvm::runtime {

/// The host interfaces (plugin.h). All tables are static.
[[nodiscard]] const rvm_host_vm& vm_table() noexcept;
[[nodiscard]] const rvm_host_state& state_table() noexcept;
[[nodiscard]] const rvm_host_items& items_table() noexcept;
[[nodiscard]] const rvm_host_library& library_table() noexcept;
[[nodiscard]] const rvm_host_trace& trace_table() noexcept;
[[nodiscard]] const rvm_host_world& world_table() noexcept;
/// The table of an interface id, or nullptr.
[[nodiscard]] const void* host_interface(std::string_view id) noexcept;
/// Fills the table a plugin gets (plugin::HostServices::fill_host).
void fill_host(void* ctx, plugin::PluginSlot& slot, rvm_host& host);

/// Writes `text` into a caller's rvm_error, truncated. `error` may be nullptr. Returns `code`.
rvm_status fail(rvm_error* error, rvm_status code, std::string_view text) noexcept;

} // namespace rvm::runtime
