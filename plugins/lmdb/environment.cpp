#include "environment.hpp"

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

#include "failure.hpp"
#include "page_check.hpp"

namespace rvm::lmdb {

namespace {

constexpr unsigned most_readers = 4096; // views open at once, over all processes: 64 bytes each in lock.mdb
constexpr std::string_view identity_name = "rvm";
constexpr std::string_view engine_name = "lmdb";

MDB_val value_of(std::string_view text) noexcept {
    return {text.size(), const_cast<char*>(text.data())}; // LMDB writes to neither keys nor values
}
std::string_view text_of(const MDB_val& value) noexcept { return {static_cast<char*>(value.mv_data), value.mv_size}; }

std::string keyspace_name(std::uint32_t number) {
    return std::string("keyspace ") + static_cast<char>('0' + number / 10) + static_cast<char>('0' + number % 10);
}

std::array<char, 8> be64(std::uint64_t value) noexcept {
    std::array<char, 8> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<char>(value >> (8 * (out.size() - 1 - i)));
    return out;
}

/// A transaction that is dropped unless somebody ends it.
class Transaction {
  public:
    Transaction(MDB_env* env, unsigned flags, std::string_view doing) {
        check(mdb_txn_begin(env, nullptr, flags, &txn_), doing);
    }
    ~Transaction() {
        if (txn_ != nullptr) mdb_txn_abort(txn_);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    [[nodiscard]] MDB_txn* get() const noexcept { return txn_; }
    /// A code of LMDB.
    [[nodiscard]] int commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }

  private:
    MDB_txn* txn_ = nullptr;
};

struct EnvironmentCloser {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
};
using OwnedEnvironment = std::unique_ptr<MDB_env, EnvironmentCloser>;

OwnedEnvironment new_environment() {
    MDB_env* env = nullptr;
    check(mdb_env_create(&env), "cannot make an LMDB environment");
    OwnedEnvironment owned(env);
    check(mdb_env_set_maxdbs(env, RVM_KEYSPACE_LIMIT + 1), "cannot size the environment");
    check(mdb_env_set_maxreaders(env, most_readers), "cannot size the environment");
    return owned;
}

void sync_path(const std::string& path, int flags) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0) fail_on_file("cannot open", path);
    const int result = ::fsync(descriptor);
    const int code = errno;
    ::close(descriptor);
    errno = code;
    if (result != 0) fail_on_file("cannot write out", path);
}

bool exists(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno != ENOENT) fail_on_file("cannot look at", path);
    return false;
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// An empty store of the present layout as one file.
void write_empty_store(const std::string& file) {
    const OwnedEnvironment env = new_environment();
    check(mdb_env_set_mapsize(env.get(), Settings::least_map_bytes), "cannot size the new store");
    check(mdb_env_open(env.get(), file.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, 0644), "cannot make " + file);
    Transaction txn(env.get(), 0, "cannot write " + file);
    MDB_dbi identity = 0;
    check(mdb_dbi_open(txn.get(), identity_name.data(), MDB_CREATE, &identity), "cannot write " + file);
    const auto version = be64(layout_version);
    for (const auto& [name, text] : {std::pair<std::string_view, std::string_view>{"engine", engine_name},
                                     {"layout", {version.data(), version.size()}}}) {
        MDB_val key = value_of(name);
        MDB_val value = value_of(text);
        check(mdb_put(txn.get(), identity, &key, &value, 0), "cannot write " + file);
    }
    for (std::uint32_t number = 0; number < RVM_KEYSPACE_LIMIT; ++number) {
        MDB_dbi keyspace = 0;
        check(mdb_dbi_open(txn.get(), keyspace_name(number).c_str(), MDB_CREATE, &keyspace), "cannot write " + file);
    }
    check_written(txn.commit(), "cannot write " + file, parent_of(file));
}

/// The layout's number. Throws when the file is no store of this engine, or one of a layout this code does not know.
void judge_layout(MDB_txn* txn, const std::string& folder) {
    MDB_dbi identity = 0;
    int code = mdb_dbi_open(txn, identity_name.data(), 0, &identity);
    MDB_val engine{};
    MDB_val layout{};
    if (code == MDB_SUCCESS) {
        MDB_val key = value_of("engine");
        code = mdb_get(txn, identity, &key, &engine);
    }
    if (code == MDB_SUCCESS) {
        MDB_val key = value_of("layout");
        code = mdb_get(txn, identity, &key, &layout);
    }
    if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE || (code == MDB_SUCCESS && text_of(engine) != engine_name))
        throw sdk::Failure(RVM_E_CONFIG, folder + "/data.mdb is a file of LMDB but not a store of rvm");
    check(code, "cannot read " + folder + "/data.mdb");
    std::uint64_t version = 0;
    for (const char byte : text_of(layout))
        version = (version << 8) | static_cast<unsigned char>(byte);
    if (layout.mv_size != sizeof version || version != layout_version)
        throw sdk::Failure(RVM_E_UNSUPPORTED, folder + " has layout " + std::to_string(version) +
                                                  " of this engine; this rvm reads and writes " +
                                                  std::to_string(layout_version));
}

} // namespace

