// The embedding API in C++: open a Runtime from a manifest, open Worlds, run messages in transactions.
//
//     rvm::Report report;
//     auto runtime = rvm::Runtime::open("configs/dev.json", {}, report);
//     rvm::World world(*runtime, rvm::World::ephemeral);
//     world.begin({});
//     rvm::Outcome outcome = world.execute(message);
//     rvm::Changes changes = world.end();
//
// It is a face over the C table rvm.host.world/1 (<rvm/plugin.h>), which plugins use; the C face is <rvm/rvm.h>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rvm/plugin.h>
#include <rvm/report.hpp>

namespace rvm {

namespace manifest {
struct Manifest;
}
namespace plugin {
class Registry;
}

/// What a Runtime is opened with beyond its manifest.
struct RuntimeOptions {
    /// Plugin files added to the manifest's (`--plugin FILE`). Refused unless the profile is development.
    std::vector<std::filesystem::path> plugin_files;
    /// Statically linked plugins; judged like loaded ones. The entries must outlive the process.
    std::vector<const rvm_entry*> builtins;
    /// The embedder's own storage, syscalls, opcodes, programs, tracers, ...: functions of its program, no plugin file.
    /// Ended by a NULL kind; everything it points to must outlive the Runtime. They are judged as a plugin's items are,
    /// under the id `own_id`. nullptr: none.
    const rvm_contribution* own_items = nullptr;
    std::string own_id = "embedder";
    /// What plugins say (rvm_host.log). Called from any thread, several at a time; must not throw. Empty: nobody hears.
    using LogSink = std::function<void(std::uint32_t level, std::string_view plugin, std::string_view text)>;
    LogSink log{};
    /// Load every plugin now instead of when it is first needed. Profile consensus always does.
    bool load_all = false;
    /// The program confines its process as a manifest with "confine" asks, once everything it needs is open. Where it does
    /// not, opening such a manifest is a warning (RVM-L06).
    bool confines = false;
    /// For tools that test plugins and record runs: sees the table that a plugin is about to get, and may put functions of
    /// its own between. `host.ctx` and everything else stay as they are. Runtime::worlds() is what it left to the core's own
    /// plugin. nullptr: nobody.
    void (*tap_host)(const char* plugin_id, rvm_host& host) = nullptr;
    /// Sees every execution of the deployment, beside the tracer a transaction names. Must outlive the Runtime. nullptr:
    /// nobody.
    const rvm_tracer* observer = nullptr;
    /// When the store of a storage engine that lasts is opened, and whether it is made.
    enum class Store : std::uint8_t {
        make,       ///< with the deployment; made when it is not there
        must_exist, ///< with the deployment; one that is not there is refused (RVM-R04). For programs that only read
        if_there,   ///< with the deployment if it is there, else made by the first World::deployment
        when_used,  ///< opened, or made, by the first World::deployment. For programs that may never look at it
    };
    /// must_exist and if_there give the engine the member "must_exist": true in its configuration; an engine that does
    /// not know the member makes the store.
    Store store = Store::make;
};

/// A deployment: manifest, plugins, limits, code table and store. Immutable once open() returned; may be shared by
/// threads. Never prints, exits, installs signal handlers or changes locale or working directory.
class Runtime {
  public:
    /// Opens the deployment that `manifest_file` describes. Findings, warnings included, go to `report`; nullptr when
    /// one of them is an error.
    [[nodiscard]] static std::unique_ptr<Runtime> open(const std::filesystem::path& manifest_file,
                                                       const RuntimeOptions& options, Report& report);
    /// The same from manifest text; `origin` stands for the file in findings and anchors relative paths.
    [[nodiscard]] static std::unique_ptr<Runtime> open_text(std::string_view manifest_text,
                                                            const std::filesystem::path& origin,
                                                            const RuntimeOptions& options, Report& report);
    /// As close() with default_stop_ms; findings are dropped.
    ~Runtime();
    /// Stops and destroys the plugins in reverse order. Every World must be gone; code stays mapped. RVM-L04 and L05
    /// for plugins that fail or take longer than `deadline_ms` to stop.
    static void close(std::unique_ptr<Runtime> runtime, std::uint64_t deadline_ms, Report& report);
    static constexpr std::uint64_t default_stop_ms = 10'000; ///< a service flushes and joins well within this
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    [[nodiscard]] const manifest::Manifest& manifest() const noexcept;
    /// What plugins provide; loads lazily, thread-safe.
    [[nodiscard]] plugin::Registry& registry() noexcept;

    /// The table rvm.host.world/1 and the context to give to its open().
    [[nodiscard]] const rvm_host_world& worlds() const noexcept;
    [[nodiscard]] rvm_host_ctx* context() noexcept;
    /// Handle of an environment word ("block.number"). [any]
    [[nodiscard]] static std::uint32_t env_key(const char* name);

