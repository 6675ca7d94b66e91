#include "store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

#include "failure.hpp"

namespace rvm::lmdb {

namespace {

constexpr std::uint64_t most_value_bytes = 0xffffffff;

MDB_val value_of(rvm_view view) noexcept {
    return {view.size, const_cast<std::uint8_t*>(view.data)}; // LMDB writes to neither keys nor values
}
rvm_view view_of(const MDB_val& value) noexcept {
    return {static_cast<const std::uint8_t*>(value.mv_data), value.mv_size};
}

/// Read errors of LMDB: the file is damaged, or the medium.
rvm_status read_status(int code) noexcept {
    return code == MDB_SUCCESS ? RVM_OK : code == MDB_NOTFOUND ? RVM_E_NOT_FOUND : RVM_E_IO;
}

/// The settings once their folder exists.
Settings with_folder(Settings settings) {
    if (const std::string file = settings.path + "/data.mdb";
        !settings.makes_store() && ::access(file.c_str(), F_OK) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) refuse_absent(settings);
        fail_on_file("cannot look at", file);
    }
    if (!settings.makes_store()) return settings;
    if (::mkdir(settings.path.c_str(), 0755) != 0 && errno != EEXIST)
        fail_on_file("cannot make the folder", settings.path);
    if (struct stat status {}; ::stat(settings.path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
        fail_on_file("cannot use", settings.path);
    }
    return settings;
}

void judge(const rvm_store_write& write, std::size_t most_key_bytes) {
    if (write.keyspace >= RVM_KEYSPACE_LIMIT)
        throw sdk::Failure(RVM_E_INVALID_ARGUMENT, "a write names keyspace " + std::to_string(write.keyspace) +
                                                       "; there are " + std::to_string(RVM_KEYSPACE_LIMIT));
    if (write.key.size == 0 || write.key.size > most_key_bytes)
        throw sdk::Failure(RVM_E_INVALID_ARGUMENT, "a key has " + std::to_string(write.key.size) + " bytes; 1 to " +
                                                       std::to_string(most_key_bytes) + " are possible");
    if (write.value.data != nullptr && write.value.size > most_value_bytes)
        throw sdk::Failure(RVM_E_INVALID_ARGUMENT, "a value has " + std::to_string(write.value.size) +
                                                       " bytes; at most " + std::to_string(most_value_bytes));
}

} // namespace

// ---- views ----------------------------------------------------------------------------------------------------------

View::View(Store& store) : store_(store), txn_(store.begin_view()) {}

View::~View() {
    mdb_txn_abort(txn_);
    const std::lock_guard lock(store_.views_mutex_);
    --store_.views_;
}

// The first read of a keyspace in a transaction looks its root up and writes that down in the transaction: the one step
// that threads must not take at once.
int View::prepare(std::uint32_t keyspace) noexcept {
    const std::uint32_t bit = 1u << keyspace;
    if ((prepared_.load(std::memory_order_acquire) & bit) != 0) return MDB_SUCCESS;
    const std::lock_guard lock(prepare_mutex_);
    MDB_stat stat{};
    const int code = mdb_stat(txn_, store_.environment().keyspace(keyspace), &stat);
    if (code == MDB_SUCCESS) prepared_.fetch_or(bit, std::memory_order_release);
    return code;
}

rvm_status View::get(std::uint32_t keyspace, rvm_view key, rvm_view* value) {
    if (keyspace >= RVM_KEYSPACE_LIMIT) return RVM_E_INVALID_ARGUMENT;
    if (key.size == 0 || key.size > store_.environment().most_key_bytes()) return RVM_E_NOT_FOUND;
    if (const int code = prepare(keyspace); code != MDB_SUCCESS) return RVM_E_IO;
    MDB_val wanted = value_of(key);
    MDB_val found{};
    const int code = mdb_get(txn_, store_.environment().keyspace(keyspace), &wanted, &found);
    if (code == MDB_SUCCESS) *value = view_of(found);
    return read_status(code);
}

MDB_cursor* View::cursor(std::uint32_t keyspace) {
    if (keyspace >= RVM_KEYSPACE_LIMIT) throw sdk::Failure(RVM_E_INVALID_ARGUMENT, "there is no such keyspace");
    check(prepare(keyspace), "cannot read a keyspace");
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(txn_, store_.environment().keyspace(keyspace), &cursor), "cannot open a cursor");
    return cursor;
}

// ---- cursors --------------------------------------------------------------------------------------------------------

Cursor::Cursor(View& view, std::uint32_t keyspace, rvm_view from) : cursor_(view.cursor(keyspace)) {
    key_ = value_of(from);
    code_ = mdb_cursor_get(cursor_, &key_, &value_, from.size == 0 ? MDB_FIRST : MDB_SET_RANGE);
}

Cursor::~Cursor() { mdb_cursor_close(cursor_); }

rvm_status Cursor::next(rvm_view* key, rvm_view* value) noexcept {
    if (!fetched_ && code_ == MDB_SUCCESS) code_ = mdb_cursor_get(cursor_, &key_, &value_, MDB_NEXT);
    fetched_ = false;
    if (code_ == MDB_SUCCESS) {
        *key = view_of(key_);
        *value = view_of(value_);
    }
    return read_status(code_);
}

// ---- the store ------------------------------------------------------------------------------------------------------

