#include "store/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.hpp"

namespace rvm::wallet {
namespace {

[[noreturn]] void unreadable(const std::string& path, const char* what) {
    throw Unreadable(path + ": " + what + ": " + std::strerror(errno));
}
[[noreturn]] void unwritable(const std::string& path, const char* what) {
    throw Unwritable(path + ": " + what + ": " + std::strerror(errno));
}

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void write_all(int descriptor, Bytes content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) unwritable(path, "cannot be written");
        content = content.subspan(static_cast<std::size_t>(written));
    }
}

} // namespace

std::optional<Secret> read_secret_file(const std::string& path, std::size_t most, bool guarded) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (guarded ? O_NOFOLLOW : 0)));
    if (file.number() < 0) {
        if (errno == ENOENT) return std::nullopt;
        unreadable(path, "cannot be opened");
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) unreadable(path, "cannot be examined");
    if (S_ISDIR(status.st_mode)) throw Unreadable(path + ": expected a file, found a directory");
    if (guarded && (status.st_uid != ::geteuid() || (status.st_mode & 077u) != 0)) {
        throw Unreadable(path + ": others may read or write it: expected the mode 0600 and this user as its owner");
    }
    // A regular file has its size, a pipe takes room as it goes. One byte more shows that there is too much.
    const auto known = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : std::size_t{4095};
    Secret content(std::min(known, most) + 1);
    std::size_t size = 0;
    for (;;) {
        if (size == content.size()) {
            if (size > most) break;
            Secret larger(std::min(2 * size, most + 1));
            std::memcpy(larger.data(), content.data(), size);
            content = std::move(larger);
        }
        const ssize_t count = ::read(file.number(), content.data() + size, content.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) unreadable(path, "cannot be read");
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > most) throw Unreadable(path + ": expected at most " + std::to_string(most) + " bytes");
    content.truncate(size);
    return content;
}

void replace_file(const std::string& path, Bytes content) {
    std::string temporary = path + ".XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
    if (file.number() < 0) unwritable(path, "no file can be made beside it");
    try {
        if (::fchmod(file.number(), S_IRUSR | S_IWUSR) != 0) unwritable(temporary, "its mode cannot be set");
        write_all(file.number(), content, temporary);
        if (::fsync(file.number()) != 0) unwritable(temporary, "cannot be made durable");
        if (::rename(temporary.c_str(), path.c_str()) != 0) unwritable(path, "cannot be replaced");
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) unwritable(folder_of(path), "cannot be made durable");
}

FileLock::FileLock(const std::string& path) {
    const std::string name = path + ".lock";
    descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (descriptor_ < 0) unwritable(name, "cannot be opened");
    while (::flock(descriptor_, LOCK_EX) != 0) {
        if (errno != EINTR) {
            ::close(descriptor_);
            unwritable(name, "cannot be locked");
        }
    }
}

FileLock::~FileLock() { ::close(descriptor_); }

} // namespace rvm::wallet
