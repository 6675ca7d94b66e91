// Who uses a store's folder: many processes, each of them once; none while somebody replaces the data file.
#pragma once

#include <string>

namespace rvm::lmdb {

/// Locks on the file users.lock of a folder, held as long as the object lives; a process that dies loses them. LMDB
/// itself must not be opened twice in a process, and a file that is replaced must not be open elsewhere.
class UseLock {
  public:
    /// `read_only` writes to no file, so that another user's will do; on a read-only file system that has no users.lock
    /// nothing is locked: nobody can replace anything there. Throws sdk::Failure: this process uses the folder already, or
    /// its file is being replaced.
    UseLock(const std::string& folder, bool read_only);
    ~UseLock();
    UseLock(const UseLock&) = delete;
    UseLock& operator=(const UseLock&) = delete;

    /// Makes this process the only one. Throws sdk::Failure when another uses the folder.
    void make_exclusive();
    /// Lets others in again.
    void share();

  private:
    [[nodiscard]] bool lock(int type, long long at) const;
    /// Marks this process as a user. False when it is one already.
    [[nodiscard]] bool lock_process(bool read_only) const;

    std::string file_;
    int descriptor_ = -1; ///< -1: nothing is locked
};

} // namespace rvm::lmdb
