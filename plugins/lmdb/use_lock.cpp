#include "use_lock.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include <rvm/plugin.hpp>

#include "failure.hpp"

namespace rvm::lmdb {

namespace {

// Bytes of the file that are locked. They need not exist.
constexpr long long users_byte = 0;   // shared by every user, exclusive for who replaces the data file
constexpr long long process_base = 1; // plus the process number: so that the same process cannot come twice

/// One byte of the file.
struct flock byte_at(int type, long long at) {
    struct flock range {};
    range.l_type = static_cast<short>(type);
    range.l_whence = SEEK_SET;
    range.l_start = at;
    range.l_len = 1;
    return range;
}

} // namespace

// Locks of an open file description: unlike POSIX record locks they conflict within a process, and closing another
// descriptor of the file does not drop them.
bool UseLock::lock(int type, long long at) const {
    struct flock range = byte_at(type, at);
    if (::fcntl(descriptor_, F_OFD_SETLK, &range) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    fail_on_file("cannot lock", file_);
}

bool UseLock::lock_process(bool read_only) const {
    const long long at = process_base + ::getpid();
    if (!read_only) return lock(F_WRLCK, at);
    // An exclusive lock needs a descriptor for writing; asking whether one would be possible does not.
    if (!lock(F_RDLCK, at)) return false;
    struct flock range = byte_at(F_WRLCK, at);
    if (::fcntl(descriptor_, F_OFD_GETLK, &range) != 0) fail_on_file("cannot lock", file_);
    return range.l_type == F_UNLCK;
}

UseLock::UseLock(const std::string& folder, bool read_only) : file_(folder + "/users.lock") {
    require_regular(file_);
    const int access = read_only ? O_RDONLY : O_RDWR;
    descriptor_ = ::open(file_.c_str(), access | O_CLOEXEC);
    if (descriptor_ < 0 && errno == ENOENT) descriptor_ = ::open(file_.c_str(), access | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0 && errno == EROFS && read_only) return;
    if (descriptor_ < 0) fail_on_file("cannot open", file_);
    try {
        if (!lock(F_RDLCK, users_byte))
            throw sdk::Failure(RVM_E_CONFIG, "another process is replacing the data file of " + folder);
        if (!lock_process(read_only))
            throw sdk::Failure(RVM_E_CONFIG, "this process has the store " + folder + " open already");
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

UseLock::~UseLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void UseLock::make_exclusive() {
    if (!lock(F_WRLCK, users_byte))
        throw sdk::Failure(RVM_E_CONFIG, "another process uses the store; stop it first (" + file_ + " is locked)");
}

void UseLock::share() { static_cast<void>(lock(F_RDLCK, users_byte)); }

} // namespace rvm::lmdb
