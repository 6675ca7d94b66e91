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
constexpr long long process_base = 1; // plus the process number: exclusive, so the same process cannot come twice

} // namespace

// Locks of an open file description: unlike POSIX record locks they conflict within a process, and closing another
// descriptor of the file does not drop them.
bool UseLock::lock(int type, long long at) const {
    struct flock range {};
    range.l_type = static_cast<short>(type);
    range.l_whence = SEEK_SET;
    range.l_start = at;
    range.l_len = 1;
    if (::fcntl(descriptor_, F_OFD_SETLK, &range) == 0) return true;
    if (errno == EAGAIN || errno == EACCES) return false;
    fail_on_file("cannot lock", file_);
}

UseLock::UseLock(const std::string& folder) : file_(folder + "/users.lock") {
    descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail_on_file("cannot open", file_);
    try {
        if (!lock(F_RDLCK, users_byte))
            throw sdk::Failure(RVM_E_CONFIG, "another process is replacing the data file of " + folder);
        if (!lock(F_WRLCK, process_base + ::getpid()))
            throw sdk::Failure(RVM_E_CONFIG, "this process has the store " + folder + " open already");
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

UseLock::~UseLock() { ::close(descriptor_); }

void UseLock::make_exclusive() {
    if (!lock(F_WRLCK, users_byte))
        throw sdk::Failure(RVM_E_CONFIG, "another process uses the store; stop it first (" + file_ + " is locked)");
}

void UseLock::share() { static_cast<void>(lock(F_RDLCK, users_byte)); }

} // namespace rvm::lmdb
