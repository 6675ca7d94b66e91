// The plugins of one deployment: what each provides is known from its sidecar; its code is loaded when something needs
// it (profile consensus: all at start).
//
//     Registry registry{manifest, services};
//     registry.add_builtin(native_entry, report);   // judged and committed like any other plugin
//     registry.discover(report);                    // sidecars only: ids, collisions, dependencies; runs no code
//     if (consensus) registry.load_all(report);
//     const auto add = registry.find<rvm_opcode>("u256.add", report);   // loads the provider on first need
//
// One broken plugin never affects another: its findings stay with its slot and are reported when something needs it.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.hpp"
#include "manifest/sidecar.hpp"
#include "plugin/contribution.hpp"
#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm::plugin {

class Instance;
class PluginSlot;
class Registry;

/// What the runtime supplies. The functions are called under the registry's lock, never for a plugin that was refused
/// before its create().
struct HostServices {
    void* ctx = nullptr;
    /// Fills the table that the slot's plugin gets; host.ctx is set to slot.host_context() already, as are struct_size
    /// and the ABI numbers. The table lives in the slot until the plugin is destroyed.
    void (*fill_host)(void* ctx, PluginSlot& slot, rvm_host& host) = nullptr;
    /// The host interface of an id ("rvm.host.vm/1"), or nullptr: decides whether a requirement is met.
    const void* (*host_interface)(void* ctx, std::string_view id) = nullptr;
};

/// Where a plugin came from.
enum class Origin : std::uint8_t {
    builtin,    ///< add_builtin(): linked into the program
    listed,     ///< an entry of the manifest's `plugins`
    discovered, ///< found in a search path under discovery "directory"
    option,     ///< add_file(): `--plugin FILE`
};

enum class SlotState : std::uint8_t {
    known,   ///< sidecar read, nothing of it ran
    loading, ///< being loaded further down this very call stack
    loaded,  ///< linked, started, its items are visible
    refused, ///< findings() says why; nothing of it is registered
    stopped, ///< stopped and destroyed; its code stays mapped
};

/// A met requirement.
struct Dependency {
    PluginSlot* slot = nullptr; ///< the provider
    bool optional = false;
    std::string capability; ///< "kind:id"
};

/// One plugin of the deployment. Owned by the Registry at a stable address for the registry's life. Readable from any
/// thread once discover() returned, except what is marked [lock].
class PluginSlot {
  public:
    [[nodiscard]] const std::string& id() const noexcept { return sidecar_.id; }
    [[nodiscard]] const manifest::Sidecar& sidecar() const noexcept { return sidecar_; }
    /// Absolute path of the library; "(built in)" for built-in plugins.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] Origin origin() const noexcept { return origin_; }
    /// The manifest entry, or nullptr.
    [[nodiscard]] const manifest::PluginEntry* entry() const noexcept { return entry_; }
    [[nodiscard]] Registry& registry() const noexcept { return *registry_; }
    [[nodiscard]] std::size_t order() const noexcept { return order_; } ///< built-ins, options, manifest, names

    /// True when `requires` lists kind:id (or the interface `kind` when id is empty), optional or not.
    [[nodiscard]] bool declares(std::string_view kind, std::string_view id) const noexcept;

    [[nodiscard]] rvm_host_ctx* host_context() noexcept { return reinterpret_cast<rvm_host_ctx*>(this); }
    [[nodiscard]] static PluginSlot& from(rvm_host_ctx* context) noexcept {
        return *reinterpret_cast<PluginSlot*>(context);
    }
    /// Free for the runtime: what it keeps for this plugin. Not owned.
    void* runtime_data = nullptr;

  private:
    friend class Registry;
    friend class Discovery;
    friend class SlotLoader;
    explicit PluginSlot(Registry& registry);
    ~PluginSlot();
    struct Delete {
        void operator()(PluginSlot* slot) const { delete slot; }
    };

    Registry* registry_;
    manifest::Sidecar sidecar_;
    std::string sidecar_text_; // the very bytes, for the signature
    std::string file_;
    std::filesystem::path root_; // allowed folder the file was found in
    Origin origin_ = Origin::listed;
    const manifest::PluginEntry* entry_ = nullptr;
    const rvm_entry* builtin_ = nullptr;
    std::size_t order_ = 0;
    std::vector<Dependency> dependencies_; // in `requires` order, met ones only
    // [lock]
    SlotState state_ = SlotState::known;
    Report report_; // everything found about this plugin so far
    std::string library_sha256_;
    std::vector<std::string> foreign_sha256_; // of libraries it brought through rvm.host.library/1
    rvm_host host_{};
    std::unique_ptr<Instance> instance_;
    ContributionSet contributions_;
};

