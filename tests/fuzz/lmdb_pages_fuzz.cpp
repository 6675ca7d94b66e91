// The judge of LMDB's pages: any bytes are refused with a text, or are a file that LMDB itself can read to its end. LMDB
// trusts its file: a damaged one that was let through ends the process.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <lmdb.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

#include "page_check.hpp"

namespace {

using namespace rvm;

void need(bool good) {
    if (!good) std::abort();
}

/// The file that is judged, in memory.
class File {
  public:
    File() : descriptor_(::memfd_create("pages", MFD_CLOEXEC)) { need(descriptor_ >= 0); }
    void fill(const std::uint8_t* data, std::size_t size) const {
        need(::ftruncate(descriptor_, 0) == 0);
        need(::pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size));
    }
    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

bool sound(const std::string& path, lmdb::PageDepth depth) {
    try {
        static_cast<void>(lmdb::check_pages(path, depth));
        return true;
    } catch (const sdk::Failure& failure) {
        need(failure.status() == RVM_E_IO || failure.status() == RVM_E_CONFIG);
        need(*failure.what() != '\0');
        return false;
    }
}

/// Every entry of a database, and of those that are its values where it lists them.
void read_database(MDB_txn* txn, MDB_dbi database, bool lists) {
    MDB_cursor* cursor = nullptr;
    if (mdb_cursor_open(txn, database, &cursor) != MDB_SUCCESS) return;
    MDB_val key{}, value{};
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        for (std::size_t i = 0; i < value.mv_size; ++i)
            static_cast<void>(static_cast<const volatile std::uint8_t*>(value.mv_data)[i]); // looked at
        const std::string name(static_cast<const char*>(key.mv_data), key.mv_size);
        MDB_dbi named = 0;
        if (lists && mdb_dbi_open(txn, name.c_str(), 0, &named) == MDB_SUCCESS) read_database(txn, named, false);
    }
    mdb_cursor_close(cursor);
}

void read_all(const std::string& path, std::size_t bytes) {
    MDB_env* env = nullptr;
    need(mdb_env_create(&env) == MDB_SUCCESS);
    constexpr MDB_dbi most_databases = 64;
    need(mdb_env_set_maxdbs(env, most_databases) == MDB_SUCCESS);
    need(mdb_env_set_mapsize(env, bytes) == MDB_SUCCESS);
    MDB_txn* txn = nullptr;
    if (mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_NOLOCK | MDB_RDONLY, 0) == MDB_SUCCESS &&
        mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == MDB_SUCCESS) {
        MDB_dbi names = 0;
        if (mdb_dbi_open(txn, nullptr, 0, &names) == MDB_SUCCESS) read_database(txn, names, true);
        mdb_txn_abort(txn);
    }
    mdb_env_close(env);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const File file;
    file.fill(data, size);
    const bool whole = sound(file.path(), lmdb::PageDepth::all);
    if (!whole) return 0;
    need(sound(file.path(), lmdb::PageDepth::head)); // which looks at a part of that
    read_all(file.path(), size);
    return 0;
}
