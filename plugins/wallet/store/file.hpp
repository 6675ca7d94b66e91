// Files that hold secrets: read into locked memory, replaced as a whole, nobody else's business.
#pragma once

#include <optional>
#include <string>

#include "base/secret.hpp"

namespace rvm::wallet {

/// The whole file, at most `most` bytes, without following a symbolic link at its end. nullopt: there is none.
/// `guarded`: it must belong to this user, and nobody else may read or write it. Throws Unreadable that names the file.
[[nodiscard]] std::optional<Secret> read_secret_file(const std::string& path, std::size_t most, bool guarded);

/// Replaces the file, or makes it, with mode 0600: what is there is either the old or the new content, also after a
/// crash. Throws Unwritable that names the file.
void replace_file(const std::string& path, Bytes content);

/// Held while a wallet is read, changed and written: a second process waits. `path` with ".lock" behind it.
class FileLock {
  public:
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int descriptor_;
};

} // namespace rvm::wallet
