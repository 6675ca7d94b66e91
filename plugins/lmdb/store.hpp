// The engine behind rvm.storage/1: views, cursors and commits over one environment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "environment.hpp"
#include "settings.hpp"
#include "use_lock.hpp"

namespace rvm::lmdb {

/// What there is to say about a store.
struct Facts {
    std::uint64_t map_bytes = 0;  ///< most the file may grow to
    std::uint64_t file_bytes = 0; ///< of data.mdb
    std::uint64_t page_bytes = 0;
    std::uint64_t used_pages = 0; ///< in the file, free ones included
    std::uint64_t free_pages = 0; ///< of those, reusable now or once older views end
    std::uint64_t commits = 0;    ///< number of the last transaction of LMDB
    std::uint64_t readers = 0;    ///< slots of views that were ever open at once
    std::array<std::uint64_t, RVM_KEYSPACE_LIMIT> entries{};
};

class Store;

/// A read transaction. Any number of threads may read through one view.
class View {
  public:
    explicit View(Store& store);
    ~View();
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    [[nodiscard]] rvm_status get(std::uint32_t keyspace, rvm_view key, rvm_view* value);
    /// A cursor of LMDB on a keyspace. Throws sdk::Failure.
    [[nodiscard]] MDB_cursor* cursor(std::uint32_t keyspace);
    [[nodiscard]] std::uint64_t commit_number() const noexcept { return mdb_txn_id(txn_); }
    [[nodiscard]] MDB_txn* get() const noexcept { return txn_; }

  private:
    [[nodiscard]] int prepare(std::uint32_t keyspace) noexcept;

    Store& store_;
    MDB_txn* txn_ = nullptr;
    std::atomic<std::uint32_t> prepared_{0}; ///< bit k: the root of keyspace k has been looked up
    std::mutex prepare_mutex_;
};

/// One thread at a time.
class Cursor {
  public:
    /// At the first key >= `from`.
    Cursor(View& view, std::uint32_t keyspace, rvm_view from);
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    [[nodiscard]] rvm_status next(rvm_view* key, rvm_view* value) noexcept;

  private:
    MDB_cursor* cursor_ = nullptr;
    MDB_val key_{}, value_{};
    int code_ = 0; ///< of the step that fetched key_ and value_
    bool fetched_ = true;
};

/// An open store. Views and commits from any thread.
class Store {
  public:
    /// Makes the folder when it does not exist. Throws sdk::Failure.
    explicit Store(Settings settings);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// All of the writes, durable as the settings say, or none: throws sdk::Failure then. RVM_E_RETRY: another process
    /// has committed since this one last looked, so the writes may rest on what is no longer so.
    void commit(const rvm_store_write* writes, std::uint64_t count);
    /// Rewrites the data file without its free pages. No view of this process and no other process may be open.
    void compact();
    [[nodiscard]] Facts facts();

    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }
    [[nodiscard]] Environment& environment() noexcept { return *environment_; }

  private:
    friend class View;
    [[nodiscard]] MDB_txn* begin_view();
    void note_seen(std::uint64_t commit) noexcept;

    Settings settings_;
    UseLock use_lock_;
    std::optional<Environment> environment_;
    std::mutex commit_mutex_;
    std::mutex views_mutex_;             ///< views_, and who maps the file anew
    std::uint64_t views_ = 0;            ///< open ones of this process
    std::atomic<std::uint64_t> seen_{0}; ///< newest commit any view of this process has shown, or of its own
};

} // namespace rvm::lmdb
