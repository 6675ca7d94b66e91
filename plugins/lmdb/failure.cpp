#include "failure.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <lmdb.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

namespace rvm::lmdb {

namespace {

constexpr std::uint64_t page_bytes = 4096; // of LMDB

rvm_status status_of(int code) noexcept {
    switch (code) {
    case ENOMEM:
    case MDB_READERS_FULL:
        return RVM_E_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOENT:
    case ENOTDIR:
    case MDB_VERSION_MISMATCH:
        return RVM_E_CONFIG;
    case MDB_BAD_VALSIZE:
        return RVM_E_INVALID_ARGUMENT;
    default:
        return RVM_E_IO;
    }
}

/// LMDB's own words are for its programmers; these are for operators.
std::string text_of(int code) {
    switch (code) {
    case MDB_MAP_FULL:
        return "the store has reached map_bytes; raise it in the manifest";
    case MDB_READERS_FULL:
        return "too many views are open at once";
    case MDB_MAP_RESIZED:
        return "another process has made the store larger than this process has mapped; open it again";
    case MDB_INVALID:
        return "data.mdb is not a file of LMDB, or its head is damaged";
    case MDB_VERSION_MISMATCH:
        return "data.mdb was written by another version of LMDB";
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
        return "data.mdb is damaged";
    case MDB_PANIC:
        return "an earlier commit failed while its last page was written; open the store again";
    default:
        return mdb_strerror(code);
    }
}

/// Whether this user can put no page of LMDB on the device of `folder` any more.
bool is_full(const std::string& folder) {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return false;
    const std::uint64_t blocks = ::geteuid() == 0 ? status.f_bfree : status.f_bavail; // some are kept for root
    return blocks * status.f_frsize < page_bytes;
}

/// Whether the data file is as large as this process may make one.
bool is_at_limit(const std::string& folder) {
    struct rlimit limit {};
    struct stat status {};
    return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && ::stat((folder + "/data.mdb").c_str(), &status) == 0 &&
           limit.rlim_cur < static_cast<rlim_t>(status.st_size) + page_bytes;
}

} // namespace

void fail(int code, std::string_view doing) {
    throw sdk::Failure(status_of(code), std::string(doing) + ": " + text_of(code));
}

void check(int code, std::string_view doing) {
    if (code != MDB_SUCCESS) fail(code, doing);
}

void check_written(int code, std::string_view doing, const std::string& folder) {
    if (code == EIO && is_full(folder))
        throw sdk::Failure(RVM_E_IO, std::string(doing) + ": no space is left on the device of " + folder);
    if (code == EIO && is_at_limit(folder))
        throw sdk::Failure(RVM_E_IO, std::string(doing) + ": this process may make no larger files (`ulimit -f`)");
    check(code, doing);
}

void fail_on_file(std::string_view doing, const std::string& path) {
    const int code = errno;
    throw sdk::Failure(status_of(code), std::string(doing) + " " + path + ": " + std::strerror(code));
}

void require_regular(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        throw sdk::Failure(RVM_E_CONFIG, path + " is not a regular file");
}

} // namespace rvm::lmdb