/// An item with its owner. Both live as long as the registry.
template <typename T>
struct Found {
    const T* item = nullptr; ///< the host's copy
    PluginSlot* owner = nullptr;
    explicit operator bool() const noexcept { return item != nullptr; }
    const T* operator->() const noexcept { return item; }
};

/// The kind string of a table type.
template <typename T>
struct KindOf;
template <>
struct KindOf<rvm_opcode> {
    static constexpr std::string_view kind = RVM_KIND_OPCODE;
};
template <>
struct KindOf<rvm_syscall> {
    static constexpr std::string_view kind = RVM_KIND_SYSCALL;
};
template <>
struct KindOf<rvm_crypto> {
    static constexpr std::string_view kind = RVM_KIND_CRYPTO;
};
template <>
struct KindOf<rvm_program> {
    static constexpr std::string_view kind = RVM_KIND_PROGRAM;
};
template <>
struct KindOf<rvm_format> {
    static constexpr std::string_view kind = RVM_KIND_FORMAT;
};
template <>
struct KindOf<rvm_storage> {
    static constexpr std::string_view kind = RVM_KIND_STORAGE;
};
template <>
struct KindOf<rvm_tracer> {
    static constexpr std::string_view kind = RVM_KIND_TRACER;
};
template <>
struct KindOf<rvm_service> {
    static constexpr std::string_view kind = RVM_KIND_SERVICE;
};
template <>
struct KindOf<rvm_command> {
    static constexpr std::string_view kind = RVM_KIND_COMMAND;
};
template <>
struct KindOf<rvm_interface> {
    static constexpr std::string_view kind = RVM_KIND_INTERFACE;
};

/// What a sidecar says is provided; `owner` is the preferred provider.
struct Provided {
    std::string id;
    PluginSlot* owner = nullptr;
};

/// All public functions may be called from any thread after discover(); a plugin's cold functions run under one lock,
/// one at a time, and may call back into the registry from the same thread.
class Registry {
  public:
    /// `deployment` must outlive the registry.
    Registry(const manifest::Manifest& deployment, HostServices services);
    /// shutdown() with the default deadline; findings are dropped.
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // ---- building: one thread, before discover() ----

    /// A statically linked plugin; `entry` must outlive the process. A manifest entry with its id configures it. False
    /// with findings when the entry or descriptor is not valid.
    bool add_builtin(const rvm_entry* entry, Report& report);
    /// One more library, trusted as far as its own folder is (T01, T02 apply below that folder).
    bool add_file(const std::filesystem::path& library, Report& report);
    /// One more folder to search, after the manifest's.
    void add_search_path(const std::filesystem::path& folder);

    /// Reads sidecars, runs no plugin code. Reports missing plugins, duplicates (D04), collisions (K01, K02),
    /// dependencies (D01, D02). What concerns one discovered or optional plugin only is a warning. False when there is
    /// an error; plugins without findings are usable all the same.
    bool discover(Report& report);

    // ---- loading ----

    /// Loads every plugin in dependency order, ties by order(). Findings of optional ones are warnings, except trust
    /// (T03, T04, T05). Under profile consensus all known-answer tests run. False when there is an error.
    bool load_all(Report& report);
    /// Loads one plugin and what it requires. True when it is loaded; findings (again, when it was refused earlier)
    /// otherwise.
    bool load(PluginSlot& slot, Report& report);
    /// Loads the provider of kind:id; nullptr with findings when there is none or it was refused.
    PluginSlot* require(std::string_view kind, std::string_view id, Report& report);

    // ---- typed lookups ----

    /// The item of an id, loading its provider when needed. Known-answer tests of a crypto primitive run first.
    /// Nothing and a D01 finding when no plugin provides it.
    template <typename T>
    [[nodiscard]] Found<T> find(std::string_view id, Report& report) {
        const auto [table, owner] = find_item(KindOf<T>::kind, id, report);
        return {static_cast<const T*>(table), owner};
    }
    /// Every item of a kind in (owner order, list order), loading all its providers; what is refused is missing and
    /// reported.
    template <typename T>
    [[nodiscard]] std::vector<Found<T>> all(Report& report) {
        std::vector<Found<T>> found;
        for (const auto& [table, owner] : all_items(KindOf<T>::kind, report))
            found.push_back({static_cast<const T*>(table), owner});
        return found;
    }
    /// By assembler mnemonic: the opcode whose id is the mnemonic is tried first, then every provider of opcodes.
    [[nodiscard]] Found<rvm_opcode> opcode_by_mnemonic(std::string_view mnemonic, Report& report);
    /// For rvm_host.resolve_*: as find(), but only ids that `slot` declares in `requires` (D03). Findings go to the
    /// slot and are part of the report when its link() fails.
    template <typename T>
    [[nodiscard]] Found<T> resolve_for(PluginSlot& slot, std::string_view id) {
        const auto [table, owner] = resolve_item(slot, KindOf<T>::kind, id);
        return {static_cast<const T*>(table), owner};
    }

