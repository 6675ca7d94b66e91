// One world of the host (rvm.host.world/1) with exceptions instead of negative statuses.
#pragma once

#include <rvm/plugin.hpp>

#include "base/types.hpp"

namespace rvm::ledger {

class AccessLog;

/// A change set. Movable; must not outlive the host.
class Changes {
  public:
    Changes() = default;
    Changes(const rvm_host_world& table, rvm_changes* changes) noexcept : table_(&table), changes_(changes) {}
    ~Changes() { reset(); }
    Changes(Changes&& other) noexcept : table_(other.table_), changes_(std::exchange(other.changes_, nullptr)) {}
    Changes& operator=(Changes&& other) noexcept {
        if (this == &other) return *this;
        reset();
        table_ = other.table_;
        changes_ = std::exchange(other.changes_, nullptr);
        return *this;
    }

    [[nodiscard]] const rvm_changes* get() const noexcept { return changes_; }
    /// Ascending by address; empty without a change set. Valid as long as this object.
    [[nodiscard]] std::span<const rvm_account_change> accounts() const noexcept;

  private:
    void reset() noexcept {
        if (changes_ != nullptr) table_->release_changes(changes_);
        changes_ = nullptr;
    }

    const rvm_host_world* table_ = nullptr;
    rvm_changes* changes_ = nullptr;
};

/// Functions throw sdk::Failure for host failures; the world is then usable only for discard() and destruction. One
/// thread at a time; worlds are independent.
class World {
  public:
    /// `flags`: RVM_WORLD_*.
    World(const rvm_host_world& table, rvm_host_ctx* host, std::uint32_t flags);
    ~World() { table_.close(world_); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    [[nodiscard]] rvm_world* get() const noexcept { return world_; }
    [[nodiscard]] const rvm_host_world& table() const noexcept { return table_; }

    /// Who notes what is asked of the state from now on, by programs as by callers of this object; nullptr: nobody. The
    /// world was opened with RVM_WORLD_RECORD_READS. It must outlive this object or be taken away.
    void set_access_log(AccessLog* log) noexcept { log_ = log; }

    void begin(const rvm_tx_env& env);
    /// `flags`: RVM_TX_*.
    [[nodiscard]] Changes end(std::uint32_t flags);
    void end_unseen(std::uint32_t flags); ///< without building a change set
    void abort() noexcept { table_.tx_abort(world_); }
    void discard() noexcept { table_.discard(world_); }

    [[nodiscard]] rvm_account* account(const Address& address, std::uint32_t want);
    [[nodiscard]] Bytes code(rvm_account* account);
    [[nodiscard]] U256 slot(rvm_account* account, const U256& key);
    void set_nonce(rvm_account* account, std::uint64_t nonce);
    void add_balance(rvm_account* account, const U256& amount);
    void sub_balance(rvm_account* account, const U256& amount);
    void credit(const Address& address, const U256& amount);
    /// `hash` nullptr: the format computes it. `format` nullptr: the deployment's for code without an id.
    void set_code(rvm_account* account, Bytes code, const Hash* hash, const char* format);
    void set_slot(rvm_account* account, const U256& key, const U256& value);
    void touch(rvm_account* account);
    void warm(const Address& address, std::span<const U256> keys = {});
    /// Runs one message; the result's views are valid until the next execution.
    [[nodiscard]] rvm_result execute(const rvm_message& message);
    /// Of the open or last transaction; valid until the next begin().
    [[nodiscard]] std::span<const rvm_log> logs() const noexcept;
    [[nodiscard]] std::string_view trace_text();

  private:
    void note_reads();
    static void check(rvm_status status, const char* what, const rvm_error* error = nullptr);

    const rvm_host_world& table_;
    rvm_world* world_ = nullptr;
    AccessLog* log_ = nullptr;
};

/// A world that notes accesses, for as long as this object lives.
class NotedAccesses {
  public:
    NotedAccesses(World& world, AccessLog& log) noexcept : world_(world) { world_.set_access_log(&log); }
    ~NotedAccesses() { world_.set_access_log(nullptr); }
    NotedAccesses(const NotedAccesses&) = delete;
    NotedAccesses& operator=(const NotedAccesses&) = delete;

  private:
    World& world_;
};

} // namespace rvm::ledger
