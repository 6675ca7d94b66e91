// Files that hold secrets: read into locked memory, replaced as a whole, nobody else's business.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"

namespace rvm::wallet {

/// The whole of a file or pipe, at most `most` bytes. nullopt: there is none. `guarded`: it must be a file, not a link
/// to one, belong to this user, and nobody else may read or write it. Throws Unreadable that names the file.
[[nodiscard]] std::optional<Secret> read_secret_file(const std::string& path, std::size_t most, bool guarded);

/// The same of what is no secret, into ordinary memory. Throws Unreadable, also when there is no file.
[[nodiscard]] std::vector<std::uint8_t> read_plain_file(const std::string& path, std::size_t most);

/// The first line, without its end: what is a password of the files that hold one.
[[nodiscard]] Secret first_line(const Secret& content);

/// What to do with a file that is there.
enum class Existing : std::uint8_t { replace, keep };

/// Replaces the file, or makes it, with mode 0600: what is there is either the old or the new content, also after a
/// crash. Throws Unwritable that names the file: also when it is no file, and for Existing::keep when there is one.
void replace_file(const std::string& path, Bytes content, Existing existing = Existing::replace);

/// The same of what is no secret: with the mode of the file that is there, or of any new file, and behind symbolic
/// links. A pipe or device gets the content as it is.
void write_file(const std::string& path, Bytes content);

/// Held while a wallet is read, changed and written: a second writer waits. `path` with ".lock" behind it.
class FileLock {
  public:
    /// `waiting` is called once when another process holds the lock, before this one waits for it; `cancelled` while
    /// it waits: true throws Interrupted. Throws Unwritable.
    FileLock(const std::string& path, const std::function<void()>& waiting, const std::function<bool()>& cancelled);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    int descriptor_;
};

} // namespace rvm::wallet
