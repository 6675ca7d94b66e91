// Who uses a store's folder: many processes, each of them once; none while somebody replaces the data file.
#pragma once

#include <string>

namespace rvm::lmdb {

/// Locks on the file users.lock of a folder, held as long as the object lives; a process that dies loses them. LMDB
/// itself must not be opened twice in a process, and a file that is replaced must not be open elsewhere.
class UseLock {
  public:
    /// Throws sdk::Failure: this process uses the folder already, or its file is being replaced.
    explicit UseLock(const std::string& folder);
    ~UseLock();
    UseLock(const UseLock&) = delete;
    UseLock& operator=(const UseLock&) = delete;

    /// Makes this process the only one. Throws sdk::Failure when another uses the folder.
    void make_exclusive();
    /// Lets others in again.
    void share();

  private:
    [[nodiscard]] bool lock(int type, long long at) const;

    std::string file_;
    int descriptor_ = -1;
};

} // namespace rvm::lmdb