    /// For rvm.host.library/1: the function `symbol` of a library that `slot`'s configuration names, after the checks a
    /// plugin's own library passes (foreign_library.hpp). nullptr with findings, which go to the slot as well.
    [[nodiscard]] void* load_for(PluginSlot& slot, const std::string& path, const std::string& pin,
                                 const std::string& symbol, Report& report);

    // ---- what is known without loading ----

    /// Ids of a kind in byte order, from sidecars.
    [[nodiscard]] std::vector<Provided> provided(std::string_view kind) const;
    /// The plugin that provides kind:id, or nullptr.
    [[nodiscard]] PluginSlot* provider(std::string_view kind, std::string_view id) const;
    /// Findings about files that never became a slot: no sidecar, duplicate, not found.
    [[nodiscard]] const Report& broken() const noexcept { return broken_; }
    /// Every slot by order().
    [[nodiscard]] const std::vector<PluginSlot*>& slots() const noexcept { return ordered_; }
    /// The slot of a plugin id, or nullptr.
    [[nodiscard]] PluginSlot* slot(std::string_view plugin_id) const;
    [[nodiscard]] SlotState state(const PluginSlot& slot) const;
    /// Everything found about one plugin so far, with the severities it had.
    [[nodiscard]] Report findings(const PluginSlot& slot) const;
    /// Lower-case hex SHA-256 of a slot's library; empty for built-ins. Reads the file when it is not loaded.
    [[nodiscard]] std::string library_sha256(PluginSlot& slot, Report& report);
    /// The same of every library that load_for() gave to the slot, in order of loading.
    [[nodiscard]] std::vector<std::string> foreign_sha256(const PluginSlot& slot) const;

    [[nodiscard]] const manifest::Manifest& deployment() const noexcept { return deployment_; }
    [[nodiscard]] const HostServices& services() const noexcept { return services_; }

    // ---- the end ----

    static constexpr std::uint64_t default_stop_deadline_ms = 10'000; ///< a service flushes and joins well within this
    /// stop() and destroy() of every loaded plugin, in reverse order of loading. No item may be in use. Code stays
    /// mapped. L04 and L05 for plugins that fail or take longer than `deadline_ms` to stop.
    void shutdown(std::uint64_t deadline_ms, Report& report);

  private:
    friend class Discovery;
    friend class SlotLoader;
    using Key = std::pair<std::string, std::string>; // kind, id
    struct RawItem {
        const void* table = nullptr;
        PluginSlot* owner = nullptr;
    };
    enum class Tested : std::uint8_t { no, passed, failed };
    struct Entry {
        RawItem raw;
        Tested tested = Tested::no;
    };

    [[nodiscard]] RawItem find_item(std::string_view kind, std::string_view id, Report& report);
    [[nodiscard]] std::vector<RawItem> all_items(std::string_view kind, Report& report);
    [[nodiscard]] RawItem resolve_item(PluginSlot& slot, std::string_view kind, std::string_view id);
    PluginSlot& new_slot();
    bool ensure_loaded(PluginSlot& slot);
    bool test_crypto(const Key& key, Entry& entry, Report& report);

    const manifest::Manifest& deployment_;
    HostServices services_;
    std::vector<std::filesystem::path> search_paths_;
    std::deque<std::unique_ptr<PluginSlot, PluginSlot::Delete>> slots_;
    std::vector<PluginSlot*> ordered_;
    std::map<std::string, PluginSlot*, std::less<>> by_id_;
    std::map<Key, PluginSlot*> providers_; // nullptr: ambiguous, see collisions_
    std::map<Key, Finding> collisions_;
    Report broken_;

    mutable std::recursive_mutex lock_;                     // plugins call back into the registry from link()
    std::map<Key, Entry> items_;                            // visible items
    std::map<std::string, RawItem, std::less<>> mnemonics_; // visible opcodes
    std::vector<PluginSlot*> loaded_;                       // in order of loading
};

} // namespace rvm::plugin