Store::Store(Settings settings)
    : settings_(with_folder(std::move(settings))), use_lock_(settings_.path, settings_.read_only),
      environment_(std::in_place, settings_) {
    seen_ = environment_->opened_at();
}

void Store::note_seen(std::uint64_t commit) noexcept {
    std::uint64_t known = seen_.load();
    while (known < commit && !seen_.compare_exchange_weak(known, commit)) {
    }
}

MDB_txn* Store::begin_view() {
    const std::lock_guard lock(views_mutex_);
    MDB_env* const env = environment_->get();
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn);
    if (code == MDB_READERS_FULL) {
        int stale = 0;
        static_cast<void>(mdb_reader_check(env, &stale));
        code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn);
    }
    if (code == MDB_MAP_RESIZED && views_ == 0) { // another process has mapped more
        check(mdb_env_set_mapsize(env, 0), "cannot map the store anew");
        code = mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn);
    }
    check(code, "cannot open a view");
    ++views_;
    note_seen(mdb_txn_id(txn));
    return txn;
}

void Store::commit(const rvm_store_write* writes, std::uint64_t count) {
    constexpr std::string_view doing = "the batch is not committed";
    if (settings_.read_only) throw sdk::Failure(RVM_E_CONFIG, std::string(doing) + ": the store is open read_only");
    for (std::uint64_t i = 0; i < count; ++i)
        judge(writes[i], environment_->most_key_bytes());

    const std::lock_guard one_at_a_time(commit_mutex_);
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(environment_->get(), nullptr, 0, &txn), doing); // waits for writers of other processes
    const std::uint64_t number = mdb_txn_id(txn);
    if (number - 1 != seen_.load()) {
        mdb_txn_abort(txn);
        throw sdk::Failure(RVM_E_RETRY, std::string(doing) + ": another process has committed to the store");
    }
    bool changed = false; // LMDB gives the number of a transaction that changes nothing to the next one, too
    for (std::uint64_t i = 0; i < count; ++i) {
        const MDB_dbi keyspace = environment_->keyspace(writes[i].keyspace);
        MDB_val key = value_of(writes[i].key);
        MDB_val value = value_of(writes[i].value);
        const bool erases = writes[i].value.data == nullptr;
        const int code = erases ? mdb_del(txn, keyspace, &key, nullptr) : mdb_put(txn, keyspace, &key, &value, 0);
        if (erases && code == MDB_NOTFOUND) continue;
        if (code != MDB_SUCCESS) {
            mdb_txn_abort(txn);
            check_written(code, doing, settings_.path); // LMDB writes out pages of a large batch before its end
        }
        changed = true;
    }
    if (!changed) {
        mdb_txn_abort(txn);
        return;
    }
    check_written(mdb_txn_commit(txn), doing, settings_.path);
    note_seen(number);
}

void Store::compact() {
    const std::lock_guard no_commit(commit_mutex_);
    const std::lock_guard no_view(views_mutex_);
    if (settings_.read_only) throw sdk::Failure(RVM_E_CONFIG, "the store is open read_only");
    if (views_ != 0) throw sdk::Failure(RVM_E_INVALID_ARGUMENT, "views of the store are open");
    use_lock_.make_exclusive();
    try {
        install_data_file(settings_.path, true, [&](const std::string& file) {
            const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
            if (descriptor < 0) fail_on_file("cannot make", file);
            const int code = mdb_env_copyfd2(environment_->get(), descriptor, MDB_CP_COMPACT);
            ::close(descriptor);
            check_written(code, "cannot write the compact copy", settings_.path);
        });
    } catch (...) {
        use_lock_.share();
        throw;
    }
    environment_.reset();
    environment_.emplace(settings_);
    seen_ = environment_->opened_at();
    use_lock_.share();
}

Facts Store::facts() {
    View view(*this);
    Facts out;
    MDB_envinfo info{};
    MDB_stat stat{};
    check(mdb_env_info(environment_->get(), &info), "cannot read the head of the store");
    check(mdb_env_stat(environment_->get(), &stat), "cannot read the head of the store");
    out.map_bytes = info.me_mapsize;
    out.page_bytes = stat.ms_psize;
    out.used_pages = info.me_last_pgno + 1;
    out.commits = view.commit_number();
    out.readers = info.me_numreaders;
    int descriptor = -1;
    check(mdb_env_get_fd(environment_->get(), &descriptor), "cannot read the head of the store");
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) fail_on_file("cannot look at", settings_.path + "/data.mdb");
    out.file_bytes = static_cast<std::uint64_t>(status.st_size);
    for (std::uint32_t i = 0; i < RVM_KEYSPACE_LIMIT; ++i) {
        check(mdb_stat(view.get(), environment_->keyspace(i), &stat), "cannot read a keyspace");
        out.entries[i] = stat.ms_entries;
    }
    // The free list is LMDB's database 0: transaction number -> a count and that many page numbers.
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(view.get(), 0, &cursor), "cannot read the free list");
    MDB_val key{};
    MDB_val pages{};
    while (mdb_cursor_get(cursor, &key, &pages, MDB_NEXT) == MDB_SUCCESS) {
        std::size_t count = 0;
        if (pages.mv_size >= sizeof count) std::memcpy(&count, pages.mv_data, sizeof count);
        out.free_pages += count;
    }
    mdb_cursor_close(cursor);
    return out;
}

} // namespace rvm::lmdb