    /// Id of the format that runs `code` when nothing else says so: the one whose probe answers YES, else the
    /// deployment's pre-state format, else the FALLBACK one; among several the one the manifest prefers. Empty when
    /// there is none; with an RVM-K07 finding when several are left. Loads formats as needed.
    [[nodiscard]] std::string probe_format(rvm_view code, Report& report);
    /// The format contribution, loading its plugin when needed; nullptr when nothing provides it (finding in `report`).
    [[nodiscard]] const rvm_format* format(std::string_view id, Report& report);

    /// "sha256:HEX" over what consensus needs: ids, versions, rules, gas, limits, formats. Loads every plugin.
    [[nodiscard]] std::string semantics_fingerprint(Report& report);
    /// "sha256:HEX" over the plugin files' hashes.
    [[nodiscard]] std::string binaries_fingerprint();
    /// The canonical JSON texts that the fingerprints are made of: where two nodes disagree, these say in what.
    [[nodiscard]] std::string semantics_text(Report& report);
    [[nodiscard]] std::string binaries_text();

    struct Impl;
    [[nodiscard]] Impl& impl() noexcept { return *impl_; }

  private:
    explicit Runtime(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Result of one top-level message, copied out of the world.
struct Outcome {
    rvm_status status = RVM_OK; ///< RVM_OK, RVM_TRAP_* or RVM_E_*
    std::int64_t gas_used = 0;  ///< gas + stipend - what was left
    std::int64_t refund = 0;
    std::vector<std::uint8_t> output;
    rvm_address created{};    ///< of a successful creation
    std::uint32_t detail = 0; ///< the format's own fault code
    std::uint64_t fault_position = 0;
    std::string format; ///< id of the format that ran; empty: no code
    std::string fault;  ///< name of detail and source position, for people; may be empty
    std::string error;  ///< text of a host failure
};

/// Lower-case words for a status: "ok", "out of gas", "host failure: i/o". Never empty.
[[nodiscard]] std::string_view status_name(rvm_status status) noexcept;

/// Owns an rvm_changes.
class Changes {
  public:
    Changes() = default;
    Changes(const rvm_host_world& table, rvm_changes* changes) : table_(&table), changes_(changes) {}
    Changes(Changes&& other) noexcept : table_(other.table_), changes_(std::exchange(other.changes_, nullptr)) {}
    Changes& operator=(Changes&& other) noexcept {
        std::swap(table_, other.table_);
        std::swap(changes_, other.changes_);
        return *this;
    }
    ~Changes() {
        if (changes_ != nullptr) table_->release_changes(changes_);
    }
    [[nodiscard]] const rvm_changes* get() const noexcept { return changes_; }
    /// Accounts ascending by address; valid as long as this object.
    [[nodiscard]] std::vector<const rvm_account_change*> accounts() const;
    [[nodiscard]] rvm_bytes32 digest() const;

  private:
    const rvm_host_world* table_ = nullptr;
    rvm_changes* changes_ = nullptr;
};

/// A transaction's environment by name.
struct TxOptions {
    std::vector<std::pair<std::string, rvm_u256>> env;
    std::vector<std::string> rules; ///< rule-set names: "evm/cancun"
    std::string tracer;             ///< id of a tracer; empty: none
    std::string tracer_config;      ///< JSON
};

/// One view of the state with its pending transactions. One thread at a time. Throws Failure on host failures and
/// misuse; programs' outcomes are values.
class World {
  public:
    enum Kind { deployment, ephemeral };
    World(Runtime& runtime, Kind kind, std::uint32_t flags = 0);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void begin(const TxOptions& options);
    [[nodiscard]] Changes end(std::uint32_t flags = 0);
    void abort() noexcept;

    /// Runs one message at depth 0 inside the open transaction.
    [[nodiscard]] Outcome execute(const rvm_message& message);

    [[nodiscard]] rvm_account* account(const rvm_address& address, std::uint32_t want = 0);
    void set_nonce(rvm_account* account, std::uint64_t nonce);
    void add_balance(rvm_account* account, const rvm_u256& amount);
    void set_code(rvm_account* account, rvm_view code, const char* format);
    void set_slot(rvm_account* account, const rvm_u256& key, const rvm_u256& value);
    [[nodiscard]] rvm_u256 slot(rvm_account* account, const rvm_u256& key);

    [[nodiscard]] std::vector<rvm_log> logs();
    [[nodiscard]] std::string trace_text();
    /// Throws Failure with RVM-R09 when another world or process has committed since this one looked (discard and run
    /// again), with RVM-R08 when the store cannot.
    void commit();
    void discard() noexcept;
    /// Commits that the store had when this world last looked: what the next one makes is that height plus one.
    [[nodiscard]] std::uint64_t height() const noexcept;

    [[nodiscard]] rvm_world* get() noexcept { return world_; }
    [[nodiscard]] const rvm_host_world& table() const noexcept { return table_; }

  private:
    void check(rvm_status status, const char* what, const rvm_error* error = nullptr) const;
    const rvm_host_world& table_;
    Runtime& runtime_;
    rvm_world* world_ = nullptr;
    std::vector<rvm_u256> words_;
};

} // namespace rvm