void install_data_file(const std::string& folder, bool replace, const std::function<void(const std::string&)>& body) {
    const std::string target = folder + "/data.mdb";
    const std::string fresh = target + ".new." + std::to_string(::getpid());
    ::unlink(fresh.c_str()); // of a process with this number that died
    try {
        body(fresh);
        sync_path(fresh, O_RDWR);
        if (replace) {
            if (::rename(fresh.c_str(), target.c_str()) != 0) fail_on_file("cannot replace", target);
        } else if (::link(fresh.c_str(), target.c_str()) != 0 && errno != EEXIST) {
            fail_on_file("cannot make", target);
        }
        ::unlink(fresh.c_str());
        sync_path(folder, O_RDONLY | O_DIRECTORY);
    } catch (...) {
        ::unlink(fresh.c_str());
        throw;
    }
}

void refuse_absent(const Settings& settings) {
    const std::string absent = "there is no store at " + settings.path;
    if (settings.must_exist) throw sdk::Failure(RVM_E_NOT_FOUND, absent);
    throw sdk::Failure(RVM_E_CONFIG, absent + ", and read_only makes none");
}

Environment::Environment(const Settings& settings) : settings_(settings) {
    if (!exists(settings.path + "/data.mdb")) {
        if (!settings.makes_store()) refuse_absent(settings);
        install_data_file(settings.path, false, write_empty_store);
        sync_path(parent_of(settings.path), O_RDONLY | O_DIRECTORY);
    }
    static_cast<void>(check_pages(settings.path + "/data.mdb", PageDepth::head));
    try {
        open();
        open_keyspaces();
    } catch (...) {
        if (env_ != nullptr) mdb_env_close(env_);
        throw;
    }
}

Environment::~Environment() {
    if (settings_.sync != Sync::commit && !settings_.read_only) static_cast<void>(mdb_env_sync(env_, 1));
    mdb_env_close(env_);
}

void Environment::open() {
    require_regular(settings_.path + "/lock.mdb");
    unsigned flags = MDB_NOTLS; // views move between threads, and a thread may have several
    if (settings_.read_only) flags |= MDB_RDONLY;
    if (settings_.sync == Sync::previous) flags |= MDB_NOMETASYNC;
    if (settings_.sync == Sync::system) flags |= MDB_NOSYNC;
    // A process may be forbidden to map as much as nobody asked for: then it gets what it can.
    std::uint64_t map_bytes = settings_.map_bytes != 0 ? settings_.map_bytes : Settings::default_map_bytes;
    for (;; map_bytes /= 2) {
        OwnedEnvironment env = new_environment();
        check(mdb_env_set_mapsize(env.get(), map_bytes), "cannot size the environment");
        const int code = mdb_env_open(env.get(), settings_.path.c_str(), flags, 0644);
        if (code == ENOMEM && settings_.map_bytes == 0 && map_bytes > Settings::least_map_bytes) continue;
        if (code == ENOMEM)
            throw sdk::Failure(RVM_E_CONFIG, "cannot map " + std::to_string(map_bytes) + " bytes of " + settings_.path +
                                                 ": lower map_bytes, or raise the limit of address space");
        if (code == EACCES && settings_.read_only)
            throw sdk::Failure(RVM_E_CONFIG, "cannot open " + settings_.path +
                                                 ": Permission denied; those who read a store write to its lock.mdb");
        check(code, "cannot open " + settings_.path);
        env_ = env.release();
        break;
    }
    int stale = 0;
    static_cast<void>(mdb_reader_check(env_, &stale)); // views of processes that were killed keep old pages
}

void Environment::open_keyspaces() {
    Transaction txn(env_, MDB_RDONLY, "cannot read " + settings_.path);
    judge_layout(txn.get(), settings_.path);
    for (std::uint32_t number = 0; number < RVM_KEYSPACE_LIMIT; ++number)
        check(mdb_dbi_open(txn.get(), keyspace_name(number).c_str(), 0, &keyspaces_[number]),
              "cannot open " + keyspace_name(number) + " of " + settings_.path);
    opened_at_ = mdb_txn_id(txn.get());
    most_key_bytes_ = static_cast<std::size_t>(mdb_env_get_maxkeysize(env_));
    check(txn.commit(), "cannot keep the keyspaces open"); // makes the handles last
}

} // namespace rvm::lmdb
